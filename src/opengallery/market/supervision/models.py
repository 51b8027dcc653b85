"""Flows, deliveries and their files."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q

from opengallery.kit.actor import Actor
from opengallery.kit.models import StoredFile
from opengallery.kit.states import Life, Move
from opengallery.market.identity.models import Organisation
from opengallery.market.journal.models import Living
from opengallery.market.orders import states as order_states
from opengallery.market.orders.models import OrderLine
from opengallery.market.supervision import states


class FlowQuery(models.QuerySet["Flow"]):
    """Which flows."""

    def visible_to(self, actor: Actor) -> "FlowQuery":
        """One's own, as buyer or as seller; all for the operator; none for anybody else."""
        if actor.is_operator:
            return self.all()
        mine = actor.organisation_id
        return self.filter(Q(buyer=mine) | Q(seller=mine)) if mine else self.none()

    def with_order(self) -> "FlowQuery":
        """With its line and order, in the same statement."""
        return self.select_related("line__order").defer("line__words")


class Flow(Living):
    """The supervised delivery of one order line; named by the line's number.

    `placed_at` repeats the order's, for the lists' order; `promised_at` is when the delivery is overdue.
    """

    kind: ClassVar[str] = "flow"

    line = models.OneToOneField(OrderLine, on_delete=models.PROTECT, related_name="flow")
    number = models.CharField(max_length=31, unique=True)
    template = models.CharField(max_length=20)
    buyer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    seller = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    promised_at = models.DateTimeField(null=True)
    deliveries_count = models.IntegerField(default=0)
    delivery_rejections = models.IntegerField(default=0)
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.CharField(max_length=10, blank=True)
    reminded_at = models.DateTimeField(null=True)

    objects = FlowQuery.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["seller", "-placed_at", "-id"], name="flows_of_a_seller"),
            models.Index(fields=["seller", "state", "-placed_at", "-id"], name="flows_of_a_seller_by_state"),
            models.Index(fields=["buyer", "-placed_at", "-id"], name="flows_of_a_buyer"),
            models.Index(fields=["buyer", "state", "-placed_at", "-id"], name="flows_of_a_buyer_by_state"),
            models.Index(fields=["state", "-placed_at", "-id"], name="flows_of_all_by_state"),
            models.Index(fields=["-placed_at", "-id"], name="flows_of_all"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=states.COMPLETED) | Q(accepted_at__isnull=False), name="completed_flows_are_accepted"
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def life(self) -> Life:
        return states.LIVES[self.template]

    @property
    def stream(self) -> str:
        return self.number.rpartition("-")[0]

    @property
    def subject(self) -> str:
        return self.number

    @property
    def parties(self) -> tuple[int | None, int | None]:
        return self.buyer_id, self.seller_id

    @property
    def turn(self) -> str:
        """Whose turn it is: "buyer", "seller", or "" when nobody has to do anything."""
        return states.TURN.get(self.state, "")

    def steps_for(self, actor: Actor, at: datetime) -> list[Move]:
        """The moves the actor may make at this instant; a retraction only while the order has not completed."""
        order = self.line.order
        still = order.state == order_states.PROCESSING and (order.due_at is None or order.due_at > at)
        return [step for step in self.moves_for(actor) if still or step.verb != "retract_acceptance"]

    def may_remind(self, at: datetime) -> bool:
        """Whether the buyer may remind the seller: the seller is to act, and the last reminder is old enough."""
        cooldown: timedelta = self.line.terms.reminder_cooldown
        return self.state == states.WAIT_DELIVERY and (self.reminded_at is None or at >= self.reminded_at + cooldown)


class Delivery(models.Model):
    """One version of what the seller delivered, and what the buyer said of it; never overwritten."""

    flow = models.ForeignKey(Flow, on_delete=models.PROTECT, related_name="deliveries")
    version = models.IntegerField()
    service_result = models.TextField(max_length=1000)
    enabling_time = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField()
    submitted_by = models.CharField(max_length=120)
    outcome = models.CharField(max_length=10, blank=True, choices=[("accepted", "Accepted"), ("rejected", "Rejected")])
    outcome_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["version"]
        constraints = [models.UniqueConstraint(fields=["flow", "version"], name="one_delivery_per_version")]

    def __str__(self) -> str:
        return f"{self.flow_id} v{self.version}"


class Deliverable(models.Model):
    """A file of a delivery, and what it is."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="deliverables")
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT)
    kind = models.CharField(max_length=20, choices=list(states.FILE_KINDS.items()))

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.kind}: {self.file_id}"
