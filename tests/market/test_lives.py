"""The lives, cell by cell: state, verb and party; first the tables, then the verbs on the real rows."""

import itertools

import pytest
from django.db import transaction

from opengallery.kit.actor import CLOCK, Party
from opengallery.kit.problems import MoveRefused, NotYourTurn, Problem
from opengallery.kit.states import Life
from opengallery.market.billing.states import BILL
from opengallery.market.catalog.states import PRODUCT
from opengallery.market.orders.actions import cancel_order, pay_order
from opengallery.market.orders.actions.fulfil_line import GraceOver
from opengallery.market.orders.models import Order
from opengallery.market.orders.states import AGEING, ORDER, RESOURCE
from opengallery.market.provisioning.states import EXCHANGE
from opengallery.market.supervision.actions import (
    accept_delivery,
    deliver_service,
    reject_delivery,
    remind_seller,
    retract_acceptance,
)
from opengallery.market.supervision.states import APPEAL_LIFE, LIVES, TURN
from opengallery.market.unsubscription.states import UNSUBSCRIPTION

ALL = {
    "order": ORDER,
    "resource": RESOURCE,
    "product": PRODUCT,
    "bill": BILL,
    "exchange": EXCHANGE,
    "appeal": APPEAL_LIFE,
    "unsubscription": UNSUBSCRIPTION,
    **LIVES,
}
# Where a life begins, besides where most begin: an order above its organisation's limit.
ALSO_BORN = {"order": ["pending_approval"]}

# What the specification says, written down a second time: its tables 2.3, 2.4, 2.6, 2.7, 2.8 with the numbers beside.
REQUEST = """
    wait_request          submit_request    buyer   wait_request_confirm  F3
    wait_request_confirm  accept_request    seller  wait_delivery         F4
    wait_request_confirm  reject_request    seller  wait_request          F5
    wait_request_confirm  withdraw_request  buyer   wait_request          Q30
"""
MACHINE = """
    wait_request     submit_request      buyer     wait_delivery    T5
"""
DELIVERY = """
    wait_delivery    deliver_service     seller    wait_acceptance  F6
"""
REVIEWED = """
    wait_delivery         deliver_service     seller    wait_platform_review  F6
    wait_platform_review  approve_delivery    operator  wait_acceptance       F11
    wait_platform_review  send_back_delivery  operator  wait_delivery         F11
"""
SHIPMENT = """
    wait_delivery    ship_goods          seller    wait_acceptance  F7
"""
ACCEPTANCE = """
    wait_acceptance  accept_delivery     buyer     completed        F8
    wait_acceptance  accept_delivery     clock     completed        F10
    wait_acceptance  reject_delivery     buyer     wait_delivery    F9
    completed        retract_acceptance  buyer     wait_acceptance  beyond-3
"""
CODE = """
    wait_delivery         deliver_service   seller  wait_code_pickup      T4
    wait_code_pickup      collect_code      buyer   wait_code_activation  F12
    wait_code_activation  activate_code     seller  wait_code_activation  F13
    wait_code_activation  prove_activation  seller  completed             F14
"""


def ended(*states: str) -> str:
    """What the operator decides and the clock does in each of a flow's running states, and in the grace (Q12)."""
    rows = ["completed end_flow clock terminated Q12"]
    for state in states:
        rows += [
            f"{state}  accept_for_buyer  operator  completed   2.4",
            f"{state}  end_flow          operator  terminated  2.4",
            f"{state}  end_flow          clock     terminated  F16",
            f"{state}  close_flow        clock     completed   F17",
        ]
        if state != "wait_delivery":
            rows.append(f"{state}  return_to_seller  operator  wait_delivery  2.4")
    return "\n".join(rows)


END = ("wait_delivery", "wait_acceptance")
SPECIFIED = {
    "order": """
        pending_approval approve_order   buyer  pending_payment  beyond-10
        pending_approval decline_order   buyer  canceled         beyond-10
        pending_approval cancel_order    buyer  canceled         O3
        pending_approval cancel_order    clock  canceled         O4
        pending_payment  pay_order       buyer  processing       O2
        pending_payment  cancel_order    buyer  canceled         O3
        pending_payment  cancel_order    clock  canceled         O4
        processing       complete_order  clock  completed        O6
    """,
    "license": DELIVERY + ACCEPTANCE + ended(*END),
    "license_reviewed": REVIEWED + ACCEPTANCE + ended(*END, "wait_platform_review"),
    "standard": REQUEST + DELIVERY + ACCEPTANCE + ended(*END, "wait_request", "wait_request_confirm"),
    "standard_reviewed": REQUEST
    + REVIEWED
    + ACCEPTANCE
    + ended(*END, "wait_request", "wait_request_confirm", "wait_platform_review"),
    "license_idcode": MACHINE + DELIVERY + ACCEPTANCE + ended(*END, "wait_request"),
    "license_idcode_reviewed": MACHINE + REVIEWED + ACCEPTANCE + ended(*END, "wait_request", "wait_platform_review"),
    "hardware": SHIPMENT + ACCEPTANCE + ended(*END),
    "license_code": CODE + ended("wait_delivery", "wait_code_pickup", "wait_code_activation"),
    "license_package": DELIVERY + ACCEPTANCE + ended(*END),
    "appeal": """
        open  decide_appeal  operator  decided  P6
    """,
    "unsubscription": """
        pending_review     withdraw_unsubscription  buyer     withdrawn          U2
        pending_review     agree_unsubscription     seller    refunding          U3
        pending_review     agree_with_return        seller    wait_return        U3
        pending_review     reject_unsubscription    seller    rejected           U4
        pending_review     pass_to_operator         clock     wait_operator      money-12.3
        wait_operator      withdraw_unsubscription  buyer     withdrawn          U2
        wait_operator      agree_unsubscription     operator  refunding          money-12.3
        wait_operator      agree_with_return        operator  wait_return        money-12.3
        wait_operator      reject_unsubscription    operator  rejected           money-12.3
        wait_return        send_return              buyer     wait_return_check  U6
        wait_return        withdraw_unsubscription  buyer     withdrawn          U2
        wait_return        lapse_unsubscription     clock     withdrawn          U7
        wait_return_check  accept_return            seller    refunding          U8
        wait_return_check  accept_return            clock     refunding          U8
        wait_return_check  refuse_return            seller    wait_return        U9
        refunding          refund_unsubscription    clock     refunded           U5
        pending_review     end_unsubscription       operator  withdrawn          Q23
        wait_operator      end_unsubscription       operator  withdrawn          Q23
        wait_return        end_unsubscription       operator  withdrawn          Q23
        wait_return_check  end_unsubscription       operator  withdrawn          Q23
        refunding          end_unsubscription       operator  withdrawn          Q23
    """,
    "resource": """
        pending   start_resource    clock  active    F8
        active    expire_resource   clock  grace     D14
        grace     freeze_resource   clock  frozen    D14
        frozen    release_resource  clock  released  D14
        active    renew_resource    clock  active    V9
        grace     renew_resource    clock  active    V9
        frozen    renew_resource    clock  active    V9
        active    withdraw_start    clock  pending   beyond-3
        grace     withdraw_start    clock  pending   beyond-3
        frozen    withdraw_start    clock  pending   beyond-3
        released  withdraw_start    clock  pending   beyond-3
        pending   end_resource      clock  released  O8
        active    end_resource      clock  released  O8
        grace     end_resource      clock  released  O8
        frozen    end_resource      clock  released  O8
    """,
}


BORN = {
    **dict.fromkeys(("license", "license_reviewed", "hardware", "license_code"), "wait_delivery"),
    **dict.fromkeys(("standard", "standard_reviewed", "license_idcode", "license_idcode_reviewed"), "wait_request"),
    "license_package": "wait_acceptance",
}


def test_every_flow_is_specified_and_born_where_its_template_begins():
    assert set(LIVES) <= set(SPECIFIED)
    assert {name: life.born for name, life in LIVES.items()} == BORN


@pytest.mark.parametrize("name", SPECIFIED)
def test_the_table_is_the_specification(name):
    rows = {tuple(row.split()[:4]) for row in SPECIFIED[name].splitlines() if row.strip()}
    assert {(move.source, move.verb, move.who.value, move.target) for move in ALL[name].moves} == rows


def cells() -> list[tuple[str, str, str, Party]]:
    """Every cell of every life."""
    found = []
    for name, life in ALL.items():
        verbs = sorted({move.verb for move in life.moves})
        found += [(name, *cell) for cell in itertools.product(life.states, verbs, Party)]
    return found


@pytest.mark.parametrize(("name", "state", "verb", "who"), cells())
def test_a_cell(name, state, verb, who):
    life = ALL[name]
    there = [move for move in life.moves if (move.source, move.verb) == (state, verb)]
    mine = [move for move in there if move.who == who]
    if mine:
        assert life.find(state, verb, {who}) == mine[0]
        assert mine[0] in life.moves_from(state, {who})
        return
    with pytest.raises(NotYourTurn if there else MoveRefused) as refusal:
        life.find(state, verb, {who})
    assert refusal.value.document()["label"] == life.labels[state]
    assert verb not in [move.verb for move in life.moves_from(state, {who})]


def reachable(life: Life, *births: str) -> set[str]:
    """The states that a life can come to."""
    found, waiting = set(), [life.born, *births]
    while waiting:
        state = waiting.pop()
        if state not in found:
            found.add(state)
            waiting += [move.target for move in life.moves_from(state)]
    return found


@pytest.mark.parametrize("name", ALL)
def test_every_state_can_be_reached_and_no_cell_is_written_twice(name):
    life = ALL[name]
    assert reachable(life, *ALSO_BORN.get(name, [])) == set(life.states)
    written = [(move.source, move.verb, move.who) for move in life.moves]
    assert len(written) == len(set(written))


def test_ends_and_turns():
    finals = {name: [state for state in life.states if life.is_final(state)] for name, life in ALL.items()}
    assert (finals["order"], finals["product"]) == (["completed", "canceled"], ["discontinued"])
    assert (finals["appeal"], finals["unsubscription"]) == (["decided"], ["refunded", "rejected", "withdrawn"])
    for state, verb in AGEING.items():
        assert RESOURCE.find(state, verb, {Party.CLOCK})
    for name, life in LIVES.items():
        assert finals[name] == ["terminated"]  # a completed flow can be undone until its grace is over
        for state in life.states[:-2]:
            steps = {move.who for move in life.moves_from(state) if move.verb not in DECISIONS}
            withdrawals = {Party.BUYER} if state == "wait_request_confirm" else set()
            assert steps - withdrawals - {Party.CLOCK} == {TURN[state]}, (name, state)


# What the operator and the clock may do in every running state; it makes it nobody's turn.
DECISIONS = ("return_to_seller", "accept_for_buyer", "end_flow", "close_flow")


# At the verbs: in each state of order and flow, which verb is open to whom, and where it leads.
OPEN = {
    "unpaid": {"pay_order": "buyer processing", "cancel_order": "buyer+clock canceled"},
    "wait_delivery": {"deliver_service": "seller wait_acceptance", "remind_seller": "buyer wait_delivery"},
    "wait_acceptance": {"accept_delivery": "buyer+clock completed", "reject_delivery": "buyer wait_delivery"},
    "accepted": {"retract_acceptance": "buyer wait_acceptance"},
    "completed": {},
    "canceled": {},
}
# Closed to everybody, yet of the life's table: the order's completion ended it.
ENDED = {("completed", "retract_acceptance")}
FLOW_VERBS = ("deliver_service", "accept_delivery", "reject_delivery", "retract_acceptance", "remind_seller")
ORDER_VERBS = ("pay_order", "cancel_order")
PEOPLE = ("buyer", "seller", "other_buyer", "other_seller", "operator", "clock")
NOW = "2020-02-01 11:00"


@pytest.fixture
def standing(tale):
    """An order that stands at a state."""

    def stand(state: str) -> Order:
        order = tale.orders(when="2020-01-31 10:00")
        steps = {
            "unpaid": [],
            "canceled": [(tale.cancels, "2020-02-01 08:00")],
            "wait_delivery": [(tale.pays, "2020-02-01 08:00")],
            "wait_acceptance": [(tale.pays, "2020-02-01 08:00"), (tale.delivers, "2020-02-01 08:01")],
        }
        steps["accepted"] = [*steps["wait_acceptance"], (tale.accepts, "2020-02-01 10:00")]
        steps["completed"] = [*steps["wait_acceptance"], (tale.accepts, "2020-02-01 08:00")]
        for act, when in steps[state]:
            act(order, when)
        tale.passes(NOW)
        return order

    return stand


def call(tale, order: Order, verb: str, who: str) -> str:
    """Call a verb as somebody; return the state that it leads to."""
    by, at = CLOCK if who == "clock" else tale.world.actor(who), tale.at(NOW)
    if verb in ORDER_VERBS:
        order = tale.order(order)
        pay_order(order, method="balance", by=by, at=at) if verb == "pay_order" else cancel_order(order, by=by, at=at)
        return tale.order(order).state
    flow = tale.flow(order)
    if verb == "deliver_service":
        deliver_service(flow, service_result="Done", files=[tale.proof()], by=by, at=at)
    elif verb in ("reject_delivery", "retract_acceptance"):
        {"reject_delivery": reject_delivery, "retract_acceptance": retract_acceptance}[verb](
            flow, reason="because", by=by, at=at
        )
    else:
        {"accept_delivery": accept_delivery, "remind_seller": remind_seller}[verb](flow, by=by, at=at)
    return tale.flow(order).state


@pytest.mark.parametrize(
    ("state", "verb"),
    [
        (state, verb)
        for state in OPEN
        for verb in (*ORDER_VERBS, *FLOW_VERBS)
        if verb in ORDER_VERBS or state not in ("unpaid", "canceled")
    ],
)
def test_who_may_do_what(tale, standing, state, verb):
    order = standing(state)
    who_may, _, target = OPEN[state].get(verb, "").partition(" ")
    facts, before = tale.verbs(order), tale.order(order)
    for who in PEOPLE:
        if who in who_may.split("+"):
            with transaction.atomic():
                assert call(tale, order, verb, who) == target
                transaction.set_rollback(True)
            continue
        with pytest.raises(Problem) as refusal, transaction.atomic():
            call(tale, order, verb, who)
        ended = (state, verb) in ENDED and who == "buyer"
        if (verb == "remind_seller" and who != "buyer") or who_may or ((state, verb) in ENDED and not ended):
            assert type(refusal.value) is NotYourTurn
        else:
            assert type(refusal.value) is (GraceOver if ended else MoveRefused)
        assert tale.verbs(order) == facts
        assert (tale.order(order).state, tale.order(order).due_at) == (before.state, before.due_at)
