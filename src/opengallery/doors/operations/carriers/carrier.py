"""One carrier: its name, where it calls us, a new secret, and its place on the list."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from opengallery.doors.forms import ask, confirmed, typed
from opengallery.doors.operations.carriers.index import CarrierForm, new_secret
from opengallery.doors.operations.console import callback_of
from opengallery.doors.pages import actor_of, find, page, show_refusal
from opengallery.doors.trail import trail
from opengallery.kit.problems import NotAllowed, Problem
from opengallery.market.supervision.actions.carriers import add_carrier, withdraw_carrier
from opengallery.market.supervision.models import Carrier


@page(right="operations:view")
def carrier(request: HttpRequest, code: str) -> HttpResponse:
    """Show it; a POST changes it, and offers it again if it was withdrawn."""
    row = find(Carrier.objects.all(), code=code)
    if request.method != "POST":
        return shown(request, row, form_for(row))
    if not actor_of(request).may("operations:carriers"):
        raise NotAllowed(right="operations:carriers")
    try:
        changed = add_carrier(code, name=typed(request, "name"), secret=row.secret,
                              tracking_url=typed(request, "tracking_url").strip())  # fmt: skip
    except Problem as problem:
        form = form_for(row, request.POST)
        show_refusal(form, problem)
        return shown(request, row, form, status=problem.status)
    messages.success(request, _("%(name)s stands on the list as you have written.") % {"name": changed.name})
    return redirect("operations:carriers")


@page(right="operations:carriers")
def withdrawal(request: HttpRequest, code: str) -> HttpResponse:
    """On "OK" offer it no longer."""
    row = find(Carrier.objects.all(), code=code)
    if request.method != "POST":
        return redirect("operations:carrier", code)
    if not confirmed(request):
        return ask(request, title=_("Withdraw the carrier?"), text=withdrawing(row), danger=True,
                   cancel_url=reverse("operations:carrier", args=[code]))  # fmt: skip
    withdraw_carrier(row)
    messages.success(request, _("%(name)s is offered no longer.") % {"name": row.name})
    return redirect("operations:carriers")


@page(right="operations:carriers")
def secret(request: HttpRequest, code: str) -> HttpResponse:
    """On "OK" make a new secret, and show it once."""
    row = find(Carrier.objects.filter(offered=True), code=code)
    if request.method != "POST":
        return redirect("operations:carrier", code)
    if not confirmed(request):
        return ask(request, title=_("Make a new secret?"), text=renewing(row), danger=True,
                   cancel_url=reverse("operations:carrier", args=[code]))  # fmt: skip
    fresh = new_secret()
    changed = add_carrier(code, name=row.name, tracking_url=row.tracking_url, secret=fresh)
    return shown(request, changed, form_for(changed), fresh=fresh)


def withdrawing(row: Carrier) -> str:
    """What the dialog says of a withdrawal."""
    return _("Nobody can choose %(name)s for a shipment any more. Parcels under way are followed to their end.") % {
        "name": row.name
    }


def renewing(row: Carrier) -> str:
    """What the dialog says of a new secret."""
    return _("News that %(name)s signs with the old secret is refused from now on. The new one is shown once.") % {
        "name": row.name
    }


def form_for(row: Carrier, data: Any = None) -> CarrierForm:
    """The form without the code, which stays."""
    form = CarrierForm(data, initial={"name": row.name, "tracking_url": row.tracking_url})
    del form.fields["code"]
    return form


def shown(request: HttpRequest, row: Carrier, form: CarrierForm, *, fresh: str = "", status: int = 200) -> HttpResponse:
    """The page; `fresh`: a secret that is shown once."""
    context = {
        "carrier": row,
        "form": form,
        "news": {"carrier": row, "secret": fresh, "address": callback_of(row)} if fresh else None,
        "address": callback_of(row),
        "may_change": actor_of(request).may("operations:carriers"),
        "withdrawing": withdrawing(row),
        "renewing": renewing(row),
        "breadcrumbs": trail((_("Carriers"), "operations:carriers"), here=row.name),
    }
    response = render(request, "operations/carriers/carrier.html", context, status=status)
    if fresh:
        response["Cache-Control"] = "no-store"
    return response
