"""Modify address: where the goods go, until the seller ships (C05)."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.buyer.own import own_order
from opengallery.doors.forms import TypedForm, typed
from opengallery.doors.pages import actor_of, now_of, page, show_refusal
from opengallery.doors.trail import trail
from opengallery.kit.problems import NotFound, Problem
from opengallery.market.orders import states
from opengallery.market.orders.actions.change_address import change_address
from opengallery.market.orders.actions.place_order import Address
from opengallery.market.orders.models import DeliveryAddress, Order


class AddressForm(TypedForm):
    """Where the goods go."""

    recipient = forms.CharField(label=gettext_lazy("Recipient"), max_length=120)
    phone = forms.CharField(
        label=gettext_lazy("Phone"), max_length=40, widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
        help_text=gettext_lazy("The carrier gets it. A parcel can only be followed by the same number."),
    )  # fmt: skip
    address = forms.CharField(
        label=gettext_lazy("Address"), max_length=500,
        widget=forms.Textarea({"rows": 3, "autocomplete": "street-address"}),
        help_text=gettext_lazy("Street, city, postal code and country."),
    )  # fmt: skip


@page(right="orders:buy")
def address(request: HttpRequest, number: str) -> HttpResponse:
    """Show the address, and correct it; NotFound for an order of which nothing is shipped."""
    row = own_order(request, number)
    place = place_of(row)
    if request.method != "POST":
        given = {"recipient": place.recipient, "phone": place.phone, "address": place.address}
        return shown(request, row, place, AddressForm(initial=given))
    form = AddressForm(request.POST)
    typed_in = Address(typed(request, "recipient"), typed(request, "phone"), typed(request, "address"))
    try:
        change_address(row, typed_in, by=actor_of(request), at=now_of(request))
    except Problem as problem:
        show_refusal(form, problem)
        return shown(request, own_order(request, number), place_of(row), form, status=problem.status)
    messages.success(request, _("The goods go to the new address."))
    return redirect("buyer:order", number)


def place_of(row: Order) -> DeliveryAddress:
    """The order's address."""
    place = DeliveryAddress.objects.filter(pk=row.pk).first()
    if place is None:
        raise NotFound
    return place


def shown(request: HttpRequest, row: Order, place: DeliveryAddress, form: AddressForm, *,
          status: int = 200) -> HttpResponse:  # fmt: skip
    """The page; once the goods are on their way it says so and offers no button."""
    context = {
        "order": row,
        "place": place,
        "form": form,
        "open": place.locked_at is None and row.state in states.UNFINISHED,
        "breadcrumbs": trail(
            (_("My Orders"), "buyer:orders"), (row.number, reverse("buyer:order", args=[row.number])),
            here=_("Modify address"),
        ),
    }  # fmt: skip
    return render(request, "buyer/orders/address.html", context, status=status)
