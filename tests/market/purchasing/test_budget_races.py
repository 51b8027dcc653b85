"""At the same moment, on real connections: no budget is ever overspent, and each order gives back once (beyond 10)."""
# ruff: noqa: F811  the fixtures of the races are imported by name

from collections import Counter

import pytest
from test_races import CALLERS, at_once, db, market, pool, races  # noqa: F401

from opengallery.kit.problems import MoveRefused, Problem
from opengallery.market.orders.actions import cancel_order, place_order
from opengallery.market.orders.actions.cancel_order import cancel_unpaid_orders
from opengallery.market.orders.models import Order
from opengallery.market.purchasing.actions import change_cost_centre, open_cost_centre
from opengallery.market.purchasing.models import CostCentre
from opengallery.market.purchasing.problems import BudgetExceeded, BudgetReserved

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("races")]

NOON = "2026-01-01 12:00"


def reserved(code):
    return CostCentre.objects.get(code=code).reserved.amount()


def buys(market, code):
    return place_order([market.world.choice("license_yearly")], by=market.buyer, at=market.at(NOON), cost_centre=code)


def opened(market, code, budget):
    return open_cost_centre(code=code, name="Race", budget=budget, by=market.buyer, at=market.at("2026-01-01 08:00"))


def test_two_hundred_parallel_orders_never_overspend(market, pool):
    """A budget for 20 of 200 orders: 20 get it, 180 are told what is left, and nothing of theirs remains."""
    opened(market, "RACE-200", "20500.00")

    def order(_):
        try:
            return buys(market, "RACE-200")
        except Problem as refusal:
            return refusal

    answers = list(pool.map(order, range(200)))
    assert Counter(type(answer) for answer in answers) == {Order: 20, BudgetExceeded: 180}
    assert reserved("RACE-200") == "20000.00"
    assert Order.objects.filter(cost_centre="RACE-200").count() == 20
    assert {answer.extra["left"] for answer in answers if isinstance(answer, BudgetExceeded)} == {"500.00"}


def test_an_order_canceled_by_eight_and_the_clock_gives_back_once(market, pool):
    opened(market, "RACE-CANCEL", "9000.00")
    orders = [buys(market, "RACE-CANCEL") for _ in range(5)]
    for order in orders:
        due = order.due_at
        calls = [lambda order=order, due=due: cancel_order(Order.objects.get(pk=order.pk), by=market.buyer, at=due)] * (
            CALLERS - 1
        )
        answers = at_once(pool, [*calls, lambda due=due: cancel_unpaid_orders(until=due)])
        assert Counter(type(answer) for answer in answers)[MoveRefused] >= CALLERS - 2
    assert reserved("RACE-CANCEL") == "0.00"
    assert set(Order.objects.filter(cost_centre="RACE-CANCEL").values_list("state", flat=True)) == {"canceled"}


def test_a_budget_lowered_while_orders_reserve_it(market, pool):
    for number in range(10):
        code = f"RACE-LOW-{number}"
        centre = opened(market, code, "4000.00")
        buy = [lambda code=code: buys(market, code)] * 6
        lower = [lambda centre=centre: change_cost_centre(centre, name="Race", budget="2000.00", by=market.buyer,
                                                          at=market.at(NOON))]  # fmt: skip
        answers = at_once(pool, [*buy[:3], *lower, *buy[3:]])
        bought = sum(isinstance(answer, Order) for answer in answers)
        row = CostCentre.objects.get(code=code)
        lowered = not any(isinstance(answer, BudgetReserved) for answer in answers)
        assert row.budget.amount() == ("2000.00" if lowered else "4000.00")
        assert row.reserved.amount() == f"{bought}000.00"
        assert bought == (2 if lowered else 4)
