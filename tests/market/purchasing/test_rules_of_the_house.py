"""What an organisation demands of an order, and the second person above its limit (beyond 10)."""

import pytest

from opengallery.kit.actor import CLOCK
from opengallery.kit.money import Money
from opengallery.kit.problems import InvalidInput, MoveRefused, NotYourTurn
from opengallery.market.identity.actions import add_member
from opengallery.market.journal.models import Fact
from opengallery.market.orders.actions import (
    approve_order,
    cancel_order,
    decline_order,
    pay_order,
    place_order,
    renew_resource,
)
from opengallery.market.orders.actions.approve_order import moves_of
from opengallery.market.orders.actions.cancel_order import cancel_unpaid_orders
from opengallery.market.orders.models import Order
from opengallery.market.orders.problems import OrderExpired
from opengallery.market.purchasing.models import Rule
from opengallery.market.purchasing.problems import FourEyes
from opengallery.market.purchasing.queries import needs_second_acceptance

NINE, TEN = "2020-01-01 09:00", "2020-01-01 10:00"


@pytest.fixture
def orders(house, world, at):
    """One of the house orders so many yearly licences of 1,000.00 USD."""

    def order(by: str = "purchaser", quantity: int = 1, when: str = NINE, **more) -> Order:
        return place_order([world.choice("license_yearly", quantity=quantity)], by=house.actor(by), at=at(when), **more)

    return order


def fresh(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def test_without_rules_nothing_is_demanded(house, orders):
    assert orders().label == "Pending payment"
    assert not needs_second_acceptance(house.organisation.pk, Money.of("999999999", "USD"))


@pytest.mark.parametrize(("limit", "state"), [("999.99", "pending_approval"), ("1000.00", "pending_payment")])
def test_above_the_limit_an_order_waits_for_a_second_person(house, orders, limit, state):
    house.rules(approval=limit)
    assert orders().state == state


@pytest.mark.parametrize(("net", "two"), [("500.00", False), ("500.01", True)])
def test_above_the_limit_a_delivery_needs_two_people(house, net, two):
    house.rules(acceptance="500")
    assert needs_second_acceptance(house.organisation.pk, Money.of(net, "USD")) is two
    assert needs_second_acceptance(house.organisation.pk, Money.of("1", "EUR"))
    assert not needs_second_acceptance(house.world.members["other_buyer"].organisation_id, Money.of(net, "USD"))


def test_an_approved_order_is_paid_like_any_other(house, orders, at, world):
    house.rules(approval="500")
    order = orders()
    assert order.due_at == at("2020-01-08 09:00")
    with pytest.raises(MoveRefused, match="Pending approval"):
        pay_order(order, method="balance", by=house.actor("owner"), at=at(TEN))
    approve_order(fresh(order), by=house.actor("finance"), at=at("2020-01-07 10:00"))
    order = fresh(order)
    assert (order.label, order.due_at) == ("Pending payment", at("2020-01-14 10:00"))
    pay_order(order, method="balance", by=house.actor("purchaser"), at=at("2020-01-14 09:59"))
    assert fresh(order).label == "Processing"
    facts = [fact.verb for fact in Fact.objects.of(order.number)]
    assert facts[:3] == ["place_order", "approve_order", "pay_order"]


def test_two_people_are_two_people(house, orders, at):
    """Whoever placed it cannot approve it: not with another role, not as a stand-in's actor."""
    house.rules(approval="500")
    order = orders(by="owner")
    for decide in (approve_order, lambda order, **how: decline_order(order, reason="No.", **how)):
        with pytest.raises(FourEyes):
            decide(fresh(order), by=house.actor("owner"), at=at(TEN))
    add_member(house.organisation, house.members["owner"].user, role="finance")
    with pytest.raises(FourEyes):
        approve_order(fresh(order), by=house.actor("owner"), at=at(TEN))
    assert "approve_order" not in moves_of(order, house.actor("owner"))
    assert {"approve_order", "decline_order", "cancel_order"} == set(moves_of(order, house.actor("finance")))
    assert fresh(order).label == "Pending approval"
    approve_order(fresh(order), by=house.actor("finance"), at=at(TEN))
    with pytest.raises(MoveRefused):
        approve_order(fresh(order), by=house.actor("finance"), at=at(TEN))


@pytest.mark.parametrize("name", ["seller", "other_buyer", "operator"])
def test_nobody_else_decides(house, orders, at, world, name):
    house.rules(approval="500")
    order = orders()
    with pytest.raises(NotYourTurn):
        approve_order(order, by=world.actor(name), at=at(TEN))
    with pytest.raises(NotYourTurn):
        decline_order(order, reason="No.", by=world.actor(name), at=at(TEN))
    with pytest.raises(NotYourTurn):
        approve_order(order, by=CLOCK, at=at(TEN))


def test_an_order_that_is_not_approved_in_time_is_canceled(house, orders, at):
    house.rules(approval="500")
    order = orders()
    assert cancel_unpaid_orders(until=at("2020-01-08 08:59:59")) == 0
    with pytest.raises(OrderExpired):
        approve_order(fresh(order), by=house.actor("finance"), at=at("2020-01-08 09:00"))
    assert cancel_unpaid_orders(until=at("2020-01-09 00:00")) == 1
    order = fresh(order)
    assert (order.label, order.canceled_at) == ("Canceled", at("2020-01-08 09:00"))
    assert "Not approved in time." in Fact.objects.of(order.number).last().body


def test_declining_needs_a_reason(house, orders, at):
    house.rules(approval="500")
    order = orders()
    for reason in ("", "  ", "x" * 1001, "\0"):
        with pytest.raises(InvalidInput) as refused:
            decline_order(fresh(order), reason=reason, by=house.actor("finance"), at=at(TEN))
        assert set(refused.value.errors) == {"reason"}
    decline_order(fresh(order), reason=" Too dear. ", by=house.actor("finance"), at=at(TEN))
    assert fresh(order).label == "Canceled"
    assert "Too dear." in Fact.objects.of(order.number).last().body


def test_a_canceled_order_cannot_be_approved(house, orders, at):
    house.rules(approval="500")
    order = orders()
    cancel_order(fresh(order), by=house.actor("purchaser"), at=at(TEN))
    with pytest.raises(MoveRefused):
        approve_order(order, by=house.actor("finance"), at=at(TEN))


def test_a_change_of_the_rules_touches_no_order_of_before(house, orders):
    house.rules(approval="500")
    before = orders()
    house.rules(approval="")
    assert fresh(before).label == "Pending approval"
    assert orders().label == "Pending payment"


def test_what_every_order_must_name(house, orders):
    house.rules(purchase_order_required=True, cost_centre_required=True)
    with pytest.raises(InvalidInput) as refused:
        orders(quantity=0, purchase_order=" ")
    assert set(refused.value.errors) == {"purchase_order", "cost_centre", "lines.0.quantity"}
    house.centre()
    order = orders(purchase_order="PO 1", cost_centre=" it-1 ")
    assert (order.purchase_order, order.cost_centre) == ("PO 1", "IT-1")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"approval": "abc"}, "approval_above"),
        ({"approval": "-5"}, "approval_above"),
        ({"approval": "10.005"}, "approval_above"),
        ({"acceptance": "1e9"}, "acceptance_above"),
        ({"currency": "usd"}, "currency"),
    ],
)
def test_rules_that_cannot_be(house, change, field):
    with pytest.raises(InvalidInput) as refused:
        house.rules(**change)
    assert set(refused.value.errors) == {field}
    assert not Rule.objects.exists()


def test_all_that_is_wrong_is_said_at_once(house):
    with pytest.raises(InvalidInput) as refused:
        house.rules(approval="x", acceptance="-1", currency="DOLLARS")
    assert set(refused.value.errors) == {"approval_above", "acceptance_above", "currency"}


def test_a_renewal_is_an_order_like_any_other(house, tale, world, at):
    """It is borne by the cost centre of the order that brought the resource, and waits for a second person too."""
    house.centre("5000")
    order = place_order([world.choice("license_yearly")], by=house.actor("owner"), at=at(NINE), cost_centre="IT-1",
                        purchase_order="PO 7")  # fmt: skip
    tale.begins(NINE)
    tale.pays(order, NINE)
    tale.delivers(order, TEN)
    tale.accepts(order, TEN)
    tale.passes("2020-01-02 00:00")
    house.rules(approval="500", purchase_order_required=True)
    renewal = renew_resource(
        tale.resource(order), unit="year", count=1, by=house.actor("owner"), at=at("2020-02-01 00:00")
    )
    assert (renewal.state, renewal.cost_centre, renewal.purchase_order) == ("pending_approval", "IT-1", "PO 7")
    assert house.reserved() == "2000.00"
    with pytest.raises(InvalidInput) as refused:
        renew_resource(tale.resource(order), unit="year", count=1, purchase_order="", cost_centre="NONE",
                       by=house.actor("owner"), at=at("2020-02-01 00:00"))  # fmt: skip
    assert set(refused.value.errors) == {"purchase_order", "cost_centre"}
