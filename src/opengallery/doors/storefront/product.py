"""A product: what it is, who sells it, what it costs as chosen."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from opengallery.doors.pages import ANYONE, actor_of, find, page
from opengallery.doors.storefront.caching import same_for_visitors
from opengallery.doors.storefront.shelf import nearest_choice, offers, why_not_buy, with_prices
from opengallery.doors.trail import trail
from opengallery.market.catalog import rules
from opengallery.market.catalog.models import Product


@same_for_visitors
@page(right=ANYONE)
def product(request: HttpRequest, public_id: str) -> HttpResponse:
    """The product's page; asked by htmx, its purchase box alone, with the price of what is chosen now."""
    actor = actor_of(request)
    row = find(
        with_prices(Product.objects.visible_to(actor).select_related("eula", "refund_policy")), public_id=public_id
    )
    found = offers(row)
    category = f"{reverse('storefront:search')}?{urlencode({'category': row.category})}"
    context = {
        "product": row, "offers": found, "choice": nearest_choice(found, request.GET) if found else None,
        "most": rules.MOST_QUANTITY, "why_not": why_not_buy(row, actor), "seller": getattr(row.seller, "seller", None),
        "breadcrumbs": trail((_("Products"), "storefront:search"), (row.category, category), here=row.name),
    }  # fmt: skip
    fragment = "#purchase" if getattr(request, "htmx", False) else ""
    return render(request, f"storefront/product.html{fragment}", context)
