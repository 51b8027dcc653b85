"""Every cell of every flow, request and order, at the verbs on real rows: who may, where it leads; the rest is refused.

Allowed cells move and are rolled back; every other one is refused with the right problem and changes nothing.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from opengallery.kit.actor import CLOCK, Party
from opengallery.kit.money import Money
from opengallery.kit.problems import InvalidInput, MoveRefused, NotFound, NotYourTurn, OnHold, Problem
from opengallery.market.billing.models import Transaction
from opengallery.market.identity.actions import add_person
from opengallery.market.journal.models import Fact
from opengallery.market.ledger.models import Transfer
from opengallery.market.orders.actions import approve_order, cancel_order, decline_order, pay_order
from opengallery.market.orders.actions.fulfil_line import GraceOver
from opengallery.market.orders.models import Order, OrderLine, Resource
from opengallery.market.purchasing.models import Rule
from opengallery.market.purchasing.problems import FourEyes
from opengallery.market.purchasing.states import RULE
from opengallery.market.supervision import actions
from opengallery.market.supervision.models import Appeal, AuthorizationCode, Deliverable, Delivery, Flow, Request
from opengallery.market.supervision.problems import NotCollected
from opengallery.market.supervision.states import LIVES, TURN
from opengallery.market.unsubscription import actions as undo
from opengallery.market.unsubscription.models import Unsubscription
from opengallery.market.unsubscription.problems import NotUndoable
from opengallery.market.unsubscription.states import UNSUBSCRIPTION

PEOPLE = ("buyer", "seller", "other_buyer", "other_seller", "operator", "clock")
PARTY = {"buyer": Party.BUYER, "seller": Party.SELLER, "operator": Party.OPERATOR, "clock": Party.CLOCK}
NOW = "2025-06-02 11:00"

BEFORE = {"standard": ["submits", "confirms"], "license_idcode": ["submits"]}
# template: what is bought, and the steps that lead through its states, each with the state it leads to
WHAT = {
    "license": "license_yearly", "standard": "saas_supervised", "license_idcode": "license_idcode",
    "hardware": "hardware", "license_code": "license_code", "license_package": "license_package",
}  # fmt: skip
WAYS = {
    "license": ["wait_delivery", "delivers wait_acceptance", "accepts completed"],
    "standard": ["wait_request", "submits wait_request_confirm", "confirms wait_delivery",
                 "delivers wait_acceptance", "accepts completed"],
    "license_idcode": ["wait_request", "submits wait_delivery", "delivers wait_acceptance", "accepts completed"],
    "hardware": ["wait_delivery", "ships wait_acceptance", "accepts completed"],
    "license_code": ["wait_delivery", "issues wait_code_pickup", "collects wait_code_activation",
                     "activates activated", "proves completed"],
    "license_package": ["wait_acceptance", "rejects wait_delivery", "delivers wait_acceptance again",
                        "accepts completed"],
}  # fmt: skip
WAYS |= {
    f"{name}_reviewed": [
        step
        for row in WAYS[name]
        for step in (
            ["delivers wait_platform_review", "approves wait_acceptance"] if row.startswith("deliv") else [row]
        )
    ]
    for name in ("license", "standard", "license_idcode")
}


def stands() -> list[tuple[str, str]]:
    """Every template with every state in which a flow of it can stand."""
    return [
        (name, state)
        for name, way in WAYS.items()
        for state in [step.partition(" ")[2] or step for step in way] + ["final", "terminated"]
        if not state.endswith("again")
    ]


def test_the_ways_lead_to_every_state():
    real = {(name, {"activated": "wait_code_activation", "final": "completed"}.get(state, state))
            for name, state in stands()}  # fmt: skip
    assert real == {(name, state) for name, life in LIVES.items() for state in life.states}


@pytest.fixture
def standing(tale) -> Callable[[str, str], Order]:
    """An order whose flow of a template stands at a state; "final": its order is completed too."""

    def stand(name: str, state: str) -> Order:
        template = name.removesuffix("_reviewed")
        if name != template:
            tale.sets("platform_review", True)
        day = "2025-06-01" if state == "final" else "2025-06-02"
        order = tale.buys(WHAT[template], when=f"{day} 10:00")
        more = {
            "issues": lambda when: tale.delivers(order, when, files=0, code="CODE-1"),
            "activates": lambda when: tale.activates("CODE-1", when),
            "ends": lambda when: tale.overrides(
                order, "terminate_and_refund", when, amount=tale.flow(order).line.net.amount()
            ),
        }
        wanted = {"final": "completed"}.get(state, state)
        for minute, step in enumerate(WAYS[name][1:] if state != "terminated" else ["ends terminated"], start=1):
            if WAYS[name][0] == wanted:
                break
            verb, _, target = step.partition(" ")
            when = f"{day} 10:{minute:02d}"
            more[verb](when) if verb in more else getattr(tale, verb)(order, when)
            if target == wanted:
                break
        tale.passes(NOW)
        real = {"activated": "wait_code_activation", "final": "completed"}.get(state, state)
        assert (tale.flow(order).template, tale.flow(order).state) == (name, real)
        assert (tale.order(order).state == "completed") == (state in ("final", "terminated"))
        return order

    return stand


class Caller:
    """Calls a verb of flows by its name, with what it needs, all of it well formed."""

    def __init__(self, tale: Any) -> None:
        self.tale, self.at = tale, tale.at(NOW)
        self.file = tale.proof()

    def call(self, flow: Flow, verb: str, by: Any) -> Any:
        how: dict[str, Any] = {"by": by, "at": self.at}
        name, _, decision = verb.partition(":")
        words = {
            "submit_request": {"text": "Ten users."},
            "reject_request": {"reason": "which?"},
            "deliver_service": {"service_result": "Done", "files": [self.file], "code": "CODE-2", **self.answers(flow)},
            "ship_goods": {"carrier": "swiftline", "number": "SW 1", **self.answers(flow)},
            "prove_activation": {"service_result": "Done", "files": [self.file]},
            "send_back_delivery": {"reason": "wrong file"},
            "reject_delivery": {"reason": "bad key",
                                "cited": {1: "It works."} if flow.line.terms.criteria else {}},
            "retract_acceptance": {"reason": "oh no"},
            "file_appeal": {"ground": "other_seller" if by == self.tale.who("seller") else "other_buyer",
                            "reason": "Please decide."},
            "override_flow": {"decision": decision, "reason": "Both agreed.",
                              "amount": flow.line.net if decision == "terminate_and_refund" else None},
        }  # fmt: skip
        if name == "activate_code":
            return actions.activate_code("CODE-1", **how)
        if name == "request_unsubscription":
            return undo.request_unsubscription(flow, amount=flow.line.net.amount(), reason="other", **how)
        return getattr(actions, name)(flow, **words.get(name, {}), **how)

    def answers(self, flow: Flow) -> dict[str, Any]:
        return {"answers": self.tale.all_answered(flow)}


LIFE_VERBS = (
    "submit_request", "withdraw_request", "accept_request", "reject_request", "deliver_service", "ship_goods",
    "collect_code", "prove_activation", "approve_delivery", "send_back_delivery", "accept_delivery", "reject_delivery",
    "retract_acceptance",
)  # fmt: skip
DECISIONS = {"return_to_seller": "return_to_seller", "accept_for_buyer": "accept_for_buyer",
             "terminate_and_refund": "end_flow"}  # fmt: skip
OTHER_VERBS = ("activate_code", "remind_seller", "file_appeal", "request_unsubscription",
               *(f"override_flow:{decision}" for decision in DECISIONS))  # fmt: skip


def by_table(flow: Flow, verb: str, party: Party | None) -> Any:
    """The state that a cell of the table leads to, or the refusal."""
    rows = [move for move in flow.life.moves if (move.source, move.verb) == (flow.state, verb)]
    mine = [move.target for move in rows if move.who == party]
    return mine[0] if mine else NotYourTurn if rows else MoveRefused


def expected(flow: Flow, state: str, verb: str, who: str) -> Any:
    """What the specification says to a call: the state that follows, or the class of the refusal."""
    party, name = PARTY.get(who), verb.partition(":")
    collected = flow.template == "license_code" and state in ("wait_code_activation", "activated", "completed", "final")
    if verb == "retract_acceptance" and state == "final" and by_table(flow, verb, party) == "wait_acceptance":
        return GraceOver
    if verb == "prove_activation" and state == "wait_code_activation" and party == Party.SELLER:
        return NotCollected
    if verb in LIFE_VERBS:
        return by_table(flow, verb, party)
    if name[0] == "override_flow":
        if party != Party.OPERATOR:
            return NotYourTurn
        back = name[2] == "return_to_seller" and flow.state == "wait_delivery"
        return InvalidInput if back else by_table(flow, DECISIONS[name[2]], party)
    if verb == "activate_code":
        if not AuthorizationCode.objects.filter(flow=flow).exists() or party != Party.SELLER:
            return NotFound
        return flow.state if state == "wait_code_activation" else NotCollected
    if verb == "remind_seller":
        due = flow.state if TURN.get(flow.state) == Party.SELLER else MoveRefused
        return due if party == Party.BUYER else NotYourTurn
    if verb == "file_appeal":
        over = flow.state in ("completed", "terminated")
        return (MoveRefused if over else flow.state) if party in (Party.BUYER, Party.SELLER) else NotYourTurn
    gone = collected or state in ("final", "terminated")
    return (NotUndoable if gone else flow.state) if party == Party.BUYER else NotYourTurn


def snapshot() -> Any:
    """All rows that any of these verbs could change."""
    rows = [list(model.objects.order_by("pk").values())
            for model in (Order, OrderLine, Resource, Flow, Transaction, Appeal, Unsubscription, AuthorizationCode)]  # fmt: skip
    counts = [model.objects.count() for model in (Fact, Transfer, Delivery, Deliverable, Request)]
    return rows, counts


@pytest.mark.parametrize(("name", "state"), stands())
def test_every_cell(tale, standing, name, state):
    order = standing(name, state)
    caller, before = Caller(tale), snapshot()
    for verb in (*LIFE_VERBS, *OTHER_VERBS):
        for who in PEOPLE:
            flow = tale.flow(order)
            meant = expected(flow, state, verb, who)
            by = CLOCK if who == "clock" else tale.world.actor(who)
            if isinstance(meant, str):
                with transaction.atomic():
                    caller.call(flow, verb, by)
                    assert tale.flow(order).state == meant, (verb, who)
                    assert Fact.objects.count() > before[1][0], (verb, who)
                    transaction.set_rollback(True)
                continue
            with pytest.raises(Problem) as refusal, transaction.atomic():
                caller.call(flow, verb, by)
            assert type(refusal.value) is meant, (verb, who, refusal.value)
            assert snapshot() == before, (verb, who)


@pytest.mark.parametrize("hold", ["appeal", "unsubscription"])
@pytest.mark.parametrize(("name", "state"), [cell for cell in stands() if cell[1] not in ("final", "terminated")])
def test_every_cell_is_closed_while_it_is_held(tale, standing, name, state, hold):
    """Invariant 6: nobody moves what is frozen or under review, by whomever it would have been."""
    order = standing(name, state)
    collected = name == "license_code" and state in ("wait_code_activation", "activated", "completed")
    if (hold == "appeal" and state == "completed") or (hold == "unsubscription" and collected):
        return
    tale.appeals(order, NOW) if hold == "appeal" else tale.asks_back(order, NOW)
    caller, before = Caller(tale), snapshot()
    for verb in (*LIFE_VERBS, *OTHER_VERBS):
        for who in PARTY:
            flow = tale.flow(order)
            if not isinstance(expected(flow, state, verb, who), str):
                continue
            if hold == "unsubscription" and verb in ("remind_seller", "file_appeal"):
                continue  # Q6
            by = CLOCK if who == "clock" else tale.world.actor(who)
            with pytest.raises(Problem) as refusal, transaction.atomic():
                caller.call(flow, verb, by)
            kind = actions.appeals.AppealOpen if (verb, hold) == ("file_appeal", "appeal") else OnHold
            assert type(refusal.value) is kind, (verb, who, refusal.value)
            assert snapshot() == before, (verb, who)


# What leads a request to undo a purchase to each of its states; "goods" have been shipped.
REQUESTS = {
    "pending_review": [], "wait_operator": ["15 days"], "wait_return": ["agrees"],
    "wait_return_check": ["agrees", "returns"], "refunding": ["agrees"], "refunded": ["agrees", "pass"],
    "rejected": ["disagrees"], "withdrawn": ["takes_back"],
}  # fmt: skip


@pytest.mark.parametrize("goods", [False, True])
@pytest.mark.parametrize("state", UNSUBSCRIPTION.states)
def test_every_cell_of_an_unsubscription(tale, state, goods):
    if goods is (state in ("refunding", "refunded")) or (state.startswith("wait_return") and not goods):
        return  # goods come back first, anything else has no return
    order = tale.buys("hardware" if goods else "license_yearly", when="2025-05-01 10:00")
    if goods:
        tale.ships(order, "2025-05-02 10:00")
    row = tale.asks_back(order, "2025-05-03 10:00")
    now = "2025-05-18 11:00" if state == "wait_operator" else "2025-05-03 12:00"
    for step in REQUESTS[state]:
        if step in ("15 days", "pass"):
            tale.passes(now)
        else:
            getattr(tale, step)(row, "2025-05-03 11:00")
    assert tale.unsubscription(row).state == state
    at, files, before = tale.at(now), [tale.proof()], snapshot()
    calls = {
        "withdraw_unsubscription": lambda row, by: undo.withdraw_unsubscription(row, by=by, at=at),
        "agree_with_return" if goods else "agree_unsubscription": lambda row, by: undo.agree_unsubscription(
            row, comments="Yes.", files=files, by=by, at=at
        ),
        "reject_unsubscription": lambda row, by: undo.reject_unsubscription(row, comments="No.", by=by, at=at),
        "send_return": lambda row, by: undo.send_return(row, carrier="oceanic", number="OC 1", by=by, at=at),
        "accept_return": lambda row, by: undo.accept_return(row, by=by, at=at),
        "refuse_return": lambda row, by: undo.refuse_return(row, reason="Broken.", by=by, at=at),
    }
    for verb, call in calls.items():
        rows = [move for move in UNSUBSCRIPTION.moves if (move.source, move.verb) == (state, verb)]
        for who in PEOPLE:
            mine = [move.target for move in rows if move.who == PARTY.get(who)]
            by = CLOCK if who == "clock" else tale.world.actor(who)
            if mine:
                with transaction.atomic():
                    call(tale.unsubscription(row), by)
                    assert tale.unsubscription(row).state == mine[0], (verb, who)
                    flow = tale.flow(order)
                    assert flow.held_by == ("unsubscription" if mine[0] in open_states() else "")
                    transaction.set_rollback(True)
                continue
            with pytest.raises(Problem) as refusal, transaction.atomic():
                call(tale.unsubscription(row), by)
            assert type(refusal.value) is (NotYourTurn if rows else MoveRefused), (verb, who)
            assert snapshot() == before, (verb, who)


def open_states() -> list[str]:
    """The states in which a request is not closed."""
    return [state for state in UNSUBSCRIPTION.states if not UNSUBSCRIPTION.is_final(state)]


@pytest.fixture
def waiting(tale, world) -> Order:
    """An order above the organisation's limit, which waits for a second person."""
    buyer = world.members["buyer"].organisation
    Rule.objects.create(organisation=buyer, currency="USD", approval_units=Money.of("500", "USD").units,
                        state=RULE.born, state_since=tale.at(NOW))  # fmt: skip
    world.members["second"] = add_person(
        buyer, email="second@meridian.example", username="second", full_name="Second", password=None, role="owner"
    )
    order = tale.orders(when="2025-06-02 10:00")
    assert order.state == "pending_approval"
    return order


ORDER_STATES = {"pending_approval": [], "pending_payment": ["approve"], "processing": ["approve", "pay"],
                "canceled": ["cancel"]}  # fmt: skip


@pytest.mark.parametrize("state", [*ORDER_STATES, "completed"])
def test_every_cell_of_an_order_with_a_second_person(tale, waiting, state):
    second, first, at = tale.who("second"), tale.who("buyer"), tale.at(NOW)
    calls: dict[str, Any] = {
        "approve_order": lambda order, by: approve_order(order, by=by, at=at),
        "decline_order": lambda order, by: decline_order(order, reason="Too dear.", by=by, at=at),
        "pay_order": lambda order, by: pay_order(order, method="balance", by=by, at=at),
        "cancel_order": lambda order, by: cancel_order(order, by=by, at=at),
    }
    people = {"approve": (calls["approve_order"], second), "pay": (calls["pay_order"], first),
              "cancel": (calls["cancel_order"], first)}  # fmt: skip
    for step in ORDER_STATES.get(state, ["approve", "pay"]):
        call, by = people[step]
        call(tale.order(waiting), by)
    if state == "completed":
        tale.overrides(waiting, "terminate_and_refund", NOW, amount="1000.00")
    assert tale.order(waiting).state == state
    before = snapshot()
    for verb, call in calls.items():
        rows = [move for move in waiting.life.moves if (move.source, move.verb) == (state, verb)]
        for who in (*PEOPLE, "second"):
            by = CLOCK if who == "clock" else tale.world.actor(who)
            party = PARTY.get("buyer" if who == "second" else who)
            mine = [move.target for move in rows if move.who == party]
            own = who == "buyer" and verb in ("approve_order", "decline_order")
            if mine and not own:
                with transaction.atomic():
                    call(tale.order(waiting), by)
                    assert tale.order(waiting).state == mine[0]
                    transaction.set_rollback(True)
                continue
            with pytest.raises(Problem) as refusal, transaction.atomic():
                call(tale.order(waiting), by)
            meant = FourEyes if mine and own else NotYourTurn if rows else MoveRefused
            assert type(refusal.value) is meant, (verb, who)
            assert snapshot() == before


@pytest.mark.parametrize("state", ["pending", "active", "grace", "frozen", "released"])
def test_what_is_undone_is_released_in_every_state(tale, state):
    """O8 and V8: a resource of any age ends with its purchase, and only the clock ends it."""
    from opengallery.market.orders.actions.resources import end_resource

    order = tale.buys("license_monthly", when="2025-01-01 09:00")
    tale.delivers(order, "2025-01-20 09:00", enabled="2025-01-01")
    accepted = {"active": "2025-01-25", "grace": "2025-02-05", "frozen": "2025-02-20", "released": "2025-03-10"}
    if state != "pending":
        tale.accepts(order, f"{accepted[state]} 10:00")
    resource = tale.resource(order)
    assert resource.state == state
    end_resource(resource, at=tale.at("2025-03-10 11:00"))
    resource = tale.resource(order)
    assert (resource.state, resource.due_at is None) == ("released", True)
