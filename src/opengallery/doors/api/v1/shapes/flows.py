"""Service flows: where each stands, whose turn it is, what was delivered, and what may be done next."""

from collections.abc import Iterable
from datetime import datetime

from typing_extensions import TypedDict

from opengallery.doors.api.v1.shapes.common import (
    BASE,
    ActionShape,
    DeadlineShape,
    Instant,
    MoneyShape,
    PartyShape,
    PeriodShape,
    actions,
    money,
    utc,
)
from opengallery.doors.api.v1.shapes.facts import EntryShape, log_of
from opengallery.doors.api.v1.shapes.orders import customer_of, period
from opengallery.doors.api.v1.shapes.resources import ValidityShape, validity
from opengallery.kit.actor import Actor, Party
from opengallery.kit.calendar import local_date
from opengallery.market.orders import states as order_states
from opengallery.market.orders.rules import first_term, start_of
from opengallery.market.supervision import states
from opengallery.market.supervision.explanations import deadline_of
from opengallery.market.supervision.models import Deliverable, Delivery, Flow

CALLS = {
    "deliver_service": ("POST", "delivery", "sales:deliver"),
    "accept_delivery": ("POST", "acceptance", "orders:accept"),
    "reject_delivery": ("POST", "rejection", "orders:accept"),
    "retract_acceptance": ("DELETE", "acceptance", "orders:accept"),
    "remind_seller": ("POST", "reminder", "orders:accept"),
}


class FileShape(TypedDict):
    """A deliverable; `href` downloads it."""

    key: str
    name: str
    size: int
    sha256: str
    content_type: str
    kind: str
    kind_label: str
    href: str


class DeliveryShape(TypedDict):
    """One version of what the seller delivered, and what the buyer said of it."""

    version: int
    service_result: str
    enabling_time: Instant | None
    submitted_at: Instant
    submitted_by: str
    outcome: str | None
    outcome_at: Instant | None
    reason: str | None
    files: list[FileShape]


class FlowRowShape(TypedDict):
    """A flow as lists show it; it is named by its order line."""

    line: str
    order: str
    product: str
    product_name: str
    specification_name: str
    quantity: int
    period: PeriodShape
    net: MoneyShape
    customer: PartyShape
    seller: PartyShape
    state: str
    label: str
    state_since: Instant
    turn: str | None
    deadline: DeadlineShape | None
    overdue: bool
    next_actions: list[ActionShape]
    deliveries_count: int
    rejections: int
    accepted_at: Instant | None
    accepted_by: str | None
    reminded_at: Instant | None
    validity: ValidityShape | None
    order_state: str
    order_status: str
    placed_at: Instant
    paid_at: Instant | None
    completes_at: Instant | None
    completed_at: Instant | None
    href: str


class FlowShape(FlowRowShape):
    """A flow with its deliveries and operation log; `validity_if_accepted` is what an acceptance now would begin."""

    deliveries: list[DeliveryShape]
    log: list[EntryShape]
    validity_if_accepted: ValidityShape | None


def flow_row(flow: Flow, *, actor: Actor, at: datetime) -> FlowRowShape:
    """A flow from a query with its line, order and resource."""
    order, terms = flow.line.order, flow.line.terms
    due = deadline_of(flow)
    return {
        "line": flow.number,
        "order": order.number,
        "product": terms.product,
        "product_name": terms.product_name,
        "specification_name": terms.specification_name,
        "quantity": terms.quantity,
        "period": period(terms),
        "net": money(flow.line.net),
        "customer": customer_of(order),
        "seller": {"name": order.seller_name, "full_name": None, "username": None},
        "state": flow.state,
        "label": flow.label,
        "state_since": utc(flow.state_since) or "",
        "turn": flow.turn or None,
        "deadline": {"at": utc(due.at), "outcome": due.outcome, "turn": due.turn, "sentence": due.sentence}
        if due
        else None,
        "overdue": flow.state == states.WAIT_DELIVERY and flow.promised_at is not None and flow.promised_at < at,
        "next_actions": next_actions(flow, actor=actor, at=at),
        "deliveries_count": flow.deliveries_count,
        "rejections": flow.delivery_rejections,
        "accepted_at": utc(flow.accepted_at),
        "accepted_by": flow.accepted_by or None,
        "reminded_at": utc(flow.reminded_at),
        "validity": validity(flow.line.resource),
        "order_state": order.state,
        "order_status": order.label,
        "placed_at": utc(order.placed_at) or "",
        "paid_at": utc(order.paid_at),
        "completes_at": utc(order.due_at) if order.state == order_states.PROCESSING else None,
        "completed_at": utc(order.completed_at),
        "href": f"{BASE}/flows/{flow.number}",
    }


def flow_shape(flow: Flow, *, actor: Actor, at: datetime) -> FlowShape:
    """The whole flow, in two more statements."""
    files = Deliverable.objects.filter(delivery__flow=flow).select_related("delivery", "file").order_by("pk")
    deliveries = by_delivery(files, flow.number)
    return {
        **flow_row(flow, actor=actor, at=at),
        "deliveries": deliveries,
        "log": log_of(flow.stream, flow.number),
        "validity_if_accepted": validity_if_accepted(flow, deliveries, at=at),
    }


def next_actions(flow: Flow, *, actor: Actor, at: datetime) -> list[ActionShape]:
    """What the actor may do to the flow at this instant: all of it, and nothing that would be refused."""
    verbs = [step.verb for step in flow.steps_for(actor, at)]
    if Party.BUYER in flow.parties_of(actor) and flow.may_remind(at):
        verbs.append("remind_seller")
    return actions(verbs, CALLS, f"/flows/{flow.number}", actor.rights)


def by_delivery(files: Iterable[Deliverable], line: str) -> list[DeliveryShape]:
    """The deliveries, oldest first, from their files: each has at least one."""
    shapes: dict[int, DeliveryShape] = {}
    for row in files:
        shape = shapes.setdefault(row.delivery_id, delivery_shape(row.delivery))
        shape["files"].append(file_shape(row, line))
    return sorted(shapes.values(), key=lambda shape: shape["version"])


def delivery_shape(delivery: Delivery) -> DeliveryShape:
    """A delivery, its files still to come."""
    return {
        "version": delivery.version,
        "service_result": delivery.service_result,
        "enabling_time": utc(delivery.enabling_time),
        "submitted_at": utc(delivery.submitted_at) or "",
        "submitted_by": delivery.submitted_by,
        "outcome": delivery.outcome or None,
        "outcome_at": utc(delivery.outcome_at),
        "reason": delivery.reason or None,
        "files": [],
    }


def file_shape(row: Deliverable, line: str) -> FileShape:
    """A file."""
    file = row.file
    return {
        "key": file.key,
        "name": file.name,
        "size": file.size,
        "sha256": file.sha256,
        "content_type": file.content_type,
        "kind": row.kind,
        "kind_label": states.FILE_KINDS[row.kind],
        "href": f"{BASE}/flows/{line}/files/{file.key}",
    }


def validity_if_accepted(flow: Flow, deliveries: list[DeliveryShape], *, at: datetime) -> ValidityShape | None:
    """What the buyer is to know before accepting (V8): the validity that an acceptance at this instant begins."""
    if flow.state != states.WAIT_ACCEPTANCE or not deliveries:
        return None
    enabling_time = deliveries[-1]["enabling_time"]
    start = start_of(at, datetime.fromisoformat(enabling_time) if enabling_time else None)
    term = first_term(start, flow.line.terms.unit, flow.line.terms.count)
    return {
        "start": local_date(term.start).isoformat(),
        "end": term.end.isoformat() if term.end else None,
        "start_at": utc(term.start) or "",
        "expires_at": utc(term.expires_at),
    }
