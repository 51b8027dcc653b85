"""What carriers tell us: who may tell, what is believed, and that telling it again changes nothing (S-4, F10)."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from people import stands

from opengallery.doors.callbacks.signatures import signature_of
from opengallery.kit import clock
from opengallery.market.journal.models import Fact
from opengallery.market.orders.actions import pay_order, place_order
from opengallery.market.orders.actions.place_order import Address
from opengallery.market.orders.models import Order
from opengallery.market.supervision.actions import note_sign_off, reject_delivery, ship_goods
from opengallery.market.supervision.actions.carriers import withdraw_carrier
from opengallery.market.supervision.models import Carrier, Flow, Shipment
from opengallery.market.timetable.actions import press_due
from opengallery.project.world import CARRIERS

SECRET = CARRIERS["swiftline"][2]
NUMBER = "SW-1007"
SIGNED = "2025-06-20T14:00:00+08:00"
PHONE = "+65 6123 4567"
ANSWERS = dict.fromkeys(range(1, 5), "As agreed.")


def tell(said, *, code="swiftline", secret=SECRET, age=0, timestamp=None, signature=None, **headers):
    """A call as a carrier makes it: `age` seconds old, and strict about forged cookies as every browser is."""
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    timestamp = str(int(clock.wall().timestamp()) - age) if timestamp is None else timestamp
    signature = signature_of(secret, timestamp, body) if signature is None else signature
    sent = {"X-Gallery-Timestamp": timestamp, "X-Gallery-Signature": signature} | headers
    return Client(enforce_csrf_checks=True).post(
        f"/callbacks/carriers/{code}/", body, content_type="application/json",
        headers={name: value for name, value in sent.items() if value is not None},
    )  # fmt: skip


def news(**said):
    """What is told of the parcel."""
    return {"number": NUMBER, "signed_at": SIGNED} | said


def bought(world, at):
    """Goods, paid on 2 June 2025; the line's number."""
    address = Address("Lin Wei", PHONE, "8 Marina View, Singapore")
    order = place_order([world.choice("hardware")], by=world.actor("buyer"), at=at("2025-06-02 10:00"), address=address)
    pay_order(order, method="balance", by=world.actor("buyer"), at=at("2025-06-02 10:10"))
    return f"{order.number}-000001"


def shipped(world, at, line, *, on="2025-06-17 10:00", number=NUMBER, carrier="swiftline"):
    """The seller ships."""
    return ship_goods(Flow.objects.with_order().get(number=line), carrier=carrier, number=number, answers=ANSWERS,
                      by=world.actor("seller"), at=at(on))  # fmt: skip


@pytest.fixture
def parcel(world, at):
    """A shipment on its way; it is 21 June 2025, 09:00."""
    shipment = shipped(world, at, bought(world, at))
    stands(at("2025-06-21 09:00"))
    return shipment


def untouched(shipment):
    """Nothing has been noted of it."""
    shipment.refresh_from_db()
    return shipment.signed_at is None and not Fact.objects.filter(verb="note_sign_off").exists()


# ---- What is believed ------------------------------------------------------------------------------------------------


@pytest.mark.spec("AT-48")
def test_ten_days_after_the_sign_off_the_system_accepts(parcel, at):
    answer = tell(news(phone=PHONE))
    assert (answer.status_code, answer.json()) == (200, {"number": NUMBER, "news": True})
    parcel.refresh_from_db()
    assert (parcel.signed_at, parcel.phone_matches, parcel.signed_source) == (at("2025-06-20 14:00"), True, "carrier")
    flow = parcel.delivery.flow
    press_due(until=at("2025-06-30 13:59"))
    flow.refresh_from_db()
    assert flow.state == "wait_acceptance"
    press_due(until=at("2025-06-30 17:00"))
    flow.refresh_from_db()
    assert (flow.state, flow.accepted_by, flow.accepted_at) == ("completed", "system", at("2025-06-30 14:00"))
    order = Order.objects.get(number=flow.stream)
    assert (order.state, order.completed_at) == ("completed", at("2025-06-30 17:00"))


@pytest.mark.spec("AT-50")
def test_a_recipient_with_another_phone_is_noted_and_nothing_is_accepted(parcel, at):
    assert tell(news(phone="+65 9999 0000")).status_code == 200
    parcel.refresh_from_db()
    assert parcel.phone_matches is False
    press_due(until=at("2025-08-01 00:00"))
    assert Flow.objects.get().state == "wait_acceptance"


def test_a_phone_is_compared_by_its_digits(parcel):
    assert tell(news(phone="(0065) 61234567")).status_code == 200
    parcel.refresh_from_db()
    assert parcel.phone_matches is True


def test_told_again_it_is_answered_and_changes_nothing(parcel):
    first = tell(news(phone=PHONE))
    facts, due = Fact.objects.count(), Flow.objects.get().accept_due_at
    for again in (tell(news(phone=PHONE)), tell(news()), tell(news(signed_at="2025-06-20T06:00:00+00:00"))):
        assert (again.status_code, again.json()["news"]) == (200, False)
    assert first.json()["news"] is True
    assert (Fact.objects.count(), Flow.objects.get().accept_due_at) == (facts, due)


def test_the_very_same_call_sent_again_changes_nothing(parcel):
    timestamp = str(int(clock.wall().timestamp()))
    assert [tell(news(), timestamp=timestamp).json()["news"] for _ in range(3)] == [True, False, False]
    assert Fact.objects.filter(verb="note_sign_off").count() == 1


@pytest.mark.parametrize("other", [{"signed_at": "2025-06-20T14:00:01+08:00"}, {"phone": "+65 9999 0000"}])
def test_other_news_of_the_same_parcel_is_refused(parcel, other):
    tell(news(phone=PHONE))
    before = (Shipment.objects.values().get(), Fact.objects.count(), Flow.objects.get().accept_due_at)
    answer = tell(news(**other))
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/other-news")
    assert (Shipment.objects.values().get(), Fact.objects.count(), Flow.objects.get().accept_due_at) == before


def test_what_the_operator_noted_by_hand_stands(parcel, world, at):
    note_sign_off(parcel, signed_at=at("2025-06-20 14:00"), by=world.actor("operator"), at=at("2025-06-21 08:00"))
    assert tell(news(phone="+65 9999 0000")).json()["news"] is False
    assert tell(news(signed_at="2025-06-20T15:00:00+08:00")).status_code == 409
    parcel.refresh_from_db()
    assert (parcel.signed_at, parcel.phone_matches, parcel.signed_source) == (at("2025-06-20 14:00"), True, "operator")


def test_one_parcel_with_two_lines_is_signed_for_once(parcel, world, at):
    second = shipped(world, at, bought(world, at))
    assert tell(news(phone=PHONE)).json()["news"] is True
    second.refresh_from_db()
    assert second.signed_at == at("2025-06-20 14:00")
    assert tell(news(phone=PHONE)).json()["news"] is False


def test_a_later_shipment_under_the_same_number_is_not_meant(parcel, world, at):
    tell(news())
    flow = Flow.objects.with_order().get()
    reject_delivery(flow, reason="Broken", cited={1: "An undamaged one"}, by=world.actor("buyer"),
                    at=at("2025-06-21 10:00"))  # fmt: skip
    later = shipped(world, at, flow.number, on="2025-06-22 10:00")
    stands(at("2025-06-25 09:00"))
    assert tell(news()).json()["news"] is False
    later.refresh_from_db()
    assert later.signed_at is None
    assert tell(news(signed_at="2025-06-24T14:00:00+08:00")).json()["news"] is True
    later.refresh_from_db()
    assert later.signed_at == at("2025-06-24 14:00")


def test_a_carrier_that_is_no_longer_offered_still_tells(parcel):
    withdraw_carrier(Carrier.objects.get(code="swiftline"))
    assert tell(news()).json()["news"] is True


# ---- What is not believed --------------------------------------------------------------------------------------------

FORGED = {
    "another secret": {"secret": "somebody-elses-secret"},
    "another carrier's secret": {"secret": CARRIERS["oceanic"][2]},
    "no signature": {"signature": ""},
    "no headers": {"X-Gallery-Signature": None, "X-Gallery-Timestamp": None},
    "a signature that is no text": {"signature": "\xfc" * 64},
    "half a signature": {"signature": "ab" * 16},
    "a carrier of none": {"code": "nobody"},
    "a carrier of none, signed with what stands in": {"code": "nobody", "secret": "nobody-signs-with-this"},
    "six minutes old": {"age": 360},
    "six minutes early": {"age": -360},
    "a time that is none": {"timestamp": "now"},
    "a time with letters that look like digits": {"timestamp": "١٢٣"},
    "a time beyond all": {"timestamp": "9" * 400},
    "no time": {"timestamp": ""},
}


@pytest.mark.parametrize("how", FORGED)
def test_forged_and_stale_calls_are_refused_all_alike(parcel, how):
    answer = tell(news(), **FORGED[how])
    assert answer.status_code == 401
    assert answer.json() == {"type": "/problems/not-signed-in", "title": "Valid credentials are needed.", "status": 401}
    assert untouched(parcel)


def test_a_signature_holds_for_its_body_and_its_time_only(parcel):
    timestamp = str(int(clock.wall().timestamp()))
    signature = signature_of(SECRET, timestamp, json.dumps(news()).encode())
    assert (
        tell(news(signed_at="2025-06-18T14:00:00+08:00"), signature=signature, timestamp=timestamp).status_code == 401
    )
    assert tell(news(), signature=signature, timestamp=str(int(timestamp) + 1)).status_code == 401
    assert untouched(parcel)
    assert tell(news(), signature=signature.upper(), timestamp=timestamp).status_code == 200


def test_a_call_is_good_for_five_minutes(parcel):
    assert tell(news(), age=290).status_code == 200
    assert tell(news(), age=310).status_code == 401


def test_a_person_who_is_logged_in_is_no_carrier(parcel, world):
    client = Client()
    client.force_login(world.members["operator"].user)
    assert client.post("/callbacks/carriers/swiftline/", news(), content_type="application/json").status_code == 401


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_only_posts(parcel, method):
    assert getattr(Client(), method)("/callbacks/carriers/swiftline/").status_code == 405


@pytest.mark.parametrize("number", ["SW-1008", "sw-1007", f"{NUMBER}0"])
def test_a_parcel_that_nobody_sent(parcel, number):
    assert tell(news(number=number)).status_code == 404
    assert untouched(parcel)


def test_another_carrier_cannot_tell_of_it(parcel):
    assert tell(news(), code="oceanic", secret=CARRIERS["oceanic"][2]).status_code == 404
    assert untouched(parcel)


MALFORMED = {
    "not JSON": (b"number=SW-1007", ""),
    "nothing": (b"", ""),
    "deep": (b"[" * 8000, ""),
    "not UTF-8": (b'{"number": "\xff"}', ""),
    "a list": ([news()], ""),
    "a text": ("SW-1007", ""),
    "no number": ({"signed_at": SIGNED}, "/number"),
    "a number that is one": (news(number=1007), "/number"),
    "a blank number": (news(number="  "), "/number"),
    "a long number": (news(number="1" * 61), "/number"),
    "a number that is no text": (news(number="SW\0"), "/number"),
    "half a letter": (news(number="SW\ud800"), "/number"),
    "no instant": ({"number": NUMBER}, "/signed_at"),
    "an instant that is a number": (news(signed_at=1750399200), "/signed_at"),
    "an instant without offset": (news(signed_at="2025-06-20T14:00:00"), "/signed_at"),
    "a day that is none": (news(signed_at="2025-02-30T14:00:00+08:00"), "/signed_at"),
    "the year 1": (news(signed_at="0001-01-01T00:00:00+23:00"), "/signed_at"),
    "words": (news(signed_at="yesterday"), "/signed_at"),
    "a phone that is a number": (news(phone=6561234567), "/phone"),
    "a long phone": (news(phone="1" * 41), "/phone"),
    "more than there is": (news(weight=3), ""),
}


@pytest.mark.parametrize("how", MALFORMED)
def test_malformed_news_is_refused(parcel, how):
    said, pointer = MALFORMED[how]
    answer = tell(said)
    assert answer.status_code == 422, answer.content
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert untouched(parcel)


@pytest.mark.parametrize(
    "signed_at", ["2025-06-21T09:00:01+08:00", "2030-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00"]
)
def test_the_future_is_not_believed(parcel, signed_at):
    answer = tell(news(signed_at=signed_at))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/signed_at")
    assert untouched(parcel)


def test_nobody_signs_before_the_shipment(parcel):
    answer = tell(news(signed_at="2025-06-17T09:59:59+08:00"))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/signed_at")
    assert untouched(parcel)


def test_too_much_is_refused_unread(parcel):
    for size in (8 * 1024 + 1, 2 * 1024 * 1024):
        answer = tell(json.dumps(news()).encode().ljust(size))
        assert (answer.status_code, answer.json()["type"]) == (413, "/problems/body-too-large")
    assert untouched(parcel)
    assert tell(json.dumps(news()).encode().ljust(8 * 1024)).status_code == 200


def test_news_waits_for_nobody_while_a_flow_is_held(parcel, at):
    """The sign-off is noted; the ten days run on when the flow does."""
    Flow.objects.update(held_by="appeal", held_at=at("2025-06-19 10:00"))
    assert tell(news(phone=PHONE)).json()["news"] is True
    assert Flow.objects.get().accept_due_at == at("2025-06-19 10:00") + timedelta(days=10)
