"""A line is fulfilled: its validity starts, its grace begins. No other way leads to a seller being owed."""

from datetime import datetime, timedelta

from opengallery.kit.bulk import run_sql
from opengallery.kit.problems import Problem
from opengallery.kit.verbs import atomic
from opengallery.market.billing.actions import meet_supervision, unmeet_supervision
from opengallery.market.orders import states
from opengallery.market.orders.actions.resources import start_resource, withdraw_start
from opengallery.market.orders.models import Order, OrderLine, Resource


class GraceOver(Problem):
    """The time to take the acceptance back is over."""


def lock_order(line: OrderLine) -> None:
    """Take the row locks of the line's order and resource, before any other row of them; `line.resource` is fresh then.

    Whoever fulfils, holds or ends a line has them, and so does the clock that completes the one or ages the other: they
    take turns, the last one to fulfil sets the alarm, and no two of them ever wait for each other.
    """
    locked = Resource.objects.select_related("order").select_for_update(of=("self", "order"), no_key=True)
    line.resource = locked.get(lines=line)


# The line's grace begins. Its money becomes final with the order if it is the last one, else at its own time.
GRACE = """
    WITH others AS (
        SELECT coalesce(bool_or(grace_until IS NULL AND closed_at IS NULL), false) AS open,
            max(greatest(grace_until, closed_at)) AS latest
        FROM orders_orderline WHERE order_id = %(order)s AND id <> %(line)s
    ), line AS (
        UPDATE orders_orderline SET fulfilled_at = coalesce(fulfilled_at, %(at)s), grace_until = %(until)s,
            due_at = CASE WHEN others.open OR others.latest > %(until)s THEN %(until)s::timestamptz END
        FROM others WHERE orders_orderline.id = %(line)s
    )
    UPDATE orders_order SET due_at = greatest(%(until)s::timestamptz, others.latest)
    FROM others WHERE orders_order.id = %(order)s AND state = 'processing' AND NOT others.open
"""

# The line is open again. Those of its order that are not now become final at their own time.
OPEN = """
    WITH line AS (
        UPDATE orders_orderline SET grace_until = NULL, due_at = NULL WHERE id = %(line)s
    ), others AS (
        UPDATE orders_orderline SET due_at = grace_until
        WHERE order_id = %(order)s AND id <> %(line)s AND closed_at IS NULL
    )
    UPDATE orders_order SET due_at = NULL WHERE id = %(order)s AND state = 'processing'
"""


@atomic
def fulfil_line(line: OrderLine, *, start: datetime, at: datetime) -> None:
    """The delivery is accepted: validity from `start`; after its grace the line's money is final.

    The caller has called `lock_order`.
    """
    terms = line.terms
    begin_grace(line, until=at + terms.completion_delay, at=at)
    start_resource(locked_resource(line), unit=terms.unit, count=terms.count, start=start, at=at)
    meet_supervision(line.number, supervised_at=at, effective_at=start)


@atomic
def unfulfil_line(line: OrderLine, *, at: datetime) -> None:
    """The acceptance is retracted inside the grace. GraceOver (409) from the instant at which the grace ends.

    The caller has called `lock_order`.
    """
    hold_grace(line, at=at)
    OrderLine.objects.filter(pk=line.pk).update(fulfilled_at=None)
    withdraw_start(locked_resource(line), at=at)
    unmeet_supervision(line.number)


@atomic
def hold_grace(line: OrderLine, *, at: datetime) -> timedelta | None:
    """Stop the line's grace and return what was left of it; None if it has not begun. GraceOver if it has ended.

    The caller has called `lock_order`.
    """
    now = OrderLine.objects.select_related("order").get(pk=line.pk)
    if now.closed_at is not None or now.order.state != states.PROCESSING:
        raise GraceOver
    if now.grace_until is None:
        return None
    if now.grace_until <= at:
        raise GraceOver
    run_sql(OPEN, {"line": line.pk, "order": line.order_id})
    return now.grace_until - at


@atomic
def begin_grace(line: OrderLine, *, until: datetime, at: datetime) -> None:
    """Begin the line's grace, or let it go on after a hold. The caller has called `lock_order`."""
    run_sql(GRACE, {"line": line.pk, "order": line.order_id, "at": at, "until": until})
    line.grace_until = until


def locked_resource(line: OrderLine) -> Resource:
    """The line's resource, which `lock_order` has read under its lock."""
    if line.resource is None:
        raise ValueError(f"{line} is not locked")
    return line.resource


def open_lines(order: Order) -> bool:
    """Whether a line of the order is still to be fulfilled."""
    return OrderLine.objects.filter(order=order, grace_until=None, closed_at=None).exists()
