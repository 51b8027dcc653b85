"""Whatever people do, in whatever order and at whatever time: what must never be false stays true (spec 8.2).

Walks of random steps on the real database, each undone afterwards. A refused step must leave nothing.
"""

import json
from datetime import timedelta
from random import Random
from typing import Any

from django.db import transaction
from django.db.models import Q, Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opengallery.kit.actor import CLOCK, Actor
from opengallery.kit.calendar import add_months, local_date
from opengallery.kit.ids import new_id
from opengallery.kit.models import StoredFile
from opengallery.kit.money import Money
from opengallery.kit.problems import Problem
from opengallery.kit.states import Life
from opengallery.market.billing.actions import grant_credit, plan_run, repay_credit
from opengallery.market.billing.models import Bill, Run, Transaction
from opengallery.market.billing.states import BILL, NOT_SUPERVISED, SUPERVISED
from opengallery.market.journal.chain import first_link, link
from opengallery.market.journal.models import Fact
from opengallery.market.ledger.models import Account, Transfer
from opengallery.market.ledger.queries import balance, trial_balance
from opengallery.market.orders import states as order_states
from opengallery.market.orders.actions import cancel_order, pay_order, place_order, renew_resource
from opengallery.market.orders.models import Order, Resource
from opengallery.market.supervision.actions import (
    accept_delivery,
    deliver_service,
    reject_delivery,
    remind_seller,
    retract_acceptance,
)
from opengallery.market.supervision.explanations import explain_all
from opengallery.market.supervision.models import Flow
from opengallery.market.supervision.states import LIVES
from opengallery.market.timetable.actions import press_due

# Hours that pass before a step, and how often; the last second before an order completes, and the very instant.
HOURS = {0: 40, 1 / 3600: 10, 1: 15, 3 - 1 / 3600: 8, 3: 12, 20: 8, 7 * 24: 2, 25 * 24: 3}
# What people try, how often of a hundred, and who would be right to.
STEPS = {
    "place": (8, "buyer"), "place two": (6, "buyer"), "pay": (14, "buyer"), "pay on credit": (5, "buyer"),
    "cancel": (2, "buyer"), "deliver": (14, "seller"), "deliver enabled": (6, "seller"), "accept": (18, "buyer"),
    "reject": (4, "buyer"), "retract": (6, "buyer"), "remind": (2, "buyer"), "renew": (14, "buyer"),
    "repay": (3, "buyer"), "press": (5, "clock"),
}  # fmt: skip
PEOPLE = ("buyer", "seller", "other_buyer", "other_seller", "operator", "clock")
LENGTH = 45


class Walk:
    """One walk: its time, and its steps by name."""

    def __init__(self, world: Any, at: Any) -> None:
        self.world, self.now = world, at("2024-01-30 22:30")
        Run.objects.all().delete()
        plan_run("202401", at=self.now)
        grant_credit(world.members["buyer"].organisation, limit=Money.of("3000", "USD"))

    def step(self, name: str, who: str, which: int, hours: float) -> None:
        self.now += timedelta(hours=hours)
        by = CLOCK if who == "clock" else self.world.actor(who)
        facts = Fact.objects.count()
        try:
            getattr(self, name.split()[0])(name, by, which)
        except Problem:
            assert Fact.objects.count() == facts, "a refused step has left a fact"

    def pick(self, rows: Any, which: int, likely: Q) -> Any:
        """Mostly one for which it is time, sometimes any; nothing if there is none."""
        found = list(rows.filter(likely).order_by("-pk")) if which else []
        found = found or list(rows.order_by("-pk"))
        if not found:
            raise Problem("nothing there")
        return found[which % len(found)]

    def place(self, name: str, by: Actor, which: int) -> None:
        kinds = ["license_yearly", "license_monthly", "license_one_time"]
        chosen = [kinds[which % 3], kinds[(which + 1) % 3]] if name == "place two" else [kinds[which % 3]]
        place_order([self.world.choice(kind, quantity=1 + which) for kind in chosen], by=by, at=self.now)

    def pay(self, name: str, by: Actor, which: int) -> None:
        method = "credit" if name == "pay on credit" else "balance"
        pay_order(self.pick(Order.objects.all(), which, Q(state="pending_payment")), method=method, by=by, at=self.now)

    def cancel(self, name: str, by: Actor, which: int) -> None:
        cancel_order(self.pick(Order.objects.all(), which, Q(state="pending_payment")), by=by, at=self.now)

    def flow(self, which: int, state: str, order: str = "processing") -> Flow:
        return self.pick(Flow.objects.with_order(), which, Q(state=state, line__order__state=order))

    def deliver(self, name: str, by: Actor, which: int) -> None:
        flow = self.flow(which, "wait_delivery")
        enabled = flow.line.order.paid_at.isoformat() if name == "deliver enabled" else ""
        with transaction.atomic():  # a door's transaction: with the verb the file goes
            deliver_service(flow, service_result="Done", files=[self.file()], enabling_time=enabled, by=by, at=self.now)

    def file(self) -> StoredFile:
        """A deliverable's row: what lies behind it is no matter here."""
        return StoredFile.objects.create(key=new_id("file", self.now), name="proof.pdf", size=1, sha256="0" * 64,
                                         organisation_id=1, uploaded_at=self.now)  # fmt: skip

    def accept(self, name: str, by: Actor, which: int) -> None:
        accept_delivery(self.flow(which, "wait_acceptance"), by=by, at=self.now)

    def reject(self, name: str, by: Actor, which: int) -> None:
        reject_delivery(self.flow(which, "wait_acceptance"), reason="bad key", by=by, at=self.now)

    def retract(self, name: str, by: Actor, which: int) -> None:
        retract_acceptance(self.flow(which, "completed"), reason="oh no", by=by, at=self.now)

    def remind(self, name: str, by: Actor, which: int) -> None:
        remind_seller(self.flow(which, "wait_delivery"), by=by, at=self.now)

    def renew(self, name: str, by: Actor, which: int) -> None:
        over = Q(order__state="completed", unit__in=("year", "month"))
        resource = self.pick(Resource.objects.select_related("order"), which, over)
        renew_resource(resource, unit="year" if which % 2 else "month", count=1 + which, by=by, at=self.now)

    def repay(self, name: str, by: Actor, which: int) -> None:
        repay_credit(self.world.members["buyer"].organisation, amount=Money.of(100 * (1 + which), "USD"), at=self.now)

    def press(self, name: str, by: Actor, which: int) -> None:
        press_due(until=self.now)


def check_orders() -> None:
    """Invariants 1 to 4."""
    for order in Order.objects.prefetch_related("lines__flow__deliveries", "lines__resource"):
        lines = list(order.lines.all())
        flows = [line.flow for line in lines if hasattr(line, "flow")]
        paid = order.paid_at is not None
        assert len(flows) == (len(lines) if paid and order.type == order_states.NEW else 0)
        assert paid == (order.state in (order_states.PROCESSING, order_states.COMPLETED))
        if order.state == order_states.COMPLETED:
            assert {flow.state for flow in flows} <= {"completed"}
            if flows:
                assert order.completed_at == max(flow.accepted_at for flow in flows) + timedelta(hours=3)
        if not flows:
            assert all((line.fulfilled_at is not None) == paid for line in lines)
        for flow in flows:
            assert (flow.line.fulfilled_at is not None) == (flow.state == "completed")
            check_flow(flow)


def check_flow(flow: Flow) -> None:
    """Invariant 3, and 4 for the flow's resource: start and end follow from the last delivery and the renewals."""
    deliveries = list(flow.deliveries.all())
    accepted = [delivery for delivery in deliveries if delivery.outcome == "accepted"]
    resource = flow.line.resource
    assert len(deliveries) == flow.deliveries_count
    assert sum(delivery.outcome == "rejected" for delivery in deliveries) == flow.delivery_rejections
    assert (flow.accepted_at is not None) == (flow.state == "completed") == (resource.state != "pending")
    assert accepted == (deliveries[-1:] if flow.state == "completed" else [])
    if flow.state != "completed":
        assert (resource.start_at, resource.end, resource.due_at) == (None, None, None)
        return
    assert resource.start_at == (deliveries[-1].enabling_time or flow.accepted_at)
    terms = [line.terms for line in resource.lines.filter(order__paid_at__isnull=False)]
    if resource.unit == "one_time":
        assert resource.end is None
    else:
        months = sum({"year": 12, "month": 1}[term.unit] * term.count for term in terms)
        start = local_date(resource.start_at)
        assert resource.end == add_months(start, months)


def check_money(world: Any) -> None:
    """The books balance, nothing is lost, and no line is billed that may not be (invariant 5)."""
    buyers = [world.members[name].organisation_id for name in ("buyer", "other_buyer")]
    debits, credits = (sum(getattr(row, side) for row in trial_balance()) for side in ("debited", "credited"))
    assert debits == credits
    for account in Account.objects.filter(code="customer_balance"):
        assert account.balance_units == balance("customer_balance", account.owner_id, "USD").units >= 0

    def held(code: str, *owners: int) -> int:
        return sum(balance(code, owner, "USD").units for owner in owners or (0,))

    sellers = [world.members[name].organisation_id for name in ("seller", "other_seller")]
    owed = held("contract_liability") + held("seller_payable", *sellers) + held("fee_revenue") - held("rounding")
    assert held("cash") + held("customer_credit", *buyers) == held("customer_balance", *buyers) + owed
    for sale in Transaction.objects.select_related("bill"):
        assert sale.fee + sale.sellers == sale.net
        if sale.bill:
            assert sale.supervision in (NOT_SUPERVISED, SUPERVISED)
            assert sale.completed_at is not None
            assert sale.ready_at < sale.bill.drawn_at
    for bill in Bill.objects.all():
        exact = bill.transactions.aggregate(total=Sum("seller_units"))["total"]
        assert (bill.exact_units, bill.total) == (exact, Money(exact, "USD").payable())
    open_sales = Transaction.objects.filter(completed_at=None).aggregate(total=Sum("net_units"))["total"] or 0
    assert held("contract_liability") == open_sales
    assert not Transfer.objects.filter(units__lte=0).exists()


def check_log() -> None:
    """Invariant 7: each change of a state is one entry; the entries lead from birth to where things stand."""
    lives: dict[str, Life] = {"order": order_states.ORDER, "resource": order_states.RESOURCE, "flow": LIVES["license"],
                              "bill": BILL}  # fmt: skip
    stands: dict[tuple[str, str], str] = {}
    streams: dict[str, list[Fact]] = {}
    for fact in Fact.objects.exclude(kind="product").order_by("stream", "sequence"):
        streams.setdefault(fact.stream, []).append(fact)
        said = json.loads(fact.body)
        if said["to"]:
            thing = (fact.kind, fact.subject)
            born = {"order": "pending_payment", "flow": "wait_delivery", "bill": "pending_approval"}
            assert said["from"] == stands.get(thing, "" if fact.kind in born else "pending")
            if said["from"]:
                moves = [(move.source, move.verb, move.target) for move in lives[fact.kind].moves]
                assert (said["from"], fact.verb, said["to"]) in moves
            else:
                assert said["to"] == lives[fact.kind].born
            stands[thing] = said["to"]
    for stream, facts in streams.items():
        previous = first_link(stream)
        for place, fact in enumerate(facts, start=1):
            assert (fact.sequence, bytes(fact.previous)) == (place, previous)
            previous = link(previous, place, fact.body)
            assert bytes(fact.hash) == previous
    real: dict[tuple[str, str], str] = {}
    for model in (Order, Flow, Resource, Bill):
        for row in model.objects.all():
            if row.state != "pending" or (row.kind, row.subject) in stands:
                real[row.kind, row.subject] = row.state
    assert stands == real


def check(world: Any) -> None:
    """All of it."""
    check_orders()
    check_money(world)
    check_log()


def check_promises(until: Any) -> None:
    """What the explanations promise is what the next runs do, if nobody does anything more."""
    unbilled = list(Transaction.objects.filter(bill=None))
    promised = {
        row.key: said.earliest_run_at for row, said in zip(unbilled, explain_all(unbilled, at=until), strict=True)
    }
    press_due(until=max([until, *(run for run in promised.values() if run)]))
    for sale in Transaction.objects.filter(key__in=promised).select_related("bill"):
        assert (sale.bill.drawn_at if sale.bill else None) == promised[sale.key]


@settings(max_examples=6, deadline=None, database=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])  # fmt: skip
@given(seed=st.integers(0, 2**32))
def test_what_must_never_be_false(world, at, seed):
    chance = Random(seed)
    with transaction.atomic():
        walk = Walk(world, at)
        for name in chance.choices(list(STEPS), [often for often, _ in STEPS.values()], k=LENGTH):
            who = STEPS[name][1] if chance.random() < 0.9 else chance.choice(PEOPLE)
            walk.step(name, who, chance.randrange(6), *chance.choices(list(HOURS), HOURS.values()))
        check(world)
        press_due(until=walk.now)
        check_promises(walk.now)
        check(world)
        transaction.set_rollback(True)
