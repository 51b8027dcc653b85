"""Repeats and stale readers: idempotency keys, ETags, If-Match."""

import json
from datetime import timedelta

import pytest
from program import PDF, pdf, refused, told

from opengallery.kit import clock
from opengallery.kit.idempotency import drop_old_answers
from opengallery.kit.models import Answer
from opengallery.market.journal.models import Fact
from opengallery.market.orders.models import Order


def keyed(key="k-1"):
    return {"Idempotency-Key": key}


def body_of(api, quantity=1):
    choice = api.world.choice("license_yearly")
    return {"lines": [{"specification": choice.specification, "sku": choice.sku, "quantity": quantity,
                       "period": {"unit": "year", "count": 1}}]}  # fmt: skip


def test_the_same_call_twice_is_one_call(api):
    first = api.buyer.post("/orders", body_of(api), headers=keyed())
    again = api.buyer.post("/orders", body_of(api), headers=keyed())
    assert told(first, 201) == told(again, 201)
    assert (again["Location"], again["ETag"]) == (first["Location"], first["ETag"])
    assert again["Content-Type"] == "application/json"
    assert (again["Idempotency-Replayed"], "Idempotency-Replayed" in first) == ("true", False)
    assert Order.objects.count() == 1


def test_a_repeat_with_another_body_is_refused(api):
    told(api.buyer.post("/orders", body_of(api), headers=keyed()), 201)
    refused(api.buyer.post("/orders", body_of(api, 2), headers=keyed()), 422, "key-reused")
    number = Order.objects.get().number
    refused(api.buyer.post(f"/orders/{number}/cancellation", headers=keyed()), 422, "key-reused")
    assert Order.objects.get().state == "pending_payment"


def test_keys_belong_to_their_program(api):
    told(api.buyer.post("/orders", body_of(api), headers=keyed()), 201)
    told(api.other_buyer.post("/orders", body_of(api), headers=keyed()), 201)
    told(api.buyer.post("/orders", body_of(api), headers=keyed("k-2")), 201)
    assert Order.objects.count() == 3


@pytest.mark.spec("AT-82", "AT-84")
def test_every_verb_replays(api):
    order = told(api.buyer.post("/orders", body_of(api), headers=keyed("place")), 201)
    line = order["lines"][0]["number"]
    form = {"service_result": "Done.", "deliverables": [pdf()]}
    calls = [
        lambda key: api.buyer.post(f"/orders/{order['number']}/payment", {"method": "balance"}, headers=key),
        lambda key: api.buyer.post(f"/flows/{line}/reminder", headers=key),
        lambda key: api.seller.form(f"/flows/{line}/delivery", {**form, "deliverables": [pdf()]}, headers=key),
        lambda key: api.buyer.post(f"/flows/{line}/rejection", {"reason": "No."}, headers=key),
        lambda key: api.seller.form(f"/flows/{line}/delivery", {**form, "deliverables": [pdf()]}, headers=key),
        lambda key: api.buyer.post(f"/flows/{line}/acceptance", headers=key),
        lambda key: api.buyer.delete(f"/flows/{line}/acceptance", {"reason": "Wait."}, headers=key),
    ]
    for number, call in enumerate(calls):
        first = call(keyed(f"step-{number}"))
        facts = Fact.objects.count()
        again = call(keyed(f"step-{number}"))
        assert first.status_code in (200, 204)
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again.get("Content-Type") == first.get("Content-Type")
        assert Fact.objects.count() == facts
    assert len(api.flow(line)["deliveries"]) == 2


def test_another_file_is_another_body(api):
    line = api.bought()
    told(api.seller.form(f"/flows/{line}/delivery", {"service_result": "x", "deliverables": [pdf()]}, headers=keyed()))
    other = {"service_result": "x", "deliverables": [pdf(body=PDF + b"\n")]}
    refused(api.seller.form(f"/flows/{line}/delivery", other, headers=keyed()), 422, "key-reused")


def test_refusals_are_answers_too_but_not_those_of_a_stranger(api):
    line = api.bought()
    first = refused(api.buyer.post(f"/flows/{line}/acceptance", headers=keyed()), 409, "move-refused")
    told(api.seller.delivers(line))
    assert refused(api.buyer.post(f"/flows/{line}/acceptance", headers=keyed()), 409) == first
    told(api.buyer.post(f"/flows/{line}/acceptance", headers=keyed("k-2")))
    refused(api.visitor.post("/orders", body_of(api), headers=keyed("k-3")), 401)
    assert not Answer.objects.filter(key="k-3").exists()


@pytest.mark.parametrize("key", ["", "k" * 256, "tab\tkey"])
def test_keys_that_are_none(api, key):
    problem = refused(api.buyer.post("/orders", body_of(api), headers=keyed(key)), 422, "invalid-input")
    assert problem["errors"][0]["pointer"] == "/Idempotency-Key"


def test_answers_are_kept_two_days(api):
    told(api.buyer.post("/orders", body_of(api), headers=keyed()), 201)
    assert drop_old_answers(at=clock.wall() + timedelta(hours=47)) == 0
    assert drop_old_answers(at=clock.wall() + timedelta(hours=49)) == 1


def test_a_fault_leaves_no_answer_and_no_change(api, monkeypatch):
    from opengallery.doors.api.v1 import orders

    with monkeypatch.context() as broken:
        broken.setattr(orders, "shown", lambda *_: 1 / 0)
        refused(api.buyer.post("/orders", body_of(api), headers=keyed()), 500, "fault")
    assert (Order.objects.count(), Answer.objects.count()) == (0, 0)
    told(api.buyer.post("/orders", body_of(api), headers=keyed()), 201)


def test_etags(api):
    line = api.delivered()
    for path in (f"/flows/{line}", f"/orders/{line[:-7]}", "/organisation", "/balance"):
        first = api.buyer.get(path)
        assert first["ETag"].startswith('"')
        assert first["Cache-Control"] == "private, no-cache"
        same = api.buyer.get(path, headers={"If-None-Match": f'W/"x", {first["ETag"]}'})
        assert (same.status_code, same.content, same["ETag"]) == (304, b"", first["ETag"])
        assert told(api.buyer.get(path, headers={"If-None-Match": '"old"'})) == first.json()
    tag = api.buyer.get(f"/flows/{line}")["ETag"]
    accepted = api.buyer.accepts(line)
    assert accepted["ETag"] == api.buyer.get(f"/flows/{line}")["ETag"] != tag
    assert told(api.buyer.get(f"/flows/{line}")) == accepted.json()


def test_if_match(api):
    line = api.delivered()
    old = api.buyer.get(f"/flows/{line}")["ETag"]
    told(api.buyer.rejects(line))
    told(api.seller.delivers(line))
    problem = refused(api.buyer.post(f"/flows/{line}/acceptance", headers={"If-Match": old}), 412, "changed-meanwhile")
    fresh = api.buyer.get(f"/flows/{line}")["ETag"]
    assert problem["etag"] == fresh
    key = keyed()
    refused(api.buyer.post(f"/flows/{line}/acceptance", headers={"If-Match": old, **key}), 412)
    told(api.buyer.post(f"/flows/{line}/acceptance", headers={"If-Match": fresh, **key}))
    order = api.buyer.buys(api.world.choice("license_yearly"), paid=False)
    path = f"/orders/{order['number']}"
    refused(api.buyer.post(f"{path}/cancellation", headers={"If-Match": '"x"'}), 412)
    told(api.buyer.post(f"{path}/payment", {"method": "balance"}, headers={"If-Match": api.buyer.get(path)["ETag"]}))
    told(api.seller.form(f"/flows/{order['lines'][0]['number']}/delivery",
                         {"service_result": "x", "deliverables": [pdf()]}, headers={"If-Match": "*"}))  # fmt: skip


def test_if_match_on_a_renewal(api):
    line = api.delivered()
    told(api.buyer.accepts(line))
    api.goes("2020-01-02 10:00")
    resource = told(api.buyer.get("/resources"))["items"][0]["id"]
    renewal = {"period": {"unit": "month", "count": 2}}
    refused(api.buyer.post(f"/resources/{resource}/renewal", renewal, headers={"If-Match": '"x"'}), 412)
    renewal = {"period": {"unit": "year", "count": 2}}
    tag = api.buyer.get(f"/resources/{resource}")["ETag"]
    told(api.buyer.post(f"/resources/{resource}/renewal", renewal, headers={"If-Match": tag}), 201)


@pytest.mark.spec("AT-83")
def test_a_refusal_says_how_things_stand(api):
    line = api.delivered()
    told(api.buyer.rejects(line))
    problem = refused(api.buyer.accepts(line), 409, "move-refused")
    assert (problem["state"], problem["verb"]) == ("wait_delivery", "accept_delivery")
    assert problem["next_actions"] == api.flow(line)["next_actions"]
    problem = refused(api.buyer.form(f"/flows/{line}/delivery", {"service_result": "x", "deliverables": [pdf()]}), 403)
    assert (problem["type"], problem["state"]) == ("/problems/not-your-turn", "wait_delivery")


def test_a_replay_keeps_the_bytes(api):
    first = api.buyer.post("/orders", body_of(api), headers=keyed())
    kept = Answer.objects.get()
    assert (bytes(kept.body), kept.status) == (first.content, 201)
    assert json.loads(bytes(kept.body))["number"] == Order.objects.get().number
