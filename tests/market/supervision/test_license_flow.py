"""The seed, scenario by scenario: a licence from payment to acceptance, completion, bill and renewal (spec 6.1)."""

import json
from datetime import date

import pytest

from opengallery.kit.problems import InvalidInput, MoveRefused, NotYourTurn
from opengallery.market.billing.models import Bill
from opengallery.market.billing.states import NOT_SUPERVISED
from opengallery.market.notices.models import Notice
from opengallery.market.orders.problems import NotRenewable
from opengallery.market.supervision.models import Flow

WAIT_DELIVERY = "Waiting for the seller to provide the service"
WAIT_ACCEPTANCE = "Waiting for the user to confirm acceptance"


@pytest.fixture
def paid(tale):
    """AT-01's order: placed 09:50, paid 10:00."""
    return tale.pays(tale.orders(when="2020-01-01 09:50"), "2020-01-01 10:00")


@pytest.fixture
def delivered(tale, paid):
    """AT-03's order."""
    tale.delivers(paid, "2020-02-20 12:00")
    return paid


@pytest.fixture
def accepted(tale, delivered):
    """AT-05's order."""
    tale.accepts(delivered, "2020-03-01 10:00")
    return delivered


def notices(name, world, about):
    """What one person is told about an order or flow, in the order of time."""
    told = Notice.objects.filter(user=world.members[name].user, about__startswith=about).order_by("fact_id")
    return [notice.subject.partition(":")[0] for notice in told]


@pytest.mark.spec("AT-01")
def test_paying_starts_the_flow_with_the_seller(tale, world, paid, at):
    [flow] = Flow.objects.filter(line__order=paid)
    assert (paid.label, paid.paid_at) == ("Processing", at("2020-01-01 10:00"))
    assert (flow.label, flow.turn) == (WAIT_DELIVERY, "seller")
    now = at("2020-01-01 10:01")
    assert [step.verb for step in flow.steps_for(world.actor("seller"), now)] == ["deliver_service"]
    assert flow.steps_for(world.actor("buyer"), now) == []
    tale.relays()
    assert notices("seller", world, paid.number) == ["New order to deliver"]
    assert notices("buyer", world, paid.number) == ["Order paid"]


@pytest.mark.spec("AT-02")
def test_an_unpaid_order_is_not_supervised(tale, world):
    order = tale.orders(when="2020-01-01 09:50")
    assert order.label == "Pending payment"
    assert not Flow.objects.visible_to(world.actor("seller")).exists()
    assert order.resources.count() == 0


@pytest.mark.spec("AT-03")
def test_the_seller_delivers(tale, world, paid, at):
    delivery = tale.delivers(paid, "2020-02-20 12:00", result="  Key file sent  ")
    flow = tale.flow(paid)
    assert (flow.label, flow.turn) == (WAIT_ACCEPTANCE, "buyer")
    assert tale.order(paid).label == "Processing"
    assert (delivery.version, delivery.service_result, delivery.submitted_by) == (1, "Key file sent", "Clara Brandt")
    [deliverable] = delivery.deliverables.all()
    assert (deliverable.file.name, deliverable.kind) == ("proof1.pdf", "other")
    steps = flow.steps_for(world.actor("buyer"), at("2020-02-20 12:01"))
    assert [step.verb for step in steps] == ["accept_delivery", "reject_delivery"]
    tale.relays()
    assert notices("buyer", world, paid.number) == ["Order paid", "Delivered"]


@pytest.mark.spec("AT-05", "TA4")
def test_acceptance_starts_the_validity_and_completes_after_three_hours(tale, world, delivered, at):
    resource = tale.accepts(delivered, "2020-03-01 10:00")
    flow = tale.flow(delivered)
    assert (flow.label, flow.accepted_at, flow.accepted_by) == ("Completed", at("2020-03-01 10:00"), "buyer")
    assert (resource.start_at, resource.end, resource.label) == (at("2020-03-01 10:00"), date(2021, 3, 1), "Active")
    tale.passes("2020-03-01 12:59:59")
    assert tale.order(delivered).label == "Processing"
    tale.passes("2020-03-01 13:00:00")
    order = tale.order(delivered)
    assert (order.label, order.completed_at) == ("Completed", at("2020-03-01 13:00:00"))
    tale.relays()
    assert notices("seller", world, delivered.number) == ["New order to deliver", "Accepted", "Completed"]


@pytest.mark.spec("AT-06")
def test_completion_survives_a_stopped_server(tale, world, accepted, at):
    tale.passes("2020-03-01 15:00")
    order = tale.order(accepted)
    assert (order.label, order.completed_at) == ("Completed", at("2020-03-01 13:00:00"))
    assert tale.verbs(accepted).count("complete_order") == 1
    assert tale.passes("2020-03-01 15:00") == 0
    tale.relays()
    tale.relays()
    for person in ("buyer", "seller"):
        assert notices(person, world, accepted.number).count("Completed") == 1
    sale = tale.sale(accepted)
    assert (sale.completed_at, sale.ready_at) == (at("2020-03-01 13:00:00"), at("2020-03-01 10:00"))
    tale.passes("2020-04-07 02:00")
    assert tale.bill("202003").lines_count == 1


@pytest.mark.spec("AT-07", "TA4")
def test_the_bill_is_that_of_the_acceptance(tale, accepted, at):
    tale.passes("2020-03-07 12:00")
    assert not Bill.objects.exists()
    tale.passes("2020-04-07 01:59:59")
    assert not Bill.objects.exists()
    tale.passes("2020-04-07 02:00")
    [bill] = Bill.objects.all()
    assert (bill.cycle, bill.drawn_at, str(bill.total)) == ("202003", at("2020-04-07 02:00"), "850.00 USD")
    assert (str(bill.sales), str(bill.fee), bill.lines_count) == ("1,000.00 USD", "150.00 USD", 1)
    assert tale.sale(accepted).bill == bill


@pytest.mark.spec("AT-08")
def test_what_is_never_accepted_is_never_billed(tale, delivered):
    tale.passes("2021-01-10 00:00")
    assert not Bill.objects.exists()
    assert tale.order(delivered).label == "Processing"
    assert tale.flow(delivered).label == WAIT_ACCEPTANCE
    assert tale.resource(delivered).label == "Pending"
    assert tale.verbs(delivered) == ["place_order", "pay_order", "start_flow", "deliver_service"]


@pytest.mark.spec("AT-09")
def test_a_renewal_has_no_flow(tale, accepted, at):
    tale.passes("2021-02-01 09:00")
    renewal = tale.renews(accepted, "2021-02-01 10:00")
    assert (renewal.type, renewal.label, renewal.completed_at) == ("renew", "Completed", at("2021-02-01 10:00"))
    assert not Flow.objects.filter(line__order=renewal).exists()
    assert renewal.number != accepted.number
    assert tale.resource(accepted).end == date(2022, 3, 1)
    sale = tale.sale(renewal)
    assert sale.supervision == NOT_SUPERVISED
    assert date(2021, 3, 1) == sale.effective_at.astimezone(at("2021-03-01").tzinfo).date()
    tale.passes("2021-03-31 00:00")
    assert tale.sale(renewal).bill is None
    tale.passes("2021-04-07 02:00")
    bill = tale.sale(renewal).bill
    assert (bill.cycle, bill.drawn_at) == ("202103", at("2021-04-07 02:00"))


@pytest.mark.spec("AT-10")
def test_the_buyer_rejects_and_the_seller_delivers_again(tale, world, delivered):
    flow = tale.rejects(delivered, "2020-02-21 09:00", "  key invalid ")
    assert (flow.label, flow.delivery_rejections) == (WAIT_DELIVERY, 1)
    first = flow.deliveries.get()
    assert (first.outcome, first.reason) == ("rejected", "key invalid")
    tale.relays()
    assert notices("seller", world, delivered.number)[-1] == "Rejected"
    told = Notice.objects.get(user=world.members["seller"].user, subject__startswith="Rejected")
    assert told.text.startswith("Meridian Logistics has rejected your delivery: key invalid. Deliver again. By ")
    assert tale.delivers(delivered, "2020-02-22 09:00").version == 2
    assert tale.flow(delivered).label == WAIT_ACCEPTANCE
    assert [delivery.version for delivery in flow.deliveries.all()] == [1, 2]


@pytest.mark.spec("AT-11")
@pytest.mark.parametrize("reason", ["", "   ", "\n\t", "x" * 1001, "null \0 byte", "half \ud800 pair"])
def test_a_rejection_needs_a_reason(tale, delivered, reason):
    facts = tale.verbs(delivered)
    with pytest.raises(InvalidInput) as refusal:
        tale.rejects(delivered, "2020-02-21 09:00", reason)
    assert list(refusal.value.errors) == ["reason"]
    assert (tale.flow(delivered).label, tale.flow(delivered).delivery_rejections) == (WAIT_ACCEPTANCE, 0)
    assert tale.verbs(delivered) == facts


def test_a_reason_of_1000_characters_will_do(tale, delivered):
    assert tale.rejects(delivered, "2020-02-21 09:00", "x" * 1000 + " ").label == WAIT_DELIVERY


@pytest.mark.spec("AT-12")
def test_the_second_delivery_counts(tale, delivered, at):
    tale.rejects(delivered, "2020-02-21 09:00")
    tale.delivers(delivered, "2020-03-10 09:00")
    resource = tale.accepts(delivered, "2020-03-15 11:00")
    assert (resource.start_at, resource.end) == (at("2020-03-15 11:00"), date(2021, 3, 15))
    outcomes = list(tale.flow(delivered).deliveries.values_list("version", "outcome"))
    assert outcomes == [(1, "rejected"), (2, "accepted")]


@pytest.mark.spec("AT-13")
def test_a_one_time_licence_never_ends(tale, world):
    order = tale.buys("license_one_time", when="2025-06-01 10:00")
    tale.delivers(order, "2025-06-01 12:00")
    resource = tale.accepts(order, "2025-06-02 10:00")
    assert (resource.start_at.date(), resource.end, resource.due_at) == (date(2025, 6, 2), None, None)
    tale.passes("2027-01-01 00:00")
    assert tale.resource(order).label == "Active"
    for unit in ("year", "month", "one_time"):
        with pytest.raises(NotRenewable, match="never ends"):
            tale.renews(order, "2027-01-01 00:00", unit=unit)
    tale.relays()
    assert not {"Expired", "Frozen", "Released"} & set(notices("buyer", world, order.number))


@pytest.mark.spec("AT-14", "AT-84")
def test_nothing_more_can_be_done_with_what_is_accepted(tale, accepted):
    for state in ("Processing", "Completed"):
        assert tale.order(accepted).label == state
        facts = tale.verbs(accepted)
        for act in (tale.delivers, tale.accepts, tale.rejects):
            with pytest.raises(MoveRefused, match="Completed"):
                act(accepted, "2020-03-01 12:00")
        assert tale.verbs(accepted) == facts
        tale.passes("2020-03-01 13:00")


@pytest.mark.spec("AT-15")
def test_nothing_can_be_accepted_before_it_is_delivered(tale, paid):
    for act in (tale.accepts, tale.rejects, tale.retracts):
        with pytest.raises(MoveRefused, match=WAIT_DELIVERY):
            act(paid, "2020-01-02 10:00")
    assert tale.flow(paid).accepted_at is None


@pytest.mark.spec("AT-83")
def test_of_accept_and_reject_in_two_tabs_one_wins(tale, world, delivered, at):
    """Both tabs read the flow before either acts: what they hold is old, and the second is told so."""
    from opengallery.market.supervision.actions import accept_delivery, reject_delivery

    one, other = tale.flow(delivered), tale.flow(delivered)
    reject_delivery(one, reason="too late", by=world.actor("buyer"), at=at("2020-03-01 10:00"))
    with pytest.raises(MoveRefused) as refusal:
        accept_delivery(other, by=world.actor("buyer"), at=at("2020-03-01 10:00"))
    assert refusal.value.document()["state"] == "wait_delivery"
    assert tale.resource(delivered).label == "Pending"
    assert tale.order(delivered).due_at is None


@pytest.mark.spec("AT-84")
def test_accepting_twice_is_accepting_once(tale, world, delivered, at):
    from opengallery.market.supervision.actions import accept_delivery

    one, other = tale.flow(delivered), tale.flow(delivered)
    accept_delivery(one, by=world.actor("buyer"), at=at("2020-03-01 10:00"))
    with pytest.raises(MoveRefused):
        accept_delivery(other, by=world.actor("buyer"), at=at("2020-03-01 10:30"))
    assert tale.order(delivered).due_at == at("2020-03-01 13:00")
    assert tale.verbs(delivered).count("accept_delivery") == 1
    assert tale.flow(delivered).accepted_at == at("2020-03-01 10:00")


@pytest.mark.spec("AT-85")
@pytest.mark.parametrize("name", ["other_buyer", "other_seller"])
def test_strangers_see_and_do_nothing(tale, world, delivered, name):
    """What is not visible is 404 at every door; should a door forget to ask, the verbs still refuse."""
    from opengallery.market.billing.models import Transaction
    from opengallery.market.journal.models import Fact
    from opengallery.market.orders.models import Order, Resource

    stranger = world.actor(name)
    for model in (Order, Resource, Flow, Transaction, Bill):
        assert not model.objects.visible_to(stranger).exists()
    assert not Fact.objects.visible_to(stranger).filter(stream=delivered.number).exists()
    for act in (tale.accepts, tale.rejects, tale.retracts, tale.delivers, tale.reminds, tale.pays, tale.cancels):
        with pytest.raises((NotYourTurn, MoveRefused)):
            act(delivered, "2020-03-01 10:00", by=name)
    assert tale.verbs(delivered)[-1] == "deliver_service"


@pytest.mark.spec("AT-102")
@pytest.mark.parametrize(
    ("result", "files", "field"),
    [
        ("x" * 1001, 1, "service_result"),
        ("", 1, "service_result"),
        (" \n ", 1, "service_result"),
        ("nul \0", 1, "service_result"),
        ("Done", 0, "deliverables"),
    ],
)
def test_a_delivery_needs_a_result_and_a_file(tale, paid, result, files, field):
    with pytest.raises(InvalidInput) as refusal:
        tale.delivers(paid, "2020-02-20 12:00", result=result, files=files)
    assert list(refusal.value.errors) == [field]
    assert (tale.flow(paid).label, tale.flow(paid).deliveries_count) == (WAIT_DELIVERY, 0)
    assert tale.verbs(paid)[-1] == "start_flow"


def test_a_service_result_of_1000_characters_will_do(tale, paid):
    assert len(tale.delivers(paid, "2020-02-20 12:00", result="x" * 1000).service_result) == 1000


def test_all_faults_of_a_delivery_are_told_at_once(tale, world, paid, at, proof):
    from opengallery.market.supervision.actions import deliver_service

    with pytest.raises(InvalidInput) as refusal:
        deliver_service(tale.flow(paid), service_result="", files=[], kinds=["selfie"], enabling_time="tomorrow",
                        by=world.actor("seller"), at=at("2020-02-20 12:00"))  # fmt: skip
    assert set(refusal.value.errors) == {"service_result", "deliverables", "kinds", "enabling_time"}


def test_the_sow_and_the_acceptance_document_can_be_required(tale, world, at, proof):
    from opengallery.market.policy.actions import change_setting
    from opengallery.market.supervision.actions import deliver_service

    change_setting("require_sow_and_acceptance", True, reason="S02 asks for both", by=world.actor("operator"),
                   at=at("2020-01-01 00:00"))  # fmt: skip
    order = tale.buys(when="2020-01-02 10:00")

    def deliver(*kinds):
        files = [proof(f"{kind}.pdf") for kind in kinds]
        return deliver_service(tale.flow(order), service_result="Done", files=files, kinds=kinds,
                               by=world.actor("seller"), at=at("2020-01-03 10:00"))  # fmt: skip

    with pytest.raises(InvalidInput) as refusal:
        deliver("sow", "other")
    assert list(refusal.value.errors) == ["kinds"]
    assert [item.kind for item in deliver("sow", "acceptance").deliverables.all()] == ["sow", "acceptance"]


@pytest.mark.spec("AT-104")
def test_every_step_is_one_entry_of_the_log(tale, accepted):
    tale.retracts(accepted, "2020-03-01 11:00", "the key is for another host")
    tale.rejects(accepted, "2020-03-01 11:05", "key invalid")
    facts = [fact for fact in tale.facts(accepted) if fact.kind == "flow"]
    said = [json.loads(fact.body) for fact in facts]
    assert [(s["verb"], s["from"], s["to"], s["note"], s["by"]["name"]) for s in said] == [
        ("start_flow", "", "wait_delivery", "", "System"),
        ("deliver_service", "wait_delivery", "wait_acceptance", "", "Clara Brandt"),
        ("accept_delivery", "wait_acceptance", "completed", "", "Lin Wei"),
        ("retract_acceptance", "completed", "wait_acceptance", "the key is for another host", "Lin Wei"),
        ("reject_delivery", "wait_acceptance", "wait_delivery", "key invalid", "Lin Wei"),
    ]
    assert [s["at"] for s in said][2:] == ["2020-03-01T02:00:00Z", "2020-03-01T03:00:00Z", "2020-03-01T03:05:00Z"]
    assert said[1]["by"] == {"name": "Clara Brandt", "organisation": "Northwind Software", "operator": False,
                             "clock": False}  # fmt: skip
    [file] = said[1]["data"]["files"]
    assert (file["name"], file["size"], len(file["sha256"])) == ("proof1.pdf", 15, 64)


@pytest.mark.spec("AT-104")
@pytest.mark.parametrize("statement", ["UPDATE journal_fact SET verb = 'x'", "DELETE FROM journal_fact"])
def test_the_log_is_written_in_ink(paid, statement):
    from django.db import connection, transaction
    from django.db.utils import DatabaseError

    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        connection.cursor().execute(statement)


@pytest.mark.spec("AT-103")
def test_a_reminder_once_a_day_while_the_seller_is_to_act(tale, world, paid):
    from opengallery.market.supervision.problems import TooSoonToRemind

    tale.reminds(paid, "2020-01-02 10:00")
    with pytest.raises(TooSoonToRemind):
        tale.reminds(paid, "2020-01-03 09:59:59")
    tale.reminds(paid, "2020-01-03 10:00")
    with pytest.raises(NotYourTurn):
        tale.reminds(paid, "2020-01-05 10:00", by="seller")
    tale.delivers(paid, "2020-01-05 12:00")
    with pytest.raises(MoveRefused):
        tale.reminds(paid, "2020-01-06 10:00")
    tale.relays()
    assert notices("seller", world, paid.number) == ["New order to deliver", "Reminder", "Reminder"]
