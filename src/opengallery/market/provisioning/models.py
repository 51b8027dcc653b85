"""Exchanges: what a seller's system was asked, and what it answered."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from opengallery.kit.actor import Actor
from opengallery.kit.states import Life
from opengallery.market.identity.models import Organisation
from opengallery.market.journal.models import Living
from opengallery.market.orders.models import OrderLine
from opengallery.market.provisioning import states

SUBSCRIBE = "subscribe"


class ExchangeQuery(models.QuerySet["Exchange"]):
    """Which exchanges."""

    def visible_to(self, actor: Actor) -> "ExchangeQuery":
        """The seller's own; all for the operator. The buyer is shown what was answered, not how it came about."""
        if actor.is_operator:
            return self.all()
        mine = actor.organisation_id
        return self.filter(seller=mine) if mine else self.none()

    def due(self, until: datetime) -> "ExchangeQuery":
        """Those that are to be called by then, the earliest first, with all that the call says."""
        rows = self.filter(due_at__lte=until).order_by("due_at", "pk")
        return rows.select_related("line__order", "line__product", "line__resource")


class Exchange(Living):
    """The seller's system is asked to provide one line.

    `due_at` is the next call. `calls` counts all calls, `tries` those since the last start; both are counted before the
    call is made, so that a crash repeats it an hour later and never loses it. `error` says why the last one failed.
    `application` is what the customer needs for use.
    """

    kind: ClassVar[str] = "exchange"

    public_id = models.CharField(max_length=40, unique=True)
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="exchanges")
    event = models.CharField(max_length=20, choices=[(SUBSCRIBE, "Subscribe")])
    buyer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    seller = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    calls = models.IntegerField(default=0)
    tries = models.IntegerField(default=0)
    called_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    application = models.JSONField(default=dict)
    due_at = models.DateTimeField(null=True)

    objects = ExchangeQuery.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["line", "event"], name="one_exchange_per_line_and_event")]
        indexes = [
            models.Index(fields=["seller", "-id"], name="exchanges_of_a_seller"),
            models.Index(fields=["due_at", "id"], condition=Q(due_at__isnull=False), name="exchanges_due"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def life(self) -> Life:
        return states.EXCHANGE

    @property
    def stream(self) -> str:
        return self.number.rpartition("-")[0]

    @property
    def subject(self) -> str:
        return self.public_id

    @property
    def parties(self) -> tuple[int | None, int | None]:
        return self.buyer_id, self.seller_id

    @property
    def number(self) -> str:
        """The number of the line."""
        return self.public_id.partition("_")[2]


def application_of(resource_id: int | None, actor: Actor) -> dict[str, str]:
    """How a resource is used, for its buyer alone: passwords may be in it. {} while nothing has been answered."""
    mine = Exchange.objects.filter(line__resource=resource_id, buyer=actor.organisation_id)
    row = mine.filter(state=states.PROVISIONED).first() if resource_id and actor.organisation_id else None
    return dict(row.application) if row else {}
