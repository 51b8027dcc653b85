"""Orders, their lines with frozen terms, consents, and the resources that were bought."""

from datetime import datetime
from functools import cached_property
from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q

from opengallery.kit.actor import Actor
from opengallery.kit.money import Money
from opengallery.kit.states import Life
from opengallery.market.billing.rules import Charge
from opengallery.market.catalog.models import LegalText, PriceLine, Product
from opengallery.market.identity.models import Organisation
from opengallery.market.journal.models import Living
from opengallery.market.orders import states
from opengallery.market.orders.terms import Terms


class OrderQuery(models.QuerySet["Order"]):
    """Which orders."""

    def visible_to(self, actor: Actor) -> "OrderQuery":
        """One's own, as buyer or as seller; all for the operator; none for anybody else."""
        if actor.is_operator:
            return self.all()
        mine = actor.organisation_id
        return self.filter(Q(buyer=mine) | Q(seller=mine)) if mine else self.none()

    def due(self, state: str, until: datetime) -> "OrderQuery":
        """Orders in a state whose time has come, earliest first."""
        return self.filter(state=state, due_at__lte=until).order_by("due_at", "pk")


class Order(Living):
    """One act of buying from one seller, paid at once.

    `due_at` is its one timer: when an unpaid order is canceled, when an accepted one completes. `unsubscribed`: at
    least one of its lines was undone by agreement (O8).
    """

    kind: ClassVar[str] = "order"

    number = models.CharField(max_length=24, unique=True)
    type = models.CharField(max_length=12, choices=list(states.ORDER_TYPES.items()))
    buyer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="purchases")
    seller = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="sales")
    customer_name = models.CharField(max_length=120)
    customer_full_name = models.CharField(max_length=120)
    customer_username = models.CharField(max_length=80)
    seller_name = models.CharField(max_length=120)
    purchase_order = models.CharField(max_length=60, blank=True)
    cost_centre = models.CharField(max_length=40, blank=True)
    unsubscribed = models.BooleanField(default=False)
    currency = models.CharField(max_length=3)
    total_units = models.BigIntegerField()
    placed_at = models.DateTimeField()
    placed_by_id = models.BigIntegerField(null=True)
    paid_at = models.DateTimeField(null=True)
    payment_method = models.CharField(max_length=20, blank=True)
    completed_at = models.DateTimeField(null=True)
    canceled_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)

    objects = OrderQuery.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["buyer", "-placed_at", "-id"], name="orders_of_a_buyer"),
            models.Index(fields=["seller", "-placed_at", "-id"], name="orders_of_a_seller"),
            models.Index(fields=["-placed_at", "-id"], name="orders_of_all"),
            models.Index(fields=["buyer", "state", "-placed_at", "-id"], name="orders_of_a_buyer_by_state"),
            models.Index(fields=["seller", "state", "-placed_at", "-id"], name="orders_of_a_seller_by_state"),
            models.Index(fields=["state", "due_at", "id"], condition=Q(due_at__isnull=False), name="orders_due"),
            models.Index(fields=["-placed_at", "-id"], condition=Q(unsubscribed=True), name="orders_undone"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(total_units__gte=0), name="order_totals_are_not_negative"),
            models.CheckConstraint(
                condition=~Q(state=states.COMPLETED) | Q(paid_at__isnull=False, completed_at__isnull=False),
                name="only_paid_orders_complete",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def life(self) -> Life:
        return states.ORDER

    @property
    def stream(self) -> str:
        return self.number

    @property
    def subject(self) -> str:
        return self.number

    @property
    def parties(self) -> tuple[int | None, int | None]:
        return self.buyer_id, self.seller_id

    @property
    def total(self) -> Money:
        """What the buyer pays."""
        return Money(self.total_units, self.currency)


class ResourceQuery(models.QuerySet["Resource"]):
    """Which resources."""

    def visible_to(self, actor: Actor) -> "ResourceQuery":
        """The buyer's own; all for the operator."""
        if actor.is_operator:
            return self.all()
        mine = actor.organisation_id
        return self.filter(buyer=mine) if mine else self.none()


class Resource(Living):
    """What a customer has: a licence with its validity.

    `due_at` is when it ages next: expires, freezes, is released. `anchor` is the day number its term aims at (V5).
    """

    kind: ClassVar[str] = "resource"

    public_id = models.CharField(max_length=40, unique=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="resources")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    product_name = models.CharField(max_length=120)
    specification_name = models.CharField(max_length=50)
    sku = models.CharField(max_length=40)
    unit = models.CharField(max_length=10)
    quantity = models.IntegerField()
    buyer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    seller = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    start_at = models.DateTimeField(null=True)
    end = models.DateField(null=True)
    anchor = models.SmallIntegerField(default=0)
    grace_days = models.SmallIntegerField()
    retention_days = models.SmallIntegerField()
    due_at = models.DateTimeField(null=True)

    objects = ResourceQuery.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["buyer", "-id"], name="resources_of_a_buyer"),
            models.Index(fields=["due_at", "id"], condition=Q(due_at__isnull=False), name="resources_due"),
        ]
        constraints = [
            # What was undone before its acceptance never ran.
            models.CheckConstraint(
                condition=Q(state__in=[states.PENDING, states.RELEASED]) | Q(start_at__isnull=False),
                name="what_runs_has_started",
            )
        ]

    def __str__(self) -> str:
        return f"{self.product_name} {self.public_id}"

    @property
    def life(self) -> Life:
        return states.RESOURCE

    @property
    def stream(self) -> str:
        return self.order.number

    @property
    def subject(self) -> str:
        return self.public_id

    @property
    def parties(self) -> tuple[int | None, int | None]:
        return self.buyer_id, self.seller_id


class OrderLine(models.Model):
    """One specification, so many, for so long: delivered, accepted and billed on its own.

    Accepted, it is fulfilled; until `grace_until` that can be taken back. Then its money is final: with its order, or
    at its own `due_at` when other lines are still open; `closed_at` says when it was closed before its order.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    number = models.CharField(max_length=31, unique=True)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    price_line = models.ForeignKey(PriceLine, on_delete=models.PROTECT, related_name="+")
    resource = models.ForeignKey(Resource, null=True, on_delete=models.PROTECT, related_name="lines")
    net_units = models.BigIntegerField()
    stored_terms = models.JSONField()
    fulfilled_at = models.DateTimeField(null=True)
    grace_until = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    refunded_units = models.BigIntegerField(default=0)
    words = SearchVectorField(null=True)

    class Meta:
        indexes = [
            GinIndex(fields=["words"], name="lines_by_words"),
            models.Index(fields=["order", "id"], condition=Q(grace_until=None, closed_at=None), name="lines_open"),
            models.Index(fields=["due_at", "id"], condition=Q(due_at__isnull=False), name="lines_due"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(refunded_units__gte=0, refunded_units__lte=F("net_units")),
                name="no_more_is_refunded_than_was_paid",
            )
        ]
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return self.number

    @cached_property
    def terms(self) -> Terms:
        """What was agreed for this line."""
        return Terms.thaw(self.stored_terms)

    @property
    def net(self) -> Money:
        """The line's price without tax."""
        return Money(self.net_units, self.terms.currency)

    @property
    def refunded(self) -> Money:
        """What was given back of it."""
        return Money(self.refunded_units, self.terms.currency)

    @property
    def title(self) -> str:
        """Product and specification, as they were called that day."""
        return f"{self.terms.product_name} · {self.terms.specification_name}"

    def charge(self) -> Charge:
        """What billing needs to know of this line, and nothing more."""
        return Charge(self.number, self.order.buyer_id, self.order.seller_id, self.net, self.terms.fee_bp)


class DeliveryAddress(models.Model):
    """Where an order's goods go; the buyer may correct it until the seller ships: `locked_at` (C05)."""

    order = models.OneToOneField(Order, on_delete=models.PROTECT, primary_key=True, related_name="delivery_address")
    recipient = models.CharField(max_length=120)
    phone = models.CharField(max_length=40)
    address = models.TextField(max_length=500)
    locked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.recipient}, {self.address}"


class Consent(models.Model):
    """A legal text that the buyer agreed to with an order: who, when, which words."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="consents")
    text = models.ForeignKey(LegalText, on_delete=models.PROTECT, related_name="+")
    given_by_id = models.BigIntegerField(null=True)
    given_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "text"], name="one_consent_per_text")]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.text_id[:12]}"
