"""Cancel an unpaid order: by the buyer, or by the clock when the time to pay is over."""

from datetime import datetime

from opengallery.kit.actor import CLOCK, Actor
from opengallery.kit.verbs import atomic
from opengallery.market.orders import states
from opengallery.market.orders.models import Order


@atomic
def cancel_order(order: Order, *, by: Actor, at: datetime) -> None:
    """End an unpaid order for good (O3, O4); it stays in the lists."""
    order.move("cancel_order", by=by, at=at, also={"canceled_at": at, "due_at": None},
               note="Not paid in time." if by.is_clock else "")  # fmt: skip


def cancel_unpaid_orders(*, until: datetime) -> int:
    """Let the clock cancel each unpaid order whose time is over, at its own due instant; return how many."""
    orders = list(Order.objects.due(states.PENDING_PAYMENT, until)[:500])
    for order in orders:
        if order.due_at:
            cancel_order(order, by=CLOCK, at=order.due_at)
    return len(orders)
