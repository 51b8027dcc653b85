"""A legal text as it was agreed to with an order, word for word."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from opengallery.doors.buyer.own import own_order
from opengallery.doors.pages import find, page
from opengallery.doors.trail import trail


@page(right="orders:view")
def text(request: HttpRequest, number: str, sha256: str) -> HttpResponse:
    """The text, with when it was agreed to; NotFound for texts that this order has nothing to do with."""
    row = own_order(request, number)
    consent = find(row.consents.select_related("text"), text=sha256)
    title = consent.text.get_kind_display()
    context = {
        "order": row,
        "consent": consent,
        "title": title,
        "breadcrumbs": trail(
            (_("My Orders"), "buyer:orders"), (number, reverse("buyer:order", args=[number])), here=title
        ),
    }
    return render(request, "buyer/orders/text.html", context)
