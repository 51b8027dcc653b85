"""The queue of appeals, the one that is due first on top (spec 2.4, D3)."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from opengallery.doors.listing import choice_field, show_list, text_field
from opengallery.doors.lists import known, one_of
from opengallery.doors.operations.console import Viewed, tabs_of, view_of, without_view
from opengallery.doors.pages import actor_of, page
from opengallery.market.supervision import states
from opengallery.market.supervision.models import Appeal

VIEWS = {states.OPEN: _("Open"), states.DECIDED: _("Decided")}
SIDES = {"buyer": _("Customer"), "seller": _("Seller")}


class AppealFilters(Viewed):
    """The search criteria of the list."""

    order_no = text_field(_("Order No."))
    filed_by = choice_field(_("Filed by"), SIDES)


@page(right="operations:view")
def index(request: HttpRequest) -> HttpResponse:
    """The open ones by the time at which they are due; the decided ones, the newest first."""
    actor, view = actor_of(request), view_of(request, VIEWS)

    def rows(asked: dict[str, str]) -> QuerySet[Appeal]:
        filters = without_view(asked)
        known(filters, ("order_no", "filed_by"))
        found = Appeal.objects.visible_to(actor).filter(state=view).select_related("flow__line__order")
        if filters.get("order_no"):
            found = found.filter(flow__number__startswith=filters["order_no"].strip().replace("\0", ""))
        if filters.get("filed_by"):
            found = found.filter(filed_by=one_of(filters["filed_by"], {name: str(SIDES[name]) for name in SIDES},
                                                 "filed_by"))  # fmt: skip
        return found

    def around(appeals: list[Any]) -> dict[str, Any]:
        return {"tabs": tabs_of(request, VIEWS)}

    order = ("due_at", "id") if view == states.OPEN else ("-decided_at", "-id")
    return show_list(request, "operations/appeals/index.html", rows=rows, filters=AppealFilters(request.GET),
                     order=order, shown=around)  # fmt: skip
