"""Products, their specifications, SKUs and price lines (sellers spec 9.1), and the legal texts they come with."""

import hashlib
from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from opengallery.kit.actor import Actor
from opengallery.kit.models import StoredFile
from opengallery.kit.money import Money
from opengallery.kit.states import Life
from opengallery.market.catalog import rules, states
from opengallery.market.identity.models import Organisation
from opengallery.market.journal.models import Living

LICENSE, SAAS, PROFESSIONAL_SERVICE, HARDWARE = "license", "saas", "professional_service", "hardware"
IMAGE, CONTENT, CONSULTING = "image", "content", "consulting"
DELIVERY_METHODS = {
    LICENSE: "License",
    SAAS: "SaaS",
    PROFESSIONAL_SERVICE: "Professional service",
    HARDWARE: "Hardware",
    IMAGE: "Image",
    CONTENT: "Content service",
    CONSULTING: "Consulting service",
}


class LegalText(models.Model):
    """A text that customers agree to, kept under its own hash: what was agreed can always be shown word for word."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    kind = models.CharField(
        max_length=20, choices=[("eula", "End user license agreement"), ("refund", "Refund policy")]
    )
    text = models.TextField()

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.sha256[:12]}"

    @classmethod
    def keep(cls, kind: str, text: str) -> "LegalText":
        """Return the row of this very text, storing it the first time."""
        digest = hashlib.sha256(f"{kind}\n{text}".encode()).hexdigest()
        row, _ = cls.objects.get_or_create(sha256=digest, defaults={"kind": kind, "text": text})
        return row


class ProductQuery(models.QuerySet["Product"]):
    """Which products."""

    def listed(self) -> "ProductQuery":
        """What the storefront shows."""
        return self.filter(state=states.ON_SALE)

    def visible_to(self, actor: Actor) -> "ProductQuery":
        """What is on sale, and one's own whatever its state."""
        if actor.is_operator:
            return self.all()
        mine = actor.organisation_id
        return self.filter(Q(state=states.ON_SALE) | Q(seller=mine)) if mine else self.listed()


class Product(Living):
    """What a seller offers; bought by specification and SKU.

    `supervised` is the option "Involve Service Supervision" of a SaaS product; `flow_template` the service flow of a
    licence, "" for the usual one; `criteria` what a delivery must fulfil: [{"number", "text", "mandatory"}, …].
    A consulting service is not traded: it only leads to `external_url`. `endpoint` is where a system of the seller
    is asked to provision a SaaS product; "" if people do that by hand.
    """

    kind: ClassVar[str] = "product"

    public_id = models.CharField(max_length=40, unique=True)
    seller = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="products")
    name = models.CharField(max_length=120)
    delivery_method = models.CharField(max_length=30, choices=list(DELIVERY_METHODS.items()))
    category = models.CharField(max_length=60)
    overview = models.CharField(max_length=300)
    introduction = models.TextField()
    delivery_days = models.PositiveSmallIntegerField(default=5)
    supervised = models.BooleanField(default=True)
    flow_template = models.CharField(max_length=20, blank=True)
    criteria = models.JSONField(default=list)
    request_template = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    delivery_template = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    external_url = models.URLField(blank=True)
    endpoint = models.URLField(blank=True)
    fee_bp = models.IntegerField(null=True)
    eula = models.ForeignKey(LegalText, on_delete=models.PROTECT, related_name="+")
    refund_policy = models.ForeignKey(LegalText, on_delete=models.PROTECT, related_name="+")
    listed_at = models.DateTimeField(null=True)
    words = SearchVectorField(null=True)

    objects = ProductQuery.as_manager()

    class Meta:
        indexes = [
            GinIndex(fields=["words"], name="products_by_words"),
            models.Index(fields=["-listed_at", "-id"], condition=Q(state=states.ON_SALE), name="products_on_the_shelf"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(fee_bp=None) | Q(fee_bp__gte=0, fee_bp__lt=10_000), name="fee_is_a_share"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def flow(self) -> str | None:
        """The template of the service flow that an order gets today; None where nothing is supervised."""
        return rules.flow_of(self.delivery_method, self.supervised, self.flow_template)

    @property
    def life(self) -> Life:
        return states.PRODUCT

    @property
    def stream(self) -> str:
        return self.public_id

    @property
    def subject(self) -> str:
        return self.public_id

    @property
    def parties(self) -> tuple[int | None, int | None]:
        return None, self.seller_id


class Specification(models.Model):
    """A variant that customers choose first."""

    public_id = models.CharField(max_length=40, unique=True)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="specifications")
    name = models.CharField(max_length=50)
    position = models.PositiveSmallIntegerField(default=0)
    on_sale = models.BooleanField(default=True)
    once_per_customer = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class Sku(models.Model):
    """One combination of attribute values of a specification; `stock` pieces are left, None: it never runs out."""

    specification = models.ForeignKey(Specification, on_delete=models.CASCADE, related_name="skus")
    code = models.CharField(max_length=40, unique=True)
    attributes = models.JSONField(default=dict)
    on_sale = models.BooleanField(default=True)
    stock = models.IntegerField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints = [models.CheckConstraint(condition=Q(stock=None) | Q(stock__gte=0), name="stock_is_there")]

    def __str__(self) -> str:
        return self.code


class PriceLine(models.Model):
    """The price of a SKU for one kind of period; it has a product id of its own (sellers spec 9.1)."""

    sku = models.ForeignKey(Sku, on_delete=models.CASCADE, related_name="prices")
    public_id = models.CharField(max_length=40, unique=True)
    unit = models.CharField(max_length=10, choices=list(rules.UNITS.items()))
    template = models.CharField(max_length=10, default="simple", choices=[("simple", "Simple")])
    amount_units = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        ordering: ClassVar[list[str]] = ["amount_units", "id"]
        constraints = [
            models.UniqueConstraint(fields=["sku", "unit"], name="one_price_per_period"),
            models.CheckConstraint(condition=Q(amount_units__gte=0), name="prices_are_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.price} {self.unit}"

    @property
    def price(self) -> Money:
        """The price of one piece for one period, before tax."""
        return Money(self.amount_units, self.currency)

    @property
    def most_periods(self) -> int:
        """How many periods one order may cover."""
        return rules.MOST_PERIODS[self.unit]
