"""Service Supervision over all sellers, and what of it needs the operator's eye."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from opengallery.doors.listing import FlowFilters, show_list
from opengallery.doors.lists import flow_rows
from opengallery.doors.operations.console import Viewed, tabs_of, view_of, without_view
from opengallery.doors.pages import actor_of, now_of, page
from opengallery.market.supervision import states
from opengallery.market.supervision.models import Appeal, Flow

OLD = timedelta(days=90)
VIEWS = {
    "all": _("All"),
    "old": _("Older than 90 days in supervision"),
    "overdue": _("Overdue deliveries"),
    "appeals": _("Open appeals"),
    "review": _("Waiting for the platform's review"),
}


class SupervisionFilters(Viewed, FlowFilters):
    """The search criteria of the list, within a view."""


@page(right="operations:view")
def index(request: HttpRequest) -> HttpResponse:
    """The list, newest first, as one of its views."""
    actor, now, view = actor_of(request), now_of(request), view_of(request, VIEWS)
    return show_list(
        request,
        "operations/supervision/index.html",
        rows=lambda filters: seen(view, flow_rows(actor, "operator", without_view(filters)), now),
        filters=SupervisionFilters(request.GET),
        shown=lambda flows: {"tabs": tabs_of(request, VIEWS)},
    )


def running() -> QuerySet[Flow]:
    """Every flow in which somebody is still to act."""
    return Flow.objects.filter(state__in=states.TURN)


def seen(view: str, rows: Any, now: datetime) -> Any:
    """The flows of a view."""
    if view == "old":
        return rows.filter(state__in=states.TURN, placed_at__lt=now - OLD)
    if view == "overdue":
        # Held, the promised time stands still.
        return rows.filter(state=states.WAIT_DELIVERY, promised_at__lt=now, held_by="")
    if view == "appeals":
        return rows.filter(pk__in=Appeal.objects.filter(state=states.OPEN).values("flow"))
    if view == "review":
        return rows.filter(state=states.WAIT_PLATFORM_REVIEW)
    return rows
