"""Give a product a specification: a SKU, its prices, and for goods its stock."""

from collections.abc import Mapping
from datetime import datetime

from opengallery.kit.ids import new_id
from opengallery.kit.money import Money
from opengallery.kit.problems import InvalidInput
from opengallery.kit.verbs import atomic
from opengallery.market.catalog import rules
from opengallery.market.catalog.models import CONSULTING, PriceLine, Product, Sku, Specification


@atomic
def add_specification(product: Product, *, name: str, prices: Mapping[str, Money], at: datetime,
                      attributes: Mapping[str, str] | None = None, once_per_customer: bool = False,
                      stock: int | None = None) -> Specification:  # fmt: skip
    """Add a specification with one SKU and its price lines, by period unit: "year", "month" or "one_time".

    `stock` pieces are there, None: it never runs out; only hardware has one. InvalidInput if a price is negative, has
    more decimals than its currency, or is for a period that the delivery method does not have, and for a name that is
    not 1 to 50 characters; always for a consulting service, which is not traded.
    """
    errors: dict[str, list[str]] = {}
    if product.delivery_method == CONSULTING:
        raise InvalidInput({"product": ["A consulting service is not traded: it has no specification and no price."]})
    if error := rules.words_error(name, most=50, what="A specification's name"):
        errors["name"] = [error]
    found = [error for unit, price in prices.items() if (error := price_error(unit, price))]
    if error := rules.units_error(product.delivery_method, [unit for unit in prices if unit in rules.UNITS]):
        found.append(error)
    if found or not prices:
        errors["prices"] = found or ["Give at least one price."]
    if error := rules.stock_error(product.delivery_method, stock):
        errors["stock"] = [error]
    if errors:
        raise InvalidInput(errors)
    specification = Specification.objects.create(
        public_id=new_id("spec", at), product=product, name=name.strip(), once_per_customer=once_per_customer,
        position=product.specifications.count(),
    )  # fmt: skip
    sku = Sku.objects.create(
        specification=specification, code=new_id("sku", at), attributes=dict(attributes or {}), stock=stock
    )
    PriceLine.objects.bulk_create(
        PriceLine(sku=sku, public_id=new_id("price", at), unit=unit, amount_units=price.units, currency=price.currency)
        for unit, price in prices.items()
    )
    return specification


def price_error(unit: str, price: Money) -> str:
    """Why this price cannot be asked, or ""."""
    if unit not in rules.UNITS:
        return f"“{unit}” is no period."
    return f"{price} cannot be paid." if price.units < 0 or not price.is_payable() else ""
