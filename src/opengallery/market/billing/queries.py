"""What an organisation can pay with, and the statement of its prepaid balance."""

from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, Case, F, Q, QuerySet, When

from opengallery.kit.money import Money
from opengallery.market.billing.gateways import GATEWAYS
from opengallery.market.billing.models import CreditLine
from opengallery.market.ledger.models import Account, Transfer
from opengallery.market.ledger.queries import balance, spendable


@dataclass(frozen=True, slots=True)
class Way:
    """A way to pay that the organisation has: the gateway's name and label, and how much can still be paid so."""

    method: str
    label: str
    left: Money


def ways_to_pay(organisation_id: int, currency: str) -> list[Way]:
    """The prepaid balance, and credit if there is an agreement in that currency."""
    ways = [Way("balance", GATEWAYS["balance"].label, spendable(organisation_id, currency))]
    line = CreditLine.objects.filter(pk=organisation_id, currency=currency).first()
    if line is not None:
        used = balance("customer_credit", organisation_id, currency)
        ways.append(Way("credit", GATEWAYS["credit"].label, Money(line.limit_units, currency) - used))
    return ways


def statement(organisation_id: int, currency: str) -> QuerySet[Any]:
    """The transfers of a prepaid balance, newest first: `at`, `event`, `key`, and `signed_units`, the change."""
    account = Account.objects.filter(code="customer_balance", owner_id=organisation_id, currency=currency).first()
    if account is None:
        return Transfer.objects.none()
    signed = Case(When(credit=account, then=F("units")), default=-F("units"), output_field=BigIntegerField())
    rows = Transfer.objects.filter(Q(debit=account) | Q(credit=account))
    return rows.annotate(signed_units=signed).order_by("-at", "-id")
