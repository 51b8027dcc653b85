"""Products on the shelf; for everybody."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field
from typing_extensions import TypedDict

from opengallery.doors.api.v1.bodies import Paged
from opengallery.doors.api.v1.calls import call
from opengallery.doors.api.v1.keys import ApiKeyOrNot
from opengallery.doors.api.v1.lists import items
from opengallery.doors.api.v1.shapes.products import ProductRowShape, ProductShape, product_row, product_shape
from opengallery.doors.pages import ANYONE, actor_of, find
from opengallery.kit.paging import page_of
from opengallery.kit.words import matches
from opengallery.market.catalog.models import Product

router = Router(tags=["Products"], auth=ApiKeyOrNot())
SHELF = ("-listed_at", "-id")


class ProductFilters(Paged):
    """What to look for."""

    q: str = Field("", description="Words that begin words of the name, the category, the overview or the seller.")
    category: str = Field("", description="The exact category.")
    store: str = Field("", description="The seller's store.")


class ProductPage(TypedDict):
    """A page of products, newest first."""

    items: list[ProductRowShape]
    next: str | None


@router.get("/products", response=ProductPage)
@call(ANYONE)
def list_products(request: HttpRequest, filters: Query[ProductFilters]) -> Any:
    """Public products with specifications, SKUs and prices."""
    rows = with_prices(Product.objects.listed().filter(matches("words", filters.q)))
    if filters.category:
        rows = rows.filter(category=filters.category)
    if filters.store:
        rows = rows.filter(seller__seller__store=filters.store)
    return items(page_of(rows, order=SHELF, limit=filters.limit, cursor=filters.cursor), product_row)


@router.get("/products/{product}", response=ProductShape)
@call(ANYONE)
def get_product(request: HttpRequest, product: str) -> Any:
    """One product, with its texts; sellers also see their own that are not on sale."""
    rows = Product.objects.visible_to(actor_of(request)).select_related(
        "eula", "refund_policy", "request_template", "delivery_template"
    )
    return product_shape(find(with_prices(rows), public_id=product))


def with_prices(rows: "QuerySet[Product]") -> "QuerySet[Product]":
    """With all that a shape shows, in a fixed number of statements."""
    return rows.select_related("seller__seller").prefetch_related("specifications__skus__prices").defer("words")
