"""Licences by authorization code, by identification code, and as a package (spec 2.2 T4 to T6)."""

import json
from datetime import date

import pytest

from opengallery.kit.problems import InvalidInput, MoveRefused, NotFound, NotYourTurn
from opengallery.market.supervision.models import AuthorizationCode
from opengallery.market.supervision.problems import NotCollected
from opengallery.market.unsubscription.problems import NotUndoable

WAIT_DELIVERY = "Waiting for the seller to provide the service"
WAIT_ACCEPTANCE = "Waiting for the user to confirm acceptance"
PICKUP = "Waiting for the user to collect the authorization code"
ACTIVATION = "Authorization code activation"


@pytest.fixture
def issued(tale):
    """A code that waits to be collected."""
    order = tale.buys("license_code", when="2025-06-02 09:00")
    tale.delivers(order, "2025-06-03 09:00", files=0, code=" AB-12 ")
    return order


def test_a_code_is_collected_activated_and_proven(tale, issued, at):
    """F12 to F14, V14: accepted by the system with the proof, valid from the activation."""
    assert (tale.flow(issued).label, tale.flow(issued).turn) == (PICKUP, "buyer")
    assert tale.collects(issued, "2025-06-04 09:00") == "AB-12"
    assert (tale.flow(issued).label, tale.flow(issued).turn) == (ACTIVATION, "seller")
    with pytest.raises(NotCollected):
        tale.proves(issued, "2025-06-05 08:00")
    assert tale.activates("AB-12", "2025-06-05 09:30").number == tale.flow(issued).number
    assert tale.flow(issued).label == ACTIVATION
    delivery = tale.proves(issued, "2025-06-07 15:00")
    flow = tale.flow(issued)
    assert (flow.label, flow.accepted_at, flow.accepted_by) == ("Completed", at("2025-06-07 15:00"), "system")
    assert (delivery.version, flow.deliveries_count, flow.deliveries.last().outcome) == (2, 2, "accepted")
    [fact] = [fact for fact in tale.facts(issued) if fact.verb == "prove_activation"]
    [file] = json.loads(fact.body)["data"]["files"]
    assert (file["name"], file["sha256"]) == ("proof1.pdf", delivery.deliverables.get().file.sha256)
    resource = tale.resource(issued)
    assert (resource.start_at, resource.end) == (at("2025-06-05 09:30"), date(2026, 6, 5))
    sale = tale.sale(issued)
    assert (sale.supervised_at, sale.effective_at) == (at("2025-06-07 15:00"), at("2025-06-05 09:30"))
    tale.passes("2025-06-07 18:00")
    assert tale.order(issued).completed_at == at("2025-06-07 18:00")


def test_what_the_system_accepted_cannot_be_retracted_by_the_buyer(tale, issued):
    tale.collects(issued, "2025-06-04 09:00")
    tale.activates("AB-12", "2025-06-05 09:30")
    tale.proves(issued, "2025-06-05 10:00")
    with pytest.raises(MoveRefused):
        tale.retracts(issued, "2025-06-05 11:00")


def test_a_code_works_once_and_only_when_it_is_collected(tale, issued):
    with pytest.raises(NotCollected):
        tale.activates("AB-12", "2025-06-03 10:00")
    tale.collects(issued, "2025-06-04 09:00")
    with pytest.raises(MoveRefused):
        tale.collects(issued, "2025-06-04 09:01")
    tale.activates(" AB-12 ", "2025-06-05 09:30")
    facts = tale.verbs(issued)
    with pytest.raises(NotCollected):
        tale.activates("AB-12", "2025-06-05 09:31")
    for strange, by in (("AB-13", "seller"), ("", "seller"), ("AB-12", "other_seller"), ("AB-12", "buyer")):
        with pytest.raises(NotFound):
            tale.activates(strange, "2025-06-05 09:32", by=by)
    assert tale.verbs(issued) == facts


@pytest.mark.parametrize("code", ["", "  ", "x" * 201, "null \0 byte"])
def test_the_seller_hands_in_a_code(tale, code):
    order = tale.buys("license_code", when="2025-06-02 09:00")
    with pytest.raises(InvalidInput) as refusal:
        tale.delivers(order, "2025-06-03 09:00", files=0, code=code)
    assert list(refusal.value.errors) == ["code"]
    assert tale.flow(order).label == WAIT_DELIVERY
    assert not AuthorizationCode.objects.exists()


def test_a_code_is_for_one_order(tale, issued):
    other = tale.buys("license_code", when="2025-06-02 09:00")
    with pytest.raises(InvalidInput) as refusal:
        tale.delivers(other, "2025-06-03 09:00", files=0, code="AB-12")
    assert list(refusal.value.errors) == ["code"]
    assert AuthorizationCode.objects.count() == 1


def test_only_the_buyer_sees_the_code(tale, issued):
    for name in ("seller", "other_buyer", "operator", "clock"):
        with pytest.raises(NotYourTurn):
            tale.collects(issued, "2025-06-04 09:00", by=name)


@pytest.mark.spec("AT-78")
def test_once_the_code_is_collected_there_is_no_way_back(tale, issued):
    held = tale.asks_back(issued, "2025-06-03 10:00")
    tale.takes_back(held, "2025-06-03 11:00")
    tale.collects(issued, "2025-06-04 09:00")
    steps = [
        lambda: tale.activates("AB-12", "2025-06-05 09:00"),
        lambda: tale.proves(issued, "2025-06-05 10:00"),
        lambda: None,
    ]
    for step, when in zip(steps, ("2025-06-04 10:00", "2025-06-05 09:30", "2025-06-05 10:30"), strict=True):
        facts = tale.verbs(issued)
        with pytest.raises(NotUndoable, match="collected"):
            tale.asks_back(issued, when)
        assert tale.verbs(issued) == facts
        step()


def test_a_licence_for_a_machine(tale):
    """T5: the request is the machine's code; the seller owes no answer, only the licence."""
    order = tale.buys("license_idcode", when="2025-06-02 09:00")
    request = tale.submits(order, "2025-06-02 10:00", "", code=" 00:1B:44 ")
    assert (request.code, request.outcome) == ("00:1B:44", "accepted")
    flow = tale.flow(order)
    assert (flow.label, flow.promised_at is not None) == (WAIT_DELIVERY, True)
    tale.delivers(order, "2025-06-03 09:00")
    assert tale.flow(order).label == WAIT_ACCEPTANCE
    tale.rejects(order, "2025-06-03 10:00")
    assert tale.flow(order).label == WAIT_DELIVERY
    tale.delivers(order, "2025-06-03 11:00")
    assert tale.accepts(order, "2025-06-03 12:00").label == "Active"


def test_a_system_without_a_code_gets_one_of_its_own(tale):
    order, other = (tale.buys("license_idcode", when="2025-06-02 09:00") for _ in range(2))
    codes = {tale.submits(row, "2025-06-02 10:00", "").code for row in (order, other)}
    assert len(codes) == 2
    assert all(code.startswith("sys_") for code in codes)


def test_a_machine_code_has_at_most_200_characters(tale):
    order = tale.buys("license_idcode", when="2025-06-02 09:00")
    with pytest.raises(InvalidInput) as refusal:
        tale.submits(order, "2025-06-02 10:00", "", code="x" * 201)
    assert list(refusal.value.errors) == ["code"]


def test_a_package_lies_ready(tale, at):
    """T6: the customer's turn is first; without any delivery the acceptance starts the validity."""
    order = tale.buys("license_package", when="2025-06-02 09:00")
    flow = tale.flow(order)
    assert (flow.label, flow.turn, flow.deliveries_count) == (WAIT_ACCEPTANCE, "buyer", 0)
    assert tale.accepts(order, "2025-06-04 10:00").end == date(2026, 6, 4)
    tale.passes("2025-06-04 13:00")
    assert tale.order(order).completed_at == at("2025-06-04 13:00")


def test_a_package_that_does_not_work_is_mended_and_what_was_cited_is_answered(tale):
    order = tale.buys("license_package", when="2025-06-02 09:00")
    flow = tale.rejects(order, "2025-06-03 10:00", cited={3: "Removing it leaves a service behind."})
    assert (flow.label, flow.delivery_rejections) == (WAIT_DELIVERY, 1)
    with pytest.raises(InvalidInput, match="Criterion 3 was cited"):
        tale.delivers(order, "2025-06-04 10:00", answers={1: "Yes.", 2: "Yes."})
    tale.delivers(order, "2025-06-04 10:00", answers={1: "Yes.", 2: "Yes.", 3: "Version 2 removes the service."})
    assert tale.accepts(order, "2025-06-04 11:00").label == "Active"
