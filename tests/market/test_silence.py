"""The silence walk (beyond 1): from each state of each flow, under each switch, nobody does anything for two years.

What then stands is what the tables promise, reached at the instant that they promise; or it waits, and says so. All
states of a template stand in one market: one order each, begun on the same day, left alone at its own minute.
"""

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from opengallery.market.billing.models import Transaction
from opengallery.market.journal.models import Fact
from opengallery.market.orders.models import Order
from opengallery.market.supervision.explanations import deadline_of
from opengallery.market.supervision.models import Appeal
from opengallery.market.unsubscription.models import Unsubscription

DAY = "2024-03-04"
UNTIL = "2026-03-05 00:00"
AUTO_ACCEPT, CAP = timedelta(days=20), timedelta(days=365)
GRACE = timedelta(hours=3)
OVER = ("completed", "terminated")

# template: what is bought, and the steps through its states: "sentence state"
WALKS = {
    "license": ("license_yearly", ["delivers wait_acceptance", "accepts completed"]),
    "standard": ("saas_supervised", ["submits wait_request_confirm", "confirms wait_delivery",
                                     "delivers wait_acceptance", "accepts completed"]),
    "license_idcode": ("license_idcode", ["submits wait_delivery", "delivers wait_acceptance", "accepts completed"]),
    "hardware": ("hardware", ["ships wait_acceptance", "signs wait_acceptance", "accepts completed"]),
    "license_code": ("license_code", ["issues wait_code_pickup", "collects wait_code_activation",
                                      "activates wait_code_activation", "proves completed"]),
    "license_package": ("license_package", ["rejects wait_delivery", "delivers wait_acceptance", "accepts completed"]),
}  # fmt: skip
REVIEWED = ("license", "standard", "license_idcode")
AUTO = ("license", "standard", "license_idcode", "license_package")


def switched() -> list[tuple[str, bool, bool, bool]]:
    """Each template with each setting of the switches: platform review, automatic acceptance, the cap."""
    return [
        (name, review, accept, cap)
        for name, review, accept, cap in itertools.product(WALKS, *[[False, True]] * 3)
        if (not review or name in REVIEWED) and (not accept or name in AUTO)
    ]


@dataclass
class Left:
    """An order that was left alone after some steps."""

    order: Order
    state: str
    since: datetime
    signed: datetime | None = None
    steps: list[str] = field(default_factory=list)


def leave(tale: Any, name: str, review: bool, count: int) -> Left:
    """Buy, take so many steps, and leave."""
    what, steps = WALKS[name]
    if review:
        steps = [row for step in steps
                 for row in (["delivers wait_platform_review", "approves wait_acceptance"]
                             if step.startswith("delivers") else [step])]  # fmt: skip
    order = tale.buys(what, when=f"{DAY} 10:00")
    left = Left(order, tale.flow(order).state, tale.at(f"{DAY} 10:00"))
    for minute, step in enumerate(steps[:count], start=1):
        verb, _, target = step.partition(" ")
        when = f"{DAY} 10:{minute:02d}"
        if verb == "issues":
            tale.delivers(order, when, files=0, code=f"CODE-{order.pk}")
        elif verb == "activates":
            tale.activates(f"CODE-{order.pk}", when)
        else:
            getattr(tale, verb)(order, when)
        left.state, left.since = target, left.since if verb == "signs" else tale.at(when)
        left.signed = tale.at(when) if verb == "signs" else left.signed
        left.steps.append(verb)
    assert tale.flow(order).state == left.state
    return left


def steps_of(name: str, review: bool) -> int:
    """How many steps a walk has."""
    return len(WALKS[name][1]) + (sum(step.startswith("delivers") for step in WALKS[name][1]) if review else 0)


def promised(left: Left, *, accept: bool, cap: bool, paid: datetime) -> tuple[str, datetime | None]:
    """What the tables promise of it: the state in which it ends, and when it comes to it; None: it waits."""
    if left.state == "completed":
        return "completed", left.since
    ends = []
    if left.state == "wait_acceptance" and left.signed:
        ends.append((left.signed + timedelta(days=10), "completed"))
    elif left.state == "wait_acceptance" and accept:
        ends.append((left.since + AUTO_ACCEPT, "completed"))
    if cap:
        ends.append((paid + CAP, "terminated"))
    if not ends:
        return left.state, None
    at, state = min(ends)
    return state, at


@pytest.mark.spec("AT-98")
@pytest.mark.parametrize(("name", "review", "accept", "cap"), switched())
def test_two_years_of_silence(tale, at, name, review, accept, cap):
    tale.sets("platform_review", review)
    tale.sets("auto_close_days", CAP.days if cap else 0)
    if name in AUTO:
        tale.sets(f"auto_accept_days_{name}", AUTO_ACCEPT.days if accept else 0)
    all_left = [leave(tale, name, review, count) for count in range(steps_of(name, review) + 1)]
    for left in all_left:
        assert deadline_of(tale.flow(left.order)) is not None, "a state without a word of what comes"
    tale.passes(UNTIL)
    for left in all_left:
        flow, order = tale.flow(left.order), tale.order(left.order)
        state, when = promised(left, accept=accept, cap=cap, paid=order.paid_at)
        assert flow.state == state, left.steps
        if when is None:
            said = deadline_of(flow)
            assert order.state == "processing"
            assert (said.turn, said.outcome) == (flow.turn, "overdue" if flow.state == "wait_delivery" else "waits")
            assert Fact.objects.filter(stream=order.number, verb="note_overdue").count() == (
                flow.state == "wait_delivery"
            )
            continue
        assert flow.state_since == when
        assert order.completed_at == (when + GRACE if state == "completed" else when)
        assert deadline_of(flow) is None
        assert order.unsubscribed == (state == "terminated")
        sale = Transaction.objects.get(key=flow.number)
        assert (sale.bill is not None) == (state == "completed")
        assert sale.net_units == (order.total_units if state == "completed" else 0)


@pytest.mark.parametrize("gate", ["any_time", "classic"])
@pytest.mark.parametrize("cap", [False, True])
def test_an_appeal_waits_for_the_operator_and_says_so(tale, at, gate, cap):
    """Whatever the gate: held for two years, every clock stands still; decided, it goes on where it was."""
    tale.sets("appeal_gate", gate)
    tale.sets("auto_close_days", CAP.days if cap else 0)
    tale.sets("auto_accept_days_license", AUTO_ACCEPT.days)
    order = tale.buys("license_yearly", when=f"{DAY} 10:00")
    tale.delivers(order, f"{DAY} 11:00")
    tale.passes("2024-03-10 11:00")
    appeal = tale.appeals(order, "2024-03-10 11:00")
    tale.passes(UNTIL)
    flow = tale.flow(order)
    said = deadline_of(flow)
    assert (flow.state, said.turn, said.at, said.outcome) == ("wait_acceptance", "operator", None, "held")
    assert appeal.due_at == at("2024-03-13 23:59:59")
    assert Appeal.objects.get().state == "open"
    tale.decides(appeal, "resume", UNTIL)
    assert tale.flow(order).accept_due_at == at(UNTIL) + AUTO_ACCEPT - timedelta(days=6)
    tale.passes("2026-03-19 00:00")
    assert tale.flow(order).accepted_at == at("2026-03-19 00:00")


# What a request to undo a purchase comes to when nobody does anything more, and when; None: it waits for the operator.
REQUESTS = {
    "pending_review": ([], "wait_operator", "2024-03-20 10:00", "unsubscription"),
    "wait_return": (["agrees"], "withdrawn", "2024-03-16 10:00", ""),
    "wait_return_check": (["agrees", "returns"], "refunded", "2024-03-22 10:00", ""),
    "refused_goods": (["agrees", "returns", "refuses_goods"], "withdrawn", "2024-03-18 10:00", ""),
}


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("signed", [False, True])
def test_silence_on_the_way_back(tale, at, name, signed):
    steps, state, when, held = REQUESTS[name]
    order = tale.buys("hardware", when=f"{DAY} 10:00")
    tale.ships(order, f"{DAY} 11:00")
    if signed:
        tale.signs(order, f"{DAY} 12:00")
    row = tale.asks_back(order, "2024-03-05 10:00")
    for day, step in enumerate(steps, start=6):
        getattr(tale, step)(row, f"2024-03-{day:02d} 10:00")
    tale.passes(UNTIL)
    row, flow = tale.unsubscription(row), tale.flow(order)
    assert (row.state, row.state_since, flow.held_by) == (state, at(when), held)
    if state == "wait_operator":
        assert (row.turn, row.due_at, deadline_of(flow).outcome) == ("operator", None, "held")
    elif state == "refunded":
        assert (flow.state, tale.order(order).completed_at) == ("terminated", at(when))
    elif signed:
        stood = at(when) - at("2024-03-05 10:00")
        assert flow.accepted_at == at(f"{DAY} 12:00") + timedelta(days=10) + stood
    else:
        assert (flow.state, deadline_of(flow).outcome) == ("wait_acceptance", "waits")


def test_silence_in_the_grace(tale, at):
    """An unsubscription in the grace: withdrawn, what was left of the grace runs, and the order completes."""
    order = tale.buys("license_yearly", when=f"{DAY} 10:00")
    tale.delivers(order, f"{DAY} 11:00")
    tale.accepts(order, f"{DAY} 12:00")
    row = tale.asks_back(order, f"{DAY} 13:00")
    assert deadline_of(tale.flow(order)).outcome == "held"
    tale.passes("2024-03-10 00:00")
    tale.takes_back(row, "2024-03-10 00:00")
    tale.passes(UNTIL)
    assert tale.order(order).completed_at == at("2024-03-10 02:00")
    assert not Unsubscription.objects.running().exists()


def test_an_order_that_nobody_pays_or_approves_ends(tale, at):
    for what, when in (("license_yearly", "2024-03-11 10:00"), ("hardware", "2024-03-04 11:00")):
        order = tale.orders(what, when=f"{DAY} 10:00")
        tale.passes(UNTIL)
        assert (tale.order(order).state, tale.order(order).canceled_at) == ("canceled", at(when))
