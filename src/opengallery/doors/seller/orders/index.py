"""Orders: what customers have ordered, paid or not, found by search criteria (spec S-6)."""

from django.http import HttpRequest, HttpResponse

from opengallery.doors.listing import OrderFilters, asked, show_list
from opengallery.doors.lists import order_rows
from opengallery.doors.pages import actor_of, page


@page(right="sales:view")
def index(request: HttpRequest) -> HttpResponse:
    """The list, newest first, with the export of what it shows."""
    actor = actor_of(request)
    return show_list(
        request,
        "seller/orders/index.html",
        rows=lambda filters: order_rows(actor, "seller", filters).prefetch_related("lines"),
        filters=OrderFilters(request.GET),
        shown=lambda _: {"asked": asked(request)},
    )
