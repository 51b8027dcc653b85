"""Complete orders: when their delay has passed, many at once, each at its own due instant."""

from collections.abc import Sequence
from datetime import datetime

import structlog
from django.db import OperationalError
from django.db.models import F

from opengallery.kit.actor import CLOCK
from opengallery.kit.problems import MoveRefused
from opengallery.kit.verbs import PUT_OFF, atomic, press_each
from opengallery.market.billing.actions import complete_transactions
from opengallery.market.journal.models import fact_of, write_facts
from opengallery.market.orders import states
from opengallery.market.orders.models import Order

BATCH = 1000
log = structlog.get_logger()


def complete_orders(*, until: datetime) -> int:
    """Complete up to a batch of orders that are due, earliest first; return how many (O6, D1).

    All in one transaction; if that fails, one by one, so that one bad order cannot stop the rest.
    """
    due = Order.objects.due(states.PROCESSING, until)
    try:
        return complete_batch(until=until)
    except OperationalError:
        raise
    except Exception:
        log.exception("a batch of orders cannot be completed together")
    return press_each(
        list(due[:BATCH]),
        lambda order: complete_order(order, at=order.due_at or until),
        put_off=lambda order: due.filter(pk=order.pk).update(due_at=until + PUT_OFF),
    )


@atomic
def complete_batch(*, until: datetime) -> int:
    """Complete orders together. Their row locks come first: a retraction comes before or after, never in between."""
    due = Order.objects.due(states.PROCESSING, until).select_for_update(no_key=True)[:BATCH]
    orders = [(order, order.due_at) for order in due if order.due_at is not None]
    Order.objects.filter(pk__in=[order.pk for order, _ in orders]).update(
        state=states.COMPLETED, state_since=F("due_at"), completed_at=F("due_at"), due_at=None
    )
    note_completion(orders)
    return len(orders)


@atomic
def complete_order(order: Order, *, at: datetime) -> None:
    """Complete one order now: a renewal needs no delivery and no delay. MoveRefused if it changed since it was read."""
    step = order.life.find(order.state, "complete_order", order.parties_of(CLOCK))
    same = Order.objects.filter(pk=order.pk, state=step.source, due_at=order.due_at)
    if not same.update(state=step.target, state_since=at, completed_at=at, due_at=None):
        raise MoveRefused
    note_completion([(order, at)])
    order.state, order.state_since, order.completed_at = step.target, at, at


def note_completion(orders: Sequence[tuple[Order, datetime]]) -> None:
    """Write the facts of orders that completed at these instants, and move the books."""
    write_facts(
        fact_of(order, "complete_order", by=CLOCK, at=at, was=states.PROCESSING, to=states.COMPLETED)
        for order, at in orders
    )
    complete_transactions({order.number: at for order, at in orders})
