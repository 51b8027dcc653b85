"""Service flows: where each stands, whose turn it is, what was delivered, and what may be done next."""

from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
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
from opengallery.kit.bulk import run_sql
from opengallery.kit.calendar import local_date
from opengallery.market.orders import states as order_states
from opengallery.market.orders.rules import first_term, start_of
from opengallery.market.supervision import states
from opengallery.market.supervision.explanations import deadline_of
from opengallery.market.supervision.models import Flow

CALLS = {
    "deliver_service": ("POST", "delivery", "sales:deliver"),
    "accept_delivery": ("POST", "acceptance", "orders:accept"),
    "reject_delivery": ("POST", "rejection", "orders:accept"),
    "retract_acceptance": ("DELETE", "acceptance", "orders:accept"),
    "remind_seller": ("POST", "reminder", "orders:accept"),
}

# These two are part of every answer about a flow: they go past the ORM, which takes six times as long to write them.
AROUND = """
    SELECT o.state, o.due_at, o.completed_at, r.start_at, r."end", l.grace_until
    FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id LEFT JOIN orders_resource r ON r.id = l.resource_id
    WHERE l.id = %s
"""
DELIVERIES = """
    SELECT d.version, d.service_result, d.enabling_time, d.submitted_at, d.submitted_by, d.outcome, d.outcome_at,
           d.reason, f.key, f.name, f.size, f.sha256, f.content_type, p.kind
    FROM supervision_delivery d JOIN supervision_deliverable p ON p.delivery_id = d.id
         JOIN kit_storedfile f ON f.key = p.file_id
    WHERE d.flow_id = %s ORDER BY d.version, p.id
"""


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


def with_line(rows: "QuerySet[Flow]") -> "QuerySet[Flow]":
    """With the line and its order, and of the resource what a shape shows, in the same statement."""
    return (
        rows.select_related("line__order")
        .defer("line__words")
        .annotate(valid_from=F("line__resource__start_at"), valid_to=F("line__resource__end"))
    )


def freshen(flow: Flow) -> Flow:
    """Read again what a verb may have changed around the flow: its order's state and timer, its resource's term."""
    order: Any = flow.line.order
    row: Any = flow
    [now] = run_sql(AROUND, [flow.line_id])
    order.state, order.due_at, order.completed_at, row.valid_from, row.valid_to, flow.line.grace_until = now
    return flow


def flow_row(flow: Flow, *, actor: Actor, at: datetime) -> FlowRowShape:
    """A flow of with_line()."""
    order, terms = flow.line.order, flow.line.terms
    shown: Any = flow
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
        "validity": validity(shown.valid_from, shown.valid_to),
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
    deliveries = deliveries_of(flow)
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


def deliveries_of(flow: Flow) -> list[DeliveryShape]:
    """The deliveries, oldest first, each with its files."""
    shapes: dict[int, DeliveryShape] = {}
    for version, *delivery, key, name, size, sha256, content_type, kind in run_sql(DELIVERIES, [flow.pk]):
        shape = shapes.setdefault(version, delivery_shape(version, *delivery))
        shape["files"].append(
            {"key": key, "name": name, "size": size, "sha256": sha256, "content_type": content_type, "kind": kind,
             "kind_label": states.FILE_KINDS[kind], "href": f"{BASE}/flows/{flow.number}/files/{key}"}
        )  # fmt: skip
    return list(shapes.values())


def delivery_shape(
    version: int,
    service_result: str,
    enabling_time: datetime | None,
    submitted_at: datetime,
    submitted_by: str,
    outcome: str,
    outcome_at: datetime | None,
    reason: str,
) -> DeliveryShape:
    """A delivery, its files still to come."""
    return {
        "version": version,
        "service_result": service_result,
        "enabling_time": utc(enabling_time),
        "submitted_at": utc(submitted_at) or "",
        "submitted_by": submitted_by,
        "outcome": outcome or None,
        "outcome_at": utc(outcome_at),
        "reason": reason or None,
        "files": [],
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
