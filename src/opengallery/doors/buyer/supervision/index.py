"""Service Supervision: every delivery that the organisation waits for or has received, found by search criteria."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from opengallery.doors.listing import FlowFilters, show_list
from opengallery.doors.lists import flow_rows
from opengallery.doors.pages import actor_of, page
from opengallery.kit.actor import Actor
from opengallery.market.catalog.models import LICENSE
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
        shown=lambda flows: {"rows": [{"flow": flow, "operations": operations(flow, actor)} for flow in flows]},
    )


def may(flow: Flow, verb: str, actor: Actor) -> bool:
    """Whether the person's role includes decisions on deliveries and the flow's table has the move now."""
    return actor.may("orders:accept") and any(move.verb == verb for move in flow.moves_for(actor))


def may_accept(flow: Flow, actor: Actor) -> bool:
    """Whether the person can accept now; whoever was the first of two cannot be the second."""
    return may(flow, "accept_delivery", actor) and flow.accepted_first_by != actor.user_id


def accept_label(flow: Flow) -> str:
    """What accepting is called: a licence's "Accept service", anything else's "Confirm Acceptance"."""
    return _("Accept service") if flow.line.terms.delivery_method == LICENSE else _("Confirm Acceptance")


def operations(flow: Flow, actor: Actor) -> list[dict[str, Any]]:
    """What the person can do now, for the row's Operation column: label, and the page below the flow's own."""
    rows = (
        (may(flow, "submit_request", actor), _("Submit Request"), "request/"),
        (may(flow, "collect_code", actor), _("Collect the code"), "code/"),
        (may_accept(flow, actor), accept_label(flow), "acceptance/"),
        (True, _("View Details"), ""),
    )
    return [{"label": label, "place": place} for open_now, label, place in rows if open_now]
