"""Goods: shipped, signed for, accepted by the system ten days later (spec 6.4, AT-81)."""

import pytest

from opengallery.kit.problems import InvalidInput, MoveRefused, NotYourTurn
from opengallery.market.catalog.models import Sku
from opengallery.market.orders.actions import change_address
from opengallery.market.orders.actions.place_order import Address
from opengallery.market.orders.models import DeliveryAddress
from opengallery.market.orders.problems import SoldOut
from opengallery.market.supervision.actions.carriers import withdraw_carrier
from opengallery.market.supervision.explanations import deadline_of
from opengallery.market.supervision.models import Carrier, Shipment

WAIT_DELIVERY = "Waiting for the seller to provide the service"
WAIT_ACCEPTANCE = "Waiting for the user to confirm acceptance"
OTHER = Address("Ana Costa", "0065 6999 0000", "1 Raffles Place, Singapore")


@pytest.fixture
def paid(tale):
    """A paid appliance."""
    return tale.buys("hardware", when="2025-06-16 09:00")


@pytest.fixture
def shipped(tale, paid):
    """AT-46's order."""
    tale.ships(paid, "2025-06-17 10:00", number=" SW 4711 ", remarks="Two pallets")
    return paid


@pytest.fixture
def signed(tale, shipped):
    """AT-48's order: signed for on 2025-06-20 14:00."""
    assert tale.signs(shipped, "2025-06-20 14:00")
    return shipped


@pytest.mark.spec("AT-46")
def test_shipping_brings_it_to_the_buyer(tale, world, shipped):
    flow = tale.flow(shipped)
    assert (flow.template, flow.label, flow.turn) == ("hardware", WAIT_ACCEPTANCE, "buyer")
    delivery = flow.deliveries.get()
    assert (delivery.version, delivery.service_result) == (1, "Two pallets")
    assert (delivery.shipment.carrier.name, delivery.shipment.number) == ("Swiftline Express", "SW 4711")
    assert (delivery.shipment.signed_at, flow.accept_due_at) == (None, None)
    assert tale.order(shipped).label == "Processing"


def test_without_remarks_the_shipment_speaks_for_itself(tale, paid):
    assert tale.ships(paid, "2025-06-17 10:00").delivery.service_result == "Shipped with Swiftline Express, SW 1001."


@pytest.mark.spec("AT-47")
@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"carrier": ""}, ["carrier"]),
        ({"carrier": "pigeon"}, ["carrier"]),
        ({"carrier": "gone"}, ["carrier"]),
        ({"number": ""}, ["number"]),
        ({"number": "  "}, ["number"]),
        ({"number": "9" * 61}, ["number"]),
        ({"carrier": "", "number": ""}, ["carrier", "number"]),
        ({"remarks": "x" * 1001}, ["remarks"]),
        ({"answers": {}}, ["answers"]),
    ],
)
def test_a_shipment_names_a_carrier_of_the_list_and_a_number(tale, paid, said, fields):
    Carrier.objects.create(code="gone", name="Gone Logistics", secret="x" * 20)
    withdraw_carrier(Carrier.objects.get(code="gone"))
    facts = tale.verbs(paid)
    with pytest.raises(InvalidInput) as refusal:
        tale.ships(paid, "2025-06-17 10:00", **said)
    assert list(refusal.value.errors) == fields
    assert (tale.flow(paid).label, tale.verbs(paid)) == (WAIT_DELIVERY, facts)
    assert not Shipment.objects.exists()
    assert DeliveryAddress.objects.get(pk=paid.pk).locked_at is None


@pytest.mark.spec("AT-48")
def test_ten_days_after_the_sign_off_it_is_accepted(tale, signed, at):
    flow = tale.flow(signed)
    assert flow.accept_due_at == at("2025-06-30 14:00")
    assert (deadline_of(flow).at, deadline_of(flow).outcome) == (at("2025-06-30 14:00"), "completed")
    tale.passes("2025-06-30 13:59:59")
    assert tale.flow(signed).label == WAIT_ACCEPTANCE
    tale.passes("2025-06-30 14:00")
    flow = tale.flow(signed)
    assert (flow.label, flow.accepted_at, flow.accepted_by) == ("Completed", at("2025-06-30 14:00"), "system")
    tale.passes("2025-06-30 17:00")
    assert tale.order(signed).completed_at == at("2025-06-30 17:00")
    assert tale.resource(signed).start_at == at("2025-06-30 14:00")


def test_the_sign_off_is_heard_once(tale, signed, at):
    """A carrier repeats itself, and contradicts itself: the first news counts."""
    facts = tale.verbs(signed)
    assert tale.signs(signed, "2025-06-20 14:00", heard="2025-06-21 10:00") is False
    assert tale.signs(signed, "2025-06-21 08:00", heard="2025-06-22 10:00", phone="1") is False
    assert (tale.flow(signed).accept_due_at, tale.verbs(signed)) == (at("2025-06-30 14:00"), facts)


@pytest.mark.parametrize(("when", "heard"), [("2025-06-17 09:59:59", "2025-06-18"), ("2025-06-20", "2025-06-19")])
def test_no_sign_off_before_the_shipment_or_in_the_future(tale, shipped, when, heard):
    with pytest.raises(InvalidInput) as refusal:
        tale.signs(shipped, when, heard=heard)
    assert list(refusal.value.errors) == ["signed_at"]
    assert Shipment.objects.get().signed_at is None


def test_news_that_comes_late_counts_from_the_sign_off_but_never_in_the_past(tale, shipped, at):
    assert tale.signs(shipped, "2025-06-20 14:00", heard="2025-07-05 09:00")
    assert tale.flow(shipped).accept_due_at == at("2025-07-05 09:00")
    tale.passes("2025-07-05 09:00")
    assert tale.flow(shipped).accepted_at == at("2025-07-05 09:00")


@pytest.mark.parametrize("name", ["buyer", "seller", "other_seller"])
def test_no_party_signs_for_the_other(tale, shipped, name):
    with pytest.raises(NotYourTurn):
        tale.signs(shipped, "2025-06-20 14:00", by=name)


def test_the_operator_can_note_it_by_hand(tale, shipped, at):
    tale.signs(shipped, "2025-06-20 14:00", heard="2025-06-23 09:00", by="operator", phone="nobody's")
    parcel = Shipment.objects.get()
    assert (parcel.signed_source, parcel.phone_matches) == ("operator", True)
    assert tale.flow(shipped).accept_due_at == at("2025-06-30 14:00")


@pytest.mark.spec("AT-49")
def test_what_is_never_signed_for_waits(tale, shipped):
    tale.passes("2025-07-31 00:00")
    flow = tale.flow(shipped)
    assert (flow.label, flow.accept_due_at) == (WAIT_ACCEPTANCE, None)
    assert deadline_of(flow).outcome == "waits"


@pytest.mark.spec("AT-50")
def test_another_recipients_phone_stops_the_acceptance(tale, shipped, at):
    assert tale.signs(shipped, "2025-06-20 14:00", phone="+65 6999 9999")
    parcel = Shipment.objects.get()
    assert (parcel.phone_matches, parcel.signed_at) == (False, at("2025-06-20 14:00"))
    tale.passes("2025-07-31 00:00")
    assert tale.flow(shipped).label == WAIT_ACCEPTANCE
    tale.accepts(shipped, "2025-08-01 10:00")
    assert tale.flow(shipped).accepted_by == "buyer"


def test_a_carrier_that_knows_no_phone_cannot_be_followed(tale, shipped):
    tale.signs(shipped, "2025-06-20 14:00", phone=None)
    assert tale.flow(shipped).accept_due_at is None


def test_the_same_phone_written_otherwise_will_do(tale, shipped, at):
    tale.signs(shipped, "2025-06-20 14:00", phone="0065-6123-4567")
    assert tale.flow(shipped).accept_due_at == at("2025-06-30 14:00")


@pytest.mark.spec("AT-51")
def test_the_address_can_be_changed_until_it_is_shipped(tale, world, paid, at):
    buyer = world.actor("buyer")
    change_address(tale.order(paid), OTHER, by=buyer, at=at("2025-06-16 10:00"))
    place = DeliveryAddress.objects.get(pk=paid.pk)
    assert (place.recipient, place.phone, place.address) == (OTHER.recipient, OTHER.phone, OTHER.address)
    assert tale.verbs(paid)[-1] == "change_address"
    for wrong, field in ((Address("", "+65 6123 4567", "Here"), "recipient"), (Address("A", "12", "Here"), "phone"),
                         (Address("A", "+65 6123 4567", "x" * 501), "address")):  # fmt: skip
        with pytest.raises(InvalidInput) as refusal:
            change_address(tale.order(paid), wrong, by=buyer, at=at("2025-06-16 11:00"))
        assert list(refusal.value.errors) == [field]
    for name in ("seller", "other_buyer", "operator"):
        with pytest.raises(NotYourTurn):
            change_address(tale.order(paid), OTHER, by=world.actor(name), at=at("2025-06-16 11:00"))
    tale.ships(paid, "2025-06-17 10:00")
    facts = tale.verbs(paid)
    with pytest.raises(MoveRefused):
        change_address(tale.order(paid), OTHER, by=buyer, at=at("2025-06-17 10:01"))
    tale.rejects(paid, "2025-06-18 10:00")
    with pytest.raises(MoveRefused):
        change_address(tale.order(paid), OTHER, by=buyer, at=at("2025-06-18 10:01"))
    assert tale.verbs(paid) == [*facts, "reject_delivery"]


@pytest.mark.spec("AT-52")
def test_a_rejection_stops_the_clock(tale, signed):
    flow = tale.rejects(signed, "2025-06-25 10:00")
    assert (flow.label, flow.accept_due_at) == (WAIT_DELIVERY, None)
    tale.passes("2025-06-30 18:00")
    assert tale.flow(signed).label == WAIT_DELIVERY
    tale.ships(signed, "2025-07-01 10:00", number="SW 4712")
    assert tale.flow(signed).accept_due_at is None
    old = Shipment.objects.get(number="SW 4711")
    assert Shipment.objects.count() == 2
    assert old.signed_at is not None


def test_the_old_parcels_news_says_nothing_of_the_new_one(tale, shipped, at):
    from opengallery.kit.actor import CLOCK
    from opengallery.market.supervision.actions import note_sign_off

    tale.rejects(shipped, "2025-06-18 10:00", "nothing has arrived")
    tale.ships(shipped, "2025-06-19 10:00", number="SW 4712")
    old = Shipment.objects.select_related("delivery").get(number="SW 4711")
    assert note_sign_off(old, signed_at=at("2025-06-20 10:00"), by=CLOCK, at=at("2025-06-20 10:00"))
    assert tale.flow(shipped).accept_due_at is None


@pytest.mark.spec("AT-53")
def test_the_clock_stands_still_during_an_appeal(tale, signed, at):
    appeal = tale.appeals(signed, "2025-06-28 14:00")
    tale.passes("2025-07-05 14:00")
    assert tale.flow(signed).label == WAIT_ACCEPTANCE
    tale.decides(appeal, "resume", "2025-07-05 14:00")
    flow = tale.flow(signed)
    assert (flow.label, flow.held_by, flow.accept_due_at) == (WAIT_ACCEPTANCE, "", at("2025-07-07 14:00"))
    tale.passes("2025-07-07 13:59:59")
    assert tale.flow(signed).label == WAIT_ACCEPTANCE
    tale.passes("2025-07-07 14:00")
    assert tale.flow(signed).accepted_at == at("2025-07-07 14:00")


@pytest.mark.parametrize(
    ("signed", "heard", "due"),
    [
        ("2025-06-22 14:00", "2025-06-25 10:00", "2025-07-06 14:00"),  # two of ten days had run when it was held
        ("2025-06-26 14:00", "2025-06-26 14:00", "2025-07-08 14:00"),  # signed for while it was held
    ],
)
def test_a_sign_off_during_an_appeal_counts_what_ran_outside(tale, shipped, at, signed, heard, due):
    """Held from 2025-06-24 14:00 to 2025-06-28 14:00."""
    appeal = tale.appeals(shipped, "2025-06-24 14:00")
    tale.signs(shipped, signed, heard=heard)
    tale.passes("2025-06-28 14:00")
    tale.decides(appeal, "resume", "2025-06-28 14:00")
    assert tale.flow(shipped).accept_due_at == at(due)


@pytest.mark.spec("AT-81")
def test_an_unpaid_order_of_goods_is_canceled_after_an_hour(tale, at):
    stock = Sku.objects.get(pk=tale.orders("hardware", when="2025-06-16 08:00").lines.get().price_line.sku_id).stock
    order = tale.orders("hardware", when="2025-06-16 09:00", quantity=3)
    sku = order.lines.get().price_line.sku
    assert Sku.objects.get(pk=sku.pk).stock == stock - 3
    tale.passes("2025-06-16 09:59:59")
    assert tale.order(order).label == "Pending payment"
    assert Sku.objects.get(pk=sku.pk).stock == stock - 3 + 1, "the order of 08:00 went at 09:00"
    tale.passes("2025-06-16 10:00")
    assert (tale.order(order).label, tale.order(order).canceled_at) == ("Canceled", at("2025-06-16 10:00"))
    assert Sku.objects.get(pk=sku.pk).stock == stock + 1
    with pytest.raises(MoveRefused):
        tale.pays(order, "2025-06-16 10:00")


def test_sold_out_is_sold_out(tale):
    sku = tale.orders("hardware", when="2025-06-16 09:00").lines.get().price_line.sku
    Sku.objects.filter(pk=sku.pk).update(stock=2)
    with pytest.raises(SoldOut):
        tale.orders("hardware", when="2025-06-16 09:00", quantity=3)
    assert Sku.objects.get(pk=sku.pk).stock == 2
    tale.orders("hardware", when="2025-06-16 09:00", quantity=2)
    with pytest.raises(SoldOut):
        tale.orders("hardware", when="2025-06-16 09:00")
