"""Accounts and transfers: one debit, one credit, one positive amount; written in ink."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from opengallery.market.ledger.chart import CHART


class Account(models.Model):
    """One account of the chart, of one owner where the chart says so, in one currency.

    `balance_units` is kept for guarded accounts only: it is what a spender may still spend, and the row lock under
    which two spenders meet. Everybody else's balance is the sum of the transfers, so that busy accounts stay lock-free.
    """

    code = models.CharField(max_length=30, choices=[(code, row.name) for code, row in CHART.items()])
    owner_id = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    balance_units = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "owner_id", "currency"], name="one_account_per_owner"),
            models.CheckConstraint(condition=Q(balance_units__gte=0), name="nobody_spends_what_is_not_there"),
        ]

    def __str__(self) -> str:
        return f"{self.code}/{self.owner_id}/{self.currency}"


class Transfer(models.Model):
    """An amount from one account to another: as a debit of the one and a credit of the other."""

    event = models.CharField(max_length=30)
    key = models.CharField(max_length=80)
    share = models.CharField(max_length=20)
    debit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="debits")
    credit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="credits")
    units = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(units__gt=0), name="money_moves_forward"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="money_moves_somewhere"),
            models.UniqueConstraint(fields=["key", "event", "share"], name="each_event_is_booked_once"),
        ]
        triggers = [pgtrigger.Protect(name="written_in_ink", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.event} {self.key} {self.share}"
