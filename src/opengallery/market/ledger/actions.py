"""Post transfers, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from opengallery.kit.bulk import insert_rows
from opengallery.kit.money import Money
from opengallery.kit.problems import Problem
from opengallery.kit.verbs import atomic
from opengallery.market.ledger.chart import CHART
from opengallery.market.ledger.models import Account, Transfer

_ids: dict[tuple[str, int, str], int] = {}


class BalanceTooLow(Problem):
    """The balance does not cover this amount."""

    status = 409


@dataclass(frozen=True, slots=True)
class Posting:
    """One transfer to make: (account code, owner) on each side; owner 0 where the chart has none."""

    event: str
    key: str
    share: str
    debit: tuple[str, int]
    credit: tuple[str, int]
    amount: Money
    at: datetime


def account_id(code: str, owner: int, currency: str) -> int:
    """The account's row, made the first time. Accounts are never deleted: once committed, the answer is remembered."""
    place = (code, owner if CHART[code].owned else 0, currency)
    if place in _ids:
        return _ids[place]
    row, _ = Account.objects.get_or_create(code=code, owner_id=place[1], currency=currency)
    transaction.on_commit(lambda: _ids.__setitem__(place, row.pk))
    return row.pk


@atomic
def post_transfers(postings: Sequence[Posting]) -> None:
    """Write the transfers of positive amounts. BalanceTooLow if a guarded account would be overdrawn.

    An event that is booked already violates `each_event_is_booked_once`: the caller's guarded update comes first.
    """
    known: dict[tuple[str, int, str], int] = {}

    def account(place: tuple[str, int], currency: str) -> int:
        key = (*place, currency)
        if key not in known:
            known[key] = account_id(*key)
        return known[key]

    rows = []
    for posting in postings:
        amount = posting.amount
        if amount.units == 0:
            continue
        debit, credit = account(posting.debit, amount.currency), account(posting.credit, amount.currency)
        if CHART[posting.debit[0]].guarded:
            spend(debit, amount)
        if CHART[posting.credit[0]].guarded:
            Account.objects.filter(pk=credit).update(balance_units=F("balance_units") + amount.units)
        rows.append((posting.event, posting.key, posting.share, debit, credit, amount.units, posting.at))
    if rows:
        insert_rows(Transfer, ("event", "key", "share", "debit_id", "credit_id", "units", "at"), rows)


def spend(account: int, amount: Money) -> None:
    """Take from a guarded account's balance; the row's own condition decides between two spenders."""
    covered = Account.objects.filter(pk=account, balance_units__gte=amount.units)
    if not covered.update(balance_units=F("balance_units") - amount.units):
        left = Account.objects.get(pk=account)
        missing = Money(amount.units - left.balance_units, amount.currency)
        raise BalanceTooLow(
            f"{missing} are missing.", missing={"amount": missing.amount(), "currency": missing.currency}
        )
