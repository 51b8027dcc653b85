"""Cost centres: reserved at order, free again when it ends unpaid or is refunded, never more than the budget."""

import pytest
from django.db import IntegrityError, transaction

from opengallery.kit.money import Money
from opengallery.kit.problems import InvalidInput, MoveRefused, NotYourTurn
from opengallery.market.journal.models import Fact
from opengallery.market.orders.actions import approve_order, cancel_order, decline_order, place_order
from opengallery.market.orders.actions.cancel_order import cancel_unpaid_orders
from opengallery.market.orders.models import Order
from opengallery.market.purchasing.actions import (
    change_cost_centre,
    close_cost_centre,
    open_cost_centre,
    release_budget,
    reopen_cost_centre,
    reserve_budget,
)
from opengallery.market.purchasing.models import CostCentre
from opengallery.market.purchasing.problems import BudgetExceeded, BudgetReserved

NINE, TEN = "2020-01-01 09:00", "2020-01-01 10:00"


@pytest.fixture
def orders(house, world, at):
    """The purchaser orders so many yearly licences of 1,000.00 USD for a cost centre."""

    def order(quantity: int = 1, code: str = "IT-1") -> Order:
        return place_order([world.choice("license_yearly", quantity=quantity)], by=house.actor("purchaser"), at=at(NINE),
                           cost_centre=code)  # fmt: skip

    return order


def fresh(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def test_an_order_reserves_and_the_budget_ends(house, orders):
    house.centre("2000.00")
    orders(2)
    assert house.reserved() == "2000.00"
    with pytest.raises(BudgetExceeded) as refused:
        orders()
    assert (refused.value.status, refused.value.extra["left"]) == (409, "0.00")
    assert house.reserved() == "2000.00"
    assert Order.objects.count() == 1


def test_what_ends_unpaid_is_free_again_exactly_once(house, orders, at):
    house.centre("9000")
    house.rules(approval="500")
    canceled, declined, late, approved = (orders() for _ in range(4))
    approve_order(fresh(approved), by=house.actor("finance"), at=at(TEN))
    assert house.reserved() == "4000.00"
    cancel_order(fresh(canceled), by=house.actor("purchaser"), at=at(TEN))
    assert house.reserved() == "3000.00"
    decline_order(fresh(declined), reason="No.", by=house.actor("finance"), at=at(TEN))
    assert house.reserved() == "2000.00"
    for again in (canceled, declined):
        with pytest.raises(MoveRefused):
            cancel_order(fresh(again), by=house.actor("purchaser"), at=at(TEN))
        with pytest.raises(MoveRefused):
            decline_order(fresh(again), reason="No.", by=house.actor("finance"), at=at(TEN))
    assert house.reserved() == "2000.00"
    for count, left in ((1, "1000.00"), (0, "1000.00")):
        assert cancel_unpaid_orders(until=at("2020-01-08 09:30")) == count
        assert house.reserved() == left
    assert fresh(late).label == "Canceled"
    cancel_unpaid_orders(until=at("2020-02-01 00:00"))
    assert (fresh(approved).label, house.reserved()) == ("Canceled", "0.00")


def test_a_paid_order_stays_reserved_until_it_is_refunded(house, orders, tale):
    house.centre("1000")
    order = tale.pays(orders(), TEN)
    assert house.reserved() == "1000.00"
    release_budget(order.buyer_id, order.cost_centre, Money.of("250", "USD"))
    assert house.reserved() == "750.00"


def test_an_order_without_a_cost_centre_touches_none(house, orders, at):
    house.centre("10")
    order = orders(code="")
    cancel_order(fresh(order), by=house.actor("purchaser"), at=at(TEN))
    assert house.reserved() == "0.00"


def test_giving_back_more_than_is_reserved_is_a_fault(house):
    house.centre("1000")
    reserve_budget(house.organisation.pk, "IT-1", Money.of("5", "USD"))
    with pytest.raises(IntegrityError), transaction.atomic():
        release_budget(house.organisation.pk, "IT-1", Money.of("5.01", "USD"))
    assert house.reserved() == "5.00"


@pytest.mark.parametrize("code", ["NONE", "\0", "IT-1" + "x" * 90, "K-1"])
def test_a_cost_centre_that_one_does_not_have(house, orders, world, at, code):
    """K-1 is another organisation's."""
    house.centre()
    open_cost_centre(
        code="K-1", name="Theirs", budget="99999", by=world.actor("other_buyer"), at=at("2020-01-01 08:00")
    )
    with pytest.raises(InvalidInput) as refused:
        orders(code=code)
    assert set(refused.value.errors) == {"cost_centre"}
    assert CostCentre.objects.get(code="K-1").reserved_units == 0


def test_a_closed_cost_centre_takes_no_order_but_gives_back(house, orders, at):
    centre = house.centre()
    order = orders()
    close_cost_centre(centre, by=house.actor("owner"), at=at(NINE))
    with pytest.raises(InvalidInput, match="no open cost centre"):
        orders()
    with pytest.raises(MoveRefused):
        change_cost_centre(centre, name="IT", budget="1", by=house.actor("owner"), at=at(NINE))
    cancel_order(fresh(order), by=house.actor("purchaser"), at=at(TEN))
    assert house.reserved() == "0.00"
    reopen_cost_centre(centre, by=house.actor("owner"), at=at(TEN))
    assert orders().cost_centre == "IT-1"


def test_a_cost_centre_of_another_currency(house, orders):
    open_cost_centre(code="EU", name="EU", budget="9999", currency="EUR", by=house.actor("owner"), at=house.at(NINE))
    with pytest.raises(InvalidInput) as refused:
        orders(code="EU")
    assert refused.value.errors == {"cost_centre": ["Its budget is in EUR; the order is in USD."]}


def test_a_budget_is_never_below_what_is_reserved(house, orders, at):
    centre = house.centre("5000")
    orders(2)
    with pytest.raises(BudgetReserved) as refused:
        change_cost_centre(centre, name="IT", budget="1999.99", by=house.actor("owner"), at=at(TEN))
    assert refused.value.extra["reserved"] == "2000.00"
    change_cost_centre(centre, name="Information", budget="2000", by=house.actor("owner"), at=at(TEN))
    centre.refresh_from_db()
    assert (centre.name, centre.budget.amount(), centre.left.amount()) == ("Information", "2000.00", "0.00")
    with pytest.raises(IntegrityError), transaction.atomic():
        CostCentre.objects.filter(pk=centre.pk).update(budget_units=1)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"budget": "-1"}, "budget"),
        ({"budget": "abc"}, "budget"),
        ({"budget": "10.005"}, "budget"),
        ({"budget": ""}, "budget"),
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "\0"}, "name"),
        ({"code": "a b"}, "code"),
        ({"code": "it-1"}, "code"),
        ({"currency": "$"}, "currency"),
    ],
)
def test_cost_centres_that_cannot_be(house, at, change, field):
    """it-1 is taken: it is IT-1."""
    house.centre()
    given = {"code": "NEW", "name": "New", "budget": "1.00"} | change
    with pytest.raises(InvalidInput) as refused:
        open_cost_centre(**given, by=house.actor("owner"), at=at(NINE))
    assert set(refused.value.errors) == {field}


def test_everything_wrong_with_a_cost_centre_is_said_at_once(house, at):
    with pytest.raises(InvalidInput) as refused:
        open_cost_centre(code="", name="", budget="", currency="x", by=house.actor("owner"), at=at(NINE))
    assert set(refused.value.errors) == {"code", "name", "budget", "currency"}


def test_another_organisations_cost_centre_cannot_be_touched(house, world, at):
    centre, stranger = house.centre(), world.actor("other_buyer")
    assert not CostCentre.objects.visible_to(stranger).exists()
    for verb in (close_cost_centre, lambda row, **how: change_cost_centre(row, name="Mine", budget="1", **how)):
        with pytest.raises(NotYourTurn):
            verb(centre, by=stranger, at=at(NINE))


def test_every_change_is_a_fact(house, at):
    centre, owner = house.centre(), house.actor("owner")
    change_cost_centre(centre, name="IT", budget="9", by=owner, at=at(TEN))
    close_cost_centre(centre, by=owner, at=at(TEN))
    reopen_cost_centre(centre, by=owner, at=at(TEN))
    house.rules(approval="1")
    mine = Fact.objects.visible_to(owner).of(centre.stream)
    assert [fact.verb for fact in mine] == [
        "open_cost_centre", "change_cost_centre", "close_cost_centre", "reopen_cost_centre", "change_purchasing_rules",
    ]  # fmt: skip
    assert not Fact.objects.visible_to(house.world.actor("seller")).of(centre.stream).exists()
