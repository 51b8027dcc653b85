"""Requests to undo a purchase, and their proofs."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from opengallery.kit.actor import Actor
from opengallery.kit.models import StoredFile
from opengallery.kit.money import Money
from opengallery.kit.states import Life
from opengallery.market.journal.models import Living
from opengallery.market.orders.models import Order
from opengallery.market.supervision.models import Carrier, Flow
from opengallery.market.unsubscription import states


class UnsubscriptionQuery(models.QuerySet["Unsubscription"]):
    """Which requests."""

    def visible_to(self, actor: Actor) -> "UnsubscriptionQuery":
        """Those of one's own flows; all for the operator."""
        if actor.is_operator:
            return self.all()
        mine = actor.organisation_id
        return self.filter(Q(flow__buyer=mine) | Q(flow__seller=mine)) if mine else self.none()

    def running(self) -> "UnsubscriptionQuery":
        """Those that are not closed yet."""
        return self.filter(state__in=states.TURN)


class Unsubscription(Living):
    """The buyer asks for part or all of a line's price back; the seller agrees or rejects.

    `due_at` is its one timer: the review passes to the operator, the return lapses, the goods count as accepted, the
    refund is made. `held_at`: since when an appeal makes it stand still. `grace_left_us` is what was left of the line's
    grace when the request held it, in microseconds.
    """

    kind: ClassVar[str] = "unsubscription"

    public_id = models.CharField(max_length=40, unique=True)
    flow = models.ForeignKey(Flow, on_delete=models.PROTECT, related_name="unsubscriptions")
    currency = models.CharField(max_length=3)
    amount_units = models.BigIntegerField()
    reason = models.CharField(max_length=30, choices=list(states.REASONS.items()))
    words = models.TextField(max_length=1000, blank=True)
    share_contact = models.BooleanField(default=False)
    contact_name = models.CharField(max_length=120, blank=True)
    contact_email = models.EmailField(blank=True)
    requested_at = models.DateTimeField()
    requested_by = models.CharField(max_length=120)
    comments = models.TextField(max_length=1000, blank=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.CharField(max_length=120, blank=True)
    return_carrier = models.ForeignKey(Carrier, null=True, on_delete=models.PROTECT, related_name="+")
    return_number = models.CharField(max_length=60, blank=True)
    returned_at = models.DateTimeField(null=True)
    refused = models.TextField(max_length=1000, blank=True)
    refunded_at = models.DateTimeField(null=True)
    refund_order = models.ForeignKey(Order, null=True, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField(null=True)
    reminders = models.IntegerField(default=0)
    remind_due_at = models.DateTimeField(null=True)
    held_at = models.DateTimeField(null=True)
    grace_left_us = models.BigIntegerField(null=True)

    objects = UnsubscriptionQuery.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["flow"], condition=Q(state__in=list(states.TURN)), name="one_running_request_per_flow"
            ),
            models.CheckConstraint(condition=Q(amount_units__gt=0), name="something_is_given_back"),
        ]
        indexes = [
            models.Index(fields=["state", "-requested_at", "-id"], name="unsubscriptions_by_state"),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False, held_by=""), name="unsubscriptions_due"),
            models.Index(
                fields=["remind_due_at"],
                condition=Q(remind_due_at__isnull=False, held_by=""),
                name="unsubscriptions_to_remind",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def life(self) -> Life:
        return states.UNSUBSCRIPTION

    @property
    def stream(self) -> str:
        return self.flow.stream

    @property
    def subject(self) -> str:
        return self.public_id

    @property
    def parties(self) -> tuple[int | None, int | None]:
        return self.flow.buyer_id, self.flow.seller_id

    @property
    def turn(self) -> str:
        """Whose turn it is; "" when it is closed."""
        return states.TURN.get(self.state, "")

    @property
    def goods_are_out(self) -> bool:
        """Whether goods have been shipped; rejected or not, the buyer has them, and they come back first (Q29)."""
        return self.flow.template == "hardware" and self.flow.deliveries_count > 0

    @property
    def amount(self) -> Money:
        """What is to be given back."""
        return Money(self.amount_units, self.currency)


class UnsubscriptionFile(models.Model):
    """The agreed communication, or the acceptance document of the part that is kept."""

    unsubscription = models.ForeignKey(Unsubscription, on_delete=models.PROTECT, related_name="files")
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return self.file_id
