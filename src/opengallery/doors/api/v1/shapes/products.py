"""Products with their specifications, SKUs and prices."""

from django.urls import reverse
from typing_extensions import TypedDict

from opengallery.doors.api.v1.shapes.common import BASE, Instant, MoneyShape, money, utc
from opengallery.kit.models import StoredFile
from opengallery.market.catalog.models import DELIVERY_METHODS, PriceLine, Product, Sku, Specification
from opengallery.market.catalog.rules import UNITS


class PriceShape(TypedDict):
    """The price of one piece for one period, before tax."""

    id: str
    unit: str
    label: str
    price: MoneyShape
    most_periods: int


class SkuShape(TypedDict):
    """One combination of attribute values; its code goes into an order. `stock` is null where it never runs out."""

    sku: str
    attributes: dict[str, str]
    stock: int | None
    prices: list[PriceShape]


class SpecificationShape(TypedDict):
    """A variant that customers choose first; its id goes into an order."""

    id: str
    name: str
    once_per_customer: bool
    skus: list[SkuShape]


class StoreShape(TypedDict):
    """Who sells it."""

    id: str
    name: str
    store: str


class CriterionShape(TypedDict):
    """What a delivery must fulfil; it may leave out what is not mandatory. They become part of the order."""

    number: int
    text: str
    mandatory: bool


class TemplateShape(TypedDict):
    """A file of the seller's to be filled in."""

    name: str
    size: int
    sha256: str
    href: str


class ProductRowShape(TypedDict):
    """A product as lists show it. `flow` is its service flow, null where nothing is supervised.

    A consulting service has no specification: it cannot be ordered, and `external_url` leads to the seller.
    """

    id: str
    name: str
    category: str
    overview: str
    delivery_method: str
    delivery_method_label: str
    delivery_days: int
    flow: str | None
    external_url: str | None
    seller: StoreShape
    specifications: list[SpecificationShape]
    listed_at: Instant | None
    href: str


class ProductShape(ProductRowShape):
    """A product with its texts; by ordering the buyer agrees to the last two."""

    state: str
    label: str
    introduction: str
    criteria: list[CriterionShape]
    request_template: TemplateShape | None
    delivery_template: TemplateShape | None
    eula: str
    refund_policy: str


def product_row(product: Product) -> ProductRowShape:
    """A product from a query with seller and specifications."""
    seller = product.seller.seller
    return {
        "id": product.public_id,
        "name": product.name,
        "category": product.category,
        "overview": product.overview,
        "delivery_method": product.delivery_method,
        "delivery_method_label": DELIVERY_METHODS[product.delivery_method],
        "delivery_days": product.delivery_days,
        "flow": product.flow,
        "external_url": product.external_url or None,
        "seller": {"id": product.seller.public_id, "name": seller.name, "store": seller.store},
        "specifications": [specification(row) for row in product.specifications.all() if row.on_sale],
        "listed_at": utc(product.listed_at),
        "href": f"{BASE}/products/{product.public_id}",
    }


def product_shape(product: Product) -> ProductShape:
    """The whole product."""
    return {
        **product_row(product),
        "state": product.state,
        "label": product.label,
        "introduction": product.introduction,
        "criteria": product.criteria,
        "request_template": template(product, "request", product.request_template),
        "delivery_template": template(product, "delivery", product.delivery_template),
        "eula": product.eula.text,
        "refund_policy": product.refund_policy.text,
    }


def template(product: Product, kind: str, file: StoredFile | None) -> TemplateShape | None:
    """A template of the product's; everybody who sees the product may read it."""
    if file is None:
        return None
    place = reverse("storefront:template", args=[product.public_id, kind])
    return {"name": file.name, "size": file.size, "sha256": file.sha256, "href": place}


def specification(row: Specification) -> SpecificationShape:
    """A specification with its SKUs."""
    return {
        "id": row.public_id,
        "name": row.name,
        "once_per_customer": row.once_per_customer,
        "skus": [sku(item) for item in row.skus.all() if item.on_sale],
    }


def sku(row: Sku) -> SkuShape:
    """A SKU with its prices."""
    prices = [price(line) for line in row.prices.all()]
    return {"sku": row.code, "attributes": row.attributes, "stock": row.stock, "prices": prices}


def price(line: PriceLine) -> PriceShape:
    """A price line."""
    return {"id": line.public_id, "unit": line.unit, "label": UNITS[line.unit], "price": money(line.price),
            "most_periods": line.most_periods}  # fmt: skip
