"""The first page: what is this, what is there, where to begin."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from opengallery.doors.pages import ANYONE, page
from opengallery.doors.storefront.caching import same_for_visitors
from opengallery.doors.storefront.shelf import cards, categories, with_prices
from opengallery.market.catalog.models import Product

SHOWN = 12


@same_for_visitors
@page(right=ANYONE)
def home(request: HttpRequest) -> HttpResponse:
    """The newest products, and the categories."""
    newest = with_prices(Product.objects.listed()).order_by("-listed_at", "-id")[:SHOWN]
    return render(request, "storefront/home.html", {"cards": cards(newest), "categories": categories()})
