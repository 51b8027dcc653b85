"""A second person approves or declines an order above the organisation's limit."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.buyer.orders.order import show_order
from opengallery.doors.buyer.own import own_order
from opengallery.doors.forms import TypedForm, ask, confirmed, typed
from opengallery.doors.pages import actor_of, now_of, page, show_refusal
from opengallery.doors.trail import trail
from opengallery.kit.problems import Problem
from opengallery.market.orders.actions import approve_order, decline_order
from opengallery.market.orders.actions.approve_order import moves_of
from opengallery.market.orders.models import Order


class RefusalForm(TypedForm):
    """Why the order is declined."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), widget=forms.Textarea({"rows": 4}), max_length=1000,
        help_text=gettext_lazy("Whoever placed the order reads it."),
    )  # fmt: skip


@page(right="orders:approve")
def approval(request: HttpRequest, number: str) -> HttpResponse:
    """Approve the order; back to it, which says why when it is refused."""
    row = own_order(request, number)
    if request.method != "POST":
        return redirect("buyer:order", number)
    if not confirmed(request):
        text = _("The order can be paid then: %(total)s.") % {"total": row.total}
        return ask(request, title=_("Approve this order?"), text=text, cancel_url=reverse("buyer:order", args=[number]))
    try:
        approve_order(row, by=actor_of(request), at=now_of(request))
    except Problem as problem:
        return show_order(request, own_order(request, number), problem=problem)
    return redirect("buyer:order", number)


@page(right="orders:approve")
def refusal(request: HttpRequest, number: str) -> HttpResponse:
    """Ask for the reason, and decline."""
    row = own_order(request, number)
    if request.method != "POST":
        return shown(request, row, RefusalForm())
    form = RefusalForm(request.POST)
    if not confirmed(request):
        back = reverse("buyer:order", args=[number])
        return ask(request, title=_("Decline this order?"), text=what_happens(), cancel_url=back, danger=True)
    try:
        decline_order(row, reason=typed(request, "reason"), by=actor_of(request), at=now_of(request))
    except Problem as problem:
        show_refusal(form, problem)
        return shown(request, own_order(request, number), form, status=problem.status)
    return redirect("buyer:order", number)


def shown(request: HttpRequest, row: Order, form: RefusalForm, *, status: int = 200) -> HttpResponse:
    """The page; when there is nothing to decline (any more) it says so and offers no button."""
    context = {
        "order": row,
        "form": form,
        "decline": "decline_order" in moves_of(row, actor_of(request)),
        "what_happens": what_happens(),
        "breadcrumbs": trail(
            (_("My Orders"), "buyer:orders"), (row.number, reverse("buyer:order", args=[row.number])), here=_("Decline")
        ),
    }
    return render(request, "buyer/orders/refusal.html", context, status=status)


def what_happens() -> str:
    """What declining does, in the dialog's words."""
    return _("The order ends unpaid and cannot be restored. What it reserved of a budget is free again.")
