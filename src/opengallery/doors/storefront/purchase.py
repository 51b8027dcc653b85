"""The last look before an order: what, for how long, how many, how much, and what one agrees to."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from opengallery.doors.pages import actor_of, find, now_of, page, show_refusal
from opengallery.doors.storefront.shelf import Choice, offers, read_choice, why_not_buy, with_prices
from opengallery.doors.trail import trail
from opengallery.kit.actor import Actor
from opengallery.kit.problems import InvalidInput, Problem
from opengallery.market.catalog.models import HARDWARE, Product
from opengallery.market.orders.actions import place_order
from opengallery.market.orders.actions.place_order import Address
from opengallery.market.purchasing.queries import open_centres, rules_of

AGREE = {"required": _("Read it and tick the box: without it no order can be placed.")}


class PurchaseForm(forms.Form):
    """The choice of the product page, carried along, and the two consents."""

    sku = forms.CharField(widget=forms.HiddenInput)
    period = forms.CharField(widget=forms.HiddenInput)
    quantity = forms.CharField(widget=forms.HiddenInput)
    purchase_order = forms.CharField(
        label=_("Purchase order number"), required=False, max_length=60,
        help_text=_("Your own number for this purchase; it is shown with the order."),
    )  # fmt: skip
    cost_centre = forms.CharField(
        label=_("Cost centre"), required=False, widget=forms.Select,
        help_text=_("Its budget bears the order; what is left of it is shown beside the name."),
    )  # fmt: skip
    eula = forms.BooleanField(label=_("I have read and agree to the End user license agreement"), error_messages=AGREE)
    refund_policy = forms.BooleanField(label=_("I have read and agree to the Refund policy"), error_messages=AGREE)


class GoodsForm(PurchaseForm):
    """For what is shipped: also where it goes."""

    recipient = forms.CharField(
        label=_("Recipient"), max_length=120, error_messages={"required": _("The recipient is needed.")},
    )  # fmt: skip
    phone = forms.CharField(
        label=_("Phone"), max_length=40, error_messages={"required": _("A phone number is needed.")},
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        help_text=_("The carrier gets it. A parcel can only be followed by the same number."),
    )  # fmt: skip
    address = forms.CharField(
        label=_("Address"), max_length=500, error_messages={"required": _("The address is needed.")},
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "street-address"}),
        help_text=_("Street, city, postal code and country. You can correct it until the seller ships."),
    )  # fmt: skip


def form_of(product: Product) -> type[PurchaseForm]:
    """The form that an order of the product needs."""
    return GoodsForm if product.delivery_method == HARDWARE else PurchaseForm


def address_in(form: PurchaseForm) -> Address | None:
    """The address that was typed; None where nothing is shipped."""
    if not isinstance(form, GoodsForm):
        return None
    given = form.cleaned_data
    return Address(given["recipient"], given["phone"], given["address"].replace("\r\n", "\n"))


def demand(form: PurchaseForm, actor: Actor) -> None:
    """Mark what the buyer's own rules demand, and offer the cost centres; without any the field is left out.

    The marks are for the reader: it is the verb that refuses.
    """
    organisation_id = actor.organisation_id or 0
    rule = rules_of(organisation_id)
    form.fields["purchase_order"].required = rule.purchase_order_required
    centres = list(open_centres(organisation_id).order_by("code"))
    if not centres and not rule.cost_centre_required:
        del form.fields["cost_centre"]
        return
    form.fields["cost_centre"].required = rule.cost_centre_required
    choices = [(row.code, f"{row.code} – {row.name} ({row.left})") for row in centres]
    form.fields["cost_centre"].widget.choices = [("", "–"), *choices]


@page(right="orders:buy")
def purchase(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show the order that would be placed, and place it."""
    product = find(
        with_prices(Product.objects.visible_to(actor_of(request)).select_related("eula", "refund_policy")),
        public_id=public_id,
    )
    asked = request.POST if request.method == "POST" else request.GET
    try:
        choice = read_choice(offers(product), asked)
    except InvalidInput as problem:
        return shown(request, product, None, PurchaseForm(), status=422, problem=problem)
    if request.method != "POST":
        return shown(request, product, choice, form_of(product)(initial=asked.dict()))
    form = form_of(product)(request.POST)
    if not form.is_valid():
        return shown(request, product, choice, form, status=422)
    try:
        order = place_order(
            [choice.line()], by=actor_of(request), at=now_of(request),
            purchase_order=form.cleaned_data["purchase_order"], cost_centre=form.cleaned_data.get("cost_centre", ""),
            address=address_in(form),
        )  # fmt: skip
    except Problem as refused:
        show_refusal(form, refused)
        return shown(request, product, choice, form, status=refused.status)
    return redirect("buyer:order", order.number)


def shown(request: HttpRequest, product: Product, choice: Choice | None, form: PurchaseForm, *, status: int = 200,
          problem: Problem | None = None) -> HttpResponse:  # fmt: skip
    """The page; without a choice it says what is wrong with it and leads back."""
    back = reverse("storefront:product", args=[product.public_id])
    demand(form, actor_of(request))
    context: dict[str, Any] = {
        "product": product, "choice": choice, "form": form, "back": back, "problem": problem,
        "why_not": why_not_buy(product, actor_of(request)),
        "breadcrumbs": trail((product.name, back), here=_("Check your order")),
    }  # fmt: skip
    return render(request, "storefront/purchase.html", context, status=status)
