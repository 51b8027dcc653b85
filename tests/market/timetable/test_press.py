"""The clock's hand: in order, at each thing's own instant, whatever one bad row does."""

from datetime import timedelta
from importlib import import_module

import pytest

from opengallery.kit import clock
from opengallery.kit.models import SandboxClock
from opengallery.kit.problems import InvalidInput
from opengallery.market.billing.models import Bill, Run, Transaction
from opengallery.market.orders.models import Order, Resource
from opengallery.market.timetable.actions import move_clock, press_due
from opengallery.market.timetable.sources import Source


def test_a_year_passes_in_one_press(tale, world, at):
    """Each thing at its own due instant, a bill run after the completions before it."""
    order = tale.buys(when="2020-01-01 10:00")
    unpaid = tale.orders(when="2020-01-02 10:00")
    tale.delivers(order, "2020-01-02 10:00")
    tale.accepts(order, "2020-01-31 23:30")
    tale.passes("2021-06-30 00:00")
    assert tale.order(order).completed_at == at("2020-02-01 02:30")
    assert tale.order(unpaid).canceled_at == at("2020-01-09 10:00")
    assert Bill.objects.get().drawn_at == at("2020-02-07 02:00")
    assert tale.resource(order).state_since == at("2021-03-02 23:59:59")
    aged = [fact.at for fact in tale.facts(order) if fact.kind == "resource"][1:]
    assert aged == [at("2021-01-31 23:59:59"), at("2021-02-15 23:59:59"), at("2021-03-02 23:59:59")]


def test_the_earliest_goes_first_and_only_so_far_as_the_next(db, at):
    """Of two sources that fall due in turns, neither overtakes the other."""
    start = at("2020-01-01 00:00")
    due = {"a": [0, 2, 3, 7], "b": [1, 2, 5]}
    happened = []

    def source(name: str) -> Source:
        def press(*, until) -> int:
            now = [hour for hour in due[name] if start + timedelta(hours=hour) <= until]
            del due[name][: len(now)]
            happened.extend((hour, name) for hour in now)
            return len(now)

        return Source(name, lambda: start + timedelta(hours=due[name][0]) if due[name] else None, press)

    assert press_due(until=start + timedelta(hours=6), sources=(source("a"), source("b"))) == 6
    hours = [hour for hour, _ in happened]
    assert hours == sorted(hours)
    assert due == {"a": [7], "b": []}


def test_a_source_that_finds_nothing_after_all_does_not_end_the_press(db, at):
    """Somebody was quicker: what the other sources have is still pressed."""
    start = at("2020-01-01 00:00")
    gone, due = [start], [start + timedelta(hours=1)]

    def vanish(*, until) -> int:
        gone.clear()
        return 0

    def press(*, until) -> int:
        due.clear()
        return 1

    sources = (
        Source("gone", lambda: gone[0] if gone else None, vanish),
        Source("due", lambda: due[0] if due else None, press),
    )
    assert press_due(until=start + timedelta(hours=2), sources=sources) == 1


@pytest.fixture
def ten_due(tale):
    """Three orders that complete at 13:00."""
    orders = [tale.buys(when="2020-01-01 10:00") for _ in range(3)]
    for order in orders:
        tale.delivers(order, "2020-01-02 10:00")
        tale.accepts(order, "2020-01-03 10:00")
    return orders


def test_one_order_that_cannot_complete_stops_no_other(tale, ten_due, at, monkeypatch):
    """Rule 17: it is put off by an hour; the others complete at their own instant."""
    from opengallery.market.orders.actions import complete_order

    bad = ten_due[1]
    good = complete_order.complete_transactions

    def complete_transactions(orders) -> None:
        if bad.number in orders:
            raise ArithmeticError("does not add up")
        good(orders)

    monkeypatch.setattr(complete_order, "complete_transactions", complete_transactions)
    tale.passes("2020-01-03 13:10")
    assert [tale.order(order).label for order in ten_due] == ["Completed", "Processing", "Completed"]
    assert {tale.order(order).completed_at for order in ten_due} == {at("2020-01-03 13:00"), None}
    assert tale.order(bad).due_at == at("2020-01-03 14:10")
    assert "complete_order" not in tale.verbs(bad)
    monkeypatch.undo()
    tale.passes("2020-01-03 14:10")
    assert tale.order(bad).label == "Completed"
    assert Transaction.objects.exclude(completed_at=None).count() == 3


def test_one_unpaid_order_that_cannot_be_canceled_stops_no_other(tale, at, monkeypatch):
    module = import_module("opengallery.market.orders.actions.cancel_order")
    orders = [tale.orders(when="2020-01-01 10:00") for _ in range(3)]
    good = module.cancel_order

    def cancel(order, **how) -> None:
        if order.pk == orders[0].pk:
            raise ArithmeticError
        good(order, **how)

    monkeypatch.setattr(module, "cancel_order", cancel)
    tale.passes("2020-01-08 10:30")
    assert [tale.order(order).label for order in orders] == ["Pending payment", "Canceled", "Canceled"]
    assert tale.order(orders[0]).due_at == at("2020-01-08 11:30")


def test_one_resource_that_cannot_age_stops_no_other(tale, ten_due, at, monkeypatch):
    from opengallery.market.orders.actions import resources

    tale.passes("2020-12-31 00:00")
    bad = tale.resource(ten_due[0]).pk
    good = resources.age_resource

    def age(resource, **how) -> None:
        if resource.pk == bad:
            raise ArithmeticError
        good(resource, **how)

    monkeypatch.setattr(resources, "age_resource", age)
    tale.passes("2021-01-04 00:00")
    assert [tale.resource(order).label for order in ten_due] == ["Active", "Grace period", "Grace period"]
    assert tale.resource(ten_due[0]).due_at > at("2021-01-03 23:59:59")


def test_a_resource_that_was_renewed_meanwhile_does_not_age(tale, ten_due, at):
    """The sweep read it before the renewal: what it holds is old, and it is told so."""
    from opengallery.kit.problems import MoveRefused
    from opengallery.market.orders.actions import age_resource

    tale.passes("2020-12-31 00:00")
    stale = tale.resource(ten_due[0])
    tale.renews(ten_due[0], "2021-01-03 23:59:58")
    with pytest.raises(MoveRefused):
        age_resource(stale, at=stale.due_at)
    resource = tale.resource(ten_due[0])
    assert (resource.label, str(resource.end)) == ("Active", "2022-01-03")


def test_moving_the_sandbox_clock(tale, world, ten_due, at):
    SandboxClock.objects.update_or_create(pk=1, defaults={"at": at("2020-01-03 12:59:59")})
    assert clock.now() == at("2020-01-03 12:59:59")
    assert move_clock(at("2020-02-10 09:00")) == at("2020-02-10 09:00") == clock.now()
    assert {tale.order(order).completed_at for order in ten_due} == {at("2020-01-03 13:00")}
    assert Bill.objects.get().lines_count == 3
    with pytest.raises(InvalidInput, match="never goes back"):
        move_clock(at("2020-02-10 08:59:59"))
    assert move_clock(at("2020-02-10 09:00")) == at("2020-02-10 09:00")


def test_pressing_twice_is_pressing_once(tale, ten_due):
    assert tale.passes("2020-02-10 00:00") > 0
    said = [list(model.objects.order_by("pk").values()) for model in (Order, Resource, Transaction, Bill, Run)]
    assert tale.passes("2020-02-10 00:00") == 0
    assert [list(model.objects.order_by("pk").values()) for model in (Order, Resource, Transaction, Bill, Run)] == said
