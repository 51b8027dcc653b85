"""At the same moment, on real connections: one wins, the others are told, and the books are as if one had asked.

The races run in a database of their own, a copy of the suite's: what is committed here cannot be rolled back.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import connection, connections
from psycopg import sql

from opengallery.kit.ids import new_id
from opengallery.kit.models import StoredFile
from opengallery.kit.money import Money
from opengallery.kit.problems import MoveRefused, OnHold, Problem
from opengallery.market.billing.actions import balance_of, run_bills, top_up_balance
from opengallery.market.billing.models import Bill, Run, Transaction
from opengallery.market.billing.problems import KeyTaken
from opengallery.market.catalog.actions import add_specification
from opengallery.market.catalog.models import Sku
from opengallery.market.journal.models import Fact
from opengallery.market.ledger import actions as ledger
from opengallery.market.ledger.actions import BalanceTooLow
from opengallery.market.ledger.models import Transfer
from opengallery.market.ledger.queries import balance, trial_balance
from opengallery.market.orders.actions import LineChoice, change_address, pay_order, place_order
from opengallery.market.orders.actions.fulfil_line import GraceOver
from opengallery.market.orders.actions.place_order import Address
from opengallery.market.orders.models import DeliveryAddress, Order, OrderLine, Resource
from opengallery.market.orders.problems import LimitReached, SoldOut
from opengallery.market.supervision.actions import (
    accept_delivery,
    activate_code,
    collect_code,
    decide_appeal,
    deliver_service,
    file_appeal,
    override_flow,
    prove_activation,
    reject_delivery,
    retract_acceptance,
    ship_goods,
)
from opengallery.market.supervision.models import Appeal, Flow
from opengallery.market.supervision.problems import AppealOpen, NotCollected
from opengallery.market.timetable.actions import press_due
from opengallery.market.unsubscription.actions import (
    agree_unsubscription,
    reject_unsubscription,
    request_unsubscription,
    withdraw_unsubscription,
)
from opengallery.market.unsubscription.actions.closing import refund_unsubscription
from opengallery.market.unsubscription.models import Unsubscription
from opengallery.market.unsubscription.problems import NotUndoable

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("races")]

CALLERS = 8
ROUNDS = 100
NOON = "2020-01-01 12:00"


@pytest.fixture(scope="module")
def races(built: Any, django_db_blocker: Any) -> Iterator[Any]:
    """The world in a database of its own."""
    settings = connections.settings["default"]
    theirs, ours = settings["NAME"], f"{settings['NAME']}_races"
    with django_db_blocker.unblock():
        address = connection.get_connection_params()
        use_database(theirs)
        place = {key: address[key] for key in ("host", "port", "user", "password") if key in address}
        with psycopg.connect(**place, dbname="postgres", autocommit=True) as server:
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(ours))
            server.execute(drop)
            server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (ours, theirs))))
            use_database(ours)
            known = dict(ledger._ids)
            try:
                top_up_balance(built.members["buyer"].organisation, amount=Money.of("1000000", "USD"),
                               at=built.members["buyer"].organisation.founded_at)  # fmt: skip
                yield built
            finally:
                ledger._ids.clear()
                ledger._ids.update(known)
                use_database(theirs)
                server.execute(drop)


def use_database(name: str) -> None:
    """Close every connection of this process, and open the next ones to that database."""
    connections.close_all()
    connection.close_pool()
    connections.settings["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name


@pytest.fixture
def db(races: Any, django_db_blocker: Any) -> Iterator[None]:
    """The database is that of the races, and nothing is rolled back."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def market(races: Any, db: None, at: Any) -> "Market":
    """The committed market; each test in a time of its own, so that no sweep meets what another test left."""
    return Market(races, at)


@pytest.fixture(scope="module")
def pool() -> Iterator[ThreadPoolExecutor]:
    """As many people as there are callers, each with a connection."""
    with ThreadPoolExecutor(CALLERS) as callers:
        yield callers
        list(callers.map(lambda _: connections.close_all(), range(CALLERS)))


class Market:
    """What the races need of the world, committed at once."""

    def __init__(self, world: Any, at: Any) -> None:
        self.world, self.at = world, at
        self.buyer, self.seller = world.actor("buyer"), world.actor("seller")

    def order(self, when: str = "2020-01-01 10:00", what: str = "license_yearly") -> Order:
        return place_order([self.world.choice(what)], by=self.buyer, at=self.at(when))

    def paid(self, when: str = "2020-01-01 10:00", what: str = "license_yearly") -> Flow:
        order = self.order(when, what)
        pay_order(order, method="balance", by=self.buyer, at=self.at(when))
        return Flow.objects.with_order().get(line__order=order)

    def delivered(self, when: str = "2020-01-01 10:00") -> Flow:
        flow = self.paid(when)
        self.deliver(flow, when)
        return flow

    def accepted(self, when: str) -> Flow:
        flow = self.delivered(when)
        accept_delivery(flow, by=self.buyer, at=self.at(when))
        return flow

    def settles(self, cycle: str, when: str) -> None:
        """All that other tests left is completed and billed."""
        Run.objects.filter(finished_at=None).delete()
        press_due(until=self.at(when))
        run_bills(cycle, at=self.at(when))

    def deliver(self, flow: Flow, when: str) -> None:
        file = StoredFile.objects.create(key=new_id("file", self.at(when)), name="proof.pdf", size=1, sha256="0" * 64,
                                         organisation_id=1, uploaded_at=self.at(when))  # fmt: skip
        deliver_service(flow, service_result="Done", files=[file], by=self.seller, at=self.at(when))


def at_once(pool: ThreadPoolExecutor, calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Make the calls at the same moment, each on a connection of its own; return their answers or refusals."""
    gate = threading.Barrier(len(calls))

    def make(call: Callable[[], Any]) -> Any:
        connection.ensure_connection()
        gate.wait(10)
        try:
            return call()
        except Problem as refusal:
            return refusal

    return list(pool.map(make, calls))


def books_are_right() -> bool:
    """Debits are credits, and a guarded account holds what its transfers say."""
    rows = list(trial_balance())
    even = sum(row.debited for row in rows) == sum(row.credited for row in rows)
    guarded = [row for row in rows if row.code == "customer_balance"]
    return even and all(row.balance_units == row.credited - row.debited >= 0 for row in guarded)


def named(line: str) -> Flow:
    return Flow.objects.with_order().get(number=line)


def fresh(flow: Flow) -> Flow:
    return Flow.objects.with_order().get(pk=flow.pk)


@pytest.mark.spec("AT-82", "AT-84")
def test_of_eight_identical_calls_exactly_one_is_accepted(market, pool):
    """A hundred orders, each paid, delivered, rejected, delivered again and accepted by eight at once."""

    def race(call: Callable[[], Any], verb: str) -> None:
        answers = at_once(pool, [call] * CALLERS)
        assert Counter(type(answer) for answer in answers) == {type(None): 1, MoveRefused: CALLERS - 1}, verb
        refusals = [answer.document() for answer in answers if answer]
        assert all(refusal == refusals[0] for refusal in refusals), verb

    buyer, noon = market.buyer, market.at(NOON)
    before = balance_of(buyer.organisation_id, "USD")
    for _ in range(ROUNDS):
        number = market.order().number
        line = f"{number}-000001"
        race(
            lambda number=number: pay_order(Order.objects.get(number=number), method="balance", by=buyer, at=noon),
            "pay",
        )
        race(lambda line=line: market.deliver(named(line), NOON), "deliver")
        race(lambda line=line: reject_delivery(named(line), reason="bad key", by=buyer, at=noon), "reject")
        market.deliver(named(line), NOON)
        race(lambda line=line: accept_delivery(named(line), by=buyer, at=noon), "accept")
        assert [fact.verb for fact in Fact.objects.of(number)] == [
            "place_order", "pay_order", "start_flow", "deliver_service", "reject_delivery", "deliver_service",
            "accept_delivery", "start_resource",
        ]  # fmt: skip
        assert Transfer.objects.filter(key=number).count() == 1
    assert before - balance_of(buyer.organisation_id, "USD") == Money.of("1000", "USD") * ROUNDS
    assert books_are_right()


@pytest.mark.spec("AT-83")
def test_accept_against_reject(market, pool):
    outcomes: Counter[str] = Counter()
    for _ in range(20):
        flow = market.delivered()
        calls = [
            lambda flow=flow: accept_delivery(fresh(flow), by=market.buyer, at=market.at(NOON)),
            lambda flow=flow: reject_delivery(fresh(flow), reason="bad key", by=market.buyer, at=market.at(NOON)),
        ]
        answers = at_once(pool, calls * 2)
        assert Counter(type(answer) for answer in answers) == {type(None): 1, MoveRefused: 3}
        flow = fresh(flow)
        accepted = flow.state == "completed"
        outcomes[flow.state] += 1
        assert (flow.line.order.due_at is not None) == accepted
        assert Resource.objects.get(lines=flow.line).state == ("active" if accepted else "pending")
        assert flow.deliveries.get().outcome == ("accepted" if accepted else "rejected")
    assert set(outcomes) <= {"completed", "wait_delivery"}


def test_a_retraction_against_the_completion(market, pool):
    """One second before three in the buyer's eyes, three exactly in the clock's: one of the two happens, whole."""
    outcomes: Counter[str] = Counter()
    Run.objects.filter(finished_at=None).update(due_at=None)
    for day in range(1, 16):
        flow = market.accepted(f"2021-01-{day:02d} 10:00")
        before, due = market.at(f"2021-01-{day:02d} 12:59:59"), market.at(f"2021-01-{day:02d} 13:00")
        retracted, _, _ = at_once(
            pool,
            [
                lambda flow=flow, at=before: retract_acceptance(fresh(flow), reason="oh no", by=market.buyer, at=at),
                lambda at=due: press_due(until=at),
                lambda at=due: press_due(until=at),
            ],
        )
        flow = fresh(flow)
        sale = Transaction.objects.get(key=flow.number)
        resource = Resource.objects.get(lines=flow.line)
        verbs = [fact.verb for fact in Fact.objects.of(flow.stream)]
        outcomes[flow.line.order.state] += 1
        if isinstance(retracted, GraceOver):
            assert (flow.state, flow.line.order.state, resource.state) == ("completed", "completed", "active")
            assert (sale.completed_at, verbs.count("complete_order")) == (due, 1)
            assert "retract_acceptance" not in verbs
        else:
            assert retracted is None
            assert (flow.state, flow.line.order.state, resource.state) == ("wait_acceptance", "processing", "pending")
            assert (sale.completed_at, sale.ready_at, flow.line.order.due_at) == (None, None, None)
            assert "complete_order" not in verbs
    assert sum(outcomes.values()) == 15
    assert books_are_right()


def test_many_orders_complete_while_their_buyers_retract(market, pool):
    """A sweep of many and retractions of some of them: nobody waits for ever, nobody is torn."""
    flows = [market.accepted("2021-06-01 10:00") for _ in range(20)]
    before, due = market.at("2021-06-01 12:59:59"), market.at("2021-06-01 13:00")

    def retract_some(some: Sequence[Flow]) -> list[bool]:
        done = []
        for flow in some:
            try:
                retract_acceptance(fresh(flow), reason="oh no", by=market.buyer, at=before)
                done.append(True)
            except GraceOver:
                done.append(False)
        return done

    answers = at_once(pool, [*(lambda part=part: retract_some(flows[part::6]) for part in range(6)),
                             lambda: press_due(until=due), lambda: press_due(until=due)])  # fmt: skip
    retracted = {flow.pk for part in range(6) for flow, done in zip(flows[part::6], answers[part], strict=True) if done}
    for flow in map(fresh, flows):
        expected = ("wait_acceptance", "processing") if flow.pk in retracted else ("completed", "completed")
        assert (flow.state, flow.line.order.state) == expected
    assert books_are_right()


def test_two_lines_of_one_order_accepted_and_retracted_at_once(market, pool):
    """The order's lock comes first: of two lines neither waits for the other in a ring, and the last sets the alarm."""
    for _ in range(10):
        order = place_order([market.world.choice("license_yearly"), market.world.choice("license_one_time")],
                            by=market.buyer, at=market.at("2022-01-01 10:00"))  # fmt: skip
        pay_order(order, method="balance", by=market.buyer, at=market.at("2022-01-01 10:00"))
        one, two = Flow.objects.with_order().filter(line__order=order).order_by("number")
        for flow in (one, two):
            market.deliver(flow, "2022-01-01 10:00")
        accept_delivery(one, by=market.buyer, at=market.at("2022-01-01 10:00"))
        how = {"by": market.buyer, "at": market.at("2022-01-01 10:30")}
        answers = at_once(pool, [
            lambda flow=one, how=how: retract_acceptance(fresh(flow), reason="oh no", **how),
            lambda flow=two, how=how: accept_delivery(fresh(flow), **how),
        ])  # fmt: skip
        assert answers == [None, None]
        assert (fresh(one).state, fresh(two).state) == ("wait_acceptance", "completed")
        assert Order.objects.get(pk=order.pk).due_at is None
        accept_delivery(fresh(one), by=market.buyer, at=market.at("2022-01-01 10:30"))
        assert Order.objects.get(pk=order.pk).due_at == market.at("2022-01-01 13:30")


def test_the_bill_run_against_acceptances(market, pool):
    """What is accepted while the run draws is on the next bill; each line is on one bill or none, none is lost."""
    market.settles("202302", "2023-03-07 02:00")
    early = [market.accepted("2023-03-20 10:00") for _ in range(6)]
    late = [market.delivered("2023-03-20 10:00") for _ in range(6)]
    press_due(until=market.at("2023-04-01 00:00"))
    run_at = market.at("2023-04-07 02:00")

    def accept_late() -> None:
        for flow in late:
            accept_delivery(fresh(flow), by=market.buyer, at=market.at("2023-04-07 01:59:59"))

    at_once(pool, [accept_late, lambda: run_bills("202303", at=run_at), lambda: run_bills("202303", at=run_at)])
    [bill] = Bill.objects.filter(cycle="202303")
    assert set(bill.transactions.values_list("key", flat=True)) == {flow.number for flow in early}
    assert (bill.lines_count, bill.total.amount()) == (6, "5100.00")
    press_due(until=market.at("2023-05-08 02:00"))
    [bill] = Bill.objects.filter(cycle="202304")
    assert set(bill.transactions.values_list("key", flat=True)) == {flow.number for flow in late}
    assert books_are_right()


@pytest.mark.spec("TA11")
def test_a_run_started_eight_times_at_once_draws_one_bill(market, pool):
    market.settles("202312", "2024-01-08 02:00")
    flow = market.accepted("2024-01-20 10:00")
    press_due(until=market.at("2024-02-01 00:00"))
    owed = balance("seller_payable", market.seller.organisation_id, "USD")
    runs = at_once(pool, [lambda: run_bills("202401", at=market.at("2024-02-07 02:00"))] * CALLERS)
    assert {(run.bills, run.lines, run.finished_at) for run in runs} == {(1, 1, market.at("2024-02-07 02:00"))}
    [bill] = Bill.objects.filter(cycle="202401")
    assert list(bill.transactions.values_list("key", flat=True)) == [flow.number]
    assert [fact.verb for fact in Fact.objects.of(bill.public_id)] == ["draw_bill"]
    assert balance("seller_payable", market.seller.organisation_id, "USD") == owed


def test_two_clocks_press_once(market, pool):
    flows = [market.accepted("2024-03-01 10:00") for _ in range(10)]
    unpaid = [market.order("2024-02-23 13:00") for _ in range(10)]
    done = at_once(pool, [lambda: press_due(until=market.at("2024-03-01 13:00"))] * CALLERS)
    assert sum(count > 0 for count in done) == 1
    for flow in map(fresh, flows):
        assert flow.line.order.completed_at == market.at("2024-03-01 13:00")
        assert [fact.verb for fact in Fact.objects.of(flow.stream)].count("complete_order") == 1
    for order in unpaid:
        assert [fact.verb for fact in Fact.objects.of(order.number)] == ["place_order", "cancel_order"]
    assert books_are_right()


def test_paying_against_the_end_of_the_time_to_pay(market, pool):
    """A second before the end in the buyer's eyes: paid or canceled, never both."""
    for _ in range(10):
        order = market.order("2024-04-01 10:00")
        paid, _ = at_once(pool, [
            lambda order=order: pay_order(Order.objects.get(pk=order.pk), method="balance", by=market.buyer,
                                          at=market.at("2024-04-08 09:59:59")),
            lambda: press_due(until=market.at("2024-04-08 10:00")),
        ])  # fmt: skip
        order = Order.objects.get(pk=order.pk)
        assert order.state == ("processing" if paid is None else "canceled")
        assert Transfer.objects.filter(key=order.number).count() == (1 if paid is None else 0)


def test_a_balance_that_covers_one_pays_one(market, pool):
    """Eight orders of the other buyer at once, and money for one."""
    buyer, what = market.world.actor("other_buyer"), market.world.choice("license_yearly", quantity=25)
    orders = [place_order([what], by=buyer, at=market.at("2024-05-01 10:00")) for _ in range(CALLERS)]
    answers = at_once(pool, [
        lambda order=order: pay_order(order, method="balance", by=buyer, at=market.at("2024-05-01 11:00"))
        for order in orders
    ])  # fmt: skip
    assert Counter(type(answer) for answer in answers) == {type(None): 1, BalanceTooLow: CALLERS - 1}
    assert balance_of(buyer.organisation_id, "USD") == Money.zero("USD")
    states = Counter(Order.objects.filter(pk__in=[order.pk for order in orders]).values_list("state", flat=True))
    assert states == {"processing": 1, "pending_payment": CALLERS - 1}
    assert books_are_right()


@pytest.mark.spec("AT-88")
def test_once_per_customer_eight_times_at_once(market, pool):
    for number in range(5):
        made = add_specification(market.world.products["ledgerline"], name=f"Once {number}", once_per_customer=True,
                                 prices={"year": Money.of("1", "USD")}, at=market.at("2024-06-01 00:00"))  # fmt: skip
        choice = LineChoice(made.public_id, made.skus.get().code, 1, "year", 1)
        answers = at_once(pool, [
            lambda choice=choice: place_order([choice], by=market.buyer, at=market.at("2024-06-01 10:00"))
        ] * CALLERS)  # fmt: skip
        assert Counter(type(answer) for answer in answers) == {Order: 1, LimitReached: CALLERS - 1}


def test_the_same_top_up_eight_times_at_once(market, pool):
    organisation = market.world.members["buyer"].organisation
    before = balance_of(organisation.pk, "USD")

    def top_up(amount: str) -> None:
        top_up_balance(organisation, amount=Money.of(amount, "USD"), at=market.at("2024-07-01 10:00"), key="wire 12")

    answers = at_once(pool, [lambda: top_up("50")] * CALLERS)
    assert answers == [None] * CALLERS
    assert [type(answer) for answer in at_once(pool, [lambda: top_up("51")] * 2)] == [KeyTaken] * 2
    assert balance_of(organisation.pk, "USD") - before == Money.of("50", "USD")


SOME = 8  # rounds of a race of two
HOME = Address("Lin Wei", "+65 6123 4567", "8 Marina View, Singapore")


def stored(market: Market, when: str) -> StoredFile:
    """A file's row."""
    return StoredFile.objects.create(key=new_id("file", market.at(when)), name="proof.pdf", size=1, sha256="0" * 64,
                                     organisation_id=1, uploaded_at=market.at(when))  # fmt: skip


def asked(market: Market, flow: Flow, when: str) -> Unsubscription:
    """The buyer asks for all of it back."""
    return request_unsubscription(fresh(flow), amount=flow.line.net.amount(), reason="other", by=market.buyer,
                                  at=market.at(when))  # fmt: skip


def appealed(market: Market, flow: Flow, when: str, side: str = "seller") -> Appeal:
    """One side appeals."""
    return file_appeal(fresh(flow), ground=f"other_{side}", reason="Please decide.", by=getattr(market, side),
                       at=market.at(when))  # fmt: skip


def again(row: Unsubscription) -> Unsubscription:
    """The request as somebody's page has just read it."""
    return Unsubscription.objects.select_related("flow__line__order").get(pk=row.pk)


def kinds(answers: Sequence[Any]) -> Counter[type]:
    """How many of which answer."""
    return Counter(type(answer) for answer in answers)


def test_agree_against_withdraw_and_two_reviewers(market, pool):
    """One answer counts, all others are told; money goes back once if and only if it was agreed."""
    outcomes: Counter[str] = Counter()
    for _ in range(SOME):
        flow = market.paid("2025-01-02 10:00")
        before = balance_of(market.buyer.organisation_id, "USD")
        row = asked(market, flow, "2025-01-02 11:00")
        files, how = [stored(market, "2025-01-02 11:00") for _ in range(2)], {"at": market.at("2025-01-02 12:00")}
        answers = at_once(pool, [
            *(lambda row=row, file=file, how=how: agree_unsubscription(
                again(row), comments="Yes.", files=[file], by=market.seller, **how) for file in files),
            lambda row=row, how=how: reject_unsubscription(again(row), comments="No.", by=market.seller, **how),
            *[lambda row=row, how=how: withdraw_unsubscription(again(row), by=market.buyer, **how)] * 2,
        ])  # fmt: skip
        assert kinds(answers) == {type(None): 1, MoveRefused: 4}
        press_due(until=market.at("2025-01-02 12:00"))
        row, flow = again(row), fresh(flow)
        agreed = row.state == "refunded"
        outcomes[row.state] += 1
        assert (flow.state, flow.held_by) == ("terminated" if agreed else "wait_delivery", "")
        assert (balance_of(market.buyer.organisation_id, "USD") - before).amount() == ("1000.00" if agreed else "0.00")
        assert Transfer.objects.filter(key=flow.number, event="line_refunded").count() == agreed
        assert row.files.count() == agreed
    assert set(outcomes) <= {"refunded", "rejected", "withdrawn"}
    assert books_are_right()


def test_a_refund_is_made_once_whoever_else_acts(market, pool):
    """Two clocks refund what was accepted and agreed, while the buyer retracts and the operator overrides."""
    for _ in range(SOME):
        flow = market.accepted("2025-02-03 10:00")
        row = asked(market, flow, "2025-02-03 10:30")
        agree_unsubscription(again(row), comments="Yes.", files=[stored(market, "2025-02-03 11:00")],
                             by=market.seller, at=market.at("2025-02-03 11:00"))  # fmt: skip
        before, when = balance_of(market.buyer.organisation_id, "USD"), market.at("2025-02-03 11:00")
        calls = [
            *[lambda row=row, at=when: refund_unsubscription(again(row), at=at)] * 3,
            lambda flow=flow, at=when: retract_acceptance(fresh(flow), reason="oh no", by=market.buyer, at=at),
        ]
        answers = at_once(pool, calls)
        assert answers[:3].count(None) == 1
        assert isinstance(answers[3], (OnHold, MoveRefused))
        assert (fresh(flow).state, again(row).state) == ("terminated", "refunded")
        assert (balance_of(market.buyer.organisation_id, "USD") - before).amount() == "1000.00"
        assert Order.objects.filter(type="unsubscribe", lines__resource=flow.line.resource_id).count() == 1
    assert books_are_right()


def test_two_operators_decide_one_appeal(market, pool):
    operator, decided = market.world.actor("operator"), Counter()
    for _ in range(SOME):
        flow = market.delivered("2025-03-03 10:00")
        appeal = appealed(market, flow, "2025-03-03 11:00")
        before = balance_of(market.buyer.organisation_id, "USD")

        def decide(decision: str, appeal: Appeal = appeal) -> None:
            amount = Money.of("300", "USD") if decision == "terminate_and_refund" else None
            decide_appeal(Appeal.objects.get(pk=appeal.pk), decision=decision, note="Heard.", amount=amount, by=operator,
                          at=market.at("2025-03-04 10:00"))  # fmt: skip

        wanted = ["resume", "return_to_seller", "accept_for_buyer", "terminate_and_refund"]
        answers = at_once(pool, [lambda decision=decision: decide(decision) for decision in wanted])
        assert kinds(answers) == {type(None): 1, MoveRefused: 3}
        won = wanted[answers.index(None)]
        decided[won] += 1
        states = dict(zip(wanted, ["wait_acceptance", "wait_delivery", "completed", "terminated"], strict=True))
        flow = fresh(flow)
        assert (flow.state, flow.held_by, Appeal.objects.get(pk=appeal.pk).decision) == (states[won], "", won)
        assert (balance_of(market.buyer.organisation_id, "USD") - before).amount() == (
            "300.00" if won == "terminate_and_refund" else "0.00"
        )
        assert [fact.verb for fact in Fact.objects.of(flow.stream)].count("decide_appeal") == 1
    assert sum(decided.values()) == SOME
    assert books_are_right()


def test_a_decision_against_the_buyers_own_acceptance(market, pool):
    """They take their locks in one order: nobody waits for ever, and there is one acceptance."""
    operator = market.world.actor("operator")
    for _ in range(SOME):
        flow = market.delivered("2025-03-10 10:00")
        appeal = appealed(market, flow, "2025-03-10 11:00")
        at = market.at("2025-03-11 10:00")
        answers = at_once(pool, [
            lambda appeal=appeal, at=at: decide_appeal(
                Appeal.objects.get(pk=appeal.pk), decision="accept_for_buyer", note="Heard.", by=operator, at=at),
            *[lambda flow=flow, at=at: accept_delivery(fresh(flow), by=market.buyer, at=at)] * 3,
        ])  # fmt: skip
        assert answers[0] is None
        assert {type(answer) for answer in answers[1:]} <= {OnHold, MoveRefused}
        assert (fresh(flow).accepted_by, Transaction.objects.get(key=flow.number).supervised_at) == ("operator", at)


def test_accept_against_an_unsubscription(market, pool):
    """Accepted first, the request holds the grace; asked first, the acceptance waits. Never is anything lost."""
    for _ in range(SOME):
        flow = market.delivered("2025-04-01 10:00")
        accepted, asked_back, *_ = at_once(pool, [
            lambda flow=flow: accept_delivery(fresh(flow), by=market.buyer, at=market.at("2025-04-01 11:00")),
            lambda flow=flow: asked(market, flow, "2025-04-01 11:00"),
        ])  # fmt: skip
        flow = fresh(flow)
        line = OrderLine.objects.get(pk=flow.line_id)
        sale = Transaction.objects.get(key=flow.number)
        assert (line.due_at, flow.line.order.due_at) == (None, None) if not isinstance(asked_back, Problem) else True
        if accepted is None and isinstance(asked_back, Unsubscription):
            assert (flow.state, flow.held_by, line.grace_until) == ("completed", "unsubscription", None)
            assert Unsubscription.objects.get(flow=flow).grace_left_us == 3 * 3600 * 10**6
        elif accepted is None:
            assert (flow.state, flow.held_by) == ("completed", "")
            assert isinstance(asked_back, (MoveRefused, OnHold))
        else:
            assert isinstance(accepted, OnHold)
            assert (flow.state, flow.held_by, sale.supervised_at) == ("wait_acceptance", "unsubscription", None)
        press_due(until=market.at("2025-04-02 10:00"))
        assert (fresh(flow).line.order.state == "completed") == (flow.held_by == "")
    assert books_are_right()


def test_a_retraction_against_the_end_of_its_lines_grace(market, pool):
    """An order of two, of which the other is open: the line is final or taken back, whole, and its money with it."""
    outcomes: Counter[bool] = Counter()
    Run.objects.filter(finished_at=None).update(due_at=None)
    for day in range(1, 16):
        order = place_order([market.world.choice("license_yearly"), market.world.choice("license_one_time")],
                            by=market.buyer, at=market.at(f"2025-05-{day:02d} 09:00"))  # fmt: skip
        pay_order(order, method="balance", by=market.buyer, at=market.at(f"2025-05-{day:02d} 09:00"))
        flow = Flow.objects.with_order().filter(line__order=order).order_by("number")[0]
        market.deliver(flow, f"2025-05-{day:02d} 09:30")
        accept_delivery(fresh(flow), by=market.buyer, at=market.at(f"2025-05-{day:02d} 10:00"))
        before, due = market.at(f"2025-05-{day:02d} 12:59:59"), market.at(f"2025-05-{day:02d} 13:00")
        retracted, _, _ = at_once(pool, [
            lambda flow=flow, at=before: retract_acceptance(fresh(flow), reason="oh no", by=market.buyer, at=at),
            *[lambda at=due: press_due(until=at)] * 2,
        ])  # fmt: skip
        flow, sale = fresh(flow), Transaction.objects.get(key=flow.number)
        outcomes[retracted is None] += 1
        final = isinstance(retracted, GraceOver)
        assert final or retracted is None
        assert flow.state == ("completed" if final else "wait_acceptance")
        assert (flow.line.closed_at, sale.completed_at) == ((due, due) if final else (None, None))
        assert Transfer.objects.filter(key=flow.number, event="line_ready").count() == (2 if final else 0)
        assert [fact.verb for fact in Fact.objects.of(flow.stream)].count("close_line") == final
    assert sum(outcomes.values()) == 15
    assert books_are_right()


def test_both_sides_appeal_at_once(market, pool):
    for _ in range(SOME):
        flow = market.delivered("2025-06-02 10:00")
        answers = at_once(pool, [
            lambda flow=flow, side=side: appealed(market, flow, "2025-06-02 11:00", side)
            for side in ("buyer", "seller") * 2
        ])  # fmt: skip
        assert kinds(answers)[Appeal] == 1
        assert {type(answer) for answer in answers} <= {Appeal, AppealOpen, OnHold}
        assert (fresh(flow).held_by, Appeal.objects.filter(flow=flow).count()) == ("appeal", 1)


@pytest.mark.parametrize("close", ["withdraw", "reject", "refund"])
def test_an_appeal_against_the_end_of_an_unsubscription(market, pool, close):
    """Q23: what holds the flow afterwards is what is open afterwards; nobody waits in a ring."""
    for _ in range(SOME):
        flow = market.paid("2025-07-01 10:00")
        row = asked(market, flow, "2025-07-01 11:00")
        at = market.at("2025-07-01 12:00")
        if close == "refund":
            agree_unsubscription(again(row), comments="Yes.", files=[stored(market, "2025-07-01 11:30")],
                                 by=market.seller, at=at)  # fmt: skip
        ends = {
            "withdraw": lambda row=row, at=at: withdraw_unsubscription(again(row), by=market.buyer, at=at),
            "reject": lambda row=row, at=at: reject_unsubscription(again(row), comments="No.", by=market.seller, at=at),
            "refund": lambda row=row, at=at: refund_unsubscription(again(row), at=at),
        }
        filed, closed = at_once(pool, [lambda flow=flow: appealed(market, flow, "2025-07-01 12:00"), ends[close]])
        flow, row = fresh(flow), again(row)
        if isinstance(filed, Appeal):
            assert flow.held_by == "appeal"
            running = row.state in ("pending_review", "refunding")
            assert (row.held_by, filed.held_before) == (("appeal", "unsubscription") if running else ("", ""))
            assert (closed is None) is not running
            decide_appeal(filed, decision="resume", note="Heard.", by=market.world.actor("operator"), at=at)
            assert fresh(flow).held_by == ("unsubscription" if running else "")
        else:
            assert isinstance(filed, (MoveRefused, OnHold))
            assert closed is None
            assert flow.held_by == ""
    assert books_are_right()


def test_an_appeal_against_a_request_to_undo(market, pool):
    """Whichever comes first: an appeal that finds the flow held knows by what, so that neither hold is forgotten."""
    for _ in range(SOME):
        flow = market.paid("2025-08-01 10:00")
        filed, row = at_once(pool, [
            lambda flow=flow: appealed(market, flow, "2025-08-01 11:00"),
            lambda flow=flow: asked(market, flow, "2025-08-01 11:00"),
        ])  # fmt: skip
        if isinstance(row, Unsubscription) and isinstance(filed, Appeal):
            assert (filed.held_before, again(row).held_by) == ("unsubscription", "appeal")
        elif isinstance(filed, Appeal):
            assert isinstance(row, OnHold)
            assert filed.held_before == ""
        else:
            assert isinstance(filed, OnHold)
        assert fresh(flow).held_by == ("appeal" if isinstance(filed, Appeal) else "unsubscription")


def test_two_overrides_and_an_acceptance(market, pool):
    operator = market.world.actor("operator")
    for _ in range(SOME):
        flow = market.delivered("2025-08-04 10:00")
        before, at = balance_of(market.buyer.organisation_id, "USD"), market.at("2025-08-04 11:00")

        def refund(flow: Flow = flow, at: Any = at) -> None:
            override_flow(fresh(flow), decision="terminate_and_refund", reason="Both agreed.", amount=flow.line.net,
                          by=operator, at=at)  # fmt: skip

        answers = at_once(pool, [refund, refund, lambda flow=flow, at=at: accept_delivery(
            fresh(flow), by=market.buyer, at=at)])  # fmt: skip
        assert answers.count(None) == 1
        assert sum(isinstance(answer, Problem) for answer in answers) == 2
        back = (balance_of(market.buyer.organisation_id, "USD") - before).amount()
        assert (fresh(flow).state, back) == (("completed", "0.00") if answers[2] is None else ("terminated", "1000.00"))
    assert books_are_right()


@pytest.mark.spec("AT-78")
def test_collecting_a_code_against_undoing(market, pool):
    """Who has the code has bought it: of the two one happens. And a code is activated once by eight at once."""
    for number in range(SOME):
        flow, code = market.paid("2025-09-01 10:00", "license_code"), f"RACE-{number}"
        deliver_service(flow, service_result="Done", code=code, by=market.seller, at=market.at("2025-09-01 11:00"),
                        answers={item["number"]: "Yes." for item in flow.line.terms.criteria})  # fmt: skip
        at = market.at("2025-09-01 12:00")
        collected, row = at_once(pool, [
            lambda flow=flow, at=at: collect_code(fresh(flow), by=market.buyer, at=at),
            lambda flow=flow: asked(market, flow, "2025-09-01 12:00"),
        ])  # fmt: skip
        if isinstance(row, Unsubscription):
            assert isinstance(collected, OnHold)
            withdraw_unsubscription(again(row), by=market.buyer, at=at)
            collect_code(fresh(flow), by=market.buyer, at=at)
        else:
            assert collected == code
            assert isinstance(row, (NotUndoable, OnHold))
        answers = at_once(pool, [lambda code=code, at=at: activate_code(code, by=market.seller, at=at)] * CALLERS)
        assert kinds(answers) == {Flow: 1, NotCollected: CALLERS - 1}
        proofs = [stored(market, "2025-09-01 12:00") for _ in range(3)]
        answers = at_once(pool, [
            lambda flow=flow, at=at, file=file: prove_activation(
                fresh(flow), service_result="Done", files=[file], by=market.seller, at=at)
            for file in proofs
        ])  # fmt: skip
        assert kinds(answers)[MoveRefused] == 2
        assert fresh(flow).deliveries.count() == fresh(flow).deliveries_count == 2


@pytest.mark.spec("AT-51")
def test_shipping_against_another_address(market, pool):
    """The parcel goes to the address that stands in the order when it is locked."""
    for _ in range(SOME):
        order = place_order([market.world.choice("hardware")], by=market.buyer, at=market.at("2025-10-01 10:00"),
                            address=HOME)  # fmt: skip
        pay_order(order, method="balance", by=market.buyer, at=market.at("2025-10-01 10:00"))
        flow = Flow.objects.with_order().get(line__order=order)
        answers = {item["number"]: "Yes." for item in flow.line.terms.criteria}
        how = {"at": market.at("2025-10-01 11:00")}
        shipped, changed = at_once(pool, [
            lambda flow=flow, answers=answers, how=how: ship_goods(
                flow, carrier="swiftline", number="SW 1", answers=answers, by=market.seller, **how),
            lambda order=order, how=how: change_address(
                Order.objects.get(pk=order.pk), Address("Ana", HOME.phone, "Elsewhere"), by=market.buyer, **how),
        ])  # fmt: skip
        assert not isinstance(shipped, Problem)
        place, verbs = DeliveryAddress.objects.get(pk=order.pk), [fact.verb for fact in Fact.objects.of(order.number)]
        assert place.recipient == ("Ana" if changed is None else "Lin Wei")
        assert changed is None or isinstance(changed, MoveRefused)
        if changed is None:
            assert verbs.index("change_address") < verbs.index("ship_goods")


@pytest.mark.spec("AT-81")
def test_the_last_piece_is_sold_once(market, pool):
    choice = market.world.choice("hardware")
    Sku.objects.filter(code=choice.sku).update(stock=1)
    answers = at_once(pool, [
        lambda: place_order([choice], by=market.buyer, at=market.at("2025-11-03 10:00"), address=HOME)
    ] * CALLERS)  # fmt: skip
    assert kinds(answers) == {Order: 1, SoldOut: CALLERS - 1}
    assert Sku.objects.get(code=choice.sku).stock == 0
    at_once(pool, [lambda: press_due(until=market.at("2025-11-03 11:00"))] * 3)
    assert Sku.objects.get(code=choice.sku).stock == 1
