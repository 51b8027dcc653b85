"""Service Supervision over all sellers."""

from django.http import HttpRequest, HttpResponse

from opengallery.doors.listing import FlowFilters, show_list
from opengallery.doors.lists import flow_rows
from opengallery.doors.pages import actor_of, page


@page(right="operations:view")
def index(request: HttpRequest) -> HttpResponse:
    """The list, newest first."""
    actor = actor_of(request)
    return show_list(
        request,
        "operations/supervision/index.html",
        rows=lambda filters: flow_rows(actor, "operator", filters),
        filters=FlowFilters(request.GET),
    )
