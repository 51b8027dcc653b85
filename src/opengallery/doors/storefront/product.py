"""A product: what it is, who sells it, what it costs as chosen, how it is delivered."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from opengallery.doors.pages import ANYONE, actor_of, find, now_of, page
from opengallery.doors.ratings import published
from opengallery.doors.storefront.caching import same_for_visitors
from opengallery.doors.storefront.journey import promise_of, steps_after_payment
from opengallery.doors.storefront.shelf import Choice, nearest_choice, offers, why_not_buy, with_prices
from opengallery.doors.trail import trail
from opengallery.kit.problems import NotFound
from opengallery.kit.uploads import serve
from opengallery.market.catalog import rules
from opengallery.market.catalog.models import CONSULTING, Product

TEMPLATES = {"request": "request_template", "delivery": "delivery_template"}


@same_for_visitors
@page(right=ANYONE)
def product(request: HttpRequest, public_id: str) -> HttpResponse:
    """The product's page; asked by htmx, its purchase box alone, with the price of what is chosen now."""
    actor = actor_of(request)
    texts = Product.objects.visible_to(actor).select_related("eula", "refund_policy", *TEMPLATES.values())
    row = find(with_prices(texts), public_id=public_id)
    found = offers(row)
    choice = nearest_choice(found, request.GET) if found else None
    category = f"{reverse('storefront:search')}?{urlencode({'category': row.category})}"
    context = {
        "product": row, "offers": found, "choice": choice, "consulting": row.delivery_method == CONSULTING,
        "after_payment": steps_after_payment(row, now_of(request)), "promise": promise_of(row),
        "templates": templates_of(row), "most": most_of(choice),
        "why_not": why_not_buy(row, actor), "seller": getattr(row.seller, "seller", None),
        "breadcrumbs": trail((_("Products"), "storefront:search"), (row.category, category), here=row.name),
    }  # fmt: skip
    fragment = "#purchase" if getattr(request, "htmx", False) else ""
    if not fragment:
        context |= published(row)
    return render(request, f"storefront/product.html{fragment}", context)


def most_of(choice: Choice | None) -> int:
    """The largest quantity that can be asked for."""
    left = choice.offer.sku.stock if choice else None
    return rules.MOST_QUANTITY if left is None else max(1, min(left, rules.MOST_QUANTITY))


def templates_of(row: Product) -> list[dict[str, Any]]:
    """The seller's files that a customer fills in or compares with, as components/files.html shows them."""
    labels = {"request": _("Template of your request"), "delivery": _("Template of the acceptance")}
    return [
        {"name": file.name, "size": file.size, "sha256": file.sha256, "kind": labels[kind],
         "url": reverse("storefront:template", args=[row.public_id, kind])}
        for kind, field in TEMPLATES.items()
        if (file := getattr(row, field)) is not None
    ]  # fmt: skip


@page(right=ANYONE)
def template(request: HttpRequest, public_id: str, kind: str) -> HttpResponseBase:
    """Download the seller's template of a request or of an acceptance, as the product offers it."""
    row = find(Product.objects.visible_to(actor_of(request)).select_related(*TEMPLATES.values()), public_id=public_id)
    file = getattr(row, TEMPLATES[kind]) if kind in TEMPLATES else None
    if file is None:
        raise NotFound
    return serve(file)
