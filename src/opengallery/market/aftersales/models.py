"""Tickets with their messages, ratings with the products they are about."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import Count, Q, Sum

from opengallery.kit.actor import Actor
from opengallery.kit.models import StoredFile
from opengallery.kit.states import Life
from opengallery.market.aftersales import rules, states
from opengallery.market.catalog.models import Product
from opengallery.market.identity.models import Organisation
from opengallery.market.journal.models import Living
from opengallery.market.orders.models import Order, Resource


class Ticket(Living):
    """What a buyer asks of the seller of one order, and of the platform when the seller does not help.

    `due_at` is when the clock acts: escalates what the seller leaves unanswered, closes what the buyer leaves alone.
    `decide_by` is when the operator should have decided; the clock does not decide for it.
    """

    kind: ClassVar[str] = "ticket"

    public_id = models.CharField(max_length=40, unique=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="tickets")
    resource = models.ForeignKey(Resource, null=True, on_delete=models.PROTECT, related_name="tickets")
    buyer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    seller = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    route = models.CharField(max_length=10, choices=list(states.ROUTES.items()))
    title = models.CharField(max_length=rules.TITLE_MAX)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=120)
    messages_count = models.IntegerField(default=0)
    escalated_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    decide_by = models.DateTimeField(null=True)

    class Query(models.QuerySet["Ticket"]):
        """Which tickets."""

        def visible_to(self, actor: Actor) -> "Ticket.Query":
            """One's own, as buyer or as seller; all for the operator; none for anybody else."""
            if actor.is_operator:
                return self.all()
            mine = actor.organisation_id
            return self.filter(Q(buyer=mine) | Q(seller=mine)) if mine else self.none()

    objects = Query.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["buyer", "-opened_at", "-id"], name="tickets_of_a_buyer"),
            models.Index(fields=["seller", "-opened_at", "-id"], name="tickets_of_a_seller"),
            models.Index(fields=["state", "-opened_at", "-id"], name="tickets_of_all_by_state"),
            models.Index(fields=["-opened_at", "-id"], name="tickets_of_all"),
            models.Index(fields=["due_at", "id"], condition=Q(due_at__isnull=False), name="tickets_due"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=states.CLOSED) | Q(due_at=None, decide_by=None),
                name="closed_tickets_wait_for_nothing",
            ),
            models.CheckConstraint(
                condition=~Q(state=states.ESCALATED) | Q(route=states.PLATFORM), name="escalated_is_with_the_platform"
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def life(self) -> Life:
        return states.TICKETS[self.route]

    @property
    def stream(self) -> str:
        return self.order.number

    @property
    def subject(self) -> str:
        return self.public_id

    @property
    def parties(self) -> tuple[int | None, int | None]:
        return self.buyer_id, self.seller_id

    @property
    def turn(self) -> str:
        """Whose turn it is: "buyer", "seller", "operator", or "" when nobody has to do anything."""
        return states.TURN.get(self.state, "")

    @property
    def seller_label(self) -> str:
        """The state as the seller's own list calls it (S-11)."""
        return states.SELLER_LABELS[self.state]


class Message(models.Model):
    """What one side said in a ticket; numbered, never overwritten. `verb` is the step that it came with."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="messages")
    version = models.IntegerField()
    side = models.CharField(
        max_length=10, choices=[("buyer", "Customer"), ("seller", "Seller"), ("operator", "Platform")]
    )
    author = models.CharField(max_length=120)
    verb = models.CharField(max_length=30)
    text = models.TextField(max_length=rules.TEXT_MAX)
    sent_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["version"]
        constraints = [models.UniqueConstraint(fields=["ticket", "version"], name="one_message_per_version")]

    def __str__(self) -> str:
        return f"{self.ticket_id} v{self.version}"


class MessageFile(models.Model):
    """A file that came with a message."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="files")
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return self.file_id


@dataclass(frozen=True, slots=True)
class Score:
    """What customers think of a product, in the mean of the published ratings; None where there are none."""

    count: int
    product_quality: Decimal | None = None
    delivery_speed: Decimal | None = None
    service_attitude: Decimal | None = None

    @property
    def scales(self) -> list[tuple[str, Decimal | None]]:
        """Each scale's label with its mean."""
        return [(label, getattr(self, scale)) for scale, label in states.SCALES.items()]


class Rating(Living):
    """What the buyer of a completed order thinks of it, on three scales from 1 to 5; the operator publishes it.

    `version` counts the changes: a moderator decides about the words that he has read. `reason`: why it was refused.
    """

    kind: ClassVar[str] = "rating"

    public_id = models.CharField(max_length=40, unique=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="ratings")
    buyer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    seller = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    product_quality = models.SmallIntegerField()
    delivery_speed = models.SmallIntegerField()
    service_attitude = models.SmallIntegerField()
    comment = models.TextField(max_length=rules.COMMENT_MAX, blank=True)
    version = models.IntegerField(default=1)
    submitted_at = models.DateTimeField()
    submitted_by = models.CharField(max_length=120)
    moderated_at = models.DateTimeField(null=True)
    reason = models.TextField(max_length=rules.REASON_MAX, blank=True)
    reply = models.TextField(max_length=rules.REPLY_MAX, blank=True)
    replied_at = models.DateTimeField(null=True)

    class Query(models.QuerySet["Rating"]):
        """Which ratings."""

        def visible_to(self, actor: Actor) -> "Rating.Query":
            """One's own; a seller those that are published; all for the operator; none for anybody else."""
            if actor.is_operator:
                return self.all()
            mine = actor.organisation_id
            sold = Q(seller=mine, state=states.PUBLISHED)
            return self.filter(Q(buyer=mine) | sold) if mine else self.none()

        def standing(self) -> "Rating.Query":
            """Those that were not withdrawn: at most one of an order."""
            return self.exclude(state=states.WITHDRAWN)

        def published_of(self, product: Product) -> "Rating.Query":
            """What everybody may read of a product."""
            return self.filter(state=states.PUBLISHED, rated_products__product=product)

        def score(self) -> Score:
            """The mean of each scale over these ratings, in one statement."""
            sums: dict[str, Any] = self.aggregate(count=Count("pk"), **{scale: Sum(scale) for scale in states.SCALES})
            count = sums.pop("count")
            return Score(count, **{k: rules.average(total, count) for k, total in sums.items()}) if count else Score(0)

    objects = Query.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state", "-submitted_at", "-id"], name="ratings_of_all_by_state"),
            models.Index(fields=["seller", "-submitted_at", "-id"], name="ratings_of_a_seller"),
            models.Index(fields=["-submitted_at", "-id"], name="ratings_of_all"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=~Q(state=states.WITHDRAWN), name="one_standing_rating_per_order"
            ),
            models.CheckConstraint(
                condition=Q(
                    **{f"{scale}__{side}": edge for scale in states.SCALES
                       for side, edge in (("gte", rules.LEAST_SCORE), ("lte", rules.MOST_SCORE))}
                ),
                name="scores_are_one_to_five",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.public_id

    @property
    def life(self) -> Life:
        return states.RATING

    @property
    def stream(self) -> str:
        return self.order.number

    @property
    def subject(self) -> str:
        return self.public_id

    @property
    def parties(self) -> tuple[int | None, int | None]:
        return self.buyer_id, self.seller_id

    @property
    def scores(self) -> dict[str, int]:
        """The three scores by scale."""
        return {scale: getattr(self, scale) for scale in states.SCALES}

    @property
    def scales(self) -> list[tuple[str, int]]:
        """Each scale's label with its score."""
        return [(label, getattr(self, scale)) for scale, label in states.SCALES.items()]

    @property
    def author(self) -> str:
        """Who rated, as strangers may read it."""
        return rules.masked(self.order.customer_name)


class RatedProduct(models.Model):
    """A product that a rating is about: each product of the order."""

    rating = models.ForeignKey(Rating, on_delete=models.PROTECT, related_name="rated_products")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rating", "product"], name="a_product_is_rated_once_an_order")]

    def __str__(self) -> str:
        return f"{self.rating_id}: {self.product_id}"
