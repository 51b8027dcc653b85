"""The list of carriers, and the form that adds one (S-4)."""

import secrets
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.forms import TypedForm, typed
from opengallery.doors.operations.console import callback_of
from opengallery.doors.pages import actor_of, page, show_refusal
from opengallery.kit.problems import InvalidInput, NotAllowed, Problem
from opengallery.market.supervision.actions.carriers import add_carrier
from opengallery.market.supervision.models import Carrier


class CarrierForm(TypedForm):
    """A carrier as sellers choose it, and where its parcels are followed."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        help_text=gettext_lazy("Small letters, digits and hyphens. It is part of the callback address and stays."),
    )
    name = forms.CharField(label=gettext_lazy("Name"))
    tracking_url = forms.CharField(
        label=gettext_lazy("Tracking address"), required=False,
        help_text=gettext_lazy("Where a parcel is followed, such as https://track.example.com/{number}."),
    )  # fmt: skip


@page(right="operations:view")
def index(request: HttpRequest) -> HttpResponse:
    """The list; a POST adds a carrier and shows its secret, which nobody can see again."""
    if request.method != "POST":
        return shown(request, CarrierForm())
    if not actor_of(request).may("operations:carriers"):
        raise NotAllowed(right="operations:carriers")
    code, secret = typed(request, "code").strip(), new_secret()
    try:
        if Carrier.objects.filter(code=code).exists():
            raise InvalidInput({"code": [_("There is a carrier with this code; open it to change it.")]})
        carrier = add_carrier(code, name=typed(request, "name"), tracking_url=typed(request, "tracking_url").strip(),
                              secret=secret)  # fmt: skip
    except Problem as problem:
        form = CarrierForm(request.POST)
        show_refusal(form, problem)
        return shown(request, form, status=problem.status)
    return shown(request, CarrierForm(), news={"carrier": carrier, "secret": secret, "address": callback_of(carrier)})


def new_secret() -> str:
    """What a carrier signs its news with: 256 bits of chance."""
    return secrets.token_urlsafe(32)


def shown(request: HttpRequest, form: CarrierForm, *, news: dict[str, Any] | None = None,
          status: int = 200) -> HttpResponse:  # fmt: skip
    """The page; `news`: the carrier that was added, with what is shown once."""
    context = {
        "carriers": Carrier.objects.order_by("-offered", "name"),
        "form": form,
        "news": news,
        "may_change": actor_of(request).may("operations:carriers"),
    }
    response = render(request, "operations/carriers/index.html", context, status=status)
    if news:
        response["Cache-Control"] = "no-store"
    return response
