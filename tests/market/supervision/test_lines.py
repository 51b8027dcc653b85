"""Several lines in one order: each accepted, graced, disputed, refunded and billed on its own (Q18, beyond 8)."""

import pytest

from opengallery.kit.problems import MoveRefused, OnHold
from opengallery.market.journal.models import Fact
from opengallery.market.ledger.queries import balance, spendable
from opengallery.market.orders.actions.fulfil_line import GraceOver
from opengallery.market.orders.models import OrderLine
from opengallery.market.supervision.explanations import deadline_of
from opengallery.market.supervision.models import Flow

WAIT_DELIVERY = "Waiting for the seller to provide the service"
WAIT_ACCEPTANCE = "Waiting for the user to confirm acceptance"


@pytest.fixture
def three(tale):
    """An order of 1,000.00, 250.00 and 100.00; all are delivered."""
    order = tale.buys("license_yearly", "license_one_time", "license_monthly", when="2025-07-01 10:00")
    for line in (1, 2, 3):
        tale.delivers(order, "2025-07-02 10:00", line=line)
    return order


def line_of(tale, order, number):
    """A line as it is now."""
    return OrderLine.objects.get(number=f"{order.number}-{number:06d}")


def test_each_line_has_a_flow_of_its_own(tale):
    order = tale.buys("license_yearly", "saas_supervised", "hardware", "saas_instant", when="2025-07-01 10:00")
    flows = {flow.number[-1]: flow.template for flow in Flow.objects.filter(line__order=order)}
    assert flows == {"1": "license", "2": "standard", "3": "hardware"}
    assert [row.closed_at is not None for row in order.lines.all()] == [False, False, False, True]
    assert (tale.order(order).label, tale.resource(order, 4).label) == ("Processing", "Active")
    assert tale.sale(order, 4).completed_at == order.paid_at


def test_a_line_is_final_after_its_own_three_hours(tale, three, at, world):
    tale.accepts(three, "2025-07-03 10:00", line=1)
    line = line_of(tale, three, 1)
    assert (line.grace_until, line.due_at, tale.order(three).due_at) == (
        at("2025-07-03 13:00"), at("2025-07-03 13:00"), None,
    )  # fmt: skip
    said = deadline_of(tale.flow(three, 1))
    assert (said.at, "with its last line" in said.sentence) == (at("2025-07-03 13:00"), True)
    tale.passes("2025-07-03 12:59:59")
    assert (line_of(tale, three, 1).closed_at, tale.sale(three, 1).completed_at) == (None, None)
    tale.passes("2025-07-03 13:00")
    line = line_of(tale, three, 1)
    assert (line.closed_at, line.due_at, tale.order(three).label) == (at("2025-07-03 13:00"), None, "Processing")
    assert tale.sale(three, 1).completed_at == at("2025-07-03 13:00")
    assert balance("seller_payable", world.actor("seller").organisation_id, "USD").amount() == "850.00"
    assert balance("contract_liability", 0, "USD").amount() == "350.00"
    assert deadline_of(tale.flow(three, 1)) is None
    with pytest.raises(GraceOver):
        tale.retracts(three, "2025-07-03 13:00", line=1)
    assert tale.verbs(three).count("close_line") == 1


def test_the_order_completes_with_its_last_line_and_no_line_after_it(tale, three, at):
    """Three are accepted in the same instant: two lines are closed, then the order, each told once."""
    for line in (1, 2, 3):
        tale.accepts(three, "2025-07-03 10:00", line=line)
    tale.passes("2025-07-31 00:00")
    order = tale.order(three)
    assert order.completed_at == at("2025-07-03 13:00")
    assert tale.verbs(three)[-3:] == ["close_line", "close_line", "complete_order"]
    assert [tale.sale(three, line).completed_at for line in (1, 2, 3)] == [at("2025-07-03 13:00")] * 3
    assert not OrderLine.objects.filter(due_at__isnull=False).exists()


def test_each_month_bills_its_own_lines(tale, three):
    tale.accepts(three, "2025-07-31 23:00", line=1)
    tale.passes("2025-08-20 10:00")
    tale.accepts(three, "2025-08-20 10:00", line=2)
    tale.passes("2025-10-31 00:00")
    assert [tale.sale(three, line).bill.cycle if tale.sale(three, line).bill else None for line in (1, 2, 3)] == [
        "202507", "202508", None,
    ]  # fmt: skip
    assert (tale.bill("202507").sales.amount(), tale.bill("202508").sales.amount()) == ("1000.00", "250.00")


def test_an_appeal_freezes_only_its_own_line(tale, three, at):
    appeal = tale.appeals(three, "2025-07-03 09:00", line=2)
    tale.accepts(three, "2025-07-03 10:00", line=1)
    tale.rejects(three, "2025-07-03 10:00", line=3)
    with pytest.raises(OnHold):
        tale.accepts(three, "2025-07-03 10:00", line=2)
    tale.passes("2025-08-07 02:00")
    assert tale.bill("202507").sales.amount() == "1000.00"
    assert (tale.flow(three, 2).held_by, tale.flow(three, 3).held_by) == ("appeal", "")
    tale.decides(appeal, "accept_for_buyer", "2025-08-10 10:00")
    tale.delivers(three, "2025-08-10 10:00", line=3)
    tale.accepts(three, "2025-08-10 12:00", line=3)
    tale.passes("2025-08-10 15:00")
    assert tale.order(three).completed_at == at("2025-08-10 15:00")
    assert tale.sale(three, 2).completed_at == at("2025-08-10 13:00")


def test_a_refund_touches_only_its_own_line(tale, three, world, at):
    before = spendable(world.actor("buyer").organisation_id, "USD")
    tale.accepts(three, "2025-07-03 10:00", line=1)
    tale.agrees(tale.asks_back(three, "2025-07-03 10:30", line=2), "2025-07-03 11:00")
    tale.passes("2025-07-03 11:00")
    assert (spendable(world.actor("buyer").organisation_id, "USD") - before).amount() == "250.00"
    assert [tale.resource(three, line).label for line in (1, 2, 3)] == ["Active", "Released", "Pending"]
    order = tale.order(three)
    assert (order.label, order.unsubscribed, order.due_at) == ("Processing", True, None)
    assert tale.retracts(three, "2025-07-03 12:00", line=1).label == WAIT_ACCEPTANCE
    for line in (1, 3):
        tale.accepts(three, "2025-07-04 10:00", line=line)
    tale.passes("2025-07-04 13:00")
    assert tale.order(three).completed_at == at("2025-07-04 13:00")
    tale.passes("2025-08-07 02:00")
    assert (tale.bill("202507").lines_count, tale.bill("202507").sales.amount()) == (2, "1100.00")


def test_the_last_line_undone_completes_the_order_with_the_graces_that_run(tale, three, at):
    tale.accepts(three, "2025-07-03 10:00", line=1)
    tale.accepts(three, "2025-07-03 11:00", line=2)
    tale.agrees(tale.asks_back(three, "2025-07-03 11:30", line=3), "2025-07-03 12:00")
    tale.passes("2025-07-03 12:00")
    assert (tale.order(three).label, tale.order(three).due_at) == ("Processing", at("2025-07-03 14:00"))
    tale.passes("2025-07-03 14:00")
    assert tale.order(three).completed_at == at("2025-07-03 14:00")
    assert [line_of(tale, three, number).closed_at for number in (1, 2)] == [
        at("2025-07-03 13:00"), at("2025-07-03 14:00"),
    ]  # fmt: skip
    assert tale.verbs(three)[-1] == "complete_order"


def test_all_lines_undone_complete_the_order(tale, three, at):
    for line in (1, 2, 3):
        tale.agrees(tale.asks_back(three, "2025-07-03 10:00", line=line), f"2025-07-03 1{line}:00")
        tale.passes(f"2025-07-03 1{line}:00")
    order = tale.order(three)
    assert (order.label, order.completed_at) == ("Completed", at("2025-07-03 13:00"))
    assert balance("contract_liability", 0, "USD").units == 0
    tale.passes("2025-08-31 00:00")
    assert tale.bill("202507") is None
    with pytest.raises(MoveRefused):
        tale.accepts(three, "2025-08-31 00:00", line=1)


def test_a_hold_in_the_grace_of_one_line_leaves_the_others(tale, three, at):
    for line, hour in ((1, 10), (2, 11), (3, 12)):
        tale.accepts(three, f"2025-07-03 {hour}:00", line=line)
    row = tale.asks_back(three, "2025-07-03 12:30", line=2)
    tale.passes("2025-07-04 00:00")
    closed = [line_of(tale, three, number).closed_at for number in (1, 2, 3)]
    assert closed == [at("2025-07-03 13:00"), None, at("2025-07-03 15:00")]
    assert tale.order(three).label == "Processing"
    tale.takes_back(row, "2025-07-05 10:00")
    assert tale.order(three).due_at == at("2025-07-05 11:30"), "an hour and a half was left"
    tale.passes("2025-07-05 11:30")
    assert tale.order(three).completed_at == at("2025-07-05 11:30")
    assert Fact.objects.filter(verb="complete_order").count() == 1


def test_with_no_delay_a_line_is_final_at_once(tale, at):
    """Q3: the delay can be set to nothing."""
    tale.sets("order_completion_delay_minutes", 0)
    order = tale.buys("license_yearly", "license_one_time", when="2025-07-01 10:00")
    for line in (1, 2):
        tale.delivers(order, "2025-07-02 10:00", line=line)
    tale.accepts(order, "2025-07-03 10:00", line=1)
    with pytest.raises(GraceOver):
        tale.retracts(order, "2025-07-03 10:00", line=1)
    tale.passes("2025-07-03 10:00")
    assert line_of(tale, order, 1).closed_at == at("2025-07-03 10:00")
    tale.accepts(order, "2025-07-04 10:00", line=2)
    tale.passes("2025-07-04 10:00")
    assert tale.order(order).completed_at == at("2025-07-04 10:00")


def test_a_clock_that_is_late_changes_no_instant(tale, three, at):
    """All is pressed a month later: each line is final at its own time."""
    tale.accepts(three, "2025-07-03 10:00", line=1)
    tale.accepts(three, "2025-07-04 10:00", line=2)
    tale.accepts(three, "2025-07-05 10:00", line=3)
    with pytest.raises(GraceOver):
        tale.retracts(three, "2025-07-05 10:30", line=1)
    tale.passes("2025-08-05 00:00")
    assert [tale.sale(three, line).completed_at for line in (1, 2, 3)] == [
        at("2025-07-03 13:00"), at("2025-07-04 13:00"), at("2025-07-05 13:00"),
    ]  # fmt: skip
    assert tale.order(three).completed_at == at("2025-07-05 13:00")


def test_a_grace_that_was_held_ends_before_the_others_and_waits_for_none(tale, three, at):
    """It is final at its own time, though no line is open; also when another one is opened again before the clock came."""
    tale.agrees(tale.asks_back(three, "2025-07-03 09:00", line=3), "2025-07-03 09:01")
    tale.passes("2025-07-03 09:01")
    tale.accepts(three, "2025-07-03 10:00", line=2)
    row = tale.asks_back(three, "2025-07-03 12:58", line=2)
    tale.accepts(three, "2025-07-03 13:00", line=1)
    tale.takes_back(row, "2025-07-03 13:30")
    assert line_of(tale, three, 2).grace_until == at("2025-07-03 13:32")
    assert (line_of(tale, three, 2).due_at, tale.order(three).due_at) == (
        at("2025-07-03 13:32"), at("2025-07-03 16:00"),
    )  # fmt: skip
    tale.retracts(three, "2025-07-03 14:00", line=1)
    tale.passes("2025-07-03 14:00")
    assert line_of(tale, three, 2).closed_at == at("2025-07-03 13:32")
    assert tale.sale(three, 2).completed_at == at("2025-07-03 13:32")
    assert tale.order(three).label == "Processing"


def test_an_order_never_completes_before_one_of_its_lines_ends(tale, at):
    """The clock was late: what it accepts for the buyer at its own instant comes after what people did meanwhile."""
    order = tale.buys("hardware", "license_yearly", when="2025-07-01 10:00")
    tale.ships(order, "2025-07-01 11:00", line=1)
    tale.signs(order, "2025-07-01 12:00", line=1)
    tale.overrides(order, "terminate_and_refund", "2025-07-20 10:00", amount="1000.00", line=2)
    tale.passes("2025-07-20 10:00")
    assert tale.flow(order, 1).accepted_at == at("2025-07-11 12:00")
    assert tale.order(order).completed_at == at("2025-07-20 10:00")
