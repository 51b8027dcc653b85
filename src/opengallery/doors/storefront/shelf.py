"""What the storefront shows of a product: its card, its specifications with their prices, and what was chosen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from opengallery.kit.actor import Actor
from opengallery.kit.money import Money
from opengallery.kit.problems import InvalidInput
from opengallery.market.catalog import rules
from opengallery.market.catalog import states as catalog_states
from opengallery.market.catalog.models import CONSULTING, PriceLine, Product, Sku, Specification
from opengallery.market.orders.actions import LineChoice

LOW_STOCK = 10
PER = {rules.YEAR: "per year", rules.MONTH: "per month", rules.ONE_TIME: "one-time"}


@dataclass(frozen=True, slots=True)
class Card:
    """A product among others: `cheapest` is its lowest price, None if nothing of it can be bought."""

    product: Product
    cheapest: PriceLine | None

    @property
    def per(self) -> str:
        """What the price is for."""
        return PER[self.cheapest.unit] if self.cheapest else ""


@dataclass(frozen=True, slots=True)
class Offer:
    """One SKU of a product with its prices, by period unit."""

    specification: Specification
    sku: Sku
    prices: dict[str, PriceLine]

    @property
    def note(self) -> str:
        """The attributes and the prices, as the choice card shows them."""
        attributes = [f"{name}: {value}" for name, value in self.sku.attributes.items()]
        prices = [f"{line.price} {PER[unit]}" for unit, line in self.prices.items()]
        return " · ".join([*attributes, *prices, *([self.stock_words] if self.stock_words else [])])

    @property
    def sold_out(self) -> bool:
        """Whether no piece is left."""
        return self.sku.stock == 0

    @property
    def stock_words(self) -> str:
        """How many are left, when that is worth saying; "" otherwise."""
        if self.sku.stock is None or self.sku.stock > LOW_STOCK:
            return ""
        return _("sold out") if self.sold_out else _("%(left)d left") % {"left": self.sku.stock}

    @property
    def periods(self) -> list[tuple[str, str]]:
        """The periods that can be chosen: (value, words), the longest unit first."""
        return [
            (f"{unit}:{count}", rules.period_text(unit, count).capitalize())
            for unit, line in self.prices.items()
            for count in range(1, line.most_periods + 1)
        ]


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody chose: an offer, a period, a quantity; and what it costs before tax."""

    offer: Offer
    unit: str
    count: int
    quantity: int

    @property
    def period(self) -> str:
        """The period's value in forms."""
        return f"{self.unit}:{self.count}"

    @property
    def period_words(self) -> str:
        """The period as people say it."""
        return rules.period_text(self.unit, self.count)

    @property
    def unit_price(self) -> Money:
        """The price of one piece for one period."""
        return self.offer.prices[self.unit].price

    @property
    def per(self) -> str:
        """What the unit price is for."""
        return PER[self.unit]

    @property
    def total(self) -> Money:
        """What the order will cost."""
        return rules.price_of(self.unit_price, quantity=self.quantity, count=self.count)

    def line(self) -> LineChoice:
        """As place_order takes it."""
        return LineChoice(self.offer.specification.public_id, self.offer.sku.code, self.quantity, self.unit, self.count)


def with_prices(products: "QuerySet[Product]") -> "QuerySet[Product]":
    """Read specifications, SKUs and prices of all products at once, whatever their number."""
    specifications = Specification.objects.filter(on_sale=True)
    skus = Sku.objects.filter(on_sale=True)
    return products.select_related("seller__seller").prefetch_related(
        Prefetch("specifications", specifications),
        Prefetch("specifications__skus", skus),
        "specifications__skus__prices",
    )


def cards(products: Iterable[Product]) -> list[Card]:
    """The cards of products that were read with their prices."""
    return [
        Card(product, min((line for offer in offers(product) for line in offer.prices.values()), default=None,
                          key=lambda line: line.amount_units))
        for product in products
    ]  # fmt: skip


def offers(product: Product) -> list[Offer]:
    """What can be chosen of a product that was read with its prices."""
    return [
        Offer(specification, sku, prices_of(sku))
        for specification in product.specifications.all()
        for sku in specification.skus.all()
        if sku.prices.all()
    ]


def prices_of(sku: Sku) -> dict[str, PriceLine]:
    """The prices of a SKU by period unit, the longest unit first."""
    lines = {line.unit: line for line in sku.prices.all()}
    return {unit: lines[unit] for unit in rules.UNITS if unit in lines}


def categories() -> list[str]:
    """The categories in which there is something to buy."""
    return list(Product.objects.listed().order_by("category").values_list("category", flat=True).distinct())


def read_choice(found: list[Offer], asked: Mapping[str, Any]) -> Choice:
    """Read a choice strictly, as it is to be ordered: `sku`, `period` ("year:1"), `quantity`. InvalidInput by field."""
    errors: dict[str, list[str]] = {}
    offer = next((offer for offer in found if offer.sku.code == asked.get("sku")), None)
    if offer is None:
        errors["sku"] = [_("Choose a specification that is on sale.")]
    elif asked.get("period") not in dict(offer.periods):
        errors["period"] = [_("This specification is not sold for that period.")]
    quantity = str(asked.get("quantity", ""))
    if not (quantity.isascii() and quantity.isdecimal() and len(quantity) <= 6
            and 1 <= int(quantity) <= rules.MOST_QUANTITY):  # fmt: skip
        errors["quantity"] = [
            _("The quantity is a whole number from 1 to %(most)s.") % {"most": f"{rules.MOST_QUANTITY:,}"}
        ]
    if offer is None or errors:
        raise InvalidInput(errors)
    unit, _colon, count = str(asked["period"]).partition(":")
    return Choice(offer, unit, int(count), int(quantity))


def nearest_choice(found: list[Offer], asked: Mapping[str, Any]) -> Choice:
    """Read a choice kindly, as it is shown while choosing: what does not fit is replaced by the first that does."""
    first = next((offer for offer in found if not offer.sold_out), found[0])
    offer = next((offer for offer in found if offer.sku.code == asked.get("sku")), first)
    periods = dict(offer.periods)
    kept = {
        "sku": offer.sku.code,
        "period": asked["period"] if asked.get("period") in periods else next(iter(periods)),
        "quantity": asked.get("quantity", "1"),
    }
    try:
        return read_choice(found, kept)
    except InvalidInput:
        return read_choice(found, kept | {"quantity": "1"})


def why_not_buy(product: Product, actor: Actor) -> str:
    """Why this person cannot buy the product, or "". Visitors can: they are asked to log in on the way."""
    if product.state != catalog_states.ON_SALE:
        return _("This product is not on sale: only your organisation sees this page.")
    if product.delivery_method == CONSULTING:
        return _("This is not ordered here: it is agreed with the seller directly.")
    if actor.is_operator:
        return _("You act for the marketplace's operator, which does not buy here.")
    if actor.organisation_id == product.seller_id:
        return _("This is your own organisation's product. Customers buy it here.")
    if actor.user_id is not None and not actor.may("orders:buy"):
        return _("Your role does not include buying. Ask an owner or a purchaser of your organisation.")
    return ""
