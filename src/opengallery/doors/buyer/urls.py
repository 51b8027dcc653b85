"""The customer's site map."""

from django.urls import path

from opengallery.doors.buyer import balance, calendar, choices, deadlines, home, keys, messages, organisation
from opengallery.doors.buyer.orders import address, approval, cancellation, exports, order, payment, text
from opengallery.doors.buyer.orders import index as orders
from opengallery.doors.buyer.purchasing import cost_centres, stand_ins
from opengallery.doors.buyer.purchasing import index as purchasing
from opengallery.doors.buyer.resources import index as resources
from opengallery.doors.buyer.resources import rating, resource
from opengallery.doors.buyer.supervision import (
    acceptance,
    appeal,
    collection,
    flow,
    rejection,
    reminder,
    retraction,
    submission,
)
from opengallery.doors.buyer.supervision import index as supervision
from opengallery.doors.buyer.tickets import index as tickets
from opengallery.doors.buyer.tickets import opening, ticket
from opengallery.doors.buyer.unsubscriptions import index as unsubscriptions
from opengallery.doors.buyer.unsubscriptions import unsubscribe, unsubscription

app_name = "buyer"
urlpatterns = [
    path("", home.home, name="home"),
    # What was bought
    path("resources/", resources.index, name="resources"),
    path("resources/<slug:public_id>/", resource.resource, name="resource"),
    path("resources/<slug:public_id>/rating/", rating.rating, name="rating"),
    path("resources/<slug:public_id>/rating/withdrawal/", rating.withdrawal, name="rating_withdrawal"),
    # My Orders
    path("orders/", orders.index, name="orders"),
    path("orders/<slug:number>/", order.order, name="order"),
    path("orders/<slug:number>/payment/", payment.payment, name="payment"),
    path("orders/<slug:number>/cancellation/", cancellation.cancellation, name="cancellation"),
    path("orders/<slug:number>/address/", address.address, name="address"),
    path("orders/<slug:number>/approval/", approval.approval, name="approval"),
    path("orders/<slug:number>/refusal/", approval.refusal, name="refusal"),
    path("orders/<slug:number>/texts/<slug:sha256>/", text.text, name="text"),
    # Service Supervision
    path("supervision/", supervision.index, name="supervision"),
    path("supervision/<slug:line>/", flow.flow, name="flow"),
    path("supervision/<slug:line>/files/<slug:key>/", flow.file, name="file"),
    path("supervision/<slug:line>/dossier/", flow.dossier, name="dossier"),
    path("supervision/<slug:line>/request/", submission.submission, name="request"),
    path("supervision/<slug:line>/request/withdrawal/", submission.withdrawal, name="withdrawal"),
    path("supervision/<slug:line>/code/", collection.code, name="code"),
    path("supervision/<slug:line>/acceptance/", acceptance.acceptance, name="acceptance"),
    path("supervision/<slug:line>/rejection/", rejection.rejection, name="rejection"),
    path("supervision/<slug:line>/reminder/", reminder.reminder, name="reminder"),
    path("supervision/<slug:line>/retraction/", retraction.retraction, name="retraction"),
    path("supervision/<slug:line>/appeal/", appeal.appeal, name="appeal"),
    path("supervision/<slug:line>/unsubscription/", unsubscribe.unsubscribe, name="unsubscribe"),
    # Unsubscriptions
    path("unsubscriptions/", unsubscriptions.index, name="unsubscriptions"),
    path("unsubscriptions/<slug:public_id>/", unsubscription.unsubscription, name="unsubscription"),
    path("unsubscriptions/<slug:public_id>/withdrawal/", unsubscription.withdrawal, name="unsubscription_withdrawal"),
    path("unsubscriptions/<slug:public_id>/return/", unsubscription.sending_back, name="return"),
    # My deadlines
    path("deadlines/", deadlines.deadlines, name="deadlines"),
    path("deadlines/calendar/", calendar.calendar, name="calendar"),
    path("deadlines/calendar/<slug:token>.ics", calendar.feed, name="feed"),
    # Purchasing
    path("purchasing/", purchasing.index, name="purchasing"),
    path("purchasing/cost-centres/", cost_centres.cost_centres, name="cost_centres"),
    path("purchasing/cost-centres/<str:code>/", cost_centres.cost_centre, name="cost_centre"),
    path("purchasing/cost-centres/<str:code>/closing/", cost_centres.closing, name="closing"),
    path("purchasing/cost-centres/<str:code>/reopening/", cost_centres.reopening, name="reopening"),
    path("purchasing/stand-ins/", stand_ins.stand_ins, name="stand_ins"),
    path("purchasing/stand-ins/<slug:public_id>/dismissal/", stand_ins.dismissal, name="dismissal"),
    # Tickets
    path("tickets/", tickets.index, name="tickets"),
    path("tickets/opening/", opening.opening, name="ticket_opening"),
    path("tickets/<slug:public_id>/", ticket.ticket, name="ticket"),
    path("tickets/<slug:public_id>/files/<slug:key>/", ticket.file, name="ticket_file"),
    path("tickets/<slug:public_id>/<slug:noun>/", ticket.step, name="ticket_step"),
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
    path("messages/choices/", choices.choices, name="choices"),
]
