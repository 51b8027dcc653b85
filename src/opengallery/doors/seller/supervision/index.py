"""Service Supervision: every supervised delivery of the organisation, found by search criteria (spec S-1)."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from opengallery.doors.listing import FlowFilters, show_list
from opengallery.doors.lists import flow_rows
from opengallery.doors.pages import actor_of, now_of, page
from opengallery.doors.seller.supervision.operations import is_overdue, operation_of


@page(right="sales:view")
def index(request: HttpRequest) -> HttpResponse:
    """The list with its Operation column."""
    actor, now = actor_of(request), now_of(request)
    return show_list(
        request,
        "seller/supervision/index.html",
        rows=lambda filters: flow_rows(actor, "seller", filters),
        filters=FlowFilters(request.GET),
        shown=lambda flows: {
            "rows": [
                {"flow": flow, "operation": operation_of(flow, actor), "overdue": is_overdue(flow, now)}
                for flow in flows
            ]
        },
    )


@page(right="sales:view")
def by_its_newer_name(request: HttpRequest) -> HttpResponse:
    """Newer guides call the list "Delivery": the same page, the search criteria kept."""
    query = request.META.get("QUERY_STRING", "")
    return HttpResponseRedirect(reverse("seller:supervision") + (f"?{query}" if query else ""))
