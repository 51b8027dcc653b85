"""An acceptance can be taken back inside the three hours, and only then; nothing of it remains."""

from datetime import date

import pytest

from opengallery.kit.problems import InvalidInput, MoveRefused, NotYourTurn
from opengallery.market.billing.models import Bill
from opengallery.market.orders.actions.fulfil_line import GraceOver


@pytest.fixture
def accepted(tale):
    """A licence whose acceptance is of 2020-03-01 10:00."""
    order = tale.buys(when="2020-01-01 10:00")
    tale.delivers(order, "2020-02-20 12:00", enabled="2020-01-01")
    tale.accepts(order, "2020-03-01 10:00")
    return order


def test_two_hours_fifty_nine_and_it_is_as_if_it_had_not_been(tale, accepted, at):
    flow = tale.retracts(accepted, "2020-03-01 12:59:59", " wrong button ")
    assert (flow.label, flow.turn) == ("Waiting for the user to confirm acceptance", "buyer")
    assert (flow.accepted_at, flow.accepted_by) == (None, "")
    resource = tale.resource(accepted)
    assert (resource.label, resource.start_at, resource.end, resource.due_at) == ("Pending", None, None, None)
    order = tale.order(accepted)
    assert (order.label, order.due_at) == ("Processing", None)
    sale = tale.sale(accepted)
    assert (sale.supervision, sale.supervised_at, sale.effective_at, sale.ready_at) == ("in_progress", None, None, None)
    assert order.lines.get().fulfilled_at is None
    assert (flow.deliveries.get().outcome, flow.deliveries.get().outcome_at) == ("", None)
    tale.passes("2020-06-30 00:00")
    assert tale.order(accepted).label == "Processing"
    assert not Bill.objects.exists()


@pytest.mark.parametrize("when", ["2020-03-01 13:00:00", "2020-03-01 13:00:01", "2020-03-02 10:00"])
@pytest.mark.parametrize("swept", [False, True])
def test_at_three_hours_it_stands(tale, accepted, at, when, swept):
    """Whether the clock has pressed already or is late."""
    if swept:
        tale.passes(when)
    facts = tale.verbs(accepted)
    with pytest.raises(GraceOver):
        tale.retracts(accepted, when)
    assert tale.verbs(accepted) == facts
    assert tale.flow(accepted).label == "Completed"
    assert tale.resource(accepted).end == date(2021, 1, 1)
    tale.passes(when)
    assert tale.order(accepted).completed_at == at("2020-03-01 13:00")


def test_after_a_retraction_it_can_be_accepted_again(tale, accepted, at):
    tale.retracts(accepted, "2020-03-01 12:00")
    resource = tale.accepts(accepted, "2020-04-02 09:00")
    assert (resource.label, resource.end) == ("Active", date(2021, 1, 1))
    assert tale.sale(accepted).supervised_at == at("2020-04-02 09:00")
    tale.passes("2020-05-31 00:00")
    assert tale.order(accepted).completed_at == at("2020-04-02 12:00")
    assert [bill.cycle for bill in Bill.objects.all()] == ["202004"]


def test_or_rejected_and_delivered_again(tale, accepted):
    tale.retracts(accepted, "2020-03-01 12:00")
    assert tale.rejects(accepted, "2020-03-01 12:01").delivery_rejections == 1
    tale.delivers(accepted, "2020-03-02 10:00")
    assert tale.accepts(accepted, "2020-03-03 10:00").end == date(2021, 3, 3)
    assert list(tale.flow(accepted).deliveries.values_list("outcome", flat=True)) == ["rejected", "accepted"]


def test_the_same_page_can_accept_retract_and_accept_again(tale, world, accepted, at):
    """What a page read before is no obstacle: the verbs look at the rows themselves."""
    from opengallery.market.supervision.actions import accept_delivery, retract_acceptance

    flow, buyer = tale.flow(accepted), world.actor("buyer")
    retract_acceptance(flow, reason="again", by=buyer, at=at("2020-03-01 10:30"))
    accept_delivery(flow, by=buyer, at=at("2020-03-01 11:00"))
    retract_acceptance(flow, reason="and again", by=buyer, at=at("2020-03-01 11:30"))
    accept_delivery(flow, by=buyer, at=at("2020-03-01 12:00"))
    assert tale.order(accepted).due_at == at("2020-03-01 15:00")
    assert tale.resource(accepted).label == "Active"


@pytest.mark.parametrize("reason", ["", " ", "x" * 1001])
def test_it_needs_a_reason(tale, accepted, reason):
    with pytest.raises(InvalidInput) as refusal:
        tale.retracts(accepted, "2020-03-01 12:00", reason)
    assert list(refusal.value.errors) == ["reason"]
    assert tale.flow(accepted).label == "Completed"


def test_only_the_buyer_can(tale, accepted):
    for name in ("seller", "other_buyer", "operator"):
        with pytest.raises(NotYourTurn):
            tale.retracts(accepted, "2020-03-01 12:00", by=name)


def test_a_retraction_cannot_be_retracted(tale, accepted):
    tale.retracts(accepted, "2020-03-01 12:00")
    with pytest.raises(MoveRefused):
        tale.retracts(accepted, "2020-03-01 12:01")


def test_the_button_goes_when_the_time_is_over(tale, world, accepted, at):
    flow, buyer = tale.flow(accepted), world.actor("buyer")
    assert [step.verb for step in flow.steps_for(buyer, at("2020-03-01 12:59:59"))] == ["retract_acceptance"]
    assert flow.steps_for(buyer, at("2020-03-01 13:00")) == []
    assert flow.steps_for(world.actor("seller"), at("2020-03-01 12:00")) == []


def test_a_period_that_was_over_at_acceptance_is_withdrawn_too(tale):
    """V8 and the retraction: out of grace, frozen or released it goes back to pending."""
    for accepted, label in (("2025-02-05 10:00", "Grace period"), ("2025-02-20 10:00", "Frozen"),
                            ("2025-03-10 10:00", "Released")):  # fmt: skip
        order = tale.buys("license_monthly", when="2025-01-01 09:00")
        tale.delivers(order, "2025-01-20 09:00", enabled="2025-01-01")
        assert tale.accepts(order, accepted).label == label
        tale.retracts(order, accepted.replace("10:00", "11:00"))
        resource = tale.resource(order)
        assert (resource.label, resource.due_at) == ("Pending", None)


def test_in_an_order_of_two_each_line_has_its_own_grace(tale, at):
    """Q18 and beyond 8: one flow per line, each final after its own three hours; the order with the last of them."""
    order = tale.buys("license_yearly", "license_one_time", when="2020-01-01 10:00")
    for line in (1, 2):
        tale.delivers(order, "2020-01-05 10:00", line=line)
    tale.accepts(order, "2020-01-12 10:00", line=1)
    assert tale.order(order).due_at is None
    tale.accepts(order, "2020-01-12 11:00", line=2)
    assert tale.order(order).due_at == at("2020-01-12 14:00")
    tale.retracts(order, "2020-01-12 12:59:59", line=1)
    assert tale.order(order).due_at is None
    assert tale.flow(order, 2).label == "Completed"
    tale.accepts(order, "2020-01-12 15:00", line=1)
    tale.passes("2020-01-12 18:00")
    assert tale.order(order).completed_at == at("2020-01-12 18:00")
    assert tale.sale(order, 2).completed_at == at("2020-01-12 14:00")
    assert tale.verbs(order).count("complete_order") == 1


def test_in_an_order_of_two_the_grace_of_the_first_is_not_that_of_the_second(tale):
    order = tale.buys("license_yearly", "license_one_time", when="2020-01-01 10:00")
    for line in (1, 2):
        tale.delivers(order, "2020-01-05 10:00", line=line)
    tale.accepts(order, "2020-01-10 10:00", line=1)
    tale.passes("2020-01-12 00:00")
    tale.accepts(order, "2020-01-12 10:00", line=2)
    with pytest.raises(GraceOver):
        tale.retracts(order, "2020-01-12 10:30", line=1)
    assert tale.retracts(order, "2020-01-12 10:30", line=2).turn == "buyer"
