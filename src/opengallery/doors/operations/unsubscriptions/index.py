"""Unsubscriptions over all sellers: those that wait for the operator first of all (money spec 12.3)."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from opengallery.doors.listing import choice_field, show_list, text_field
from opengallery.doors.lists import known, one_of
from opengallery.doors.operations.console import Viewed, tabs_of, view_of, without_view
from opengallery.doors.pages import actor_of, page
from opengallery.market.unsubscription import states
from opengallery.market.unsubscription.models import Unsubscription

VIEWS = {"waiting": _("Waiting for the operator"), "all": _("All")}


class UnsubscriptionFilters(Viewed):
    """The search criteria of the list."""

    order_no = text_field(_("Order No."))
    status = choice_field(_("Status"), states.LABELS)


@page(right="operations:view")
def index(request: HttpRequest) -> HttpResponse:
    """Those that wait, longest first; all of them, newest first."""
    actor, view = actor_of(request), view_of(request, VIEWS)

    def rows(asked: dict[str, str]) -> QuerySet[Unsubscription]:
        filters = without_view(asked)
        known(filters, ("order_no", "status"))
        found = Unsubscription.objects.visible_to(actor).select_related("flow__line__order")
        if view == "waiting":
            found = found.filter(state=states.WAIT_OPERATOR)
        if filters.get("order_no"):
            found = found.filter(flow__number__startswith=filters["order_no"].strip().replace("\0", ""))
        if filters.get("status"):
            found = found.filter(state=one_of(filters["status"], states.LABELS, "status"))
        return found

    def around(_rows: list[Any]) -> dict[str, Any]:
        return {"tabs": tabs_of(request, VIEWS)}

    order = ("state_since", "id") if view == "waiting" else ("-requested_at", "-id")
    return show_list(request, "operations/unsubscriptions/index.html", rows=rows, order=order, shown=around,
                     filters=UnsubscriptionFilters(request.GET))  # fmt: skip
