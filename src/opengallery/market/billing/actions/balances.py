"""Prepaid balances and credit: operations credit them, customers spend them."""

from datetime import datetime

from django.db import connection

from opengallery.kit.calendar import cycle_of
from opengallery.kit.ids import new_id
from opengallery.kit.money import Money
from opengallery.kit.problems import InvalidInput
from opengallery.kit.verbs import atomic
from opengallery.market.billing.models import CreditLine, Transaction
from opengallery.market.billing.postings import postings_of
from opengallery.market.billing.problems import CreditNotGranted, KeyTaken, NothingToRepay
from opengallery.market.identity.models import Organisation
from opengallery.market.ledger.actions import post_transfers
from opengallery.market.ledger.queries import balance, booked, spendable


def balance_of(organisation_id: int, currency: str) -> Money:
    """What the organisation can spend from its prepaid balance."""
    return spendable(organisation_id, currency)


def positive(amount: Money) -> None:
    """Refuse what nobody can pay: InvalidInput."""
    if amount.units <= 0 or not amount.is_payable():
        raise InvalidInput({"amount": [f"{amount} cannot be paid: give a positive amount with at most 2 decimals."]})


@atomic
def top_up_balance(organisation: Organisation, *, amount: Money, at: datetime, key: str = "") -> None:
    """Credit a prepaid balance with money received. The same key twice credits once.

    InvalidInput unless positive, KeyTaken if the key stands for another amount or organisation.
    """
    positive(amount)
    if key and has_credited(organisation, amount=amount, key=key):
        return
    post_transfers(
        postings_of("balance_topped_up", key=key or new_id("top", at), shares={"amount": amount},
                    owners={"buyer": organisation.pk}, at=at)
    )  # fmt: skip


def has_credited(organisation: Organisation, *, amount: Money, key: str) -> bool:
    """Tell whether this very amount is credited under the key; two at once take turns. KeyTaken for anything else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"top-up {key}"])
    before = booked("balance_topped_up", key, "amount")
    if before is None:
        return False
    if (before.credit.owner_id, Money(before.units, before.credit.currency)) != (organisation.pk, amount):
        raise KeyTaken
    return True


@atomic
def grant_credit(organisation: Organisation, *, limit: Money) -> CreditLine:
    """Let an organisation buy on credit up to a limit; 0 ends it. InvalidInput for what nobody can pay."""
    if limit.units < 0 or not limit.is_payable():
        raise InvalidInput({"amount": [f"{limit} is no limit: give an amount from 0 up, with at most 2 decimals."]})
    line, _ = CreditLine.objects.update_or_create(
        organisation=organisation, defaults={"currency": limit.currency, "limit_units": limit.units}
    )
    return line


@atomic
def repay_credit(organisation: Organisation, *, amount: Money, at: datetime) -> None:
    """Record a repayment. A cycle's sales count as paid once all credit used up to that cycle is repaid (TA8, TA9).

    CreditNotGranted without an agreement, NothingToRepay for more than is owed.
    """
    positive(amount)
    line = CreditLine.objects.select_for_update().filter(pk=organisation.pk).first()
    if line is None or line.currency != amount.currency:
        raise CreditNotGranted
    owed = balance("customer_credit", organisation.pk, line.currency)
    if amount > owed:
        raise NothingToRepay(f"{owed} are owed.")
    post_transfers(
        postings_of("credit_repaid", key=new_id("rep", at), shares={"amount": amount},
                    owners={"buyer": organisation.pk}, at=at)
    )  # fmt: skip
    pay_oldest_cycles(organisation, still_owed=owed - amount, at=at)


def pay_oldest_cycles(organisation: Organisation, *, still_owed: Money, at: datetime) -> None:
    """Meet the payment condition of every cycle that nothing is owed for: debts are paid oldest first."""
    open_ones = Transaction.objects.filter(buyer=organisation, on_credit=True, paid_at=None).order_by(
        "-opened_at", "-id"
    )
    left = still_owed
    unpaid_cycles = set()
    for row in open_ones:
        if left.units > 0:
            unpaid_cycles.add(cycle_of(row.opened_at))
            left = left - row.net
    paid = [row.pk for row in open_ones if cycle_of(row.opened_at) not in unpaid_cycles]
    Transaction.objects.filter(pk__in=paid).update(paid_at=at)
