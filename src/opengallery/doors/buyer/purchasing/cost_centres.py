"""Cost centres: open one, change its budget, close it; and what was bought for it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from opengallery.doors.buyer.purchasing.forms import BudgetForm, CostCentreForm
from opengallery.doors.buyer.purchasing.index import show_purchasing, with_share
from opengallery.doors.forms import typed
from opengallery.doors.pages import actor_of, find, now_of, page, show_refusal
from opengallery.doors.trail import trail
from opengallery.kit.problems import NotAllowed, Problem
from opengallery.kit.texts import is_text
from opengallery.market.orders.models import Order
from opengallery.market.purchasing.actions import (
    change_cost_centre,
    close_cost_centre,
    open_cost_centre,
    reopen_cost_centre,
)
from opengallery.market.purchasing.models import CostCentre


@page(right="purchasing:manage")
def cost_centres(request: HttpRequest) -> HttpResponse:
    """Open a cost centre."""
    if request.method != "POST":
        return redirect("buyer:purchasing")
    form = CostCentreForm(request.POST)
    try:
        centre = open_cost_centre(
            code=typed(request, "code"), name=typed(request, "name"), budget=typed(request, "budget"),
            by=actor_of(request), at=now_of(request),
        )  # fmt: skip
    except Problem as problem:
        show_refusal(form, problem)
        return show_purchasing(request, centre=form, status=problem.status)
    messages.success(request, _("Cost centre %(code)s is open.") % {"code": centre.code})
    return redirect("buyer:purchasing")


@page(right="orders:view")
def cost_centre(request: HttpRequest, code: str) -> HttpResponse:
    """One cost centre; POST changes its name and budget."""
    row = own_centre(request, code)
    if request.method != "POST":
        return shown(request, row, BudgetForm.of(row))
    if not actor_of(request).may("purchasing:manage"):
        raise NotAllowed(_("Ask an owner of your organisation for it."), right="purchasing:manage")
    form = BudgetForm(request.POST)
    try:
        change_cost_centre(
            row, name=typed(request, "name"), budget=typed(request, "budget"), by=actor_of(request), at=now_of(request)
        )
    except Problem as problem:
        show_refusal(form, problem)
        return shown(request, own_centre(request, code), form, status=problem.status)
    return redirect("buyer:cost_centre", row.code)


@page(right="purchasing:manage")
def closing(request: HttpRequest, code: str) -> HttpResponse:
    """Nothing more can be bought for it."""
    return pressed(request, code, close_cost_centre)


@page(right="purchasing:manage")
def reopening(request: HttpRequest, code: str) -> HttpResponse:
    """It can be bought for again."""
    return pressed(request, code, reopen_cost_centre)


def pressed(request: HttpRequest, code: str, verb: Any) -> HttpResponse:
    """Press a button of the cost centre's page; back to it, which says why when it is refused."""
    row = own_centre(request, code)
    if request.method == "POST":
        try:
            verb(row, by=actor_of(request), at=now_of(request))
        except Problem as problem:
            return shown(request, own_centre(request, code), BudgetForm.of(row), status=problem.status, problem=problem)
    return redirect("buyer:cost_centre", row.code)


def own_centre(request: HttpRequest, code: str) -> CostCentre:
    """A cost centre of the organisation; NotFound otherwise."""
    rows = CostCentre.objects.visible_to(actor_of(request)).select_related("organisation")
    return find(rows, code=code if is_text(code) else "")


def shown(request: HttpRequest, row: CostCentre, form: BudgetForm, *, status: int = 200,
          problem: Problem | None = None) -> HttpResponse:  # fmt: skip
    """The page: the budget, the newest orders, and the form that changes it."""
    orders = Order.objects.filter(buyer=row.organisation_id, cost_centre=row.code)
    context = {
        **with_share(row),
        "centre": row,
        "form": form,
        "manage": actor_of(request).may("purchasing:manage"),
        "orders": orders.order_by("-placed_at", "-id")[:50],
        "problem": problem,
        "breadcrumbs": trail((_("Purchasing"), "buyer:purchasing"), here=row.code),
    }
    return render(request, "buyer/purchasing/cost_centre.html", context, status=status)
