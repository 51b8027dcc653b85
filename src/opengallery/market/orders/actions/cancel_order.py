"""Cancel an unpaid order: by the buyer, or by the clock when the time to pay is over."""

from datetime import datetime

from django.db.models import F

from opengallery.kit.actor import CLOCK, Actor
from opengallery.kit.verbs import PUT_OFF, atomic, press_each
from opengallery.market.catalog.models import Sku
from opengallery.market.orders import states
from opengallery.market.orders.models import Order
from opengallery.market.purchasing.actions import release_budget

TOO_LATE = {states.PENDING_APPROVAL: "Not approved in time.", states.PENDING_PAYMENT: "Not paid in time."}


@atomic
def cancel_order(order: Order, *, by: Actor, at: datetime) -> None:
    """End an unpaid order for good (O3, O4); it stays in the lists."""
    order.move("cancel_order", by=by, at=at, also={"canceled_at": at, "due_at": None},
               note=TOO_LATE.get(order.state, "") if by.is_clock else "")  # fmt: skip
    return_all(order)


def return_all(order: Order) -> None:
    """What an order took from the stock goes back (AT-81), and what it reserved of a budget is free again."""
    for sku, terms in order.lines.values_list("price_line__sku", "stored_terms"):
        Sku.objects.filter(pk=sku, stock__isnull=False).update(stock=F("stock") + terms["quantity"])
    release_budget(order.buyer_id, order.cost_centre, order.total)


def cancel_unpaid_orders(*, until: datetime) -> int:
    """Let the clock cancel each order that was not paid, or not even approved, when its time is over; return how many.

    Each at its own due instant.
    """
    due = Order.objects.filter(state__in=TOO_LATE, due_at__lte=until).order_by("due_at", "pk")
    return press_each(
        list(due[:500]),
        lambda order: cancel_order(order, by=CLOCK, at=order.due_at or until),
        put_off=lambda order: due.filter(pk=order.pk).update(due_at=until + PUT_OFF),
    )
