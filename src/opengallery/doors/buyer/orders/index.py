"""My Orders: every order of the organisation, found by search criteria, and its export."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from opengallery.doors.listing import OrderFilters, show_list
from opengallery.doors.lists import order_rows
from opengallery.doors.pages import actor_of, page
from opengallery.market.orders.models import Order


class MyOrderFilters(OrderFilters):
    """The same criteria, in the customer's words: the customer is always oneself."""

    customer = None  # type: ignore[assignment]  # Django's way to leave out a field of the base

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["full_name"].label = _("Full name of the buyer")


@page(right="orders:view")
def index(request: HttpRequest) -> HttpResponse:
    """The list."""
    actor = actor_of(request)
    return show_list(
        request,
        "buyer/orders/index.html",
        rows=lambda filters: order_rows(actor, "buyer", filters).prefetch_related("lines"),
        filters=MyOrderFilters(request.GET),
        shown=lambda orders: {"rows": [{"order": order, "pay": may_pay(order, request)} for order in orders]},
    )


def may_pay(order: Order, request: HttpRequest) -> bool:
    """Whether the person may pay this order now."""
    actor = actor_of(request)
    return actor.may("orders:pay") and any(move.verb == "pay_order" for move in order.moves_for(actor))
