"""Customer Tickets: what customers ask."""

from django.http import HttpRequest, HttpResponse

from opengallery.doors.listing import show_list
from opengallery.doors.pages import actor_of, page
from opengallery.doors.tickets import BY_OPENING, SellerTicketFilters, ticket_rows


@page(right="sales:view")
def index(request: HttpRequest) -> HttpResponse:
    """The list, newest first."""
    actor = actor_of(request)
    return show_list(
        request, "seller/tickets/index.html", rows=lambda filters: ticket_rows(actor, "seller", filters),
        filters=SellerTicketFilters(request.GET), order=BY_OPENING,
        shown=lambda rows: {"may_state": actor.may("sales:support")},
    )  # fmt: skip
