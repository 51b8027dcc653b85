"""Tickets: where each stands, whose turn it is, what was said."""

from typing_extensions import TypedDict

from opengallery.doors.api.v1.shapes.common import BASE, ActionShape, DeadlineShape, Instant, actions, utc
from opengallery.doors.api.v1.shapes.facts import EntryShape, log_of
from opengallery.doors.tickets import STEPS, THEN
from opengallery.kit.actor import Actor, Party
from opengallery.market.aftersales import states
from opengallery.market.aftersales.models import Message, Ticket

RIGHTS = {"buyer": "orders:buy", "seller": "sales:deliver", "operator": "operations:support"}
# What becomes of a ticket when nobody acts until its deadline.
OUTCOMES = {
    states.OPEN: "escalated",
    states.ANSWERING: "escalated",
    states.WAIT_BUYER: "closed",
    states.ESCALATED: "overdue",
    states.RESOLVED: "closed",
}


class MessageFileShape(TypedDict):
    """A file of a message; `href` downloads it."""

    key: str
    name: str
    size: int
    sha256: str
    content_type: str
    href: str


class MessageShape(TypedDict):
    """What one side said; `side` is buyer, seller or operator."""

    version: int
    side: str
    author: str
    action: str
    text: str
    sent_at: Instant
    files: list[MessageFileShape]


class TicketRowShape(TypedDict):
    """A ticket as lists show it; `seller_label` is the state as the seller's own list calls it."""

    id: str
    order: str
    resource: str | None
    title: str
    customer: str
    seller: str
    state: str
    label: str
    seller_label: str
    state_since: Instant
    handled_by: str
    turn: str | None
    deadline: DeadlineShape | None
    next_actions: list[ActionShape]
    opened_at: Instant
    opened_by: str
    escalated_at: Instant | None
    href: str


class TicketShape(TicketRowShape):
    """A ticket with its messages and operation log."""

    messages: list[MessageShape]
    log: list[EntryShape]


def ticket_row(ticket: Ticket, *, actor: Actor) -> TicketRowShape:
    """A ticket from a query with its order and resource."""
    return {
        "id": ticket.public_id,
        "order": ticket.order.number,
        "resource": ticket.resource.public_id if ticket.resource else None,
        "title": ticket.title,
        "customer": ticket.order.customer_name,
        "seller": ticket.order.seller_name,
        "state": ticket.state,
        "label": ticket.label,
        "seller_label": ticket.seller_label,
        "state_since": utc(ticket.state_since) or "",
        "handled_by": ticket.route,
        "turn": ticket.turn or None,
        "deadline": deadline(ticket),
        "next_actions": next_actions(ticket, actor=actor),
        "opened_at": utc(ticket.opened_at) or "",
        "opened_by": ticket.opened_by,
        "escalated_at": utc(ticket.escalated_at),
        "href": f"{BASE}/tickets/{ticket.public_id}",
    }


def ticket_shape(ticket: Ticket, *, actor: Actor) -> TicketShape:
    """The whole ticket."""
    rows = ticket.messages.prefetch_related("files__file")
    return {
        **ticket_row(ticket, actor=actor),
        "messages": [message(row, ticket) for row in rows],
        "log": log_of(ticket.stream, ticket.subject),
    }


def message(row: Message, ticket: Ticket) -> MessageShape:
    """A message with its files."""
    place = f"{BASE}/tickets/{ticket.public_id}/files"
    return {
        "version": row.version,
        "side": row.side,
        "author": row.author,
        "action": row.verb,
        "text": row.text,
        "sent_at": utc(row.sent_at) or "",
        "files": [
            {"key": part.file_id, "name": part.file.name, "size": part.file.size, "sha256": part.file.sha256,
             "content_type": part.file.content_type, "href": f"{place}/{part.file_id}"}
            for part in row.files.all()
        ],
    }  # fmt: skip


def deadline(ticket: Ticket) -> DeadlineShape | None:
    """Until when it is whose turn, and what happens then; a closed ticket waits for nothing."""
    if ticket.state not in OUTCOMES:
        return None
    return {
        "at": utc(ticket.due_at or ticket.decide_by),
        "outcome": OUTCOMES[ticket.state],
        "turn": ticket.turn or None,
        "sentence": str(THEN[ticket.state]),
    }


def next_actions(ticket: Ticket, *, actor: Actor) -> list[ActionShape]:
    """What the actor may do to the ticket now."""
    open_to = {move.verb: move.who for move in ticket.moves_for(actor)}
    calls = {
        step.verb: ("POST", step.noun, RIGHTS[side])
        for side, steps in STEPS.items()
        for step in steps
        if open_to.get(step.verb) == Party(side)
    }
    return actions(open_to, calls, f"/tickets/{ticket.public_id}", actor.rights)
