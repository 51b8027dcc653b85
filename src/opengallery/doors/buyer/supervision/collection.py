"""Collect the authorization code: asked twice, since the purchase can no longer be undone afterwards (F12)."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.buyer.own import own_flow
from opengallery.doors.buyer.supervision.flow import above
from opengallery.doors.buyer.supervision.index import may
from opengallery.doors.forms import TypedForm, ask, confirmed
from opengallery.doors.pages import actor_of, now_of, page, show_refusal
from opengallery.kit.problems import InvalidInput, Problem
from opengallery.market.supervision.actions import collect_code
from opengallery.market.supervision.models import Flow


class AgainForm(TypedForm):
    """The second confirmation."""

    again = forms.BooleanField(label=gettext_lazy("I know that the purchase can no longer be undone"))


@page(right="orders:accept")
def code(request: HttpRequest, line: str) -> HttpResponse:
    """Say what collecting means, ask, ask again, hand the code over."""
    row = own_flow(request, line)
    if request.method != "POST":
        return shown(request, row, AgainForm())
    if not confirmed(request):
        back = reverse("buyer:code", args=[line])
        return ask(request, title=_("Collect the authorization code?"), text=what_happens(), cancel_url=back)
    form = AgainForm(request.POST)
    if "second" not in request.POST:
        return shown(request, row, AgainForm(), second=True)
    try:
        if "again" not in request.POST:
            raise InvalidInput({"again": [_("Tick the box: you are asked a second time because nothing leads back.")]})
        collect_code(row, by=actor_of(request), at=now_of(request))
    except Problem as problem:
        show_refusal(form, problem)
        return shown(request, own_flow(request, line), form, second=True, status=problem.status)
    messages.success(request, _("Here is your code. Enter it in the software to activate it."))
    return redirect("buyer:flow", line)


def shown(request: HttpRequest, row: Flow, form: AgainForm, *, second: bool = False, status: int = 200) -> HttpResponse:
    """The page, the first or the second time; when there is nothing to collect it says so and offers no button."""
    context = {
        "flow": row,
        "order": row.line.order,
        "terms": row.line.terms,
        "open": may(row, "collect_code", actor_of(request)),
        "second": second,
        "form": form,
        "what_happens": what_happens(),
        "breadcrumbs": above(row, here=_("Collect the code")),
    }
    return render(request, "buyer/supervision/collection.html", context, status=status)


def what_happens() -> str:
    """What collecting does, in the dialog's words."""
    return _(
        "You see the code. From then on the purchase can no longer be undone by agreement with the seller. When your "
        "software has activated the code and the seller has proven it, the delivery counts as accepted."
    )
