"""Complete orders: when their delay has passed, many at once, each at its own due instant."""

from collections.abc import Sequence
from datetime import datetime

from opengallery.kit.actor import CLOCK
from opengallery.kit.verbs import atomic
from opengallery.market.billing.actions import complete_transactions
from opengallery.market.journal.models import Fact, fact_of
from opengallery.market.orders import states
from opengallery.market.orders.models import Order

BATCH = 1000


@atomic
def complete_orders(*, until: datetime) -> int:
    """Complete up to a batch of orders that are due, earliest first; return how many (O6, D1).

    The rows are claimed with their lock, so that a retraction comes before or after, never in between.
    """
    due = Order.objects.due(states.PROCESSING, until).select_for_update(skip_locked=True)[:BATCH]
    orders = [(order, order.due_at) for order in due if order.due_at is not None]
    complete_orders_of(orders)
    return len(orders)


@atomic
def complete_orders_of(orders: Sequence[tuple[Order, datetime]]) -> None:
    """Move orders to Completed at the given instants, write their facts, move the books."""
    if not orders:
        return
    step = states.ORDER.find(states.PROCESSING, "complete_order", {*orders[0][0].parties_of(CLOCK)})
    for order, at in orders:
        order.state, order.state_since, order.completed_at, order.due_at = step.target, at, at, None
    Order.objects.bulk_update([order for order, _ in orders], ["state", "state_since", "completed_at", "due_at"])
    Fact.objects.bulk_create(
        fact_of(order, step.verb, by=CLOCK, at=at, was=step.source, to=step.target) for order, at in orders
    )
    complete_transactions({order.number: at for order, at in orders})
