"""A seller's store: who they are, how to reach them, what they offer."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from opengallery.doors.listing import pager
from opengallery.doors.pages import ANYONE, find, page
from opengallery.doors.storefront.caching import same_for_visitors
from opengallery.doors.storefront.shelf import cards, with_prices
from opengallery.kit.paging import page_of
from opengallery.market.catalog.models import Product
from opengallery.market.sellers.models import Seller

ROWS = 24


@same_for_visitors
@page(right=ANYONE)
def store(request: HttpRequest, slug: str) -> HttpResponse:
    """The store at /stores/<slug>/."""
    seller = find(Seller.objects.all(), store=slug)
    products = Product.objects.listed().filter(seller=seller.pk)
    cursor = request.GET.get("cursor")
    found = page_of(with_prices(products), order=("-listed_at", "-id"), limit=ROWS, cursor=cursor)
    context = {
        "seller": seller,
        "cards": cards(found.items),
        "pager": pager(request, cursor=cursor, following=found.next, shown=len(found.items)),
    }
    return render(request, "storefront/store.html", context)
