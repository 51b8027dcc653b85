"""The seller's site map."""

from django.urls import path

from opengallery.doors.seller import deadlines, home
from opengallery.doors.seller.bills import bill
from opengallery.doors.seller.bills import index as bills
from opengallery.doors.seller.orders import customers, exports, order
from opengallery.doors.seller.orders import index as orders
from opengallery.doors.seller.products import index as products
from opengallery.doors.seller.provisioning import endpoint
from opengallery.doors.seller.provisioning import index as provisioning
from opengallery.doors.seller.supervision import activation, appeal, confirmation, delivery, details, shipment
from opengallery.doors.seller.supervision import index as supervision
from opengallery.doors.seller.tickets import index as tickets
from opengallery.doors.seller.tickets import ratings, support, ticket
from opengallery.doors.seller.transactions import index as transactions
from opengallery.doors.seller.transactions import transaction
from opengallery.doors.seller.unsubscriptions import index as unsubscriptions
from opengallery.doors.seller.unsubscriptions import review

app_name = "seller"
urlpatterns = [
    path("", home.home, name="home"),
    path("deadlines/", deadlines.deadlines, name="deadlines"),
    # Product Management
    path("products/", products.index, name="products"),
    # Transaction Management
    path("orders/", orders.index, name="orders"),
    path("orders/<slug:number>/", order.order, name="order"),
    path("supervision/", supervision.index, name="supervision"),
    path("supervision/<slug:line>/", details.details, name="flow"),
    path("supervision/<slug:line>/delivery/", delivery.delivery, name="delivery"),
    path("supervision/<slug:line>/shipment/", shipment.shipment, name="shipment"),
    path("supervision/<slug:line>/activation/", activation.activation, name="activation"),
    path("supervision/<slug:line>/request/", confirmation.confirmation, name="request"),
    path("supervision/<slug:line>/request/acceptance/", confirmation.acceptance, name="request-acceptance"),
    path("supervision/<slug:line>/request/rejection/", confirmation.rejection, name="request-rejection"),
    path("supervision/<slug:line>/appeal/", appeal.appeal, name="appeal"),
    path("supervision/<slug:line>/files/<slug:key>/", details.file, name="file"),
    path("supervision/<slug:line>/dossier/", details.dossier, name="dossier"),
    path("delivery/", supervision.by_its_newer_name, name="supervision-by-its-newer-name"),
    path("unsubscriptions/", unsubscriptions.index, name="unsubscriptions"),
    path("unsubscriptions/<slug:public_id>/", review.details, name="unsubscription"),
    path("unsubscriptions/<slug:public_id>/review/", review.review, name="unsubscription-review"),
    path("unsubscriptions/<slug:public_id>/return/acceptance/", review.return_acceptance, name="return-acceptance"),
    path("unsubscriptions/<slug:public_id>/return/refusal/", review.return_refusal, name="return-refusal"),
    path("unsubscriptions/<slug:public_id>/files/<slug:key>/", review.file, name="unsubscription-file"),
    path("customers/", customers.customers, name="customers"),
    path("interface-messages/", provisioning.index, name="interface-messages"),
    path("interface-messages/<slug:public_id>/restart/", provisioning.restart, name="restart"),
    path("products/<slug:public_id>/endpoint/", endpoint.endpoint, name="endpoint"),
    path("tickets/", tickets.index, name="tickets"),
    path("tickets/<slug:public_id>/", ticket.ticket, name="ticket"),
    path("tickets/<slug:public_id>/files/<slug:key>/", ticket.file, name="ticket_file"),
    path("tickets/<slug:public_id>/<slug:noun>/", ticket.step, name="ticket_step"),
    path("support/", support.support, name="support"),
    path("ratings/", ratings.ratings, name="ratings"),
    path("ratings/<slug:public_id>/", ratings.rating, name="rating"),
    path("ratings/<slug:public_id>/reply/", ratings.reply, name="rating_reply"),
    path("exports/", exports.exports, name="exports"),
    path("exports/<slug:public_id>/", exports.export, name="export"),
    # Settlement Management, Bill Management
    path("transactions/", transactions.index, name="transactions"),
    path("transactions/<slug:public_id>/", transaction.transaction, name="transaction"),
    path("bills/", bills.index, name="bills"),
    path("bills/<slug:public_id>/", bill.bill, name="bill"),
]
