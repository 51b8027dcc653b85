"""What the pages of the Operations Console share."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from opengallery.doors.forms import TypedForm
from opengallery.doors.pages import find, now_of
from opengallery.kit.env import env
from opengallery.kit.money import Money
from opengallery.kit.problems import InvalidInput, NotFound
from opengallery.market.identity.models import Organisation
from opengallery.market.policy.models import Policy
from opengallery.market.supervision.models import Carrier


def customer(public_id: str) -> Organisation:
    """An organisation that buys or sells; NotFound for the operator's own and for none."""
    return find(Organisation.objects.filter(is_operator=False), public_id=public_id)


def amount_of(request: HttpRequest) -> Money:
    """The amount that was typed, in the settlement currency. InvalidInput at "amount" if it is none."""
    text = request.POST.get("amount", "").strip().replace(",", "")
    try:
        return Money.of(text, Policy.at(now_of(request))["settlement_currency"])
    except ValueError as error:
        raise InvalidInput({"amount": [_("Write an amount such as 1000.00.")]}) from error


def tabs_of(request: HttpRequest, views: Mapping[str, Any], *, counts: Mapping[str, str] | None = None
            ) -> list[dict[str, Any]]:  # fmt: skip
    """The links of operations/tabs.html: one for each view of a list, the first one being what is shown unasked."""
    here = view_of(request, views)
    first = next(iter(views))
    return [
        {
            "label": label,
            "count": (counts or {}).get(name, ""),
            "url": request.path if name == first else f"{request.path}?view={name}",
            "current": name == here,
        }
        for name, label in views.items()
    ]


def view_of(request: HttpRequest, views: Mapping[str, Any]) -> str:
    """Which view of a list is asked for; NotFound for one that there is not."""
    name = request.GET.get("view", "") or next(iter(views))
    if name not in views:
        raise NotFound
    return name


class Viewed(TypedForm):
    """Search criteria that keep to the view they are in."""

    view = forms.CharField(required=False, widget=forms.HiddenInput())


def without_view(filters: Mapping[str, str]) -> dict[str, str]:
    """The search criteria beside the view."""
    return {name: value for name, value in filters.items() if name != "view"}


def callback_of(carrier: Carrier) -> str:
    """Where a carrier sends its news."""
    return env.base_url + reverse("callbacks:carrier", args=[carrier.code])
