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
from opengallery.kit.problems import InvalidInput, Problem
from opengallery.market.catalog.models import Product
from opengallery.market.orders.actions import place_order

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
    eula = forms.BooleanField(label=_("I have read and agree to the End user license agreement"), error_messages=AGREE)
    refund_policy = forms.BooleanField(label=_("I have read and agree to the Refund policy"), error_messages=AGREE)


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
        return shown(request, product, choice, PurchaseForm(initial=asked.dict()))
    form = PurchaseForm(request.POST)
    if not form.is_valid():
        return shown(request, product, choice, form, status=422)
    try:
        order = place_order(
            [choice.line()], by=actor_of(request), at=now_of(request),
            purchase_order=form.cleaned_data["purchase_order"],
        )  # fmt: skip
    except Problem as refused:
        show_refusal(form, refused)
        return shown(request, product, choice, form, status=refused.status)
    return redirect("buyer:order", order.number)


def shown(request: HttpRequest, product: Product, choice: Choice | None, form: PurchaseForm, *, status: int = 200,
          problem: Problem | None = None) -> HttpResponse:  # fmt: skip
    """The page; without a choice it says what is wrong with it and leads back."""
    back = reverse("storefront:product", args=[product.public_id])
    context: dict[str, Any] = {
        "product": product, "choice": choice, "form": form, "back": back, "problem": problem,
        "why_not": why_not_buy(product, actor_of(request)),
        "breadcrumbs": trail((product.name, back), here=_("Check your order")),
    }  # fmt: skip
    return render(request, "storefront/purchase.html", context, status=status)
