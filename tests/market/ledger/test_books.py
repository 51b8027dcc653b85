"""The books: balanced by construction, written in ink, spent once."""

import pytest
from django.db import transaction
from django.db.models import Sum
from django.db.utils import DatabaseError, IntegrityError

from opengallery.kit.money import Money
from opengallery.kit.problems import InvalidInput
from opengallery.market.billing.actions import balance_of, top_up_balance
from opengallery.market.billing.postings import POSTINGS, postings_of
from opengallery.market.billing.problems import KeyTaken
from opengallery.market.ledger.actions import BalanceTooLow, post_transfers
from opengallery.market.ledger.chart import CHART
from opengallery.market.ledger.models import Account, Transfer
from opengallery.market.ledger.queries import balance, trial_balance


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


def test_what_each_step_of_a_sale_moves(tale, world):
    """Money spec 5.9: 1,000 paid, then 850 owed to the seller and 150 earned."""
    buyer, seller = (world.actor(name).organisation_id for name in ("buyer", "seller"))

    def books() -> dict[str, str]:
        owners = {"customer_balance": buyer, "seller_payable": seller}
        return {code: balance(code, owners.get(code, 0), "USD").amount()
                for code in ("customer_balance", "contract_liability", "seller_payable", "fee_revenue")}  # fmt: skip

    order = tale.buys(when="2020-01-01 10:00")
    assert list(books().values()) == ["99000.00", "1000.00", "0.00", "0.00"]
    tale.delivers(order, "2020-01-02 10:00")
    tale.accepts(order, "2020-01-03 10:00")
    assert list(books().values()) == ["99000.00", "1000.00", "0.00", "0.00"]
    tale.passes("2020-01-03 13:00")
    assert list(books().values()) == ["99000.00", "0.00", "850.00", "150.00"]
    debits, credits = (sum(getattr(row, side) for row in trial_balance()) for side in ("debited", "credited"))
    assert debits == credits == Transfer.objects.aggregate(total=Sum("units"))["total"]


def test_every_posting_is_on_the_chart():
    rows = [row for rows in POSTINGS.values() for row in rows]
    assert {code for debit, credit, _ in rows for code in (debit, credit)} == set(CHART)
    assert all(debit != credit for debit, credit, _ in rows)


@pytest.mark.parametrize("statement", ["UPDATE ledger_transfer SET units = 1", "DELETE FROM ledger_transfer"])
def test_transfers_are_written_in_ink(world, statement):
    from django.db import connection

    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        connection.cursor().execute(statement)


def test_an_event_is_booked_once(world, at):
    owners = {"buyer": world.actor("buyer").organisation_id}
    posting = postings_of("order_paid", key="CS1", shares={"net": usd("1")}, owners=owners, at=at("2020-01-01"))
    post_transfers(posting)
    with pytest.raises(IntegrityError, match="each_event_is_booked_once"), transaction.atomic():
        post_transfers(posting)
    assert balance_of(owners["buyer"], "USD") == usd("99999.00")


def test_nobody_spends_what_is_not_there(world, at):
    owners = {"buyer": world.actor("buyer").organisation_id}

    def spend(amount: str, key: str) -> None:
        post_transfers(
            postings_of("order_paid", key=key, shares={"net": usd(amount)}, owners=owners, at=at("2020-01-01"))
        )

    spend("99999.99", "a")
    with pytest.raises(BalanceTooLow, match=r"0\.01 USD are missing"):
        spend("0.02", "b")
    spend("0.01", "b")
    assert balance_of(owners["buyer"], "USD") == balance("customer_balance", owners["buyer"], "USD") == usd("0.00")
    with pytest.raises(IntegrityError, match="nobody_spends_what_is_not_there"), transaction.atomic():
        Account.objects.filter(code="customer_balance", owner_id=owners["buyer"]).update(balance_units=-1)


def test_nothing_moves_nothing(world, at):
    before = Transfer.objects.count()
    post_transfers(postings_of("bill_rounded", key="b", shares={"up": usd("0"), "down": usd("0")}, owners={"seller": 1},
                               at=at("2020-01-01")))  # fmt: skip
    assert Transfer.objects.count() == before


def test_the_same_top_up_twice_credits_once(world, at):
    buyer, other = (world.members[name].organisation for name in ("buyer", "other_buyer"))
    before = balance_of(buyer.pk, "USD")
    for _ in range(2):
        top_up_balance(buyer, amount=usd("50.00"), at=at("2020-01-01"), key="transfer 4711")
    assert balance_of(buyer.pk, "USD") - before == usd("50.00")
    for organisation, amount in ((buyer, "51.00"), (other, "50.00")):
        with pytest.raises(KeyTaken):
            top_up_balance(organisation, amount=usd(amount), at=at("2020-01-01"), key="transfer 4711")
    top_up_balance(buyer, amount=usd("50.00"), at=at("2020-01-01"))
    assert balance_of(buyer.pk, "USD") - before == usd("100.00")


@pytest.mark.parametrize("amount", ["0", "-1.00", "0.001"])
def test_top_ups_that_cannot_be(world, at, amount):
    with pytest.raises(InvalidInput) as refusal:
        top_up_balance(world.members["buyer"].organisation, amount=usd(amount), at=at("2020-01-01"))
    assert list(refusal.value.errors) == ["amount"]
