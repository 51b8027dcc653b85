"""The lists that pages, exports and the API share: their filters, checked once, and the rows behind them."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from opengallery.kit.actor import Actor
from opengallery.kit.calendar import instant
from opengallery.kit.problems import InvalidInput
from opengallery.market.orders import states as order_states
from opengallery.market.orders.models import Order, OrderLine
from opengallery.market.orders.search import FIELDS, found
from opengallery.market.supervision import states as flow_states
from opengallery.market.supervision.models import Flow

ORDER_FILTERS = ("order_no", "product", "customer", "full_name", "username", "placed_from", "placed_to", "status")
FLOW_FILTERS = ("order_no", "product", "customer", "placed_from", "placed_to", "flow_status", "order_status")
# An order that was undone is completed and bears a badge; it is searched for as if that were a status (Q13).
UNSUBSCRIBED = "unsubscribed"
ORDER_STATUSES = {**order_states.ORDER.labels, UNSUBSCRIBED: "Unsubscribed"}
SIDES = ("buyer", "seller", "operator")


def order_rows(actor: Actor, side: str, filters: Mapping[str, str]) -> "QuerySet[Order]":
    """Orders that the actor sees from a side, filtered. InvalidInput for unknown filters, statuses, or from > to."""
    known(filters, ORDER_FILTERS)
    words = words_of(filters, actor, side)
    rows: QuerySet[Order] = on_side(Order.objects.all(), actor, side)
    rows = rows.filter(placed(filters, "placed_at"))
    if filters.get("status"):
        status = one_of(filters["status"], ORDER_STATUSES, "status")
        rows = rows.filter(unsubscribed=True) if status == UNSUBSCRIBED else rows.filter(state=status)
    if words is not None:
        rows = rows.filter(Exists(OrderLine.objects.filter(words, order=OuterRef("pk"))))
    return rows.order_by("-placed_at", "-id")


def flow_rows(actor: Actor, side: str, filters: Mapping[str, str]) -> "QuerySet[Flow]":
    """Flows that the actor sees from a side, filtered; each with its line and order in the same statement."""
    known(filters, FLOW_FILTERS)
    words = words_of(filters, actor, side, path="line__")
    rows: QuerySet[Flow] = on_side(Flow.objects.with_order(), actor, side)
    rows = rows.filter(placed(filters, "placed_at"))
    if filters.get("flow_status"):
        rows = rows.filter(state=one_of(filters["flow_status"], flow_states.LABELS, "flow_status"))
    if filters.get("order_status"):
        labels = order_states.ORDER.labels
        rows = rows.filter(line__order__state=one_of(filters["order_status"], labels, "order_status"))
    return (rows if words is None else rows.filter(words)).order_by("-placed_at", "-id")


def on_side(rows: Any, actor: Actor, side: str) -> Any:
    """Narrow to what the actor's organisation bought or sold; the operator sees both at once; nobody else anything.

    Given all rows, not those of `visible_to`: its "buyer or seller" would keep PostgreSQL from the side's own index.
    """
    if side == "operator":
        return rows if actor.is_operator else rows.none()
    return rows.filter(**{side: actor.organisation_id}) if actor.organisation_id else rows.none()


def known(filters: Mapping[str, str], names: tuple[str, ...]) -> None:
    """Refuse a filter that does not exist rather than show an unfiltered list."""
    strangers = [name for name in filters if name not in names]
    if strangers:
        raise InvalidInput({strangers[0]: [f"There is no such filter; there are: {', '.join(names)}."]})


def words_of(filters: Mapping[str, str], actor: Actor, side: str, path: str = "") -> Q | None:
    """The condition of the word filters, or None when there are none."""
    asked = [
        found(field, filters[field], side=side, organisation_id=actor.organisation_id or 0, path=path)
        for field in FIELDS
        if filters.get(field, "").strip()
    ]
    return Q(*asked) if asked else None


def one_of(value: str, labels: Mapping[str, str], field: str) -> str:
    """A state by its code or its label."""
    for code, label in labels.items():
        if value in (code, label):
            return code
    raise InvalidInput({field: [f"There is no status “{value[:60]}”; there are: {', '.join(labels)}."]})


def placed(filters: Mapping[str, str], column: str) -> Q:
    """The condition of a range of placement days, both included, on the platform's calendar."""
    first, last = day(filters, "placed_from"), day(filters, "placed_to")
    if first and last and first > last:
        raise InvalidInput({"placed_to": ["The range ends before it begins."]})
    condition = Q()
    if first:
        condition &= Q(**{f"{column}__gte": instant(first)})
    if last:
        condition &= Q(**{f"{column}__lt": instant(last + timedelta(days=1))})
    return condition


def day(filters: Mapping[str, str], field: str) -> date | None:
    """Read a day, YYYY-MM-DD."""
    text = filters.get(field, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput({field: ["Write a day as 2025-06-30."]}) from error
