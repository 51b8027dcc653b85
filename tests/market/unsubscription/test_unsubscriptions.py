"""A purchase is undone by agreement: asked, reviewed, refunded; or not (spec 2.7, 6.6; money 12)."""

import pytest

from opengallery.doors.lists import order_rows
from opengallery.kit.money import Money
from opengallery.kit.problems import InvalidInput, MoveRefused, NotYourTurn, OnHold
from opengallery.market.billing.actions import note_invoice, withdraw_invoice
from opengallery.market.ledger.queries import balance, spendable
from opengallery.market.orders.models import Order
from opengallery.market.supervision.explanations import deadline_of, explain_all
from opengallery.market.unsubscription.actions import agree_unsubscription, possible, refusal_of, reject_unsubscription
from opengallery.market.unsubscription.models import Unsubscription
from opengallery.market.unsubscription.problems import NotUndoable

WAIT_DELIVERY = "Waiting for the seller to provide the service"
WAIT_ACCEPTANCE = "Waiting for the user to confirm acceptance"
TERMINATED = "Terminated (unsubscribed)"


@pytest.fixture
def paid(tale):
    """A licence of 1,000.00 that is Processing."""
    return tale.buys("license_yearly", when="2025-07-01 10:00")


@pytest.fixture
def pending(tale, paid):
    """All of it is asked back on 2025-07-07."""
    return tale.asks_back(paid, "2025-07-07 10:00")


@pytest.fixture
def money(tale):
    """What the buyer can spend."""
    return lambda: spendable(tale.who("buyer").organisation_id, "USD")


@pytest.mark.spec("AT-65")
@pytest.mark.parametrize(
    "amount",
    ["0", "−5", "-5", "1000.01", "abc", "", "  ", "10.005", "0.00", "1e9", "NaN", "Infinity", "-0.01", "1,000.00",
     "1000.00 USD", "0.001", "1e-999999", "10.00\0"],
)  # fmt: skip
def test_amounts_that_are_none(tale, paid, amount):
    facts = tale.verbs(paid)
    with pytest.raises(InvalidInput) as refusal:
        tale.asks_back(paid, "2025-07-07 10:00", amount or " ")
    assert list(refusal.value.errors) == ["amount"]
    assert (tale.flow(paid).held_by, tale.verbs(paid)) == ("", facts)
    assert not Unsubscription.objects.exists()


@pytest.mark.spec("AT-66")
@pytest.mark.parametrize(("amount", "units"), [("0.01", 1_000_000), ("1000.00", 10**11), (" 1000 ", 10**11)])
def test_from_a_cent_to_all_of_it(tale, paid, at, amount, units):
    row = tale.asks_back(paid, "2025-07-07 10:00", amount)
    assert (row.label, row.amount_units, row.turn) == ("Pending the seller's review", units, "seller")
    assert row.due_at == at("2025-07-22 10:00")
    flow = tale.flow(paid)
    assert (flow.label, flow.held_by, tale.order(paid).label) == (WAIT_DELIVERY, "unsubscription", "Processing")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": "because"}, "reason"),
        ({"words": "x" * 1001}, "words"),
        ({"words": "null \0 byte"}, "words"),
    ],
)
def test_a_request_is_formed_well(tale, paid, said, field):
    with pytest.raises(InvalidInput) as refusal:
        tale.asks_back(paid, "2025-07-07 10:00", **said)
    assert list(refusal.value.errors) == [field]
    assert tale.flow(paid).held_by == ""


@pytest.mark.spec("AT-67")
def test_the_seller_agrees_and_the_money_is_back_within_three_hours(tale, paid, pending, money, at):
    before = money()
    row = tale.agrees(pending, "2025-07-08 10:00")
    assert (row.label, row.reviewed_by, row.files.count()) == ("Refunding", "Clara Brandt", 1)
    tale.passes("2025-07-08 13:00")
    row = tale.unsubscription(pending)
    assert (row.label, row.refunded_at) == ("Refunded", at("2025-07-08 10:00"))
    assert (money() - before).amount() == "1000.00"
    flow, order = tale.flow(paid), tale.order(paid)
    assert (flow.label, flow.held_by, flow.accepted_at) == (TERMINATED, "", None)
    assert (order.label, order.unsubscribed, order.completed_at) == ("Completed", True, at("2025-07-08 10:00"))
    with pytest.raises(MoveRefused, match="Terminated"):
        tale.accepts(paid, "2025-07-08 14:00")
    undone = row.refund_order
    assert (undone.type, undone.label, undone.total.amount()) == ("unsubscribe", "Completed", "1000.00")
    assert undone.number != order.number
    assert not Order.objects.filter(pk=undone.pk, lines__flow__isnull=False).exists()
    assert tale.resource(paid).label == "Released"
    tale.passes("2025-08-31 00:00")
    assert tale.sale(paid).bill is None
    assert tale.sale(paid).get_supervision_display() == "Terminated"
    assert balance("contract_liability", 0, "USD").units == 0


@pytest.mark.spec("AT-68")
def test_the_seller_rejects_and_the_flow_goes_on(tale, paid, pending, money):
    before = money()
    row = tale.disagrees(pending, "2025-07-08 10:00")
    assert (row.label, row.comments, row.turn, row.due_at) == ("Rejected", "It works.", "", None)
    assert tale.flow(paid).held_by == ""
    assert money() == before
    again = tale.asks_back(paid, "2025-07-08 11:00", "500.00")
    assert again.label == "Pending the seller's review"
    tale.takes_back(again, "2025-07-08 12:00")
    tale.delivers(paid, "2025-07-09 10:00")
    tale.accepts(paid, "2025-07-09 11:00")


@pytest.mark.spec("AT-69")
def test_the_buyer_withdraws_and_the_flow_goes_on(tale, paid, pending, at):
    before = tale.flow(paid)
    row = tale.takes_back(pending, "2025-07-08 10:00")
    assert (row.label, row.due_at, row.remind_due_at) == ("Withdrawn", None, None)
    flow = tale.flow(paid)
    assert (flow.label, flow.held_by, flow.state_since) == (WAIT_DELIVERY, "", before.state_since)
    tale.delivers(paid, "2025-07-08 11:00")
    with pytest.raises(MoveRefused):
        tale.takes_back(pending, "2025-07-08 12:00")


def test_the_clocks_go_on_where_they_stood(tale, at):
    """Q17: with the seller since 07-01 10:00, promised in two days, held for a week."""
    order = tale.buys("license_yearly", when="2025-07-01 10:00")
    row = tale.asks_back(order, "2025-07-02 10:00")
    tale.passes("2025-07-09 10:00")
    assert "note_overdue" not in tale.verbs(order)
    tale.takes_back(row, "2025-07-09 10:00")
    assert tale.flow(order).promised_at == at("2025-07-10 10:00")
    tale.passes("2025-07-10 10:00")
    assert tale.verbs(order)[-1] == "note_overdue"


@pytest.mark.spec("AT-70")
def test_everything_is_held_until_it_is_closed(tale, at):
    """Q6: delivering, accepting, rejecting and the ten days; not reminders, not appeals."""
    goods = tale.buys("hardware", when="2025-07-01 10:00")
    tale.ships(goods, "2025-07-02 10:00")
    tale.signs(goods, "2025-07-03 10:00")
    row = tale.asks_back(goods, "2025-07-12 10:00")
    licence = tale.buys("license_yearly", when="2025-07-01 10:00")
    tale.asks_back(licence, "2025-07-02 10:00")
    facts = {order.pk: tale.verbs(order) for order in (goods, licence)}
    for act in (
        lambda: tale.delivers(licence, "2025-07-12 11:00"),
        lambda: tale.accepts(goods, "2025-07-12 11:00"),
        lambda: tale.rejects(goods, "2025-07-12 11:00"),
        lambda: tale.asks_back(goods, "2025-07-12 11:00"),
    ):
        with pytest.raises(OnHold):
            act()
    assert {order.pk: tale.verbs(order) for order in (goods, licence)} == facts
    tale.passes("2025-07-14 10:00")
    assert tale.flow(goods).label == WAIT_ACCEPTANCE
    tale.reminds(licence, "2025-07-12 12:00")
    tale.takes_back(row, "2025-07-14 10:00")
    assert tale.flow(goods).accept_due_at == at("2025-07-15 10:00")
    tale.passes("2025-07-15 10:00")
    assert tale.flow(goods).accepted_by == "system"


@pytest.mark.spec("AT-71")
def test_what_is_completed_is_not_undone(tale, paid, at):
    tale.delivers(paid, "2025-07-02 10:00")
    tale.accepts(paid, "2025-07-03 10:00")
    tale.passes("2025-07-03 13:00")
    for when in ("2025-07-03 13:00", "2025-08-01 10:00"):
        assert not possible(tale.flow(paid), at(when))
        with pytest.raises(NotUndoable, match="completed"):
            tale.asks_back(paid, when)
    assert not Unsubscription.objects.exists()


@pytest.fixture
def accepted(tale, paid):
    """Accepted on 2025-07-03 at 10:00."""
    tale.delivers(paid, "2025-07-02 10:00")
    tale.accepts(paid, "2025-07-03 10:00")
    return paid


@pytest.mark.spec("AT-72")
def test_within_the_three_hours_it_is_possible_and_they_stop(tale, accepted, at, money):
    row = tale.asks_back(accepted, "2025-07-03 12:00")
    tale.passes("2025-07-05 00:00")
    assert (tale.order(accepted).label, tale.order(accepted).due_at) == ("Processing", None)
    [said] = explain_all([tale.sale(accepted)], at=at("2025-07-05 00:00"))
    assert (said.earliest_run_at, "under review" in said.reason) == (None, True)
    with pytest.raises(OnHold):
        tale.retracts(accepted, "2025-07-03 12:30")
    tale.takes_back(row, "2025-07-05 08:00")
    assert tale.order(accepted).due_at == at("2025-07-05 09:00"), "one hour was left"
    tale.passes("2025-07-05 09:00")
    assert tale.order(accepted).completed_at == at("2025-07-05 09:00")
    assert tale.flow(accepted).accepted_at == at("2025-07-03 10:00")


@pytest.mark.spec("AT-72")
@pytest.mark.parametrize("swept", [False, True])
def test_at_three_hours_it_is_over(tale, accepted, swept, at):
    if swept:
        tale.passes("2025-07-03 13:00")
    assert not possible(tale.flow(accepted), at("2025-07-03 13:00"))
    with pytest.raises(NotUndoable):
        tale.asks_back(accepted, "2025-07-03 13:00")
    assert possible(tale.flow(accepted), at("2025-07-03 12:59:59")) is not swept


def test_an_accepted_delivery_can_be_undone_within_the_three_hours(tale, accepted, money, at):
    before = money()
    row = tale.asks_back(accepted, "2025-07-03 12:00")
    tale.agrees(row, "2025-07-04 10:00")
    tale.passes("2025-07-04 10:00")
    assert (money() - before).amount() == "1000.00"
    assert (tale.flow(accepted).label, tale.order(accepted).label) == (TERMINATED, "Completed")
    tale.passes("2025-08-31 00:00")
    assert tale.sale(accepted).bill is None


def test_also_when_its_period_is_over_already(tale, money):
    """V8 and U5: what was accepted too late is released; giving its money back must not stumble over that."""
    order = tale.buys("license_monthly", when="2025-01-01 09:00")
    tale.delivers(order, "2025-01-20 09:00", enabled="2025-01-01")
    assert tale.accepts(order, "2025-03-10 10:00").label == "Released"
    before = money()
    tale.agrees(tale.asks_back(order, "2025-03-10 11:00"), "2025-03-10 12:00")
    tale.passes("2025-03-10 12:00")
    assert (money() - before).amount() == "100.00"
    assert (tale.resource(order).label, tale.flow(order).label) == ("Released", TERMINATED)


def test_the_grace_can_be_closed_to_it(tale):
    """Q12 is switchable, and frozen into the order."""
    tale.sets("unsubscription_in_grace", False)
    order = tale.buys("license_yearly", when="2025-07-01 10:00")
    tale.delivers(order, "2025-07-02 10:00")
    tale.accepts(order, "2025-07-03 10:00")
    with pytest.raises(NotUndoable):
        tale.asks_back(order, "2025-07-03 10:30")


def test_and_so_can_the_whole_of_it(tale):
    tale.sets("negotiated_unsubscription", False)
    order = tale.buys("license_yearly", when="2025-07-01 10:00")
    tale.sets("negotiated_unsubscription", True, "2025-07-01 11:00")
    with pytest.raises(NotUndoable, match="without unsubscription"):
        tale.asks_back(order, "2025-07-01 12:00")


@pytest.mark.spec("AT-73")
def test_what_is_invoiced_waits_for_the_invoice(tale, paid, at):
    note_invoice(tale.sale(paid).key, at=at("2025-07-02 10:00"))
    with pytest.raises(NotUndoable, match="invoice"):
        tale.asks_back(paid, "2025-07-03 10:00")
    assert refusal_of(tale.flow(paid), at("2025-07-03 10:00"))
    withdraw_invoice(tale.sale(paid).key)
    assert tale.asks_back(paid, "2025-07-03 11:00").turn == "seller"


@pytest.mark.spec("AT-75")
@pytest.mark.parametrize(("ticked", "contact"), [(False, ("", "")), (True, ("Lin Wei", "buyer@meridian.example"))])
def test_contact_data_only_where_the_box_is_ticked(tale, paid, ticked, contact):
    row = tale.asks_back(paid, "2025-07-07 10:00", share_contact=ticked)
    row = tale.unsubscription(row)
    assert (row.contact_name, row.contact_email) == contact
    for fact in tale.facts(paid):
        assert "buyer@meridian.example" not in fact.body


@pytest.fixture
def agreed_return(tale):
    """AT-76: goods that were shipped, whose return was approved on 2025-08-01 at 10:00."""
    goods = tale.buys("hardware", when="2025-07-10 10:00")
    tale.ships(goods, "2025-07-15 10:00")
    row = tale.agrees(tale.asks_back(goods, "2025-07-28 10:00"), "2025-08-01 10:00")
    assert (row.label, row.turn) == ("Waiting for the return shipment", "buyer")
    return row


@pytest.mark.spec("AT-76")
def test_no_return_shipment_within_ten_days_is_a_withdrawal(tale, agreed_return, money, at):
    before = money()
    tale.passes("2025-08-11 09:59:59")
    assert tale.unsubscription(agreed_return).label == "Waiting for the return shipment"
    tale.passes("2025-08-11 10:00")
    row = tale.unsubscription(agreed_return)
    assert (row.label, row.state_since) == ("Withdrawn", at("2025-08-11 10:00"))
    flow = row.flow
    assert (flow.label, flow.held_by, money()) == (WAIT_ACCEPTANCE, "", before)
    tale.accepts(flow.line.order, "2025-08-12 10:00")


@pytest.mark.spec("AT-77")
def test_returned_goods_count_as_accepted_after_fifteen_days(tale, agreed_return, money, at):
    row = tale.returns(agreed_return, "2025-08-10 10:00")
    assert (row.label, row.turn, row.return_number) == (
        "Waiting for the check of the returned goods",
        "seller",
        "OC 77",
    )
    before = money()
    tale.passes("2025-08-25 09:59:59")
    assert tale.unsubscription(row).label == "Waiting for the check of the returned goods"
    tale.passes("2025-08-25 10:00")
    row = tale.unsubscription(row)
    assert (row.label, row.refunded_at) == ("Refunded", at("2025-08-25 10:00"))
    assert (money() - before).amount() == "3900.00"
    assert row.flow.label == TERMINATED


def test_the_seller_checks_the_goods(tale, agreed_return, money, at):
    """U8, U9: refused, sent again, accepted."""
    tale.returns(agreed_return, "2025-08-10 10:00")
    row = tale.refuses_goods(agreed_return, "2025-08-12 10:00")
    assert (row.label, row.refused, row.due_at) == (
        "Waiting for the return shipment", "The seal is broken.", at("2025-08-22 10:00"),
    )  # fmt: skip
    tale.returns(row, "2025-08-20 10:00")
    before = money()
    tale.takes_goods(row, "2025-08-21 10:00")
    tale.passes("2025-08-21 13:00")
    assert (money() - before).amount() == "3900.00"


@pytest.mark.parametrize(("carrier", "fields"), [("pigeon", ["carrier"]), ("", ["carrier"])])
def test_a_return_names_a_carrier_of_the_list(tale, agreed_return, carrier, fields):
    with pytest.raises(InvalidInput) as refusal:
        tale.returns(agreed_return, "2025-08-10 10:00", carrier=carrier)
    assert list(refusal.value.errors) == fields
    assert tale.unsubscription(agreed_return).returned_at is None


def test_goods_that_were_never_shipped_need_no_return(tale):
    goods = tale.buys("hardware", when="2025-07-10 10:00")
    assert tale.agrees(tale.asks_back(goods, "2025-07-11 10:00"), "2025-07-11 11:00").label == "Refunding"


def test_goods_that_were_rejected_are_with_the_buyer_still(tale):
    """Q29: back to the seller's step; the goods come back only through an unsubscription."""
    goods = tale.buys("hardware", when="2025-07-10 10:00")
    tale.ships(goods, "2025-07-15 10:00")
    tale.rejects(goods, "2025-07-16 10:00")
    row = tale.agrees(tale.asks_back(goods, "2025-07-17 10:00"), "2025-07-18 10:00")
    assert row.label == "Waiting for the return shipment"


@pytest.mark.spec("AT-79")
def test_what_is_kept_is_billed(tale, world, paid, at, money):
    before = money()
    row = tale.asks_back(paid, "2025-07-07 10:00", "600.00")
    tale.agrees(row, "2025-07-08 10:00")
    tale.passes("2025-07-08 10:00")
    assert (money() - before).amount() == "600.00"
    sale = tale.sale(paid)
    assert (sale.net.amount(), sale.refunded_units, sale.get_supervision_display()) == (
        "400.00", 600 * 10**8, "Completed",
    )  # fmt: skip
    assert sale.ready_at == sale.completed_at == at("2025-07-08 10:00")
    tale.passes("2025-08-07 02:00")
    bill = tale.bill("202507")
    assert (bill.lines_count, bill.sales.amount(), bill.total.amount()) == (1, "400.00", "340.00")
    assert tale.sale(paid).bill == bill
    assert balance("seller_payable", world.actor("seller").organisation_id, "USD").amount() == "340.00"


def test_the_example_of_the_money_spec(tale, world):
    """Money 12.3: paid 3,000, refunded 1,200, fee 15 %: 1,800 × 0.85 = 1,530.00."""
    order = tale.buys("license_yearly", when="2025-07-01 10:00", quantity=3)
    tale.agrees(tale.asks_back(order, "2025-07-07 10:00", "1200.00"), "2025-07-08 10:00")
    tale.passes("2025-08-07 02:00")
    assert tale.bill("202507").total.amount() == "1530.00"


def test_a_partial_refund_needs_the_acceptance_document(tale, paid):
    row = tale.asks_back(paid, "2025-07-07 10:00", "600.00")
    with pytest.raises(InvalidInput, match="acceptance document of the part that is kept") as refusal:
        tale.agrees(row, "2025-07-08 10:00", files=0)
    assert list(refusal.value.errors) == ["files"]
    assert tale.unsubscription(row).label == "Pending the seller's review"


def test_an_answer_needs_a_comment(tale, pending):
    how = {"by": tale.who("seller"), "at": tale.at("2025-07-08 10:00")}
    for comments in ("", " ", "x" * 1001):
        for answer in (
            lambda comments=comments: agree_unsubscription(
                tale.unsubscription(pending), comments=comments, files=tale.proofs(1), **how
            ),
            lambda comments=comments: reject_unsubscription(tale.unsubscription(pending), comments=comments, **how),
        ):
            with pytest.raises(InvalidInput) as refusal:
                answer()
            assert list(refusal.value.errors) == ["comments"]
    with pytest.raises(InvalidInput) as refusal:
        agree_unsubscription(tale.unsubscription(pending), comments="", files=[], **how)
    assert list(refusal.value.errors) == ["comments", "files"]


def test_only_the_buyer_asks(tale, paid):
    for name in ("seller", "other_buyer", "other_seller", "operator", "clock"):
        with pytest.raises(NotYourTurn):
            tale.asks_back(paid, "2025-07-07 10:00", by=name)


def test_a_silent_seller_is_reminded_twice_then_the_operator_decides(tale, paid, pending, at, money):
    """Money 12.3."""
    tale.passes("2025-07-22 09:59:59")
    reminded = [fact.at for fact in tale.facts(paid) if fact.verb == "remind_review"]
    assert reminded == [at("2025-07-10 10:00"), at("2025-07-14 10:00")]
    assert tale.unsubscription(pending).turn == "seller"
    tale.passes("2025-07-22 10:00")
    row = tale.unsubscription(pending)
    assert (row.label, row.turn, row.due_at) == ("Pending the operator's decision", "operator", None)
    with pytest.raises(NotYourTurn):
        tale.agrees(row, "2025-07-23 10:00")
    with pytest.raises(NotYourTurn):
        tale.disagrees(row, "2025-07-23 10:00")
    before = money()
    tale.agrees(row, "2025-07-23 10:00", by="operator")
    tale.passes("2025-07-23 10:00")
    assert (money() - before).amount() == "1000.00"


def test_the_operator_may_also_reject(tale, paid, pending):
    tale.passes("2025-07-22 10:00")
    tale.disagrees(pending, "2025-07-23 10:00", by="operator")
    assert tale.flow(paid).held_by == ""


def test_on_credit_so_much_less_is_owed(tale, world, at):
    from opengallery.market.billing.actions import grant_credit, repay_credit

    grant_credit(world.members["buyer"].organisation, limit=Money.of("1500.00", "USD"))
    order = tale.buys("license_yearly", when="2025-07-01 10:00", method="credit")
    tale.agrees(tale.asks_back(order, "2025-07-07 10:00", "600.00"), "2025-07-08 10:00")
    tale.passes("2025-07-08 10:00")
    buyer = world.actor("buyer").organisation_id
    assert balance("customer_credit", buyer, "USD").amount() == "400.00"
    tale.passes("2025-08-07 02:00")
    assert tale.sale(order).bill is None, "what is kept is not repaid yet"
    repay_credit(world.members["buyer"].organisation, amount=Money.of("400.00", "USD"), at=at("2025-08-10 10:00"))
    tale.passes("2025-09-08 02:00")
    assert tale.sale(order).bill.total.amount() == "340.00"


def test_an_appeal_stops_the_review_too(tale, paid, pending, at):
    """Q23: held from 07-08 to 07-18; the seller's fifteen days are ten days longer."""
    appeal = tale.appeals(paid, "2025-07-08 10:00", by="buyer")
    assert tale.flow(paid).held_by == "appeal"
    for act in (tale.agrees, tale.disagrees):
        with pytest.raises(OnHold):
            act(pending, "2025-07-09 10:00")
    with pytest.raises(OnHold):
        tale.takes_back(pending, "2025-07-09 10:00")
    tale.passes("2025-07-18 10:00")
    assert "remind_review" not in tale.verbs(paid)
    tale.decides(appeal, "resume", "2025-07-18 10:00")
    row = tale.unsubscription(pending)
    assert (row.held_by, row.due_at, row.remind_due_at) == ("", at("2025-08-01 10:00"), at("2025-07-20 10:00"))
    assert tale.flow(paid).held_by == "unsubscription", "the review goes on"
    with pytest.raises(OnHold):
        tale.delivers(paid, "2025-07-19 10:00")
    tale.disagrees(pending, "2025-07-20 10:00")
    flow = tale.flow(paid)
    assert (flow.held_by, flow.promised_at) == ("", at("2025-07-16 10:00")), "held for thirteen days in all"
    tale.delivers(paid, "2025-07-20 11:00")


@pytest.mark.parametrize("decision", ["accept_for_buyer", "terminate_and_refund"])
@pytest.mark.parametrize("agreed", [False, True])
def test_another_decision_ends_the_review_with_it(tale, paid, pending, money, decision, agreed):
    """Q23: the operator decides both, also when the refund had been agreed and not yet been made."""
    before = money()
    if agreed:
        tale.agrees(pending, "2025-07-08 09:00")
    appeal = tale.appeals(paid, "2025-07-08 10:00", by="seller")
    tale.passes("2025-07-09 10:00")
    assert money() == before, "an appeal holds the refund"
    tale.decides(appeal, decision, "2025-07-09 10:00", amount="300.00" if decision == "terminate_and_refund" else "")
    row = tale.unsubscription(pending)
    assert (row.label, row.due_at, row.refund_order) == ("Withdrawn", None, None)
    tale.passes("2025-08-08 00:00")
    flow = tale.flow(paid)
    assert flow.label == ("Completed" if decision == "accept_for_buyer" else TERMINATED)
    assert (money() - before).amount() == ("0.00" if decision == "accept_for_buyer" else "300.00")
    assert tale.sale(paid).bill.sales.amount() == ("1000.00" if decision == "accept_for_buyer" else "700.00")


def test_the_flow_says_what_holds_it(tale, paid, pending):
    assert deadline_of(tale.flow(paid)).outcome == "held"


def test_what_was_undone_is_found_by_its_badge(tale, paid, pending):
    """Q13: Completed with a badge; searched for as if that were a status."""
    kept = tale.buys("license_yearly", when="2025-07-02 10:00")
    tale.agrees(pending, "2025-07-08 10:00")
    tale.passes("2025-07-08 13:00")
    buyer = tale.who("buyer")
    assert [row.number for row in order_rows(buyer, "buyer", {"status": "unsubscribed"})] == [paid.number]
    assert [row.number for row in order_rows(buyer, "buyer", {"status": "Unsubscribed"})] == [paid.number]
    assert kept.number in [row.number for row in order_rows(buyer, "buyer", {"status": "processing"})]
