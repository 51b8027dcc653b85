"""Service Interface Messages: the calls of the seller's systems, why one failed, and Restart (spec S-9)."""

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.forms import TypedForm
from opengallery.doors.listing import choice_field, show_list
from opengallery.doors.lists import known, on_side, one_of
from opengallery.doors.pages import actor_of, find, now_of, page
from opengallery.kit.problems import Problem
from opengallery.market.catalog.models import SAAS, Product
from opengallery.market.provisioning import states
from opengallery.market.provisioning.actions import restart_provisioning
from opengallery.market.provisioning.models import Exchange


class ExchangeFilters(TypedForm):
    """The search criteria."""

    status = choice_field(gettext_lazy("Status"), states.EXCHANGE.labels)
    order_no = forms.CharField(label=gettext_lazy("Order No."), required=False)


@page(right="sales:view")
def index(request: HttpRequest) -> HttpResponse:
    """The list, newest first, below the products that may have an address."""
    return show_exchanges(request)


def show_exchanges(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    """The page, with the problem of a refused restart."""
    actor = actor_of(request)
    may = actor.may("sales:deliver")

    def own(filters: dict[str, str]) -> QuerySet[Exchange]:
        known(filters, ("status", "order_no"))
        rows: QuerySet[Exchange] = on_side(Exchange.objects.select_related("line"), actor, "seller")
        if filters.get("status"):
            rows = rows.filter(state=one_of(filters["status"], states.EXCHANGE.labels, "status"))
        number = filters.get("order_no", "").strip()
        return rows.filter(line__number__startswith=number.replace("\0", "")) if number else rows

    def shown(rows: list[Exchange]) -> dict[str, object]:
        return {
            "rows": [{"exchange": row, "restart": may and bool(row.moves_for(actor))} for row in rows],
            "products": Product.objects.filter(seller=actor.organisation_id, delivery_method=SAAS).order_by("name"),
            "may_connect": may,
            "problem": problem,
        }

    answer = show_list(
        request, "seller/provisioning/index.html", rows=own, filters=ExchangeFilters(request.GET), order=("-id",),
        shown=shown,
    )  # fmt: skip
    if problem is not None:
        answer.status_code = problem.status
    return answer


@page(right="sales:deliver")
def restart(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask the system again; back to the list, which says why when it is refused."""
    row = find(on_side(Exchange.objects.all(), actor_of(request), "seller"), public_id=public_id)
    if request.method != "POST":
        return redirect("seller:interface-messages")
    try:
        restart_provisioning(row, by=actor_of(request), at=now_of(request))
    except Problem as problem:
        return show_exchanges(request, problem)
    messages.success(request, _("The system is called again for %(line)s.") % {"line": row.number})
    return redirect("seller:interface-messages")
