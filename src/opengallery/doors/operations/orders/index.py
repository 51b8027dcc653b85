"""Orders of all organisations, found by the same search criteria as everywhere."""

from django.http import HttpRequest, HttpResponse

from opengallery.doors.listing import OrderFilters, show_list
from opengallery.doors.lists import order_rows
from opengallery.doors.pages import actor_of, page


@page(right="operations:view")
def index(request: HttpRequest) -> HttpResponse:
    """The list, newest first."""
    actor = actor_of(request)
    return show_list(
        request,
        "operations/orders/index.html",
        rows=lambda filters: order_rows(actor, "operator", filters).prefetch_related("lines"),
        filters=OrderFilters(request.GET),
    )
