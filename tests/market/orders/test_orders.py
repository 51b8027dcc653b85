"""Orders: placing, paying, cancelling, limits; what was agreed is frozen (spec 2.6, 6.7)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from opengallery.kit.money import Money
from opengallery.kit.problems import InvalidInput, MoveRefused, NotYourTurn
from opengallery.market.billing.actions import balance_of
from opengallery.market.billing.models import Transaction
from opengallery.market.billing.problems import CreditNotGranted, UnknownMethod
from opengallery.market.catalog.actions import add_specification, hide_product
from opengallery.market.ledger.actions import BalanceTooLow
from opengallery.market.ledger.models import Transfer
from opengallery.market.orders.actions import LineChoice, place_order
from opengallery.market.orders.models import Order
from opengallery.market.orders.problems import LimitReached, NotOnSale, OrderExpired
from opengallery.market.policy.actions import change_setting
from opengallery.market.supervision.models import Flow


def money(amount: str) -> Money:
    return Money.of(amount, "USD")


@pytest.fixture
def shelf(world, at):
    """Put one more specification on the shelf and choose it."""

    def put(amount: str = "10.00", *, unit: str = "year", **more) -> LineChoice:
        made = add_specification(world.products["ledgerline"], name=f"Special {amount}", prices={unit: money(amount)},
                                 at=at("2020-01-01 00:00"), **more)  # fmt: skip
        return LineChoice(made.public_id, made.skus.get().code, 1, unit, 1)

    return put


def test_an_order_freezes_what_was_agreed(tale, world, at):
    order = tale.orders("license_yearly", "license_one_time", when="2025-03-18 10:00", quantity=3)
    assert order.number.startswith("CS250318")
    first, second = order.lines.all()
    assert [line.number for line in (first, second)] == [f"{order.number}-000001", f"{order.number}-000002"]
    assert (str(first.net), str(second.net), str(order.total)) == ("3,000.00 USD", "750.00 USD", "3,750.00 USD")
    assert first.title == "Ledgerline Accounting · Standard, up to 25 users"
    assert (first.terms.period, first.terms.fee_bp, first.terms.flow) == ("1 year", 1500, "license")
    assert first.terms.completion_delay == timedelta(hours=3)
    assert order.due_at == at("2025-03-25 10:00")
    names = (order.customer_name, order.customer_full_name, order.customer_username, order.seller_name)
    assert names == ("Meridian Logistics", "Lin Wei", "linwei", "Northwind Software")
    assert sorted(consent.text.kind for consent in order.consents.all()) == ["eula", "refund"]


@pytest.mark.spec("TB4")
def test_the_fee_is_that_of_the_day_of_the_order(tale, world, at):
    early = tale.buys(when="2025-04-09 10:00")
    product = world.products["ledgerline"]
    type(product).objects.filter(pk=product.pk).update(fee_bp=2000)
    late = tale.buys(when="2025-04-11 10:00")
    for order in (early, late):
        tale.delivers(order, "2025-04-12 10:00")
        tale.accepts(order, "2025-04-13 10:00")
    tale.passes("2025-05-07 02:00")
    assert (str(tale.sale(early).sellers), str(tale.sale(late).sellers)) == ("850.00 USD", "800.00 USD")
    bill = tale.bill("202504")
    assert (str(bill.sales), str(bill.fee), str(bill.total)) == ("2,000.00 USD", "350.00 USD", "1,650.00 USD")


def test_the_platforms_rate_can_change_for_orders_to_come(tale, world, at):
    early = tale.orders(when="2025-04-09 10:00")
    change_setting("platform_fee_bp", 2000, reason="new rates", by=world.actor("operator"), at=at("2025-04-10 00:00"))
    late = tale.orders(when="2025-04-11 10:00")
    assert [order.lines.get().terms.fee_bp for order in (early, late)] == [1500, 2000]


@pytest.mark.spec("AT-80")
def test_an_unpaid_order_is_canceled_after_seven_days(tale, world, at):
    order = tale.orders(when="2025-06-01 10:00")
    tale.passes("2025-06-08 09:59:59")
    assert tale.order(order).label == "Pending payment"
    tale.passes("2025-06-09 00:00")
    order = tale.order(order)
    assert (order.label, order.canceled_at, order.due_at) == ("Canceled", at("2025-06-08 10:00"), None)
    with pytest.raises(MoveRefused, match="Canceled"):
        tale.pays(order, "2025-06-09 00:00")
    with pytest.raises(MoveRefused, match="Canceled"):
        tale.cancels(order, "2025-06-09 00:00")
    assert Order.objects.visible_to(world.actor("buyer")).filter(pk=order.pk).exists()
    assert not Flow.objects.filter(line__order=order).exists()


@pytest.mark.parametrize(("when", "paid"), [("2025-06-08 09:59:59", True), ("2025-06-08 10:00:00", False)])
def test_the_time_to_pay_ends_when_the_clock_would_cancel(tale, when, paid):
    """Even if the clock has not pressed yet."""
    order = tale.orders(when="2025-06-01 10:00")
    if paid:
        assert tale.pays(order, when).label == "Processing"
    else:
        with pytest.raises(OrderExpired):
            tale.pays(order, when)
        assert tale.order(order).label == "Pending payment"


def test_the_buyer_cancels(tale):
    order = tale.orders(when="2025-06-01 10:00")
    for name in ("seller", "operator", "other_buyer"):
        with pytest.raises(NotYourTurn):
            tale.cancels(order, "2025-06-01 11:00", by=name)
    assert tale.cancels(order, "2025-06-01 11:00").label == "Canceled"
    with pytest.raises(MoveRefused):
        tale.pays(order, "2025-06-01 12:00")


def test_a_paid_order_is_not_canceled(tale):
    order = tale.buys(when="2025-06-01 10:00")
    with pytest.raises(MoveRefused, match="Processing"):
        tale.cancels(order, "2025-06-01 11:00")
    tale.passes("2025-06-10 00:00")
    assert tale.order(order).label == "Processing"


@pytest.mark.spec("AT-82")
def test_paying_twice_is_paying_once(tale, world):
    order = tale.orders(when="2020-01-01 09:50")
    buyer = world.actor("buyer").organisation_id
    before = balance_of(buyer, "USD")
    tale.pays(order, "2020-01-01 10:00")
    for method in ("balance", "credit"):
        with pytest.raises(MoveRefused, match="Processing"):
            tale.pays(order, "2020-01-01 10:00", method=method)
    assert before - balance_of(buyer, "USD") == money("1000.00")
    assert Transfer.objects.filter(key=order.number).count() == 1
    assert Transaction.objects.filter(order_number=order.number).count() == 1
    assert Flow.objects.filter(line__order=order).count() == 1
    assert tale.verbs(order).count("pay_order") == 1


def test_who_cannot_pay_pays_nothing(tale, world):
    order = tale.orders("license_yearly", when="2020-01-01 09:50", quantity=101)
    facts = tale.verbs(order)
    with pytest.raises(BalanceTooLow, match=r"1,000\.00 USD are missing") as refusal:
        tale.pays(order, "2020-01-01 10:00")
    assert refusal.value.document()["missing"] == {"amount": "1000.00", "currency": "USD"}
    assert tale.order(order).label == "Pending payment"
    assert tale.verbs(order) == facts
    assert balance_of(world.actor("buyer").organisation_id, "USD") == money("100000.00")
    assert not Flow.objects.filter(line__order=order).exists()
    assert not order.resources.exists()


@pytest.mark.parametrize(
    ("method", "problem"), [("cheque", UnknownMethod), ("", UnknownMethod), ("credit", CreditNotGranted)]
)
def test_ways_that_one_cannot_pay(tale, method, problem):
    order = tale.orders(when="2020-01-01 09:50")
    with pytest.raises(problem):
        tale.pays(order, "2020-01-01 10:00", method=method)
    assert tale.order(order).label == "Pending payment"


def test_nobody_else_pays(tale):
    order = tale.orders(when="2020-01-01 09:50")
    for name in ("seller", "other_buyer", "other_seller", "operator"):
        with pytest.raises(NotYourTurn):
            tale.pays(order, "2020-01-01 10:00", by=name)


@pytest.mark.spec("AT-88")
def test_once_per_customer(tale, world, at, shelf):
    choice = shelf(once_per_customer=True)

    def order(name, when):
        return place_order([choice], by=world.actor(name), at=at(when))

    first = order("buyer", "2020-01-01 10:00")
    with pytest.raises(LimitReached):
        order("buyer", "2020-01-01 11:00")
    order("other_buyer", "2020-01-01 11:00")
    tale.cancels(first, "2020-01-01 12:00")
    second = order("buyer", "2020-01-01 13:00")
    tale.pays(second, "2020-01-01 14:00")
    with pytest.raises(LimitReached):
        order("buyer", "2020-02-01 10:00")
    tale.passes("2020-02-01 10:00")


def test_the_limit_holds_within_one_order_too(world, at, shelf):
    choice = shelf(once_per_customer=True)
    with pytest.raises(LimitReached):
        place_order([choice, choice], by=world.actor("buyer"), at=at("2020-01-01 10:00"))


def test_a_renewal_is_no_second_purchase(tale, world, at, shelf):
    order = tale.pays(place_order([shelf(once_per_customer=True)], by=world.actor("buyer"), at=at("2020-01-01 10:00")),
                      "2020-01-01 10:00")  # fmt: skip
    tale.delivers(order, "2020-01-02 10:00")
    tale.accepts(order, "2020-01-03 10:00")
    tale.passes("2020-01-03 13:00")
    assert tale.renews(order, "2020-02-01 10:00").label == "Completed"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"quantity": 0}, "lines.0.quantity"),
        ({"quantity": 10_001}, "lines.0.quantity"),
        ({"quantity": -1}, "lines.0.quantity"),
        ({"count": 0}, "lines.0.period"),
        ({"count": 6}, "lines.0.period"),
        ({"unit": "week"}, "lines.0.period"),
        ({"unit": "month"}, "lines.0.specification"),
        ({"sku": "sku_none"}, "lines.0.specification"),
        ({"specification": "spec\0"}, "lines.0.specification"),
        ({"sku": "\ud800"}, "lines.0.specification"),
    ],
)
def test_what_no_shelf_has(world, at, change, field):
    with pytest.raises(InvalidInput) as refusal:
        place_order([replace(world.choice("license_yearly"), **change)], by=world.actor("buyer"),
                    at=at("2020-01-01 10:00"))  # fmt: skip
    assert list(refusal.value.errors) == [field]
    assert not Order.objects.exists()


@pytest.mark.parametrize("number", ["x" * 61, "nul\0", "\udc00"])
def test_purchase_order_numbers_that_cannot_be(world, at, number):
    with pytest.raises(InvalidInput) as refusal:
        place_order([world.choice("license_yearly")], by=world.actor("buyer"), at=at("2020-01-01 10:00"),
                    purchase_order=number)  # fmt: skip
    assert list(refusal.value.errors) == ["purchase_order"]


def test_orders_that_do_not_hold_together(world, at):
    for who, names in (("buyer", []), ("buyer", ["license_yearly"] * 21), ("seller", ["license_yearly"]),
                       ("buyer", ["license_yearly", "other_license_yearly"])):  # fmt: skip
        with pytest.raises(InvalidInput) as refusal:
            place_order([world.choice(name) for name in names], by=world.actor(who), at=at("2020-01-01 10:00"))
        assert list(refusal.value.errors) == ["lines"]


def test_an_order_too_large_to_write_down_is_refused(world, at, shelf):
    dear = replace(shelf("999999.99"), quantity=10_000)
    with pytest.raises(InvalidInput, match="costs at most"):
        place_order([dear], by=world.actor("buyer"), at=at("2020-01-01 10:00"))
    order = place_order([replace(dear, quantity=1_000)] * 20, by=world.actor("buyer"), at=at("2020-01-01 10:00"))
    assert str(order.total) == "19,999,999,800.00 USD"


def test_what_is_off_the_shelf_cannot_be_ordered_but_runs_on(tale, world, at):
    paid = tale.buys(when="2020-01-01 10:00")
    waiting = tale.orders(when="2020-01-01 10:00")
    hide_product(world.products["ledgerline"], by=world.actor("seller"), at=at("2020-01-02 10:00"))
    with pytest.raises(NotOnSale):
        tale.orders(when="2020-01-03 10:00")
    assert tale.pays(waiting, "2020-01-03 10:00").label == "Processing"
    tale.delivers(paid, "2020-01-03 10:00")
    tale.accepts(paid, "2020-01-04 10:00")
    tale.passes("2020-01-04 13:00")
    assert tale.order(paid).label == "Completed"
    with pytest.raises(NotOnSale):
        tale.renews(paid, "2020-02-01 10:00")


def test_something_for_nothing_is_delivered_accepted_and_billed_at_zero(tale, world, at, shelf):
    """O9: confirming an order of nothing is paying it, by whatever way; nobody owes anything."""
    order = place_order([shelf("0.00")], by=world.actor("buyer"), at=at("2020-01-01 10:00"))
    tale.pays(order, "2020-01-01 10:00", method="credit")
    assert tale.sale(order).paid_at == at("2020-01-01 10:00")
    tale.delivers(order, "2020-01-02 10:00")
    tale.accepts(order, "2020-01-03 10:00")
    tale.passes("2020-02-07 02:00")
    bill = tale.bill("202001")
    assert (str(bill.total), bill.label, bill.lines_count) == ("0.00 USD", "Settled (zero)", 1)
    assert not Transfer.objects.filter(key__startswith=order.number).exists()
