"""The customer's site map."""

from django.urls import path

from opengallery.doors.buyer import balance, home, keys, messages, organisation
from opengallery.doors.buyer.orders import cancellation, exports, order, payment, text
from opengallery.doors.buyer.orders import index as orders
from opengallery.doors.buyer.resources import index as resources
from opengallery.doors.buyer.resources import resource
from opengallery.doors.buyer.supervision import acceptance, flow, rejection, reminder, retraction
from opengallery.doors.buyer.supervision import index as supervision

app_name = "buyer"
urlpatterns = [
    path("", home.home, name="home"),
    # What was bought
    path("resources/", resources.index, name="resources"),
    path("resources/<slug:public_id>/", resource.resource, name="resource"),
    # My Orders
    path("orders/", orders.index, name="orders"),
    path("orders/<slug:number>/", order.order, name="order"),
    path("orders/<slug:number>/payment/", payment.payment, name="payment"),
    path("orders/<slug:number>/cancellation/", cancellation.cancellation, name="cancellation"),
    path("orders/<slug:number>/texts/<slug:sha256>/", text.text, name="text"),
    # Service Supervision
    path("supervision/", supervision.index, name="supervision"),
    path("supervision/<slug:line>/", flow.flow, name="flow"),
    path("supervision/<slug:line>/files/<slug:key>/", flow.file, name="file"),
    path("supervision/<slug:line>/dossier/", flow.dossier, name="dossier"),
    path("supervision/<slug:line>/acceptance/", acceptance.acceptance, name="acceptance"),
    path("supervision/<slug:line>/rejection/", rejection.rejection, name="rejection"),
    path("supervision/<slug:line>/reminder/", reminder.reminder, name="reminder"),
    path("supervision/<slug:line>/retraction/", retraction.retraction, name="retraction"),
    # Export History
    path("exports/", exports.exports, name="exports"),
    path("exports/<slug:public_id>/", exports.export, name="export"),
    # Account
    path("balance/", balance.balance, name="balance"),
    path("organisation/", organisation.organisation, name="organisation"),
    path("organisation/acting/", organisation.acting, name="acting"),
    path("organisation/keys/", keys.keys, name="keys"),
    path("organisation/keys/<slug:public_id>/revocation/", keys.revocation, name="revocation"),
    path("messages/", messages.messages, name="messages"),
]
