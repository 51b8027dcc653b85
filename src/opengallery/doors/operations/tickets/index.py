"""Tickets of all, escalated or not."""

from django.http import HttpRequest, HttpResponse

from opengallery.doors.listing import show_list
from opengallery.doors.pages import actor_of, page
from opengallery.doors.tickets import BY_OPENING, TicketFilters, ticket_rows


@page(right="operations:view")
def index(request: HttpRequest) -> HttpResponse:
    """The list, newest first."""
    actor = actor_of(request)
    return show_list(
        request, "operations/tickets/index.html", rows=lambda filters: ticket_rows(actor, "operator", filters),
        filters=TicketFilters(request.GET), order=BY_OPENING,
    )  # fmt: skip
