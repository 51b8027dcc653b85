"""Service Supervision: every delivery that the organisation waits for or has received, found by search criteria."""

from django.http import HttpRequest, HttpResponse

from opengallery.doors.listing import FlowFilters, show_list
from opengallery.doors.lists import flow_rows
from opengallery.doors.pages import actor_of, page
from opengallery.kit.actor import Actor
from opengallery.market.supervision.models import Flow


class MyFlowFilters(FlowFilters):
    """The same criteria without the customer: it is always oneself."""

    customer = None  # type: ignore[assignment]  # Django's way to leave out a field of the base


@page(right="orders:view")
def index(request: HttpRequest) -> HttpResponse:
    """The list with its Operation column."""
    actor = actor_of(request)
    return show_list(
        request,
        "buyer/supervision/index.html",
        rows=lambda filters: flow_rows(actor, "buyer", filters),
        filters=MyFlowFilters(request.GET),
        shown=lambda flows: {"rows": [{"flow": flow, "accept": may(flow, "accept_delivery", actor)} for flow in flows]},
    )


def may(flow: Flow, verb: str, actor: Actor) -> bool:
    """Whether the person's role includes decisions on deliveries and the flow's table has the move now."""
    return actor.may("orders:accept") and any(move.verb == verb for move in flow.moves_for(actor))
