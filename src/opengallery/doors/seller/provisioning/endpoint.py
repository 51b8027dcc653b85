"""The address of the seller's system that provisions a product."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.forms import TypedForm, typed
from opengallery.doors.pages import actor_of, find, now_of, page, show_refusal
from opengallery.doors.trail import trail
from opengallery.kit.problems import Problem
from opengallery.market.catalog.actions import connect_product
from opengallery.market.catalog.models import SAAS, Product
from opengallery.market.catalog.rules import LONGEST_URL


class EndpointForm(TypedForm):
    """One address, or none."""

    endpoint = forms.CharField(
        label=gettext_lazy("Address"), required=False,
        widget=forms.URLInput(attrs={"maxlength": LONGEST_URL, "placeholder": "https://"}),
        help_text=gettext_lazy("It begins with https://. Leave it empty if you set the product up by hand."),
    )  # fmt: skip


@page(right="sales:deliver")
def endpoint(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show the address, and change it."""
    mine = Product.objects.filter(seller=actor_of(request).organisation_id, delivery_method=SAAS)
    product = find(mine, public_id=public_id)
    form = EndpointForm(request.POST or {"endpoint": product.endpoint})
    status = 200
    if request.method == "POST":
        try:
            connect_product(product, endpoint=typed(request, "endpoint"), by=actor_of(request), at=now_of(request))
        except Problem as problem:
            show_refusal(form, problem)
            status = problem.status
        else:
            messages.success(request, _("The address of %(product)s is stored.") % {"product": product.name})
            return redirect("seller:interface-messages")
    crumbs = trail((_("Service Interface Messages"), "seller:interface-messages"), here=product.name)
    context = {"product": product, "form": form, "breadcrumbs": crumbs}
    return render(request, "seller/provisioning/endpoint.html", context, status=status)
