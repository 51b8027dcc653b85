"""What the clock does to a flow: overdue notes, automatic acceptance with its warnings, the cap (Q2, Q26, D5)."""

import json

import pytest

from opengallery.kit.problems import InvalidInput
from opengallery.market.billing.actions import note_invoice
from opengallery.market.journal.models import Fact
from opengallery.market.policy.actions import change_setting
from opengallery.market.supervision.explanations import deadline_of
from opengallery.market.supervision.models import Flow

WAIT_DELIVERY = "Waiting for the seller to provide the service"
WAIT_ACCEPTANCE = "Waiting for the user to confirm acceptance"


def warned(tale, order):
    """The warnings on record: when, and how many days were left."""
    said = [fact for fact in tale.facts(order) if fact.verb == "warn_buyer"]
    return [(fact.at, json.loads(fact.body)["data"]["days_left"]) for fact in said]


def test_what_is_promised_and_not_delivered_is_overdue(tale, at):
    order = tale.buys("license_yearly", when="2025-06-02 10:00")
    deadline = deadline_of(tale.flow(order))
    assert (deadline.turn, deadline.at, deadline.outcome) == ("seller", at("2025-06-04 10:00"), "overdue")
    tale.passes("2025-06-04 09:59:59")
    assert "note_overdue" not in tale.verbs(order)
    tale.passes("2025-06-10 00:00")
    assert tale.verbs(order).count("note_overdue") == 1
    assert tale.facts(order)[-1].at == at("2025-06-04 10:00")
    flow = tale.flow(order)
    assert (flow.label, flow.promised_at, flow.overdue_due_at) == (WAIT_DELIVERY, at("2025-06-04 10:00"), None)
    assert flow.may_remind(at("2025-06-10 00:00"))
    tale.delivers(order, "2025-06-10 10:00")


@pytest.fixture
def automatic(tale):
    """Licences that are placed from now on are accepted by themselves after ten days."""
    tale.sets("auto_accept_days_license", 10)


@pytest.fixture
def delivered(tale, automatic):
    """One of them, with the buyer since 2025-06-03 10:00."""
    order = tale.buys("license_yearly", when="2025-06-02 10:00")
    tale.delivers(order, "2025-06-03 10:00")
    return order


def test_silence_is_acceptance_after_three_warnings(tale, delivered, at):
    flow = tale.flow(delivered)
    assert (flow.accept_due_at, flow.warn_due_at) == (at("2025-06-13 10:00"), at("2025-06-06 10:00"))
    assert deadline_of(flow).sentence == "Then the delivery is accepted automatically."
    tale.passes("2025-06-13 09:59:59")
    assert warned(tale, delivered) == [
        (at("2025-06-06 10:00"), 7), (at("2025-06-10 10:00"), 3), (at("2025-06-12 10:00"), 1),
    ]  # fmt: skip
    assert tale.flow(delivered).label == WAIT_ACCEPTANCE
    tale.passes("2025-06-13 10:00")
    flow = tale.flow(delivered)
    assert (flow.label, flow.accepted_by, flow.accepted_at) == ("Completed", "system", at("2025-06-13 10:00"))
    tale.passes("2025-06-13 13:00")
    assert tale.order(delivered).completed_at == at("2025-06-13 13:00")


def test_by_default_nothing_is_accepted_by_itself(tale):
    order = tale.buys("license_yearly", when="2025-06-02 10:00")
    tale.delivers(order, "2025-06-03 10:00")
    tale.passes("2027-06-03 10:00")
    assert (tale.flow(order).label, warned(tale, order)) == (WAIT_ACCEPTANCE, [])


@pytest.mark.parametrize("skipped", [0, 1, 2])
def test_no_acceptance_unless_all_three_are_on_record(tale, delivered, at, skipped):
    """Going around the verb: a warning is struck from the plan. What was not said is said first, then the time runs."""
    for number, day in enumerate((6, 10, 12)):
        if number == skipped:
            flow = Flow.objects.filter(number=tale.flow(delivered).number)
            later = [at("2025-06-10 10:00"), at("2025-06-12 10:00"), None][number]
            flow.update(warn_due_at=later, warnings=number + 1)
        tale.passes(f"2025-06-{day:02d} 10:00")
    assert len(warned(tale, delivered)) == 2
    tale.passes("2025-06-13 10:00")
    flow = tale.flow(delivered)
    assert (flow.label, flow.accept_due_at) == (WAIT_ACCEPTANCE, at("2025-06-20 10:00"))
    tale.passes("2025-06-20 09:59:59")
    assert tale.flow(delivered).label == WAIT_ACCEPTANCE
    assert warned(tale, delivered)[2:] == [
        (at("2025-06-13 10:00"), 7), (at("2025-06-17 10:00"), 3), (at("2025-06-19 10:00"), 1),
    ]  # fmt: skip
    tale.passes("2025-06-20 10:00")
    assert tale.flow(delivered).accepted_at == at("2025-06-20 10:00")


def test_the_warnings_of_an_earlier_delivery_do_not_count(tale, delivered, at):
    tale.passes("2025-06-12 12:00")
    assert len(warned(tale, delivered)) == 3
    flow = tale.rejects(delivered, "2025-06-12 13:00")
    assert (flow.accept_due_at, flow.warn_due_at, flow.warnings) == (None, None, 0)
    tale.delivers(delivered, "2025-06-14 10:00")
    Flow.objects.update(warn_due_at=None)
    tale.passes("2025-06-24 10:00")
    assert tale.flow(delivered).label == WAIT_ACCEPTANCE
    tale.passes("2025-07-01 10:00")
    assert tale.flow(delivered).accepted_at == at("2025-07-01 10:00")
    assert len(warned(tale, delivered)) == 6


def test_warnings_stand_still_while_it_is_held(tale, delivered, at):
    """Q17: held from 06-07 to 06-09, two days."""
    tale.passes("2025-06-07 10:00")
    appeal = tale.appeals(delivered, "2025-06-07 10:00")
    tale.passes("2025-06-09 10:00")
    tale.decides(appeal, "resume", "2025-06-09 10:00")
    tale.passes("2025-06-15 10:00")
    assert [when for when, _ in warned(tale, delivered)] == [
        at("2025-06-06 10:00"), at("2025-06-12 10:00"), at("2025-06-14 10:00"),
    ]  # fmt: skip
    assert tale.flow(delivered).accepted_at == at("2025-06-15 10:00")


def test_what_was_retracted_has_the_whole_time_again(tale, delivered, at):
    tale.passes("2025-06-13 11:00")
    flow = tale.retracts(delivered, "2025-06-13 12:00", "We were away.")
    assert (flow.label, flow.accept_due_at) == (WAIT_ACCEPTANCE, at("2025-06-23 12:00"))
    tale.passes("2025-06-23 12:00")
    assert tale.flow(delivered).accepted_at == at("2025-06-23 12:00")
    assert len(warned(tale, delivered)) == 6


@pytest.mark.parametrize("days", [1, 7, -1, 366, 8.5, "10", True])
def test_there_is_always_room_for_three_warnings(world, at, days):
    with pytest.raises(InvalidInput):
        change_setting("auto_accept_days_license", days, reason="faster", by=world.actor("operator"),
                       at=at("2025-06-01 09:00"))  # fmt: skip


@pytest.mark.parametrize("days", [0, 8, 365])
def test_the_shortest_is_eight_days_and_zero_is_off(world, at, days):
    assert change_setting("auto_accept_days_license", days, reason="as agreed", by=world.actor("operator"),
                          at=at("2025-06-01 09:00")).value == days  # fmt: skip


@pytest.fixture
def capped(tale):
    """AT-98: an order of 2024-01-10 under a cap of 365 days."""
    tale.sets("auto_close_days", 365)
    return tale.buys("license_yearly", when="2024-01-10 10:00")


@pytest.mark.spec("AT-98")
def test_the_cap_undoes_what_was_not_invoiced(tale, world, capped, at):
    from opengallery.market.ledger.queries import spendable

    before = spendable(world.actor("buyer").organisation_id, "USD")
    tale.passes("2025-01-09 09:59:59")
    assert tale.flow(capped).label == WAIT_DELIVERY
    tale.passes("2025-01-09 10:00")
    order = tale.order(capped)
    assert tale.flow(capped).label == "Terminated (unsubscribed)"
    assert (order.label, order.unsubscribed, order.completed_at) == ("Completed", True, at("2025-01-09 10:00"))
    assert (spendable(world.actor("buyer").organisation_id, "USD") - before).amount() == "1000.00"
    assert tale.resource(capped).label == "Released"
    tale.passes("2025-03-31 00:00")
    assert tale.sale(capped).bill is None


@pytest.mark.spec("AT-98")
def test_the_cap_completes_what_was_invoiced(tale, capped, at):
    note_invoice(tale.sale(capped).key, at=at("2024-02-01 10:00"))
    tale.delivers(capped, "2024-03-01 10:00")
    tale.passes("2025-01-09 13:00")
    flow, order = tale.flow(capped), tale.order(capped)
    assert (flow.label, flow.accepted_at, flow.accepted_by) == ("Completed", at("2025-01-09 10:00"), "system")
    assert (order.label, order.unsubscribed, order.completed_at) == ("Completed", False, at("2025-01-09 13:00"))
    tale.passes("2025-02-07 02:00")
    assert tale.sale(capped).bill.cycle == "202501"


@pytest.mark.spec("AT-98")
@pytest.mark.parametrize("invoiced", [False, True])
def test_without_the_switch_nothing_is_closed(tale, at, invoiced):
    order = tale.buys("license_yearly", when="2024-01-10 10:00")
    if invoiced:
        note_invoice(tale.sale(order).key, at=at("2024-02-01 10:00"))
    tale.passes("2026-01-10 10:00")
    assert (tale.flow(order).label, tale.order(order).label) == (WAIT_DELIVERY, "Processing")


def test_a_retraction_does_not_escape_the_cap(tale, capped, at):
    tale.delivers(capped, "2024-05-01 10:00")
    tale.accepts(capped, "2024-05-02 10:00")
    assert tale.flow(capped).close_due_at is None
    tale.retracts(capped, "2024-05-02 11:00")
    tale.passes("2025-01-09 10:00")
    flow = tale.flow(capped)
    assert (flow.label, flow.state_since) == ("Terminated (unsubscribed)", at("2025-01-09 10:00"))


def test_the_cap_waits_while_an_appeal_is_open(tale, capped, at):
    appeal = tale.appeals(capped, "2025-01-04 10:00", by="buyer")
    tale.passes("2025-01-14 10:00")
    assert tale.flow(capped).label == WAIT_DELIVERY
    tale.decides(appeal, "resume", "2025-01-14 10:00")
    tale.passes("2025-01-19 10:00")
    assert tale.flow(capped).state_since == at("2025-01-19 10:00")


def test_a_timer_that_was_pressed_is_not_pressed_again(tale, delivered):
    tale.passes("2025-06-30 00:00")
    count = Fact.objects.count()
    assert tale.passes("2025-06-30 00:00") == 0
    assert Fact.objects.count() == count


def test_what_the_clock_read_before_it_was_held_is_not_accepted(tale, delivered, at):
    """The press has read the flow; meanwhile it was held and let go, and has more time than it had."""
    from opengallery.kit.problems import MoveRefused
    from opengallery.market.supervision.actions.press import accept_for_silence, close_by_cap

    tale.passes("2025-06-12 12:00")
    stale = tale.flow(delivered)
    appeal = tale.appeals(delivered, "2025-06-12 13:00")
    tale.decides(appeal, "resume", "2025-06-12 14:00")
    for press in (accept_for_silence, close_by_cap):
        stale.close_due_at = stale.accept_due_at
        with pytest.raises(MoveRefused):
            press(stale, at=at("2025-06-13 10:00"))
    assert tale.flow(delivered).label == WAIT_ACCEPTANCE
    tale.passes("2025-06-13 11:00")
    assert tale.flow(delivered).accepted_at == at("2025-06-13 11:00")
