"""Cancel an unpaid order: by the buyer, or by the clock when the time to pay is over."""

from datetime import datetime

from opengallery.kit.actor import CLOCK, Actor
from opengallery.kit.verbs import PUT_OFF, atomic, press_each
from opengallery.market.orders import states
from opengallery.market.orders.models import Order


@atomic
def cancel_order(order: Order, *, by: Actor, at: datetime) -> None:
    """End an unpaid order for good (O3, O4); it stays in the lists."""
    order.move("cancel_order", by=by, at=at, also={"canceled_at": at, "due_at": None},
               note="Not paid in time." if by.is_clock else "")  # fmt: skip


def cancel_unpaid_orders(*, until: datetime) -> int:
    """Let the clock cancel each unpaid order whose time is over, at its own due instant; return how many."""
    due = Order.objects.due(states.PENDING_PAYMENT, until)
    return press_each(
        list(due[:500]),
        lambda order: cancel_order(order, by=CLOCK, at=order.due_at or until),
        put_off=lambda order: due.filter(pk=order.pk).update(due_at=until + PUT_OFF),
    )
