"""Appeals: everything stands still, the operator decides (spec 2.4, 6.5)."""

import pytest

from opengallery.kit.problems import InvalidInput, MoveRefused, NotYourTurn, OnHold
from opengallery.market.ledger.queries import spendable
from opengallery.market.policy.actions import add_holiday
from opengallery.market.supervision import states
from opengallery.market.supervision.explanations import deadline_of
from opengallery.market.supervision.models import Appeal
from opengallery.market.supervision.problems import AppealOpen, TooEarlyToAppeal

WAIT_REQUEST = "Waiting for the user to submit a request"
WAIT_DELIVERY = "Waiting for the seller to provide the service"
WAIT_ACCEPTANCE = "Waiting for the user to confirm acceptance"
LETTER, PROOF = "letter_of_commitment", "delivery_proof"


@pytest.fixture
def delivered(tale):
    """A licence of 1,000.00 that waits for the buyer since 2025-06-13 10:00, a Friday."""
    order = tale.buys("license_yearly", when="2025-06-12 10:00")
    tale.delivers(order, "2025-06-13 10:00")
    return order


@pytest.fixture
def appealed(tale, delivered):
    """It has been appealed against by the seller at 12:00."""
    return tale.appeals(delivered, "2025-06-13 12:00")


def acts(tale, order):
    """What the parties could do to a running flow, each by who it belongs to."""
    when = "2025-06-13 13:00"
    return {
        "submit_request": lambda: tale.submits(order, when),
        "withdraw_request": lambda: tale.withdraws(order, when),
        "accept_request": lambda: tale.confirms(order, when),
        "reject_request": lambda: tale.refuses(order, when),
        "deliver_service": lambda: tale.delivers(order, when),
        "ship_goods": lambda: tale.ships(order, when),
        "accept_delivery": lambda: tale.accepts(order, when),
        "reject_delivery": lambda: tale.rejects(order, when),
        "remind_seller": lambda: tale.reminds(order, when),
        "request_unsubscription": lambda: tale.asks_back(order, when),
    }


@pytest.mark.spec("AT-54")
@pytest.mark.parametrize("by", ["seller", "buyer"])
@pytest.mark.parametrize(
    ("what", "before", "stopped"),
    [
        ("saas_supervised", [], ["submit_request", "request_unsubscription"]),
        ("saas_supervised", ["submits"],
         ["withdraw_request", "accept_request", "reject_request", "remind_seller", "request_unsubscription"]),
        ("saas_supervised", ["submits", "confirms"], ["deliver_service", "remind_seller", "request_unsubscription"]),
        ("license_yearly", ["delivers"], ["accept_delivery", "reject_delivery", "request_unsubscription"]),
        ("hardware", [], ["ship_goods", "remind_seller", "request_unsubscription"]),
    ],
)  # fmt: skip
def test_an_appeal_stops_everything_for_both(tale, at, by, what, before, stopped):
    """On the first day, with a reason and nothing else (gate `any_time`)."""
    order = tale.buys(what, when="2025-06-13 09:00")
    for minute, step in enumerate(before):
        getattr(tale, step)(order, f"2025-06-13 10:{minute:02d}")
    stood = tale.flow(order)
    appeal = tale.appeals(order, "2025-06-13 12:00", by=by)
    flow = tale.flow(order)
    assert (flow.state, flow.held_by, flow.held_at) == (stood.state, "appeal", at("2025-06-13 12:00"))
    assert (appeal.filed_by, appeal.state, flow.hold_label) == (by, "open", states.HOLDS["appeal"])
    for name in ("buyer", "seller", "operator"):
        assert flow.steps_for(tale.who(name), at("2025-06-13 13:00")) == []
    assert not flow.may_remind(at("2025-06-13 13:00"))
    facts = tale.verbs(order)
    for verb in stopped:
        with pytest.raises(OnHold):
            acts(tale, order)[verb]()
    assert tale.verbs(order) == facts
    assert tale.flow(order).state == stood.state
    assert deadline_of(flow).turn == "operator"


@pytest.mark.spec("AT-55")
@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"reason": ""}, ["reason"]),
        ({"reason": " \n"}, ["reason"]),
        ({"reason": "x" * 2001}, ["reason"]),
        ({"reason": "null \0 byte"}, ["reason"]),
        ({"demand": "x" * 2001}, ["demand"]),
        ({"ground": "because"}, ["ground"]),
        ({"ground": "seller_does_not_deliver"}, ["ground"]),  # the buyer's ground
        ({"kinds": ("selfie",)}, ["kinds"]),
        ({"reason": "", "ground": "because", "kinds": ("selfie",)}, ["ground", "reason", "kinds"]),
    ],
)
def test_an_appeal_is_formed_well(tale, delivered, said, fields):
    facts = tale.verbs(delivered)
    with pytest.raises(InvalidInput) as refusal:
        tale.appeals(delivered, "2025-06-13 12:00", **said)
    assert list(refusal.value.errors) == fields
    assert (tale.flow(delivered).held_by, tale.verbs(delivered)) == ("", facts)
    assert not Appeal.objects.exists()


def test_a_reason_of_2000_characters_will_do(tale, delivered):
    appeal = tale.appeals(delivered, "2025-06-13 12:00", reason="x" * 2000, demand=" Pay us. ")
    assert (appeal.demand, appeal.filer) == ("Pay us.", "Clara Brandt")


@pytest.mark.spec("AT-56", "AT-57")
@pytest.mark.parametrize(("ground", "needed"), [("customer_unreachable", LETTER), ("customer_does_not_accept", PROOF)])
def test_some_grounds_need_a_file(tale, delivered, ground, needed):
    others = {LETTER: PROOF, PROOF: LETTER}
    for kinds in ((), ("other",), (others[needed],)):
        with pytest.raises(InvalidInput) as refusal:
            tale.appeals(delivered, "2025-06-13 12:00", ground=ground, kinds=kinds)
        assert list(refusal.value.errors) == ["files"]
        assert states.APPEAL_FILE_KINDS[needed] in str(refusal.value)
    appeal = tale.appeals(delivered, "2025-06-13 12:00", ground=ground, kinds=("other", needed))
    assert [row.kind for row in appeal.files.all()] == ["other", needed]


@pytest.mark.spec("AT-58")
def test_it_is_due_in_three_working_days(tale, appealed, at):
    """Filed on Friday 2025-06-13: due on Wednesday; with Monday a holiday on Thursday."""
    assert appealed.due_at == at("2025-06-18 23:59:59")
    add_holiday(at("2025-06-16").date(), "Monday off")
    other = tale.buys("license_yearly", when="2025-06-13 09:00")
    assert tale.appeals(other, "2025-06-13 12:00").due_at == at("2025-06-19 23:59:59")
    overdue = Appeal.objects.filter(state="open", due_at__lt=at("2025-06-19 00:00"))
    assert [row.pk for row in overdue] == [appealed.pk]


@pytest.mark.spec("AT-59")
def test_the_operator_accepts_for_the_buyer(tale, delivered, at):
    appeal = tale.appeals(delivered, "2025-07-08 09:00")
    decided = tale.decides(appeal, "accept_for_buyer", "2025-07-10 09:00", note=" The proof is complete. ")
    assert (decided.state, decided.decision, decided.note) == ("decided", "accept_for_buyer", "The proof is complete.")
    assert (decided.decided_at, decided.decided_by) == (at("2025-07-10 09:00"), "Ines Moreau")
    flow = tale.flow(delivered)
    assert (flow.label, flow.accepted_by, flow.accepted_at) == ("Completed", "operator", at("2025-07-10 09:00"))
    assert tale.resource(delivered).start_at == at("2025-07-10 09:00")
    tale.passes("2025-08-07 02:00")
    assert tale.order(delivered).completed_at == at("2025-07-10 12:00")
    assert (tale.sale(delivered).bill.cycle, tale.bill("202507").drawn_at) == ("202507", at("2025-08-07 02:00"))
    assert tale.bill("202507").total.amount() == "850.00"
    assert tale.verbs(delivered)[4:7] == ["file_appeal", "decide_appeal", "accept_for_buyer"]


def test_both_are_told_what_was_decided(tale, world, appealed):
    from opengallery.market.notices.models import Notice

    tale.decides(appealed, "resume", "2025-06-16 09:00", note="Go on.")
    tale.relays()
    for name in ("buyer", "seller"):
        told = Notice.objects.filter(user=world.members[name].user, text__contains="Go on.")
        assert told.exists(), name


def test_what_the_operator_decided_the_buyer_cannot_take_back(tale, world, delivered, appealed, at):
    tale.decides(appealed, "accept_for_buyer", "2025-06-16 09:00")
    flow = tale.flow(delivered)
    assert flow.steps_for(world.actor("buyer"), at("2025-06-16 10:00")) == []
    with pytest.raises(MoveRefused, match="operator"):
        tale.retracts(delivered, "2025-06-16 10:00")
    assert deadline_of(flow).sentence == "Then the order completes."
    assert tale.flow(delivered).label == "Completed"


@pytest.mark.spec("AT-60")
def test_resume_goes_on_where_it_stood(tale, world, delivered, appealed, at):
    before = tale.flow(delivered)
    tale.decides(appealed, "resume", "2025-06-16 09:00")
    flow = tale.flow(delivered)
    assert (flow.state, flow.state_since, flow.held_by, flow.held_at) == (before.state, before.state_since, "", None)
    steps = [step.verb for step in flow.steps_for(world.actor("buyer"), at("2025-06-16 09:01"))]
    assert steps == ["accept_delivery", "reject_delivery"]
    tale.accepts(delivered, "2025-06-16 10:00")
    assert tale.flow(delivered).accepted_by == "buyer"


def test_return_to_seller(tale, delivered, appealed, at):
    tale.decides(appealed, "return_to_seller", "2025-06-16 09:00", note="The key is for another product.")
    flow = tale.flow(delivered)
    assert (flow.label, flow.promised_at, flow.delivery_rejections) == (WAIT_DELIVERY, at("2025-06-18 09:00"), 0)
    delivery = flow.deliveries.get()
    assert (delivery.outcome, delivery.reason) == ("rejected", "The key is for another product.")
    tale.delivers(delivered, "2025-06-17 09:00")
    tale.accepts(delivered, "2025-06-17 10:00")


@pytest.mark.parametrize("amount", ["0.01", "400.00", "1000.00"])
def test_terminate_and_refund(tale, world, delivered, appealed, at, amount):
    buyer = world.actor("buyer").organisation_id
    before = spendable(buyer, "USD")
    tale.decides(appealed, "terminate_and_refund", "2025-06-16 09:00", amount=amount)
    flow, order = tale.flow(delivered), tale.order(delivered)
    assert (flow.label, flow.held_by, flow.accepted_at) == ("Terminated (unsubscribed)", "", None)
    assert (spendable(buyer, "USD") - before).amount() == amount
    assert (order.label, order.unsubscribed, order.completed_at) == ("Completed", True, at("2025-06-16 09:00"))
    assert tale.resource(delivered).label == "Released"
    assert order.lines.get().refunded.amount() == amount


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"decision": "shrug"}, ["decision"]),
        ({"decision": ""}, ["decision"]),
        ({"decision": "resume", "note": " "}, ["note"]),
        ({"decision": "resume", "note": "x" * 2001}, ["note"]),
        ({"decision": "terminate_and_refund"}, ["amount"]),
        ({"decision": "terminate_and_refund", "amount": "0"}, ["amount"]),
        ({"decision": "terminate_and_refund", "amount": "-5"}, ["amount"]),
        ({"decision": "terminate_and_refund", "amount": "1000.01"}, ["amount"]),
        ({"decision": "terminate_and_refund", "amount": "10.005"}, ["amount"]),
        ({"decision": "shrug", "note": ""}, ["decision", "note"]),
    ],
)
def test_a_decision_is_formed_well(tale, delivered, appealed, said, fields):
    facts = tale.verbs(delivered)
    with pytest.raises(InvalidInput) as refusal:
        tale.decides(appealed, said["decision"], "2025-06-16 09:00", amount=said.get("amount", ""),
                     note=said.get("note", "Heard both sides."))  # fmt: skip
    assert list(refusal.value.errors) == fields
    assert (tale.flow(delivered).held_by, Appeal.objects.get().state, tale.verbs(delivered)) == (
        "appeal",
        "open",
        facts,
    )


def test_what_is_with_the_seller_is_not_returned_to_it(tale):
    order = tale.buys("license_yearly", when="2025-06-12 10:00")
    appeal = tale.appeals(order, "2025-06-13 10:00", by="buyer", ground="seller_does_not_deliver")
    with pytest.raises(InvalidInput, match="with the seller already"):
        tale.decides(appeal, "return_to_seller", "2025-06-16 10:00")


@pytest.mark.parametrize("name", ["buyer", "seller", "other_buyer", "other_seller", "clock"])
def test_only_the_operator_decides(tale, delivered, appealed, name):
    with pytest.raises(NotYourTurn):
        tale.decides(appealed, "resume", "2025-06-16 09:00", by=name)
    assert tale.flow(delivered).held_by == "appeal"


@pytest.mark.parametrize("name", ["other_buyer", "other_seller", "operator", "clock"])
def test_only_the_parties_appeal(tale, delivered, name):
    with pytest.raises(NotYourTurn):
        tale.appeals(delivered, "2025-06-13 12:00", by=name, ground="other_buyer")
    assert not Appeal.objects.exists()


def test_of_two_decisions_the_second_is_told(tale, appealed):
    from opengallery.market.supervision.actions import decide_appeal

    stale = Appeal.objects.get(pk=appealed.pk)
    tale.decides(appealed, "resume", "2025-06-16 09:00")
    with pytest.raises(MoveRefused, match="Decided"):
        decide_appeal(stale, decision="accept_for_buyer", note="I too.", by=tale.who("operator"),
                      at=tale.at("2025-06-16 09:00"))  # fmt: skip
    assert Appeal.objects.get().decision == "resume"


@pytest.fixture
def classic(tale):
    """The classic gate, for orders that are placed from now on."""
    tale.sets("appeal_gate", "classic")


@pytest.mark.spec("AT-61")
def test_five_days_to_the_second(tale, classic, at):
    order = tale.buys("license_yearly", when="2025-05-30 10:00")
    tale.delivers(order, "2025-06-01 10:00")
    with pytest.raises(TooEarlyToAppeal, match="2025-06-06 02:00:00 UTC"):
        tale.appeals(order, "2025-06-06 10:00:00")
    assert not tale.flow(order).may_appeal(tale.who("seller"), at("2025-06-06 10:00:00"))
    assert tale.flow(order).may_appeal(tale.who("seller"), at("2025-06-06 10:00:01"))
    assert tale.appeals(order, "2025-06-06 10:00:01").state == "open"


def test_the_classic_gate_is_closed_to_whoever_is_idle(tale, classic):
    order = tale.buys("license_yearly", when="2025-05-30 10:00")
    with pytest.raises(TooEarlyToAppeal, match="your own step"):
        tale.appeals(order, "2025-06-30 10:00", by="seller")
    assert tale.appeals(order, "2025-06-30 10:00", by="buyer").filed_by == "buyer"


def test_each_step_begins_anew(tale, classic):
    order = tale.buys("saas_supervised", when="2025-06-01 10:00")
    tale.submits(order, "2025-06-05 10:00")
    with pytest.raises(TooEarlyToAppeal):
        tale.appeals(order, "2025-06-10 10:00", by="buyer")
    tale.confirms(order, "2025-06-10 10:00")
    with pytest.raises(TooEarlyToAppeal):
        tale.appeals(order, "2025-06-15 10:00", by="buyer")
    assert tale.appeals(order, "2025-06-15 10:00:01", by="buyer")


@pytest.mark.spec("AT-62")
@pytest.mark.parametrize("by", ["buyer", "seller"])
@pytest.mark.parametrize("of", ["requests", "deliveries"])
def test_the_third_rejection_opens_the_gate_to_both(tale, classic, by, of):
    order = tale.buys("saas_supervised", when="2025-06-01 10:00")
    if of == "deliveries":
        tale.submits(order, "2025-06-01 10:10")
        tale.confirms(order, "2025-06-01 10:20")
    for hour in (11, 12, 13):
        with pytest.raises(TooEarlyToAppeal):
            tale.appeals(order, f"2025-06-01 {hour}:00", by=by)
        if of == "requests":
            tale.submits(order, f"2025-06-01 {hour}:10")
            tale.refuses(order, f"2025-06-01 {hour}:20")
        else:
            tale.delivers(order, f"2025-06-01 {hour}:10")
            tale.rejects(order, f"2025-06-01 {hour}:20")
    assert tale.appeals(order, "2025-06-01 13:30", by=by).filed_by == by


def test_the_gate_is_that_of_the_day_of_the_order(tale):
    tale.sets("appeal_gate", "classic")
    old = tale.buys("license_yearly", when="2025-06-01 10:00")
    tale.sets("appeal_gate", "any_time", "2025-06-01 11:00")
    new = tale.buys("license_yearly", when="2025-06-01 12:00")
    with pytest.raises(TooEarlyToAppeal):
        tale.appeals(old, "2025-06-01 13:00", by="buyer")
    assert tale.appeals(new, "2025-06-01 13:00", by="buyer")


@pytest.mark.spec("AT-63")
@pytest.mark.parametrize("by", ["buyer", "seller"])
def test_one_appeal_at_a_time(tale, delivered, appealed, by, at):
    with pytest.raises(AppealOpen):
        tale.appeals(delivered, "2025-06-13 13:00", by=by)
    assert not tale.flow(delivered).may_appeal(tale.who(by), at("2025-06-13 13:00"))
    assert Appeal.objects.count() == 1
    tale.decides(appealed, "resume", "2025-06-16 09:00")
    assert tale.appeals(delivered, "2025-06-16 10:00", by=by)
    assert Appeal.objects.count() == 2


@pytest.mark.spec("AT-64")
@pytest.mark.parametrize("by", ["buyer", "seller"])
def test_what_is_over_cannot_be_appealed_against(tale, delivered, by, at):
    tale.accepts(delivered, "2025-06-13 11:00")
    for when in ("2025-06-13 12:00", "2025-06-14 12:00"):
        tale.passes(when)
        assert not tale.flow(delivered).may_appeal(tale.who(by), at(when))
        with pytest.raises(MoveRefused, match="Completed"):
            tale.appeals(delivered, when, by=by)
    gone = tale.buys("license_yearly", when="2025-06-14 13:00")
    tale.overrides(gone, "terminate_and_refund", "2025-06-14 14:00", amount="1000.00")
    with pytest.raises(MoveRefused, match="Terminated"):
        tale.appeals(gone, "2025-06-14 15:00", by=by)
    assert not Appeal.objects.exists()


def test_the_promised_time_stands_still_too(tale, at):
    """Q17: a licence is promised in two days; it was held for four."""
    order = tale.buys("license_yearly", when="2025-06-02 10:00")
    assert tale.flow(order).promised_at == at("2025-06-04 10:00")
    appeal = tale.appeals(order, "2025-06-03 10:00", by="buyer")
    tale.passes("2025-06-07 10:00")
    assert "note_overdue" not in tale.verbs(order)
    tale.decides(appeal, "resume", "2025-06-07 10:00")
    flow = tale.flow(order)
    assert (flow.promised_at, flow.overdue_due_at) == (at("2025-06-08 10:00"), at("2025-06-08 10:00"))
    tale.passes("2025-06-08 10:00")
    assert tale.verbs(order)[-1] == "note_overdue"


OVERRIDES = {"return_to_seller": WAIT_DELIVERY, "accept_for_buyer": "Completed",
             "terminate_and_refund": "Terminated (unsubscribed)"}  # fmt: skip


@pytest.mark.parametrize("decision", OVERRIDES)
def test_the_operator_can_decide_without_an_appeal(tale, delivered, decision):
    """Beyond 13: with a reason, which stands in both timelines."""
    amount = "1000.00" if decision == "terminate_and_refund" else ""
    for wrong in ("", " ", "x" * 2001):
        with pytest.raises(InvalidInput) as refusal:
            tale.overrides(delivered, decision, "2025-06-16 09:00", reason=wrong, amount=amount)
        assert list(refusal.value.errors) == ["reason"]
    for name in ("buyer", "seller", "other_buyer", "clock"):
        with pytest.raises(NotYourTurn):
            tale.overrides(delivered, decision, "2025-06-16 09:00", by=name, amount=amount)
    with pytest.raises(InvalidInput):
        tale.overrides(delivered, "resume", "2025-06-16 09:00")
    flow = tale.overrides(delivered, decision, "2025-06-16 09:00", amount=amount, reason="The customer is bankrupt.")
    assert flow.label == OVERRIDES[decision]
    said = [fact for fact in tale.facts(delivered) if "The customer is bankrupt." in fact.body]
    assert said
    for name in ("buyer", "seller"):
        assert type(said[0]).objects.visible_to(tale.who(name)).filter(pk=said[0].pk).exists()


def test_an_override_waits_for_an_appeal(tale, delivered, appealed):
    with pytest.raises(OnHold):
        tale.overrides(delivered, "accept_for_buyer", "2025-06-16 09:00")
