"""An organisation's own rules for buying and accepting, and its cost centres with their budgets."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from opengallery.kit.actor import Actor
from opengallery.kit.money import Money
from opengallery.kit.states import Life
from opengallery.market.identity.models import Organisation
from opengallery.market.journal.models import Living
from opengallery.market.purchasing import states
from opengallery.market.purchasing.rules import is_above


class Rule(Living):
    """What an organisation demands of its own purchases; one row each, and none means: nothing.

    Above `approval_units` a second person approves an order before it can be paid; above `acceptance_units` a second
    person accepts a delivery. Null: one person is always enough.
    """

    kind: ClassVar[str] = "purchasing_rules"

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE, related_name="purchasing_rule")
    currency = models.CharField(max_length=3)
    approval_units = models.BigIntegerField(null=True)
    acceptance_units = models.BigIntegerField(null=True)
    purchase_order_required = models.BooleanField(default=False)
    cost_centre_required = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(approval_units=None) | Q(approval_units__gte=0))
                & (Q(acceptance_units=None) | Q(acceptance_units__gte=0)),
                name="limits_are_not_negative",
            )
        ]

    def __str__(self) -> str:
        return f"purchasing rules of {self.organisation_id}"

    @property
    def life(self) -> Life:
        return states.RULE

    @property
    def stream(self) -> str:
        return f"purchasing-{self.organisation.public_id}"

    @property
    def subject(self) -> str:
        return self.organisation.public_id

    @property
    def parties(self) -> tuple[int | None, int | None]:
        return self.organisation_id, None

    @property
    def approval_above(self) -> Money | None:
        """From above which total an order waits for a second person."""
        return None if self.approval_units is None else Money(self.approval_units, self.currency)

    @property
    def acceptance_above(self) -> Money | None:
        """From above which price a delivery is accepted by two people."""
        return None if self.acceptance_units is None else Money(self.acceptance_units, self.currency)

    def needs_approval(self, total: Money) -> bool:
        """Tell whether an order of that total waits for a second person."""
        return is_above(self.approval_above, total)

    def needs_second_acceptance(self, net: Money) -> bool:
        """Tell whether a delivery of that price needs two people to accept it."""
        return is_above(self.acceptance_above, net)


class CostCentreQuery(models.QuerySet["CostCentre"]):
    """Which cost centres."""

    def visible_to(self, actor: Actor) -> "CostCentreQuery":
        """Those of one's own organisation."""
        mine = actor.organisation_id
        return self.filter(organisation=mine) if mine else self.none()


class CostCentre(Living):
    """Who inside an organisation bears a purchase, with a budget.

    What orders took of it stays reserved: once paid it is spent, once canceled or refunded it is free again.
    """

    kind: ClassVar[str] = "cost_centre"

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="cost_centres")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    currency = models.CharField(max_length=3)
    budget_units = models.BigIntegerField()
    reserved_units = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField()

    objects = CostCentreQuery.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "code"], name="one_cost_centre_per_code"),
            models.CheckConstraint(
                condition=Q(reserved_units__gte=0, reserved_units__lte=F("budget_units")),
                name="no_more_is_reserved_than_the_budget",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def life(self) -> Life:
        return states.COST_CENTRE

    @property
    def stream(self) -> str:
        return f"purchasing-{self.organisation.public_id}"

    @property
    def subject(self) -> str:
        return self.code

    @property
    def parties(self) -> tuple[int | None, int | None]:
        return self.organisation_id, None

    @property
    def budget(self) -> Money:
        """What may be bought for it in all."""
        return Money(self.budget_units, self.currency)

    @property
    def reserved(self) -> Money:
        """What orders took of it, paid or not."""
        return Money(self.reserved_units, self.currency)

    @property
    def left(self) -> Money:
        """What can still be bought."""
        return self.budget - self.reserved

    @property
    def closed(self) -> bool:
        """Whether nothing more can be bought for it."""
        return self.state == states.CLOSED
