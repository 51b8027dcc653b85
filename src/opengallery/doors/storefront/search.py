"""Find products by words and by category."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from opengallery.doors.listing import pager
from opengallery.doors.pages import ANYONE, page
from opengallery.doors.storefront.caching import same_for_visitors
from opengallery.doors.storefront.shelf import cards, categories, with_prices
from opengallery.kit.paging import page_of
from opengallery.kit.words import matches
from opengallery.market.catalog.models import Product

ROWS = 24


@same_for_visitors
@page(right=ANYONE)
def search(request: HttpRequest) -> HttpResponse:
    """Products whose name, category, overview or seller hold all the words, newest first."""
    words = request.GET.get("q", "")[:200]
    category = request.GET.get("category", "")
    known = categories()
    products = Product.objects.listed().filter(matches("words", words))
    if category:
        products = products.filter(category=category) if category in known else products.none()
    cursor = request.GET.get("cursor")
    found = page_of(with_prices(products), order=("-listed_at", "-id"), limit=ROWS, cursor=cursor)
    context = {
        "cards": cards(found.items),
        "pager": pager(request, cursor=cursor, following=found.next, shown=len(found.items)),
        "q": words,
        "category": category,
        "categories": known,
    }
    return render(request, "storefront/search.html", context)
