"""A line is fulfilled: its validity starts, its order's alarm is set. No other way leads to a seller being owed."""

from datetime import datetime

from opengallery.kit.bulk import run_sql
from opengallery.kit.problems import Problem
from opengallery.kit.verbs import atomic
from opengallery.market.billing.actions import meet_supervision, unmeet_supervision
from opengallery.market.orders import states
from opengallery.market.orders.actions.resources import start_resource, withdraw_start
from opengallery.market.orders.models import Order, OrderLine, Resource


class GraceOver(Problem):
    """The order is completed: an acceptance can be retracted only before that."""


def lock_order(line: OrderLine) -> None:
    """Take the row locks of the line's order and resource, before any other row of them; `line.resource` is fresh then.

    Whoever fulfils or unfulfils a line holds them, and so does the clock that completes the one or ages the other: they
    take turns, the last one to fulfil sets the alarm, and no two of them ever wait for each other.
    """
    locked = Resource.objects.select_related("order").select_for_update(of=("self", "order"), no_key=True)
    line.resource = locked.get(lines=line)


# The line is fulfilled; if no other line is open, the order's alarm is set.
FULFIL = """
    WITH line AS (UPDATE orders_orderline SET fulfilled_at = %s WHERE id = %s)
    UPDATE orders_order SET due_at = %s WHERE id = %s AND state = 'processing'
    AND NOT EXISTS (SELECT FROM orders_orderline WHERE order_id = %s AND fulfilled_at IS NULL AND id <> %s)
"""


@atomic
def fulfil_line(line: OrderLine, *, start: datetime, at: datetime) -> None:
    """The delivery is accepted: validity from `start`; with the last open line, the order completes after its delay.

    The caller has called `lock_order`.
    """
    terms = line.terms
    run_sql(FULFIL, [at, line.pk, at + terms.completion_delay, line.order_id, line.order_id, line.pk])
    start_resource(locked_resource(line), unit=terms.unit, count=terms.count, start=start, at=at)
    meet_supervision(line.number, supervised_at=at, effective_at=start)


@atomic
def unfulfil_line(line: OrderLine, *, at: datetime) -> None:
    """The acceptance is retracted inside the delay. GraceOver (409) once the order's completion is due.

    The caller has called `lock_order`.
    """
    open_order = Order.objects.filter(pk=line.order_id, state=states.PROCESSING)
    still = open_order.filter(due_at=None) | open_order.filter(due_at__gt=at)
    if not still.update(due_at=None):
        raise GraceOver
    OrderLine.objects.filter(pk=line.pk).update(fulfilled_at=None)
    withdraw_start(locked_resource(line), at=at)
    unmeet_supervision(line.number)


def locked_resource(line: OrderLine) -> Resource:
    """The line's resource, which `lock_order` has read under its lock."""
    if line.resource is None:
        raise ValueError(f"{line} is not locked")
    return line.resource
