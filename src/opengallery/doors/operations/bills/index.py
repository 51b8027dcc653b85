"""Bills of all sellers, and the monthly runs."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from opengallery.doors.forms import TypedForm
from opengallery.doors.listing import choice_field, show_list, text_field
from opengallery.doors.lists import known, one_of
from opengallery.doors.pages import actor_of, page
from opengallery.kit.actor import Actor
from opengallery.kit.calendar import cycle_bounds
from opengallery.kit.problems import InvalidInput
from opengallery.market.billing import states
from opengallery.market.billing.models import Bill, Run

FILTERS = ("seller", "cycle", "status")
RUNS = 12


class BillFilters(TypedForm):
    """The search criteria of the list."""

    seller = text_field(_("Seller"))
    cycle = forms.CharField(label=_("Billing cycle"), required=False, widget=forms.TextInput({"placeholder": "YYYYMM"}))
    status = choice_field(_("Status"), states.BILL.labels)


def bill_rows(actor: Actor, filters: dict[str, str]) -> QuerySet[Bill]:
    """The bills that match. InvalidInput for what is no filter, cycle or status."""
    known(filters, FILTERS)
    rows: QuerySet[Bill] = Bill.objects.visible_to(actor).select_related("seller")
    if filters.get("seller"):
        rows = rows.filter(seller__name__icontains=filters["seller"].strip().replace("\0", ""))
    if filters.get("cycle"):
        rows = rows.filter(cycle=cycle_in(filters["cycle"]))
    if filters.get("status"):
        rows = rows.filter(state=one_of(filters["status"], states.BILL.labels, "status"))
    return rows


def cycle_in(text: str) -> str:
    """A billing cycle, or InvalidInput."""
    try:
        cycle_bounds(text.strip())
    except ValueError as error:
        raise InvalidInput({"cycle": [f"{error}."]}) from error
    return text.strip()


@page(right="operations:view")
def index(request: HttpRequest) -> HttpResponse:
    """The runs, the one to come first; below them the bills, newest first."""
    actor = actor_of(request)

    def around(_rows: list[Bill]) -> dict[str, Any]:
        return {"runs": Run.objects.order_by("-cycle")[:RUNS], "may_run": actor.may("operations:policy")}

    return show_list(
        request, "operations/bills/index.html", rows=lambda filters: bill_rows(actor, filters),
        filters=BillFilters(request.GET), order=("-drawn_at", "-id"), shown=around,
    )  # fmt: skip
