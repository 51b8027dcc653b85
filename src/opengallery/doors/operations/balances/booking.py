"""The form of every booking on an organisation's account: an amount, a dialog that says what will happen, one verb."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.forms import TypedForm, ask, confirmed
from opengallery.doors.operations.console import amount_of, customer
from opengallery.doors.pages import page, show_refusal
from opengallery.doors.trail import trail
from opengallery.kit.money import Money
from opengallery.kit.problems import Problem
from opengallery.market.identity.models import Organisation


class AmountForm(TypedForm):
    """How much, in the settlement currency."""

    amount = forms.CharField(
        label=gettext_lazy("Amount"), help_text=gettext_lazy("In the settlement currency, such as 1000.00."),
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Booking:
    """One kind of booking: its words, its form, its verb."""

    title: Any
    button: Any
    effect: Any  # what the dialog says; %(name)s is the organisation
    done: Any  # what the next page says; %(name)s and %(amount)s
    book: Callable[[HttpRequest, Organisation, Money], None]
    form: type[TypedForm] = AmountForm


def booking_page(booking: Booking) -> Callable[..., HttpResponseBase]:
    """Make the page of a booking."""

    @page(right="operations:balance")
    def view(request: HttpRequest, public_id: str) -> HttpResponse:
        organisation = customer(public_id)
        back = reverse("operations:balance", args=[public_id])
        form = booking.form(request.POST if request.method == "POST" else None)
        effect = booking.effect % {"name": organisation.name}
        status = 200
        if request.method == "POST":
            try:
                amount = amount_of(request)
                if not confirmed(request):
                    return ask(request, title=booking.title, text=f"{amount}\n\n{effect}", cancel_url=back)
                booking.book(request, organisation, amount)
            except Problem as problem:
                show_refusal(form, problem)
                status = problem.status
            else:
                messages.success(request, booking.done % {"name": organisation.name, "amount": amount})
                return redirect(back)
        context = {
            "form": form, "booking": booking, "organisation": organisation, "effect": effect, "back": back,
            "breadcrumbs": trail((_("Balances"), "operations:balances"), (organisation.name, back),
                                 here=booking.title),
        }  # fmt: skip
        return render(request, "operations/balances/booking.html", context, status=status)

    return view
