"""Transactions with their four conditions, bills, payees, and the monthly run."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Greatest

from opengallery.kit.actor import Actor
from opengallery.kit.money import Money
from opengallery.kit.states import Life
from opengallery.market.billing import states
from opengallery.market.identity.models import Organisation
from opengallery.market.journal.models import Living


class Payee(models.Model):
    """To whom a seller's money goes. Certified or not is the first condition of every bill (money spec 3)."""

    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, primary_key=True)
    beneficiary = models.CharField(max_length=120, blank=True)
    certified_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.organisation}"


class Run(models.Model):
    """The monthly run of one cycle: due on the bill day, finished once."""

    cycle = models.CharField(primary_key=True, max_length=6)
    due_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    bills = models.IntegerField(default=0)
    lines = models.IntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="runs_due")]

    def __str__(self) -> str:
        return self.cycle


class BillQuery(models.QuerySet["Bill"]):
    """Which bills."""

    def visible_to(self, actor: Actor) -> "BillQuery":
        """A seller's own; all for the operator."""
        if actor.is_operator:
            return self.all()
        mine = actor.organisation_id
        return self.filter(seller=mine) if mine else self.none()


class Bill(Living):
    """What the platform owes one seller for one cycle in one currency."""

    kind: ClassVar[str] = "bill"

    public_id = models.CharField(max_length=40, unique=True)
    seller = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="bills")
    cycle = models.CharField(max_length=6)
    currency = models.CharField(max_length=3)
    drawn_at = models.DateTimeField()
    lines_count = models.IntegerField(default=0)
    sales_units = models.BigIntegerField(default=0)
    fee_units = models.BigIntegerField(default=0)
    exact_units = models.BigIntegerField(default=0)
    total_units = models.BigIntegerField(default=0)

    objects = BillQuery.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["seller", "cycle", "currency"], name="one_bill_per_cycle")]
        indexes = [models.Index(fields=["seller", "-drawn_at", "-id"], name="bills_of_a_seller")]

    def __str__(self) -> str:
        return self.public_id

    @property
    def life(self) -> Life:
        return states.BILL

    @property
    def stream(self) -> str:
        return self.public_id

    @property
    def subject(self) -> str:
        return self.public_id

    @property
    def parties(self) -> tuple[int | None, int | None]:
        return None, self.seller_id

    @property
    def sales(self) -> Money:
        """Sum of the selling prices without VAT."""
        return Money(self.sales_units, self.currency)

    @property
    def fee(self) -> Money:
        """Sum of the platform's shares, exact."""
        return Money(self.fee_units, self.currency)

    @property
    def exact(self) -> Money:
        """Sum of the seller's shares before the one rounding."""
        return Money(self.exact_units, self.currency)

    @property
    def total(self) -> Money:
        """What the seller is to be paid."""
        return Money(self.total_units, self.currency)


ALL_MET = Q(paid_at__isnull=False, supervised_at__isnull=False, effective_at__isnull=False)


class TransactionQuery(models.QuerySet["Transaction"]):
    """Which transactions."""

    def visible_to(self, actor: Actor) -> "TransactionQuery":
        """A seller's own; all for the operator."""
        if actor.is_operator:
            return self.all()
        mine = actor.organisation_id
        return self.filter(seller=mine) if mine else self.none()

    def billable(self, *, before: datetime) -> "TransactionQuery":
        """What the run may claim: ready before an instant, of a completed order, of a certified payee, not billed.

        Certification is tested when the run runs, not at the month's end (money spec 3).
        """
        return self.filter(
            bill=None, ready_at__lt=before, completed_at__isnull=False, seller__payee__certified_at__isnull=False
        )


class Transaction(models.Model):
    """One settleable money event and the instant at which each of its conditions came true.

    The nulls tell the seller why a line is unbilled; the database says when the last condition was met. After a refund
    `net` is what was kept. `invoiced_at`: the customer has an invoice for it.
    """

    public_id = models.CharField(max_length=40, unique=True)
    key = models.CharField(max_length=40, unique=True)
    order_number = models.CharField(max_length=30)
    title = models.CharField(max_length=250)
    customer = models.CharField(max_length=120)
    seller = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="transactions")
    buyer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    net_units = models.BigIntegerField()
    fee_bp = models.IntegerField()
    fee_rule = models.CharField(max_length=100)
    fee_units = models.BigIntegerField()
    seller_units = models.BigIntegerField()
    opened_at = models.DateTimeField()
    on_credit = models.BooleanField(default=False)
    supervision = models.CharField(max_length=12, choices=list(states.SUPERVISION.items()))
    paid_at = models.DateTimeField(null=True)
    supervised_at = models.DateTimeField(null=True)
    effective_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    invoiced_at = models.DateTimeField(null=True)
    refunded_units = models.BigIntegerField(default=0)
    ready_at = models.GeneratedField(
        expression=Case(When(ALL_MET, then=Greatest("paid_at", "supervised_at", "effective_at"))),
        output_field=models.DateTimeField(null=True),
        db_persist=True,
    )
    bill = models.ForeignKey(Bill, null=True, on_delete=models.PROTECT, related_name="transactions")

    objects = TransactionQuery.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(net_units=F("fee_units") + F("seller_units")), name="parts_sum_to_the_whole"
            ),
            models.CheckConstraint(
                condition=Q(bill=None) | Q(ready_at__isnull=False, completed_at__isnull=False),
                name="only_what_is_ready_is_billed",
            ),
        ]
        indexes = [
            models.Index(fields=["seller", "-opened_at", "-id"], name="transactions_of_a_seller"),
            models.Index(
                fields=["seller", "currency", "ready_at"], condition=Q(bill=None), name="transactions_unbilled"
            ),
            models.Index(fields=["bill", "id"], name="transactions_of_a_bill"),
            models.Index(fields=["order_number"], name="transactions_of_an_order"),
            models.Index(fields=["buyer", "opened_at"], condition=Q(paid_at=None), name="transactions_on_credit"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def net(self) -> Money:
        """The selling price without VAT."""
        return Money(self.net_units, self.currency)

    @property
    def fee(self) -> Money:
        """The platform's share, exact."""
        return Money(self.fee_units, self.currency)

    @property
    def sellers(self) -> Money:
        """The seller's share, exact: rounded only in the bill's total."""
        return Money(self.seller_units, self.currency)


class CreditLine(models.Model):
    """How much an organisation may buy before it pays; repaid by cycle."""

    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, primary_key=True)
    currency = models.CharField(max_length=3)
    limit_units = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(limit_units__gte=0), name="credit_is_not_negative")]

    def __str__(self) -> str:
        return f"{self.organisation}: {Money(self.limit_units, self.currency)}"
