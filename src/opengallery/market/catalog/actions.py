"""Draft a product, give it specifications, SKUs and prices, put it on the shelf and take it off."""

from collections.abc import Mapping
from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.ids import new_id
from opengallery.kit.money import Money
from opengallery.kit.problems import InvalidInput
from opengallery.kit.verbs import atomic
from opengallery.kit.words import Words, words_of
from opengallery.market.catalog import rules
from opengallery.market.catalog.models import LICENSE, LegalText, PriceLine, Product, Sku, Specification
from opengallery.market.identity.models import Organisation
from opengallery.market.journal.models import record
from opengallery.market.sellers.models import Seller


@atomic
def draft_product(seller: Organisation, *, name: str, category: str, overview: str, introduction: str, eula: str,
                  refund_policy: str, by: Actor, at: datetime, delivery_days: int = 5) -> Product:  # fmt: skip
    """Create a licence product that nobody sees yet. InvalidInput unless the organisation is an admitted seller."""
    if not Seller.objects.filter(pk=seller.pk).exists():
        raise InvalidInput({"seller": ["Only an admitted seller can offer products."]})
    missing = {field: ["Say something here."] for field, text in
               {"name": name, "overview": overview, "eula": eula, "refund_policy": refund_policy}.items()
               if not text.strip()}  # fmt: skip
    if missing:
        raise InvalidInput(missing)
    product = Product.objects.create(
        public_id=new_id("prod", at), seller=seller, name=name.strip(), delivery_method=LICENSE, category=category,
        overview=overview.strip(), introduction=introduction, delivery_days=delivery_days, state="draft",
        state_since=at, eula=LegalText.keep("eula", eula), refund_policy=LegalText.keep("refund", refund_policy),
        words=Words(*words_of(name, category, overview, seller.name)),
    )  # fmt: skip
    record(product, "draft_product", by=by, at=at, to="draft", data={"name": product.name})
    return product


@atomic
def add_specification(product: Product, *, name: str, prices: Mapping[str, Money], at: datetime,
                      attributes: Mapping[str, str] | None = None, once_per_customer: bool = False,
                      ) -> Specification:  # fmt: skip
    """Add a specification with one SKU and its price lines, by period unit: "year", "month" or "one_time".

    InvalidInput if a price is negative, has more decimals than its currency, or the name is not 1 to 50 characters.
    """
    errors: dict[str, list[str]] = {}
    if not 1 <= len(name.strip()) <= 50:
        errors["name"] = ["A specification's name has 1 to 50 characters."]
    for unit, price in prices.items():
        if unit not in rules.UNITS:
            errors["prices"] = [f"“{unit}” is no period."]
        elif price.units < 0 or not price.is_payable():
            errors["prices"] = [f"{price} cannot be paid."]
    if errors or not prices:
        raise InvalidInput(errors or {"prices": ["Give at least one price."]})
    specification = Specification.objects.create(
        public_id=new_id("spec", at), product=product, name=name.strip(), once_per_customer=once_per_customer,
        position=product.specifications.count(),
    )  # fmt: skip
    sku = Sku.objects.create(specification=specification, code=new_id("sku", at), attributes=dict(attributes or {}))
    PriceLine.objects.bulk_create(
        PriceLine(sku=sku, public_id=new_id("price", at), unit=unit, amount_units=price.units, currency=price.currency)
        for unit, price in prices.items()
    )
    return specification


@atomic
def list_product(product: Product, *, by: Actor, at: datetime) -> None:
    """Put the product on the shelf. InvalidInput if it has no specification to buy."""
    if not product.specifications.filter(on_sale=True).exists():
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
