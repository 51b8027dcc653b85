"""Flows, deliveries and their files."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q

from opengallery.kit.actor import Actor, Party
from opengallery.kit.models import StoredFile
from opengallery.kit.states import Life, Move
from opengallery.market.identity.models import Organisation
from opengallery.market.journal.models import Living
from opengallery.market.orders import states as order_states
from opengallery.market.orders.models import OrderLine
from opengallery.market.supervision import rules, states

DECIDED = "operator"  # accepted_by, when the operator accepted for the buyer
TIMERS = ("overdue_due_at", "accept_due_at", "warn_due_at", "close_due_at")


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

    `placed_at` repeats the order's, for the lists' order; `promised_at` is when the delivery is overdue. Its timers:
    `overdue_due_at` tells both sides that it is, `accept_due_at` accepts by the clock, `warn_due_at` warns the buyer of
    that, `close_due_at` ends it by the cap. They stand still while it is held: since `held_at`.
    """

    kind: ClassVar[str] = "flow"

    line = models.OneToOneField(OrderLine, on_delete=models.PROTECT, related_name="flow")
    number = models.CharField(max_length=31, unique=True)
    template = models.CharField(max_length=24)
    buyer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    seller = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    promised_at = models.DateTimeField(null=True)
    requests_count = models.IntegerField(default=0)
    request_rejections = models.IntegerField(default=0)
    deliveries_count = models.IntegerField(default=0)
    delivery_rejections = models.IntegerField(default=0)
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.CharField(max_length=10, blank=True)
    accepted_first_by = models.BigIntegerField(null=True)
    reminded_at = models.DateTimeField(null=True)
    held_at = models.DateTimeField(null=True)
    overdue_due_at = models.DateTimeField(null=True)
    accept_due_at = models.DateTimeField(null=True)
    warn_due_at = models.DateTimeField(null=True)
    warnings = models.IntegerField(default=0)
    close_due_at = models.DateTimeField(null=True)

    objects = FlowQuery.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["seller", "-placed_at", "-id"], name="flows_of_a_seller"),
            models.Index(fields=["seller", "state", "-placed_at", "-id"], name="flows_of_a_seller_by_state"),
            models.Index(fields=["buyer", "-placed_at", "-id"], name="flows_of_a_buyer"),
            models.Index(fields=["buyer", "state", "-placed_at", "-id"], name="flows_of_a_buyer_by_state"),
            models.Index(fields=["state", "-placed_at", "-id"], name="flows_of_all_by_state"),
            models.Index(fields=["-placed_at", "-id"], name="flows_of_all"),
            *(
                models.Index(
                    fields=[timer], condition=Q(**{f"{timer}__isnull": False}, held_by=""), name=f"flows_{timer}"
                )
                for timer in TIMERS
            ),
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
    def hold_label(self) -> str:
        return states.HOLDS[self.held_by]

    @property
    def turn(self) -> str:
        """Whose turn it is: "buyer", "seller", "operator", or "" when nobody has to do anything in the flow itself."""
        return states.TURN.get(self.state, "")

    def in_grace(self, at: datetime) -> bool:
        """Whether the acceptance can still be taken back: its order is not completed and its grace not over."""
        until = self.line.grace_until
        return self.line.order.state == order_states.PROCESSING and until is not None and until > at

    def may_retract(self, at: datetime) -> bool:
        """Whether the acceptance can be taken back: within its grace, and not if the operator has decided it."""
        return self.in_grace(at) and self.accepted_by != DECIDED

    def steps_for(self, actor: Actor, at: datetime) -> list[Move]:
        """The moves the actor may make at this instant; a retraction only within the grace."""
        return [step for step in self.moves_for(actor) if step.verb != "retract_acceptance" or self.may_retract(at)]

    def appeal_possible_from(self, side: Party) -> datetime | None:
        """After which instant a side may appeal, by the gate frozen into the order; None: not while things stand so."""
        terms = self.line.terms
        return rules.appeal_possible_from(
            terms.appeal_gate, turn=self.turn, side=side, since=self.state_since, stall_days=terms.appeal_stall_days,
            rejections=(self.delivery_rejections, self.request_rejections), enough=terms.appeal_rejection_count,
        )  # fmt: skip

    def may_appeal(self, actor: Actor, at: datetime) -> bool:
        """Whether the actor may file an appeal now."""
        if self.held_by == states.APPEAL or self.state in (states.COMPLETED, states.TERMINATED):
            return False
        sides = self.parties_of(actor) & {Party.BUYER, Party.SELLER}
        return any((since := self.appeal_possible_from(side)) is not None and at > since for side in sides)

    def may_remind(self, at: datetime) -> bool:
        """Whether the buyer may remind the seller: the seller is to act, and the last reminder is old enough."""
        cooldown: timedelta = self.line.terms.reminder_cooldown
        waits = self.turn == Party.SELLER and self.held_by != states.APPEAL
        return waits and (self.reminded_at is None or at >= self.reminded_at + cooldown)


class Request(models.Model):
    """One version of what the buyer asked for, and what the seller said of it; never overwritten.

    `code` is the identification code of the buyer's hardware or system (T5).
    """

    flow = models.ForeignKey(Flow, on_delete=models.PROTECT, related_name="requests")
    version = models.IntegerField()
    text = models.TextField(max_length=2000)
    code = models.CharField(max_length=200, blank=True)
    submitted_at = models.DateTimeField()
    submitted_by = models.CharField(max_length=120)
    outcome = models.CharField(
        max_length=10,
        blank=True,
        choices=[("accepted", "Accepted"), ("rejected", "Rejected"), ("withdrawn", "Withdrawn")],
    )
    outcome_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["version"]
        constraints = [models.UniqueConstraint(fields=["flow", "version"], name="one_request_per_version")]

    def __str__(self) -> str:
        return f"{self.flow_id} request v{self.version}"


class RequestFile(models.Model):
    """A file that came with a request."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="files")
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return self.file_id


class Delivery(models.Model):
    """One version of what the seller delivered, and what the buyer said of it; never overwritten.

    `answers`: what the delivery says to the criteria, {"1": "…"}; `cited`: the criteria that a rejection names, and
    what would satisfy them, {"1": "…"}.
    """

    flow = models.ForeignKey(Flow, on_delete=models.PROTECT, related_name="deliveries")
    version = models.IntegerField()
    service_result = models.TextField(max_length=1000)
    enabling_time = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField()
    submitted_by = models.CharField(max_length=120)
    outcome = models.CharField(max_length=10, blank=True, choices=[("accepted", "Accepted"), ("rejected", "Rejected")])
    outcome_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    answers = models.JSONField(default=dict)
    cited = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar[list[str]] = ["version"]
        constraints = [models.UniqueConstraint(fields=["flow", "version"], name="one_delivery_per_version")]

    def __str__(self) -> str:
        return f"{self.flow_id} v{self.version}"


class Deliverable(models.Model):
    """A file of a delivery, what it is, and the numbers of the criteria that it proves."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="deliverables")
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT)
    kind = models.CharField(max_length=20, choices=list(states.FILE_KINDS.items()))
    proves = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.kind}: {self.file_id}"


class Carrier(models.Model):
    """A logistics company of the operator's list; it signs its news with `secret` (callbacks/carriers)."""

    code = models.SlugField(primary_key=True, max_length=30)
    name = models.CharField(max_length=80, unique=True)
    tracking_url = models.URLField(blank=True)
    secret = models.CharField(max_length=80)
    offered = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class Shipment(models.Model):
    """How a delivery of goods travels. `phone_matches`: whether the carrier knows the recipient by the order's phone;
    only then can the parcel be followed, and only then is it accepted by the system (S-4).
    """

    delivery = models.OneToOneField(Delivery, on_delete=models.PROTECT, related_name="shipment")
    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=60)
    phone_matches = models.BooleanField(null=True)
    signed_at = models.DateTimeField(null=True)
    signed_source = models.CharField(
        max_length=10, blank=True, choices=[("carrier", "Carrier"), ("operator", "Operator")]
    )

    class Meta:
        indexes = [models.Index(fields=["carrier", "number"], name="shipments_by_number")]

    def __str__(self) -> str:
        return f"{self.carrier_id} {self.number}"


class AuthorizationCode(models.Model):
    """The code that the seller issued for a flow (T4): collected by the buyer, activated once by the software."""

    flow = models.OneToOneField(Flow, on_delete=models.PROTECT, related_name="code")
    seller = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=200)
    issued_at = models.DateTimeField()
    collected_at = models.DateTimeField(null=True)
    activated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["seller", "code"], name="one_flow_per_code")]

    def __str__(self) -> str:
        return f"code of {self.flow_id}"


class AppealQuery(models.QuerySet["Appeal"]):
    """Which appeals."""

    def visible_to(self, actor: Actor) -> "AppealQuery":
        """Those of one's own flows, whoever filed them; all for the operator."""
        if actor.is_operator:
            return self.all()
        mine = actor.organisation_id
        return self.filter(Q(flow__buyer=mine) | Q(flow__seller=mine)) if mine else self.none()


class Appeal(Living):
    """One side asks the operator to decide; until then its flow is held and nobody can act.

    `held_before`: what held the flow already when it was filed.
    """

    kind: ClassVar[str] = "appeal"

    public_id = models.CharField(max_length=40, unique=True)
    flow = models.ForeignKey(Flow, on_delete=models.PROTECT, related_name="appeals")
    filed_by = models.CharField(max_length=10)
    filer = models.CharField(max_length=120)
    ground = models.CharField(max_length=30)
    reason = models.TextField(max_length=2000)
    demand = models.TextField(max_length=2000, blank=True)
    filed_at = models.DateTimeField()
    due_at = models.DateTimeField()
    held_before = models.CharField(max_length=30, blank=True)
    decision = models.CharField(max_length=20, blank=True)
    note = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=120, blank=True)

    objects = AppealQuery.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["flow"], condition=Q(state=states.OPEN), name="one_open_appeal_per_flow")
        ]
        indexes = [models.Index(fields=["state", "due_at", "id"], name="appeals_by_due_time")]

    def __str__(self) -> str:
        return self.public_id

    @property
    def life(self) -> Life:
        return states.APPEAL_LIFE

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
    def ground_label(self) -> str:
        """What the appeal is about, as people read it."""
        return states.APPEAL_GROUNDS[self.ground][1]


class AppealFile(models.Model):
    """A proof that came with an appeal."""

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="files")
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT)
    kind = models.CharField(max_length=30, choices=list(states.APPEAL_FILE_KINDS.items()))

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.kind}: {self.file_id}"
