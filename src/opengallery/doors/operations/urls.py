"""The operator's site map."""

from django.urls import path

from opengallery.doors.operations import clock, deadlines, home
from opengallery.doors.operations.appeals import appeal
from opengallery.doors.operations.appeals import index as appeals
from opengallery.doors.operations.balances import account, credit, repayment, top_up
from opengallery.doors.operations.balances import index as balances
from opengallery.doors.operations.bills import bill, run
from opengallery.doors.operations.bills import index as bills
from opengallery.doors.operations.carriers import carrier
from opengallery.doors.operations.carriers import index as carriers
from opengallery.doors.operations.journal import fact
from opengallery.doors.operations.journal import index as journal
from opengallery.doors.operations.ledger import accounts, statement
from opengallery.doors.operations.ledger import index as ledger
from opengallery.doors.operations.orders import index as orders
from opengallery.doors.operations.orders import order
from opengallery.doors.operations.policy import holidays, setting
from opengallery.doors.operations.policy import index as policy
from opengallery.doors.operations.ratings import index as ratings
from opengallery.doors.operations.ratings import rating
from opengallery.doors.operations.sellers import certification
from opengallery.doors.operations.sellers import index as sellers
from opengallery.doors.operations.supervision import flow, override, review, sign_off
from opengallery.doors.operations.supervision import index as supervision
from opengallery.doors.operations.tickets import index as tickets
from opengallery.doors.operations.tickets import ticket
from opengallery.doors.operations.unsubscriptions import index as unsubscriptions
from opengallery.doors.operations.unsubscriptions import unsubscription

app_name = "operations"
urlpatterns = [
    path("", home.home, name="home"),
    path("deadlines/", deadlines.deadlines, name="deadlines"),
    path("sellers/", sellers.index, name="sellers"),
    path("sellers/<slug:public_id>/certification/", certification.certification, name="certification"),
    # Orders and flows of all
    path("orders/", orders.index, name="orders"),
    path("orders/<slug:number>/", order.order, name="order"),
    path("supervision/", supervision.index, name="supervision"),
    path("supervision/<slug:line>/", flow.flow, name="flow"),
    path("supervision/<slug:line>/files/<slug:key>/", flow.file, name="file"),
    path("supervision/<slug:line>/review/", review.review, name="review"),
    path("supervision/<slug:line>/review/approval/", review.approval, name="approval"),
    path("supervision/<slug:line>/review/sending-back/", review.sending_back, name="sending-back"),
    path("supervision/<slug:line>/sign-off/", sign_off.sign_off, name="sign-off"),
    path("supervision/<slug:line>/override/", override.override, name="override"),
    path("appeals/", appeals.index, name="appeals"),
    path("appeals/<slug:public_id>/", appeal.appeal, name="appeal"),
    path("appeals/<slug:public_id>/decision/", appeal.decision, name="decision"),
    path("unsubscriptions/", unsubscriptions.index, name="unsubscriptions"),
    path("unsubscriptions/<slug:public_id>/", unsubscription.unsubscription, name="unsubscription"),
    path("unsubscriptions/<slug:public_id>/agreement/", unsubscription.agreement, name="unsubscription-agreement"),
    path("unsubscriptions/<slug:public_id>/rejection/", unsubscription.rejection, name="unsubscription-rejection"),
    path("carriers/", carriers.index, name="carriers"),
    path("carriers/<slug:code>/", carrier.carrier, name="carrier"),
    path("carriers/<slug:code>/withdrawal/", carrier.withdrawal, name="carrier-withdrawal"),
    path("carriers/<slug:code>/secret/", carrier.secret, name="carrier-secret"),
    # After the sale
    path("tickets/", tickets.index, name="tickets"),
    path("tickets/<slug:public_id>/", ticket.ticket, name="ticket"),
    path("tickets/<slug:public_id>/files/<slug:key>/", ticket.file, name="ticket_file"),
    path("tickets/<slug:public_id>/<slug:noun>/", ticket.step, name="ticket_step"),
    path("ratings/", ratings.index, name="ratings"),
    path("ratings/<slug:public_id>/", rating.rating, name="rating"),
    path("ratings/<slug:public_id>/publication/", rating.publication, name="rating_publication"),
    path("ratings/<slug:public_id>/refusal/", rating.refusal, name="rating_refusal"),
    # Bills
    path("bills/", bills.index, name="bills"),
    path("bills/run/", run.run, name="run"),
    path("bills/<slug:public_id>/", bill.bill, name="bill"),
    # Money
    path("balances/", balances.index, name="balances"),
    path("balances/<slug:public_id>/", account.account, name="balance"),
    path("balances/<slug:public_id>/top-up/", top_up.top_up, name="top-up"),
    path("balances/<slug:public_id>/repayment/", repayment.repayment, name="repayment"),
    path("balances/<slug:public_id>/credit/", credit.credit, name="credit"),
    path("ledger/", ledger.index, name="ledger"),
    path("ledger/<slug:code>/<slug:currency>/", accounts.accounts, name="accounts"),
    path("ledger/<int:pk>/", statement.statement, name="statement"),
    # Decisions and evidence
    path("policy/", policy.index, name="policy"),
    path("policy/holidays/", holidays.holidays, name="holidays"),
    path("policy/<slug:key>/", setting.setting, name="setting"),
    path("journal/", journal.index, name="journal"),
    path("journal/<int:pk>/", fact.fact, name="fact"),
    path("clock/", clock.clock, name="clock"),
]
