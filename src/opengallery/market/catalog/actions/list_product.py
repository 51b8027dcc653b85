"""Put a product on the shelf, and take it off."""

from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.problems import InvalidInput
from opengallery.kit.verbs import atomic
from opengallery.market.catalog.models import CONSULTING, Product


@atomic
def list_product(product: Product, *, by: Actor, at: datetime) -> None:
    """Put the product on the shelf. InvalidInput if it has no specification to buy; a consulting service needs none."""
    if product.delivery_method != CONSULTING and not product.specifications.filter(on_sale=True).exists():
        raise InvalidInput({"specifications": ["A product needs a specification before it can be bought."]})
    product.move("list_product", by=by, at=at, also={"listed_at": at})


@atomic
def hide_product(product: Product, *, by: Actor, at: datetime) -> None:
    """Take the product out of the storefront; running orders go on."""
    product.move("hide_product", by=by, at=at)


@atomic
def remove_product(product: Product, *, by: Actor, at: datetime) -> None:
    """End the product for good; running orders go on (spec Q28)."""
    product.move("remove_product", by=by, at=at)
