"""Service Supervision: every supervised delivery of the organisation, found by search criteria (spec S-1)."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from opengallery.doors.listing import FlowFilters, show_list
from opengallery.doors.lists import flow_rows
from opengallery.doors.pages import actor_of, page
from opengallery.kit.states import Move


@page(right="sales:view")
def index(request: HttpRequest) -> HttpResponse:
    """The list with its Operation column."""
    actor = actor_of(request)
    return show_list(
        request,
        "seller/supervision/index.html",
        rows=lambda filters: flow_rows(actor, "seller", filters),
        filters=FlowFilters(request.GET),
        shown=lambda flows: {
            "rows": [
                {"flow": flow, "deliver": actor.may("sales:deliver") and may_deliver(flow.moves_for(actor))}
                for flow in flows
            ]
        },
    )


def may_deliver(moves: list[Move]) -> bool:
    """Whether one of these moves hands in a delivery."""
    return any(move.verb == "deliver_service" for move in moves)


@page(right="sales:view")
def by_its_newer_name(request: HttpRequest) -> HttpResponse:
    """Newer guides call the list "Delivery": the same page, the search criteria kept."""
    query = request.META.get("QUERY_STRING", "")
    return HttpResponseRedirect(reverse("seller:supervision") + (f"?{query}" if query else ""))
