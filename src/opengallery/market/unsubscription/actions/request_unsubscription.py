"""The buyer asks for money back, and may take that back (U1, U2)."""

from datetime import datetime, timedelta

from opengallery.kit.actor import Actor, Party
from opengallery.kit.ids import new_id
from opengallery.kit.problems import InvalidInput, NotYourTurn
from opengallery.kit.verbs import atomic
from opengallery.market.billing.actions import is_invoiced
from opengallery.market.identity.models import User
from opengallery.market.journal.models import record
from opengallery.market.orders import states as order_states
from opengallery.market.orders.actions import hold_grace, lock_order
from opengallery.market.supervision import states as flow_states
from opengallery.market.supervision.actions import hold_flow
from opengallery.market.supervision.actions.holding import refuse_held
from opengallery.market.supervision.models import AuthorizationCode, Flow
from opengallery.market.supervision.rules import text_error
from opengallery.market.unsubscription import rules, states
from opengallery.market.unsubscription.actions.closing import let_flow_go, take_flow
from opengallery.market.unsubscription.models import Unsubscription
from opengallery.market.unsubscription.problems import NotUndoable

REMINDERS = (3, 7)  # days after which a silent seller is reminded (money 12.3)


def refusal_of(flow: Flow, at: datetime, *, invoiced: bool | None = None, collected: bool | None = None) -> str:
    """Why this flow's purchase cannot be undone now, or "" (U1).

    `invoiced`, `collected`: whether it is invoiced and its code collected, where the caller knows it already.
    """
    order, terms = flow.line.order, flow.line.terms
    if not terms.negotiated_unsubscription:
        return "This order was placed without unsubscription by agreement."
    if order.state != order_states.PROCESSING or flow.state == flow_states.TERMINATED:
        return "The order is completed: the time to undo it by agreement is over."
    if flow.state == flow_states.COMPLETED and not (terms.unsubscription_in_grace and flow.in_grace(at)):
        return "The delivery is accepted and its grace is over."
    if flow.template == "license_code" and (is_collected(flow) if collected is None else collected):
        return "The authorization code has been collected."
    if flow.line.net.units == 0:
        return "Nothing was paid for it."
    if is_invoiced(flow.number) if invoiced is None else invoiced:
        return "It has been invoiced: return the invoice first."
    return ""


def is_collected(flow: Flow) -> bool:
    """Whether the buyer has the authorization code (F12)."""
    return AuthorizationCode.objects.filter(flow=flow, collected_at__isnull=False).exists()


@atomic
def request_unsubscription(flow: Flow, *, amount: str, reason: str, words: str = "", share_contact: bool = False,
                           by: Actor, at: datetime) -> Unsubscription:  # fmt: skip
    """Ask for `amount` back, as typed: 0 < amount ≤ what was paid, at most 2 decimals. The flow and its grace are held.

    Contact data is stored for the seller only if `share_contact`. InvalidInput at amount, reason, words; NotYourTurn
    for anybody but the buyer; NotUndoable; OnHold while something holds the flow already.
    """
    if Party.BUYER not in flow.parties_of(by):
        raise NotYourTurn
    lock_order(flow.line)
    flow.refresh_from_db(from_queryset=Flow.objects.with_order())
    if flow.held_by:
        refuse_held(flow)
    why_not = refusal_of(flow, at)
    if why_not:
        raise NotUndoable(why_not)
    asked = rules.read_amount(amount, paid=flow.line.net)
    errors = {
        "amount": "" if asked else rules.amount_error(flow.line.net),
        "reason": "" if reason in states.REASONS else "Choose a reason.",
        "words": text_error(words, most=rules.TEXT_MAX, what="The explanation") if words.strip() else "",
    }
    found = {field: [error] for field, error in errors.items() if error}
    if found or asked is None:
        raise InvalidInput(found)
    hold_flow(flow, because=flow_states.UNSUBSCRIPTION, at=at)
    left = hold_grace(flow.line, at=at) if flow.state == flow_states.COMPLETED else None
    person = User.objects.filter(pk=by.user_id or 0).first() if share_contact else None
    row = Unsubscription.objects.create(
        public_id=new_id("uns", at), flow=flow, currency=asked.currency, amount_units=asked.units, reason=reason,
        words=words.strip(), share_contact=share_contact, contact_name=person.full_name if person else "",
        contact_email=person.email if person else "", requested_at=at, requested_by=by.name,
        state=states.PENDING_REVIEW, state_since=at, remind_due_at=at + timedelta(days=REMINDERS[0]),
        due_at=at + timedelta(days=flow.line.terms.unsubscription_review_days),
        grace_left_us=left // timedelta(microseconds=1) if left else None,
    )  # fmt: skip
    said = {"line": flow.number, "amount": asked.amount(), "currency": asked.currency, "reason": reason}
    record(row, "request_unsubscription", by=by, at=at, to=row.state, note=words.strip(), data=said)
    return row


@atomic
def withdraw_unsubscription(row: Unsubscription, *, by: Actor, at: datetime) -> None:
    """The buyer takes the request back; the flow goes on (U2)."""
    flow = take_flow(row)
    row.move("withdraw_unsubscription", by=by, at=at, also={"due_at": None, "remind_due_at": None})
    let_flow_go(row, flow, at=at)


def possible(flow: Flow, at: datetime, *, invoiced: bool | None = None, collected: bool | None = None) -> bool:
    """Whether the buyer may ask now; what the caller knows already is not looked up (refusal_of)."""
    return not flow.held_by and not refusal_of(flow, at, invoiced=invoiced, collected=collected)
