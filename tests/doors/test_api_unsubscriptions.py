"""Purchases that are undone by agreement, by programs (spec 2.7)."""

import pytest
from django.db import transaction
from program import pdf, refused, told

from opengallery.market.journal.relay import relay_facts

ADDRESS = {"recipient": "Lin Wei", "phone": "+65 6123 4567", "address": "8 Marina View, Singapore"}
PEOPLE = ("buyer", "seller", "operator")


def names(body):
    return [row["action"] for row in body["next_actions"]]


def asked(api, line, **more):
    body = {"flow": line, "amount": "600.00", "reason": "agreed_with_seller"} | more
    return told(api.buyer.post("/unsubscriptions", body), 201)


def agreed(api, row, by="seller"):
    fields = {"comments": "As agreed.", "files": [pdf("mail.pdf")]}
    return getattr(api, by).form(f"/unsubscriptions/{row['id']}/agreement", fields)


@pytest.mark.spec("AT-65")
@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        *(
            ({"amount": amount}, "/amount")
            for amount in ("0", "-5", "1000.01", "10.005", "abc", "", " ", "NaN", "Infinity", "1e999", 0, -5, 1.5, None)
        ),
        ({"reason": ""}, "/reason"),
        ({"reason": "whim"}, "/reason"),
        ({"words": "x" * 1001}, "/words"),
        ({"words": "\u0000"}, "/words"),
        ({"share_contact": "yes"}, "/share_contact"),
        ({"flow": "CS0000000000XXXX-000001"}, "/flow"),
        ({"flow": 5}, "/flow"),
    ],
)
def test_requests_that_are_refused(api, more, pointer):
    line = api.bought()
    body = {"flow": line, "amount": "600.00", "reason": "other"} | more
    problem = refused(api.buyer.post("/unsubscriptions", body), 422, "invalid-input")
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert told(api.buyer.get("/unsubscriptions"))["items"] == []


@pytest.mark.spec("AT-66", "AT-67", "AT-70")
def test_a_request_that_is_agreed_to(api):
    line = api.delivered()
    row = asked(api, line, words="As agreed by phone.")
    assert (row["amount"]["amount"], row["paid"]["amount"], row["turn"]) == ("600.00", "1000.00", "seller")
    assert (row["deadline"]["at"], row["deadline"]["outcome"]) == ("2020-01-16T02:00:00Z", "wait_operator")
    assert names(row) == ["withdraw_unsubscription"]
    flow = api.flow(line)
    assert (flow["hold"]["by"], names(flow)) == ("unsubscription", ["file_appeal"])
    assert flow["unsubscriptions"] == [{"id": row["id"], "state": "pending_review", "href": row["href"]}]
    refused(api.buyer.accepts(line), 409, "on-hold")
    refused(api.buyer.post("/unsubscriptions", {"flow": line, "amount": "1.00", "reason": "other"}), 409, "on-hold")
    seen = told(api.seller.get(row["href"]))
    assert names(seen) == ["agree_unsubscription", "reject_unsubscription"]
    path = f"/unsubscriptions/{row['id']}/agreement"
    for body, pointer in (({"comments": ""}, "/comments"), ({"comments": 5}, "/comments"), ({}, "/comments"),
                          ({"comments": "Yes."}, "/files")):  # fmt: skip
        problem = refused(api.seller.post(path, body), 422, "invalid-input")
        assert pointer in {error["pointer"] for error in problem["errors"]}
    row = told(agreed(api, row))
    assert (row["state"], row["comments"], row["next_actions"]) == ("refunding", "As agreed.", [])
    assert api.seller.get(row["files"][0]["href"]).body.startswith(b"%PDF")
    refused(api.other_seller.get(row["files"][0]["href"]), 404)
    problem = refused(agreed(api, row), 409, "move-refused")
    assert (problem["state"], problem["next_actions"]) == ("refunding", [])
    api.goes("2020-01-01 13:00")
    row = told(api.buyer.get(row["href"]))
    assert (row["state"], row["turn"], row["deadline"]) == ("refunded", None, None)
    order = api.order(line)
    assert (order["unsubscribed"], order["lines"][0]["refunded"]["amount"]) == (True, "600.00")
    undone = told(api.buyer.get(f"/orders/{row['refund_order']}"))
    assert (undone["type"], undone["status"], undone["total"]["amount"]) == ("unsubscribe", "Completed", "600.00")
    assert (api.flow(line)["state"], api.flow(line)["next_actions"]) == ("terminated", [])
    refused(api.buyer.accepts(line), 409, "move-refused")


@pytest.mark.spec("AT-68", "AT-69")
def test_a_request_that_ends(api):
    line = api.bought()
    row = asked(api, line, amount="0.01")
    refused(api.buyer.post(f"/unsubscriptions/{row['id']}/rejection", {"comments": "x"}), 403)
    refused(api.seller.delete(row["href"]), 403)
    refused(api.seller.post(f"/unsubscriptions/{row['id']}/rejection", {"comments": " "}), 422)
    row = told(api.seller.post(f"/unsubscriptions/{row['id']}/rejection", {"comments": "It works."}))
    assert (row["state"], row["comments"]) == ("rejected", "It works.")
    assert api.flow(line)["hold"] is None
    again = asked(api, line, amount="1000.00")
    etag = api.buyer.get(again["href"])["ETag"]
    withdrawn = told(api.buyer.delete(again["href"], headers={"If-Match": etag, "Idempotency-Key": "withdraw"}))
    assert withdrawn["state"] == "withdrawn"
    kept = api.buyer.delete(again["href"], headers={"If-Match": etag, "Idempotency-Key": "withdraw"})
    assert told(kept) == withdrawn
    refused(api.buyer.delete(again["href"], headers={"If-Match": etag}), 412)
    refused(api.buyer.delete(again["href"]), 409, "move-refused")
    assert "request_unsubscription" in names(api.flow(line))


@pytest.mark.spec("AT-75")
def test_contact_data_only_if_it_is_shared(api):
    row = asked(api, api.bought())
    hidden = api.seller.get(row["href"])
    assert told(hidden)["contact"] is None
    assert "buyer@meridian.example" not in hidden.content.decode()
    assert "buyer@meridian.example" not in api.seller.get("/unsubscriptions").content.decode()
    shared = asked(api, api.bought(), share_contact=True)
    contact = {"name": "Lin Wei", "email": "buyer@meridian.example"}
    assert told(api.seller.get(shared["href"]))["contact"] == contact
    relay_facts({})
    assert "buyer@meridian.example" not in api.seller.get("/events").content.decode()


@pytest.mark.spec("AT-71", "AT-72")
def test_only_until_the_order_is_completed(api):
    line = api.delivered()
    told(api.buyer.accepts(line))
    assert "request_unsubscription" in names(api.flow(line))
    api.goes("2020-01-01 13:00")
    assert names(api.flow(line)) == []
    body = {"flow": line, "amount": "1.00", "reason": "other"}
    refused(api.buyer.post("/unsubscriptions", body), 409, "not-undoable")
    assert api.seller.post("/unsubscriptions", body).status_code == 403


def only_what_is_offered_succeeds(api, key):
    """Try every verb as every party, each undone again."""
    place = f"/unsubscriptions/{key}"
    verbs = {
        "withdraw_unsubscription": lambda program: program.delete(place),
        "agree_unsubscription": lambda program: program.form(
            f"{place}/agreement", {"comments": "Yes.", "files": [pdf()]}
        ),
        "reject_unsubscription": lambda program: program.post(f"{place}/rejection", {"comments": "No."}),
        "send_return": lambda program: program.post(
            f"{place}/return", {"carrier": "oceanic", "number": "OC-1"}
        ),
        "accept_return": lambda program: program.post(f"{place}/return/acceptance"),
        "refuse_return": lambda program: program.post(f"{place}/return/refusal", {"reason": "Broken."}),
    }  # fmt: skip
    for who in PEOPLE:
        program = getattr(api, who)
        now = told(program.get(place))
        for verb, make in verbs.items():
            with transaction.atomic():
                answer = make(program)
                transaction.set_rollback(True)
            assert (answer.status_code == 200) == (verb in names(now)), (now["state"], who, verb, answer.content)
            assert answer.status_code in (200, 403, 409), (now["state"], who, verb, answer.content)
    return told(api.buyer.get(place))


@pytest.mark.spec("AT-77")
def test_goods_come_back(api):
    line = api.buyer.buys(api.world.choice("hardware"), address=ADDRESS)["lines"][0]["number"]
    answers = {str(item["number"]): "Checked." for item in api.flow(line)["criteria"]}
    told(api.seller.post(f"/flows/{line}/shipment", {"carrier": "swiftline", "number": "SW-1", "answers": answers}))
    row = asked(api, line, amount="3900.00")
    place = f"/unsubscriptions/{row['id']}"
    only_what_is_offered_succeeds(api, row["id"])
    told(agreed(api, row))
    row = only_what_is_offered_succeeds(api, row["id"])
    assert (row["state"], row["deadline"]["at"], row["return"]) == ("wait_return", "2020-01-11T02:00:00Z", None)
    for body in ({"carrier": "nobody", "number": "x"}, {"carrier": "oceanic", "number": ""}, {"carrier": 5}):
        refused(api.buyer.post(f"{place}/return", body), 422)
    told(api.buyer.post(f"{place}/return", {"carrier": "oceanic", "number": "OC-1"}))
    row = only_what_is_offered_succeeds(api, row["id"])
    assert row["return"] == {
        "carrier": "oceanic", "number": "OC-1", "tracking_url": "https://oceanic.example/parcels?no=OC-1",
        "sent_at": "2020-01-01T02:00:00Z", "refused": None,
    }  # fmt: skip
    refused(api.seller.post(f"{place}/return/refusal", {"reason": ""}), 422)
    row = told(api.seller.post(f"{place}/return/refusal", {"reason": "The seal is broken."}))
    assert (row["state"], row["return"]["refused"]) == ("wait_return", "The seal is broken.")
    told(api.buyer.post(f"{place}/return", {"carrier": "oceanic", "number": "OC-2"}))
    row = told(api.seller.post(f"{place}/return/acceptance"))
    row = only_what_is_offered_succeeds(api, row["id"])
    assert row["state"] == "refunding"
    assert [entry["event"] for entry in row["log"]] == [f"unsubscription.{what}" for what in (
        "requested", "return_agreed", "return_sent", "return_refused", "return_sent", "return_accepted")]  # fmt: skip


def test_a_silent_seller_and_an_appeal(api):
    line = api.bought()
    row = asked(api, line)
    api.goes("2020-01-16 10:00")
    row = only_what_is_offered_succeeds(api, row["id"])
    assert (row["state"], row["turn"], row["deadline"]["at"]) == ("wait_operator", "operator", None)
    told(api.buyer.post(f"/flows/{line}/appeal", {"ground": "other_buyer", "reason": "Nobody answers."}), 201)
    row = only_what_is_offered_succeeds(api, row["id"])
    assert (row["hold"]["by"], row["deadline"], row["next_actions"]) == ("appeal", None, [])
    refused(agreed(api, row, "operator"), 409, "on-hold")
    [appeal] = told(api.operator.get("/appeals"))["items"]
    told(api.operator.post(f"/appeals/{appeal['id']}/decision", {"decision": "resume", "note": "Go on."}))
    told(agreed(api, row, "operator"))


def test_the_list_of_requests(api):
    first, second = asked(api, api.bought()), asked(api, api.bought("license_monthly"), amount="10.00")

    def found(by="buyer", **query):
        return [row["id"] for row in told(getattr(api, by).get("/unsubscriptions", **query))["items"]]

    for who in PEOPLE:
        assert found(who) == [second["id"], first["id"]]
    assert found("other_buyer") == found("other_seller") == []
    assert found(order_no=first["order"]) == [first["id"]]
    assert found(status="refunded") == []
    assert found(status="Pending the seller's review") == found(side="buyer") == found()
    assert found(limit=1) == [second["id"]]
    refused(api.buyer.get("/unsubscriptions", status="x"), 422)
    refused(api.buyer.get("/unsubscriptions", side="x"), 422)
    for key in ("nobody", "uns_0", first["id"].upper()):
        refused(api.buyer.get(f"/unsubscriptions/{key}"), 404)
        refused(api.buyer.delete(f"/unsubscriptions/{key}"), 404)


def test_the_feed_names_what_happened(api):
    line = api.bought()
    row = asked(api, line)
    told(api.buyer.delete(row["href"]))
    told(api.buyer.post(f"/flows/{line}/appeal", {"ground": "other_buyer", "reason": "Late."}), 201)
    relay_facts({})
    events = [event for event in told(api.seller.get("/events"))["items"] if event["subject"] != line]
    assert [event["type"] if "type" in event else event["event"] for event in events][-3:] == [
        "unsubscription.requested", "unsubscription.withdrawn", "appeal.filed"]  # fmt: skip
    assert told(api.seller.get(events[-3]["href"]))["id"] == row["id"]
    assert events[-3]["action_required"]["by"] == "seller"
    assert told(api.seller.get(events[-1]["href"]))["state"] == "open"
