"""Orders and their lines."""

from datetime import datetime
from typing import Any, cast

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
from opengallery.doors.api.v1.shapes.resources import ValidityShape, validity
from opengallery.kit.actor import Actor, Party
from opengallery.kit.bulk import run_sql
from opengallery.kit.money import Money
from opengallery.market.billing.states import IN_PROGRESS, NOT_SUPERVISED, SUPERVISED, SUPERVISION
from opengallery.market.catalog.models import HARDWARE
from opengallery.market.orders import states
from opengallery.market.orders.actions.approve_order import moves_of
from opengallery.market.orders.models import DeliveryAddress, Order, OrderLine
from opengallery.market.orders.terms import Terms

CALLS = {
    "approve_order": ("POST", "approval", "orders:approve"),
    "decline_order": ("POST", "refusal", "orders:approve"),
    "pay_order": ("POST", "payment", "orders:pay"),
    "cancel_order": ("POST", "cancellation", "orders:buy"),
    "change_address": ("PUT", "address", "orders:buy"),
}


class AddressShape(TypedDict):
    """Where goods go; since `locked_at` it can no longer be changed."""

    recipient: str
    phone: str
    address: str
    locked_at: Instant | None


class LineShape(TypedDict):
    """One line, with the terms as they were frozen when it was placed.

    Accepted, it can be taken back until `grace_until`. `closed_at`: when it was final before its order; `refunded`:
    what was given back of it.
    """

    number: str
    title: str
    product: str
    product_name: str
    specification: str
    specification_name: str
    sku: str
    quantity: int
    period: PeriodShape
    unit_price: MoneyShape
    net: MoneyShape
    supervision_status: str
    flow: str | None
    resource: str | None
    validity: ValidityShape | None
    fulfilled_at: Instant | None
    grace_until: Instant | None
    closed_at: Instant | None
    refunded: MoneyShape


class OrderRowShape(TypedDict):
    """An order; `status` is its state as people read it."""

    number: str
    type: str
    type_label: str
    state: str
    label: str
    status: str
    state_since: Instant
    customer: PartyShape
    seller: PartyShape
    lines: list[LineShape]
    total: MoneyShape
    purchase_order: str | None
    cost_centre: str | None
    unsubscribed: bool
    placed_at: Instant
    paid_at: Instant | None
    payment_method: str | None
    completed_at: Instant | None
    canceled_at: Instant | None
    deadline: DeadlineShape | None
    next_actions: list[ActionShape]
    resources: list[str]
    href: str


class OrderShape(OrderRowShape):
    """An order with its operation log; the address of goods is for the two parties."""

    delivery_address: AddressShape | None
    log: list[EntryShape]


def order_row(order: Order, *, actor: Actor, at: datetime) -> OrderRowShape:
    """An order from a query with its lines, their flows and resources."""
    lines = [line_shape(line, order) for line in order.lines.all()]
    return {
        "number": order.number,
        "type": order.type,
        "type_label": states.ORDER_TYPES[order.type],
        "state": order.state,
        "label": order.label,
        "status": order.label,
        "state_since": utc(order.state_since) or "",
        "customer": customer_of(order),
        "seller": {"name": order.seller_name, "full_name": None, "username": None},
        "lines": lines,
        "total": money(order.total),
        "purchase_order": order.purchase_order or None,
        # Its own business: the seller does not see it.
        "cost_centre": (order.cost_centre or None) if actor.organisation_id == order.buyer_id else None,
        "unsubscribed": order.unsubscribed,
        "placed_at": utc(order.placed_at) or "",
        "paid_at": utc(order.paid_at),
        "payment_method": order.payment_method or None,
        "completed_at": utc(order.completed_at),
        "canceled_at": utc(order.canceled_at),
        "deadline": deadline(order),
        "next_actions": next_actions(order, actor=actor, at=at),
        "resources": [line["resource"] for line in lines if line["resource"]],
        "href": f"{BASE}/orders/{order.number}",
    }


def order_shape(order: Order, *, actor: Actor, at: datetime) -> OrderShape:
    """The whole order."""
    place = address_of(order) if order.parties_of(actor) & {Party.BUYER, Party.SELLER} else None
    return {
        **order_row(order, actor=actor, at=at),
        "delivery_address": {
            "recipient": place.recipient,
            "phone": place.phone,
            "address": place.address,
            "locked_at": utc(place.locked_at),
        }
        if place
        else None,
        "log": log_of(order.number, order.number),
    }


def address_of(order: Order) -> DeliveryAddress | None:
    """Where the order's goods go; nothing is looked for where there are none."""
    goods = any(line.terms.delivery_method == HARDWARE for line in order.lines.all())
    return getattr(order, "delivery_address", None) if goods else None


def next_actions(order: Order, *, actor: Actor, at: datetime) -> list[ActionShape]:
    """What the actor may do to the order at this instant; one whose time is over can be neither paid nor approved."""
    over = order.due_at is not None and order.due_at <= at
    verbs = [verb for verb in moves_of(order, actor) if not (over and verb in ("pay_order", "approve_order"))]
    place = address_of(order) if Party.BUYER in order.parties_of(actor) and order.state in states.UNFINISHED else None
    if place is not None and place.locked_at is None:
        verbs.append("change_address")
    return actions(verbs, CALLS, f"/orders/{order.number}", actor.rights)


def customer_of(order: Order) -> PartyShape:
    """Who bought, as the order recorded it."""
    return {"name": order.customer_name, "full_name": order.customer_full_name, "username": order.customer_username}


def deadline(order: Order) -> DeadlineShape | None:
    """The order's own timer; while a delivery is awaited, the flow has the deadline."""
    if order.due_at is None:
        return None
    if order.state == states.PENDING_APPROVAL:
        return {"at": utc(order.due_at), "outcome": "canceled", "turn": "buyer",
                "sentence": "If no second person approves it by then, it is canceled."}  # fmt: skip
    if order.state == states.PENDING_PAYMENT:
        return {"at": utc(order.due_at), "outcome": "canceled", "turn": "buyer",
                "sentence": "If it is not paid by then, it is canceled."}  # fmt: skip
    return {"at": utc(order.due_at), "outcome": "completed", "turn": "buyer",
            "sentence": "Then the order completes; until then the customer can take the acceptance back."}  # fmt: skip


def lines_of() -> "QuerySet[OrderLine]":
    """Lines with what a shape shows of their flows and resources; a few columns, not whole rows."""
    return OrderLine.objects.defer("words").annotate(
        flow_number=F("flow__number"), accepted_at=F("flow__accepted_at"), resource_key=F("resource__public_id"),
        valid_from=F("resource__start_at"), valid_to=F("resource__end"),
    )  # fmt: skip


# After a change the lines are at hand; what the verbs have put around them is read past the ORM, which takes five times
# as long to write the same statement.
AROUND = """
    SELECT l.id, f.number, f.accepted_at, r.public_id, r.start_at, r."end", l.fulfilled_at, l.grace_until, l.closed_at,
           l.refunded_units
    FROM orders_orderline l LEFT JOIN supervision_flow f ON f.line_id = l.id
         LEFT JOIN orders_resource r ON r.id = l.resource_id
    WHERE l.order_id = %s
"""


def freshen(order: Order) -> Order:
    """Read again what a verb may have changed around the order's lines: their flows, resources and terms."""
    around = {key: now for key, *now in run_sql(AROUND, [order.pk])}
    for line in cast("list[Any]", order.lines.all()):
        (line.flow_number, line.accepted_at, line.resource_key, line.valid_from, line.valid_to,
         line.fulfilled_at, line.grace_until, line.closed_at, line.refunded_units) = around[line.pk]  # fmt: skip
    return order


def line_shape(line: Any, order: Order) -> LineShape:
    """A line of lines_of()."""
    terms: Terms = line.terms
    return {
        "number": line.number,
        "title": line.title,
        "product": terms.product,
        "product_name": terms.product_name,
        "specification": terms.specification,
        "specification_name": terms.specification_name,
        "sku": terms.sku,
        "quantity": terms.quantity,
        "period": period(terms),
        "unit_price": money(Money.of(terms.unit_price, terms.currency)),
        "net": money(line.net),
        "supervision_status": SUPERVISION[supervision(line)],
        "flow": line.flow_number,
        "resource": line.resource_key,
        "validity": validity(line.valid_from, line.valid_to),
        "fulfilled_at": utc(line.fulfilled_at),
        "grace_until": utc(line.grace_until),
        "closed_at": utc(line.closed_at),
        "refunded": money(line.refunded),
    }


def supervision(line: Any) -> str:
    """How far the line's service supervision is; renewals have none."""
    if line.flow_number is None:
        return NOT_SUPERVISED
    return SUPERVISED if line.accepted_at else IN_PROGRESS


def period(terms: Terms) -> PeriodShape:
    """The period that was bought."""
    return {"unit": terms.unit, "count": terms.count, "text": terms.period}
