"""Whatever people do, in whatever order and at whatever time: what must never be false stays true (spec 8.2).

Walks of random steps on the real database, each undone afterwards. A refused step must leave nothing. The first walk is
of licences and their renewals, the second one of orders of several lines, appeals and unsubscriptions (beyond 8).
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
from opengallery.market.orders.actions.place_order import Address
from opengallery.market.orders.models import Order, Resource
from opengallery.market.supervision import actions as supervise
from opengallery.market.supervision.actions import (
    accept_delivery,
    deliver_service,
    reject_delivery,
    remind_seller,
    retract_acceptance,
)
from opengallery.market.supervision.explanations import explain_all
from opengallery.market.supervision.models import Appeal, AuthorizationCode, Flow, Shipment
from opengallery.market.supervision.states import APPEAL_LIFE
from opengallery.market.timetable.actions import press_due
from opengallery.market.unsubscription import actions as undo
from opengallery.market.unsubscription.models import Unsubscription
from opengallery.market.unsubscription.states import UNSUBSCRIPTION

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


# What is written down although it changes no state.
NOTES = {"note_overdue", "warn_buyer", "accept_first", "note_sign_off", "close_line", "refund_line", "remind_review"}


def check_log() -> None:
    """Invariant 7: each change of a state is one entry; the entries lead from birth to where things stand."""
    lives: dict[str, Life] = {"order": order_states.ORDER, "resource": order_states.RESOURCE, "bill": BILL,
                              "appeal": APPEAL_LIFE, "unsubscription": UNSUBSCRIPTION}  # fmt: skip
    flows = {flow.number: flow.life for flow in Flow.objects.all()}
    undone = set(Order.objects.filter(type=order_states.UNSUBSCRIBE).values_list("number", flat=True))
    stands: dict[tuple[str, str], str] = {}
    streams: dict[str, list[Fact]] = {}
    for fact in Fact.objects.exclude(kind="product").order_by("stream", "sequence"):
        streams.setdefault(fact.stream, []).append(fact)
        said = json.loads(fact.body)
        if said["to"]:
            thing = (fact.kind, fact.subject)
            life = flows[fact.subject] if fact.kind == "flow" else lives[fact.kind]
            assert said["from"] == stands.get(thing, "pending" if fact.kind == "resource" else "")
            if fact.verb in NOTES:
                assert said["from"] == said["to"]
            elif said["from"]:
                assert (said["from"], fact.verb, said["to"]) in [
                    (row.source, row.verb, row.target) for row in life.moves
                ]
            else:
                assert said["to"] == ("completed" if fact.subject in undone else life.born)
            stands[thing] = said["to"]
    for stream, facts in streams.items():
        previous = first_link(stream)
        for place, fact in enumerate(facts, start=1):
            assert (fact.sequence, bytes(fact.previous)) == (place, previous)
            previous = link(previous, place, fact.body)
            assert bytes(fact.hash) == previous
    real: dict[tuple[str, str], str] = {}
    for model in (Order, Flow, Resource, Bill, Appeal, Unsubscription):
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


# The second walk: what is bought, and what people try. "next" does whatever the state of a flow waits for.
SHELF = ("license_yearly", "license_one_time", "saas_supervised", "hardware", "license_code", "license_idcode",
         "license_package", "saas_instant")  # fmt: skip
LINE_STEPS = {
    "buy": (6, "buyer"), "buy on credit": (2, "buyer"), "next": (36, ""), "accept": (14, "buyer"),
    "reject": (4, "buyer"), "retract": (5, "buyer"), "remind": (2, "buyer"), "appeal": (4, "buyer"),
    "appeal of the seller": (3, "seller"), "decide": (8, "operator"), "override": (2, "operator"),
    "undo": (9, "buyer"), "withdraw": (2, "buyer"), "agree": (7, "seller"), "agree late": (1, "operator"),
    "refuse": (3, "seller"), "send back": (4, "buyer"), "check": (3, "seller"), "sign": (4, "clock"), "press": (16, "clock"),
}  # fmt: skip
# What a flow waits for in a state, by its template where that differs.
NEXT = {
    "wait_request": "submit", "wait_request_confirm": "confirm", "wait_delivery": "deliver",
    "wait_code_pickup": "collect", "wait_code_activation": "activate", "wait_platform_review": "approve",
    "wait_acceptance": "accept",
}  # fmt: skip
PLACE = Address("Lin Wei", "+65 6123 4567", "8 Marina View, Singapore")
DECIDED = {"accept_for_buyer", "return_to_seller", "end_flow"}


class LineWalk(Walk):
    """A walk through orders of several lines."""

    def __init__(self, world: Any, at: Any, chance: Random) -> None:
        super().__init__(world, at)
        grant_credit(world.members["buyer"].organisation, limit=Money.of("50000", "USD"))
        self.chance = chance

    def step(self, name: str, who: str, which: int, hours: float) -> None:
        frozen = dict(Flow.objects.exclude(held_by="").values_list("number", "state"))
        super().step(name, who, which, hours)
        check_frozen(frozen)
        check_lines()
        check_money(self.world)

    def actor(self, name: str) -> Actor:
        return self.world.actor(name)

    def buy(self, name: str, by: Actor, which: int) -> None:
        kinds = self.chance.sample(SHELF, self.chance.randint(1, 4))
        with transaction.atomic():
            order = place_order([self.world.choice(kind) for kind in kinds], by=by, at=self.now, address=PLACE)
            pay_order(order, method="credit" if name == "buy on credit" else "balance", by=by, at=self.now)

    def next(self, name: str, by: Actor, which: int) -> None:
        running = [state for state in NEXT if state != "wait_acceptance" or self.chance.random() < 0.2]
        flow = self.pick(Flow.objects.with_order(), which, Q(state__in=running, held_by=""))
        getattr(self, f"do_{NEXT.get(flow.state, 'accept')}")(flow)

    def do_submit(self, flow: Flow) -> None:
        supervise.submit_request(flow, text="Ten users.", by=self.actor("buyer"), at=self.now)

    def do_confirm(self, flow: Flow) -> None:
        verb = self.chance.choice(["accept", "accept", "reject", "withdraw"])
        if verb == "accept":
            supervise.accept_request(flow, by=self.actor("seller"), at=self.now)
        elif verb == "reject":
            supervise.reject_request(flow, reason="which?", by=self.actor("seller"), at=self.now)
        else:
            supervise.withdraw_request(flow, by=self.actor("buyer"), at=self.now)

    def do_deliver(self, flow: Flow) -> None:
        answers = {item["number"]: "It does." for item in flow.line.terms.criteria}
        if flow.template == "hardware":
            supervise.ship_goods(flow, carrier="swiftline", number="SW 1", answers=answers, by=self.actor("seller"),
                                 at=self.now)  # fmt: skip
            return
        deliver_service(flow, service_result="Done", files=[self.file()], answers=answers, by=self.actor("seller"),
                        code=new_id("code", self.now), at=self.now)  # fmt: skip

    def do_collect(self, flow: Flow) -> None:
        supervise.collect_code(flow, by=self.actor("buyer"), at=self.now)

    def do_activate(self, flow: Flow) -> None:
        code = AuthorizationCode.objects.get(flow=flow)
        if code.activated_at is None:
            supervise.activate_code(code.code, by=self.actor("seller"), at=self.now)
        else:
            supervise.prove_activation(flow, service_result="Done", files=[self.file()], by=self.actor("seller"),
                                       at=self.now)  # fmt: skip

    def do_accept(self, flow: Flow) -> None:
        accept_delivery(flow, by=self.actor("buyer"), at=self.now)

    def reject(self, name: str, by: Actor, which: int) -> None:
        flow = self.flow(which, "wait_acceptance")
        cited = {1: "It works."} if flow.line.terms.criteria else {}
        reject_delivery(flow, reason="bad key", cited=cited, by=by, at=self.now)

    def appeal(self, name: str, by: Actor, which: int) -> None:
        flow = self.pick(Flow.objects.with_order(), which, Q(state__in=list(NEXT)))
        ground = "other_seller" if by == self.actor("seller") else "other_buyer"
        supervise.file_appeal(flow, ground=ground, reason="Please decide.", by=by, at=self.now)

    def part(self, flow: Flow) -> Money:
        """All of the price, or a part in cents."""
        cents = flow.line.net_units // 10**6
        return Money(self.chance.choice([cents, self.chance.randint(1, cents)]) * 10**6, "USD")

    def decide(self, name: str, by: Actor, which: int) -> None:
        appeal = self.pick(Appeal.objects.select_related("flow__line"), which, Q(state="open"))
        decision = self.chance.choice(
            ["resume", "resume", "return_to_seller", "accept_for_buyer", "terminate_and_refund"]
        )
        supervise.decide_appeal(appeal, decision=decision, note="Heard.", amount=self.part(appeal.flow), by=by,
                                at=self.now)  # fmt: skip

    def override(self, name: str, by: Actor, which: int) -> None:
        flow = self.pick(Flow.objects.with_order(), which, Q(state__in=list(NEXT), held_by=""))
        decision = self.chance.choice(["return_to_seller", "accept_for_buyer", "terminate_and_refund"])
        supervise.override_flow(flow, decision=decision, reason="Both agreed.", amount=self.part(flow), by=by,
                                at=self.now)  # fmt: skip

    def undo(self, name: str, by: Actor, which: int) -> None:
        flow = self.pick(Flow.objects.with_order(), which, Q(line__order__state="processing", held_by=""))
        undo.request_unsubscription(flow, amount=self.part(flow).amount(), reason="other", by=by, at=self.now)

    def request(self, which: int, *likely: str) -> Unsubscription:
        rows = Unsubscription.objects.select_related("flow__line__order")
        return self.pick(rows, which, Q(state__in=likely))

    def withdraw(self, name: str, by: Actor, which: int) -> None:
        undo.withdraw_unsubscription(self.request(which, "pending_review", "wait_return"), by=by, at=self.now)

    def agree(self, name: str, by: Actor, which: int) -> None:
        row = self.request(which, "wait_operator" if name == "agree late" else "pending_review")
        undo.agree_unsubscription(row, comments="Yes.", files=[self.file()], by=by, at=self.now)

    def refuse(self, name: str, by: Actor, which: int) -> None:
        undo.reject_unsubscription(self.request(which, "pending_review"), comments="No.", by=by, at=self.now)

    def send(self, name: str, by: Actor, which: int) -> None:
        undo.send_return(self.request(which, "wait_return"), carrier="oceanic", number="OC 1", by=by, at=self.now)

    def check(self, name: str, by: Actor, which: int) -> None:
        row = self.request(which, "wait_return_check")
        if which % 2:
            undo.accept_return(row, by=by, at=self.now)
        else:
            undo.refuse_return(row, reason="Broken.", by=by, at=self.now)

    def sign(self, name: str, by: Actor, which: int) -> None:
        parcel = self.pick(Shipment.objects.select_related("delivery"), which, Q(signed_at=None))
        supervise.note_sign_off(parcel, signed_at=self.now, by=by, at=self.now)


def check_frozen(before: dict[str, str]) -> None:
    """Invariant 6: what was held has moved only by a decision or a refund, or after it was let go."""
    for flow in Flow.objects.filter(number__in=before):
        if flow.state != before[flow.number]:
            newest = Fact.objects.filter(stream=flow.stream, subject=flow.number).latest("sequence")
            verbs = Fact.objects.filter(stream=flow.stream, verb__in=[*DECIDED, "lapse_unsubscription"])
            assert newest.verb in DECIDED or verbs.exists()


def check_lines() -> None:
    """Accepted + disputed + refunded + open = paid, for each order, from four different books; and no bill too early."""
    sales = {sale.key: sale for sale in Transaction.objects.select_related("bill")}
    moved: dict[str, int] = {}
    for transfer in Transfer.objects.filter(
        event__in=("order_paid", "order_on_credit", "line_refunded", "line_credited")
    ):
        moved[transfer.key] = moved.get(transfer.key, 0) + transfer.units
    for order in Order.objects.filter(type=order_states.NEW, paid_at__isnull=False).prefetch_related("lines__flow"):
        accepted = disputed = refunded = still_open = 0
        for line in order.lines.all():
            sale, flow = sales[line.number], getattr(line, "flow", None)
            back = moved.get(line.number, 0)
            assert back == line.refunded_units == sale.refunded_units
            assert sale.net_units == line.net_units - back
            refunded += back
            if flow is not None and flow.held_by:
                disputed += sale.net_units
            elif sale.supervised_at is not None:
                accepted += sale.net_units
            else:
                still_open += sale.net_units
            check_line(line, flow, sale)
        assert moved[order.number] == order.total_units == accepted + disputed + refunded + still_open
        if order.state == order_states.COMPLETED:
            ends = [line.closed_at or line.grace_until for line in order.lines.all()]
            assert order.completed_at == max(ends)


def check_line(line: Any, flow: Flow | None, sale: Transaction) -> None:
    """Invariants 1 to 5 for one line."""
    assert (flow is not None) == (line.terms.flow is not None)
    over = line.order.state == order_states.COMPLETED
    final = over or line.closed_at is not None
    assert (sale.completed_at is not None) == final
    if sale.bill is not None:
        assert final
        assert (flow.held_by if flow else "") == ""
        assert line.grace_until is None or line.grace_until <= sale.bill.drawn_at
    if flow is None:
        return
    assert (flow.held_by == "") or not final
    assert (flow.accepted_at is not None) == (flow.state == "completed") == (line.fulfilled_at is not None) or (
        flow.state == "terminated"
    )
    assert not over or flow.state in ("completed", "terminated")
    if flow.state == "completed":
        last = flow.deliveries.order_by("-version").first()
        starts = {flow.accepted_at, last.enabling_time if last else None}
        assert line.resource.start_at in starts
        if line.grace_until is not None:
            assert line.grace_until >= flow.accepted_at + timedelta(hours=3)
        else:
            assert flow.held_by == "unsubscription"
    elif flow.state == "terminated":
        assert (line.resource.state, line.grace_until) == ("released", None)
        assert line.closed_at is not None
    else:
        assert (line.resource.state, line.grace_until, line.due_at, line.closed_at) == ("pending", None, None, None)
        assert sale.supervised_at is None


@settings(max_examples=6, deadline=None, database=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])  # fmt: skip
@given(seed=st.integers(0, 2**32))
def test_what_must_never_be_false_of_lines(world, at, seed):
    """Beyond 8: whatever is accepted, disputed, undone in part: no cent is lost, none is billed that is not final."""
    chance = Random(seed)
    with transaction.atomic():
        walk = LineWalk(world, at, chance)
        for _ in range(3):
            walk.step("buy", "buyer", 1, 0)
        for name in chance.choices(list(LINE_STEPS), [often for often, _ in LINE_STEPS.values()], k=2 * LENGTH):
            who = (LINE_STEPS[name][1] or "buyer") if chance.random() < 0.93 else chance.choice(PEOPLE)
            walk.step(name, who, chance.randrange(6), *chance.choices(list(HOURS), HOURS.values()))
        check_money(world)
        check_log()
        press_due(until=walk.now + timedelta(days=90))
        check_lines()
        check_money(world)
        check_log()
        transaction.set_rollback(True)
