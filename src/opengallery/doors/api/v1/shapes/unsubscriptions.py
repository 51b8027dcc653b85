"""Requests to undo a purchase: what is asked back, what the seller says, the return journey of goods."""

from datetime import datetime

from typing_extensions import TypedDict

from opengallery.doors.api.v1.shapes.common import (
    BASE,
    ActionShape,
    DeadlineShape,
    Instant,
    MoneyShape,
    money,
    utc,
)
from opengallery.doors.api.v1.shapes.facts import EntryShape, log_of
from opengallery.doors.api.v1.shapes.flows import HoldShape, PlainFileShape, file_shape
from opengallery.doors.flows import IF_SILENT, tracking_url
from opengallery.kit.actor import Actor, Party
from opengallery.market.supervision import states as flow_states
from opengallery.market.unsubscription import states
from opengallery.market.unsubscription.models import Unsubscription

CALLS = {
    "withdraw_unsubscription": ("DELETE", "", "orders:buy"),
    "reject_unsubscription": ("POST", "/rejection", ""),
    "agree_unsubscription": ("POST", "/agreement", ""),
    "send_return": ("POST", "/return", "orders:buy"),
    "accept_return": ("POST", "/return/acceptance", "sales:deliver"),
    "refuse_return": ("POST", "/return/refusal", "sales:deliver"),
}
# Who reviews, with which right.
REVIEWS = {Party.SELLER: "sales:deliver", Party.OPERATOR: "operations:decide"}
# What becomes of it when nobody acts until its deadline.
OUTCOMES = {
    states.PENDING_REVIEW: "wait_operator",
    states.WAIT_OPERATOR: "waits",
    states.WAIT_RETURN: "withdrawn",
    states.WAIT_RETURN_CHECK: "refunding",
    states.REFUNDING: "refunded",
}


class ContactShape(TypedDict):
    """Whom the seller may write to, because the buyer has said so."""

    name: str
    email: str


class ReturnShape(TypedDict):
    """How the goods travel back; `refused`: what was wrong with what came."""

    carrier: str | None
    number: str | None
    tracking_url: str | None
    sent_at: Instant | None
    refused: str | None


# "return" is a word of the language.
ReturnPart = TypedDict("ReturnPart", {"return": ReturnShape | None})


class UnsubscriptionRowShape(ReturnPart):
    """A request as lists show it. `amount` is asked back of what was `paid`."""

    id: str
    flow: str
    order: str
    title: str
    customer: str
    seller: str
    amount: MoneyShape
    paid: MoneyShape
    reason: str
    reason_label: str
    words: str | None
    contact: ContactShape | None
    requested_at: Instant
    requested_by: str
    state: str
    label: str
    state_since: Instant
    turn: str | None
    deadline: DeadlineShape | None
    hold: HoldShape | None
    comments: str | None
    reviewed_at: Instant | None
    reviewed_by: str | None
    files: list[PlainFileShape]
    refunded_at: Instant | None
    refund_order: str | None
    next_actions: list[ActionShape]
    href: str


class UnsubscriptionShape(UnsubscriptionRowShape):
    """A request with its operation log."""

    log: list[EntryShape]


def unsubscription_row(row: Unsubscription, *, actor: Actor, at: datetime) -> UnsubscriptionRowShape:
    """A request from a query with its flow, line, order, carrier, refund order and files."""
    flow, order = row.flow, row.flow.line.order
    return {
        "id": row.public_id,
        "flow": flow.number,
        "order": order.number,
        "title": flow.line.title,
        "customer": order.customer_name,
        "seller": order.seller_name,
        "amount": money(row.amount),
        "paid": money(flow.line.net),
        "reason": row.reason,
        "reason_label": states.REASONS[row.reason],
        "words": row.words or None,
        "contact": {"name": row.contact_name, "email": row.contact_email} if row.share_contact else None,
        "requested_at": utc(row.requested_at) or "",
        "requested_by": row.requested_by,
        "state": row.state,
        "label": row.label,
        "state_since": utc(row.state_since) or "",
        "turn": row.turn or None,
        "deadline": deadline(row),
        "hold": {"by": row.held_by, "sentence": flow_states.HOLDS[flow_states.APPEAL]} if row.held_by else None,
        "comments": row.comments or None,
        "reviewed_at": utc(row.reviewed_at),
        "reviewed_by": row.reviewed_by or None,
        "files": [
            file_shape(flow, part.file_id, part.file.name, part.file.size, part.file.sha256, part.file.content_type)
            for part in row.files.all()
        ],
        "return": return_of(row),
        "refunded_at": utc(row.refunded_at),
        "refund_order": row.refund_order.number if row.refund_order else None,
        "next_actions": next_actions(row, actor=actor, at=at),
        "href": f"{BASE}/unsubscriptions/{row.public_id}",
    }


def unsubscription_shape(row: Unsubscription, *, actor: Actor, at: datetime) -> UnsubscriptionShape:
    """The whole request."""
    return {**unsubscription_row(row, actor=actor, at=at), "log": log_of(row.stream, row.subject)}


def deadline(row: Unsubscription) -> DeadlineShape | None:
    """Until when it is whose turn, and what happens then; a closed one, or one that is held, waits for nothing."""
    if row.held_by or row.state not in OUTCOMES:
        return None
    return {
        "at": utc(row.due_at),
        "outcome": OUTCOMES[row.state],
        "turn": row.turn or None,
        "sentence": str(IF_SILENT[row.state]),
    }


def return_of(row: Unsubscription) -> ReturnShape | None:
    """The return journey, once something of it is known."""
    carrier = row.return_carrier
    if carrier is None and not row.refused:
        return None
    return {
        "carrier": carrier.code if carrier else None,
        "number": row.return_number or None,
        "tracking_url": (tracking_url(carrier.tracking_url, row.return_number) or None) if carrier else None,
        "sent_at": utc(row.returned_at),
        "refused": row.refused or None,
    }


def next_actions(row: Unsubscription, *, actor: Actor, at: datetime) -> list[ActionShape]:
    """What the actor may do to the request now; to agree is one call, whether goods come back first or not."""
    found: list[ActionShape] = []
    for move in row.moves_for(actor):
        if move.verb in CALLS:
            method, noun, right = CALLS[move.verb]
            if actor.may(right or REVIEWS[move.who]):
                href = f"{BASE}/unsubscriptions/{row.public_id}{noun}"
                found.append({"action": move.verb, "method": method, "href": href})
    return found
