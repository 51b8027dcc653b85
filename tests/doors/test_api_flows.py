"""Every template of a flow, walked by programs: what is offered succeeds, what is not is refused."""

import json

import pytest
from django.db import transaction
from program import pdf, refused, told

from opengallery.market.billing.models import Transaction
from opengallery.market.policy.actions import change_setting

ADDRESS = {"recipient": "Lin Wei", "phone": "+65 6123 4567", "address": "8 Marina View, Singapore"}
PEOPLE = ("buyer", "seller", "operator")


def answers(flow):
    return {str(item["number"]): "Shown in the record." for item in flow["criteria"]}


def cited(flow):
    return {str(item["number"]): "As the request says." for item in flow["criteria"][:1]}


class Steps:
    """Each verb with valid input, as one word."""

    def __init__(self, api, line):
        self.api, self.line, self.tried = api, line, set()

    def flow(self, by="buyer"):
        return self.api.flow(self.line, by)

    def program(self, by):
        return getattr(self.api, by)

    def submit_request(self, by="buyer", **more):
        return self.program(by).post(f"/flows/{self.line}/request", {"text": "Two companies, five users."} | more)

    def withdraw_request(self, by="buyer"):
        return self.program(by).delete(f"/flows/{self.line}/request")

    def accept_request(self, by="seller"):
        return self.program(by).post(f"/flows/{self.line}/request/acceptance")

    def reject_request(self, by="seller", reason="Which companies?"):
        return self.program(by).post(f"/flows/{self.line}/request/rejection", {"reason": reason})

    def deliver_service(self, by="seller", **more):
        fields = {"service_result": "Done.", "deliverables": [pdf()], "code": "HV-7F3K-92MX",
                  "answers": json.dumps(answers(self.flow()))}  # fmt: skip
        return self.program(by).form(f"/flows/{self.line}/delivery", fields | more)

    def ship_goods(self, by="seller", **more):
        body = {"carrier": "swiftline", "number": "SW200101442", "answers": answers(self.flow())}
        return self.program(by).post(f"/flows/{self.line}/shipment", body | more)

    def note_sign_off(self, by="operator", when="2020-01-02T10:00:00+08:00"):
        return self.program(by).post(f"/flows/{self.line}/shipment/sign-off", {"signed_at": when})

    def collect_code(self, by="buyer"):
        return self.program(by).post(f"/flows/{self.line}/code")

    def activate_code(self, by="seller", code="HV-7F3K-92MX"):
        return self.program(by).post("/activations", {"code": code})

    def prove_activation(self, by="seller"):
        fields = {"service_result": "Activated.", "deliverables": [pdf()]}
        return self.program(by).form(f"/flows/{self.line}/activation-proof", fields)

    def approve_delivery(self, by="operator"):
        return self.program(by).post(f"/flows/{self.line}/review")

    def send_back_delivery(self, by="operator"):
        return self.program(by).post(f"/flows/{self.line}/review/rejection", {"reason": "The record is unsigned."})

    def accept_delivery(self, by="buyer"):
        return self.program(by).accepts(self.line)

    def reject_delivery(self, by="buyer"):
        body = {"reason": "Not as agreed.", "cited": cited(self.flow())}
        return self.program(by).post(f"/flows/{self.line}/rejection", body)

    def retract_acceptance(self, by="buyer"):
        return self.program(by).delete(f"/flows/{self.line}/acceptance", {"reason": "Pressed by mistake."})

    def remind_seller(self, by="buyer"):
        return self.program(by).post(f"/flows/{self.line}/reminder")

    def override_flow(self, by="operator", **more):
        body = {"decision": "accept_for_buyer", "reason": "Both agree by phone."}
        return self.program(by).post(f"/flows/{self.line}/override", body | more)

    def file_appeal(self, by="buyer"):
        body = {"ground": "other_seller" if by == "seller" else "other_buyer", "reason": "We do not agree."}
        return self.program(by).post(f"/flows/{self.line}/appeal", body)

    def request_unsubscription(self, by="buyer"):
        body = {"flow": self.line, "amount": "1.00", "reason": "other"}
        return self.program(by).post("/unsubscriptions", body)


VERBS = [name for name in vars(Steps) if name not in ("flow", "program") and not name.startswith("_")]


def only_what_is_offered_succeeds(steps):
    """Try every verb as every party, each undone again: those offered succeed, no other does.

    What stands as it stood before is not tried again.
    """
    stands = str([(flow["state"], flow["hold"], flow["next_actions"]) for flow in map(steps.flow, PEOPLE)])
    if stands in steps.tried:
        return
    steps.tried.add(stands)
    for who in PEOPLE:
        offered = {row["action"] for row in steps.flow(who)["next_actions"]}
        assert offered <= set(VERBS)
        for verb in VERBS:
            with transaction.atomic():
                answer = getattr(steps, verb)(by=who)
                transaction.set_rollback(True)
            state = steps.flow(who)["state"]
            assert (answer.status_code < 300) == (verb in offered), (state, who, verb, answer.content[:500])
            refusals = (403, 404, 409) if verb == "activate_code" else (403, 409)
            assert answer.status_code in (200, 201, 204, *refusals), (state, who, verb, answer.content[:500])


def walk(steps, *verbs):
    """Make the steps, and try all the others before each of them and after the last."""
    only_what_is_offered_succeeds(steps)
    for verb in verbs:
        answer = getattr(steps, verb)()
        assert answer.status_code < 300, (verb, answer.content[:500])
        only_what_is_offered_succeeds(steps)


@pytest.fixture
def start(api):
    """Buy one of the world's products; its flow, at 2 January 2020, 10:00."""

    def bought(key):
        more = {"address": ADDRESS} if key == "hardware" else {}
        line = api.buyer.buys(api.world.choice(key), **more)["lines"][0]["number"]
        api.stands("2020-01-02 10:00")
        return Steps(api, line)

    return bought


def test_a_licence(start):
    walk(start("license_yearly"), "remind_seller", "deliver_service", "reject_delivery", "deliver_service",
         "accept_delivery", "retract_acceptance")  # fmt: skip


def test_a_request_that_is_answered(start):
    walk(start("saas_supervised"), "submit_request", "withdraw_request", "submit_request", "reject_request",
         "submit_request", "accept_request", "deliver_service", "accept_delivery")  # fmt: skip


def test_a_delivery_that_the_platform_reviews(api, start):
    change_setting(
        "platform_review", True, reason="Reviewed", by=api.world.actor("operator"), at=api.at("2020-01-01 09:00")
    )
    steps = start("professional_service")
    for verb in ("submit_request", "accept_request"):
        told(getattr(steps, verb)())
    walk(steps, "deliver_service", "send_back_delivery", "deliver_service", "approve_delivery")


def test_goods(start):
    walk(start("hardware"), "ship_goods", "note_sign_off", "reject_delivery", "ship_goods", "accept_delivery")


def test_a_code(start):
    walk(start("license_code"), "deliver_service", "collect_code", "activate_code", "prove_activation")


@pytest.mark.parametrize("key", ["license_idcode", "license_package"])
def test_what_remains(start, key):
    walk(start(key), *(["submit_request"] if key == "license_idcode" else ["reject_delivery"]), "deliver_service",
         "accept_delivery")  # fmt: skip


def test_while_an_appeal_or_an_unsubscription_holds_it(start):
    walk(start("license_yearly"), "request_unsubscription", "file_appeal")


def test_after_the_operator_has_decided(start):
    walk(start("license_yearly"), "override_flow")


def test_what_is_invoiced_is_not_undone(start):
    steps = start("license_yearly")
    Transaction.objects.filter(key=steps.line).update(invoiced_at=steps.api.at("2020-01-02 09:00"))
    only_what_is_offered_succeeds(steps)


def test_the_versions_of_a_request(api, start):
    steps = start("saas_supervised")
    answer = api.buyer.form(f"/flows/{steps.line}/request", {"text": "Five users.", "files": [pdf("users.pdf")]})
    [request] = told(answer)["requests"]
    assert (request["version"], request["text"], request["outcome"]) == (1, "Five users.", None)
    [file] = request["files"]
    for program in (api.buyer, api.seller, api.operator):
        assert program.get(file["href"]).body.startswith(b"%PDF")
    refused(api.other_buyer.get(file["href"]), 404)
    told(steps.reject_request())
    told(steps.submit_request(text="Six users."))
    flow = told(steps.accept_request())
    assert [row["outcome"] for row in flow["requests"]] == ["rejected", "accepted"]
    assert (flow["requests"][0]["reason"], flow["requests_count"], flow["request_rejections"]) == (
        "Which companies?", 2, 1)  # fmt: skip
    assert flow["template"] == "standard"
    assert [entry["event"] for entry in flow["log"]] == [
        "flow.started", "flow.requested", "flow.request_rejected", "flow.requested", "flow.request_accepted"]  # fmt: skip


def test_criteria_are_proven_answered_and_cited(api, start):
    steps = start("professional_service")
    told(steps.submit_request())
    told(steps.accept_request())
    two = {"proves": ["1,2", "3"], "answers": ""}
    problem = refused(steps.deliver_service(deliverables=[pdf("a.pdf"), pdf("b.pdf")], **two), 422, "invalid-input")
    assert [error["pointer"] for error in problem["errors"]] == ["/answers"]
    two["answers"] = '{"4": "On 2 January."}'
    flow = told(steps.deliver_service(deliverables=[pdf("a.pdf"), pdf("b.pdf")], **two))
    [delivery] = flow["deliveries"]
    assert [file["proves"] for file in delivery["files"]] == [[1, 2], [3]]
    assert (delivery["answers"], delivery["cited"], delivery["shipment"]) == ({"4": "On 2 January."}, {}, None)
    refused(api.buyer.post(f"/flows/{steps.line}/rejection", {"reason": "No."}), 422)
    flow = told(api.buyer.post(f"/flows/{steps.line}/rejection", {"reason": "No.", "cited": {"2": "To the cent."}}))
    assert flow["deliveries"][0]["cited"] == {"2": "To the cent."}
    assert flow["criteria"][0] | {"text": ""} == {"number": 1, "text": "", "mandatory": True}


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"answers": "["}, "/answers"),
        ({"answers": '["x"]'}, "/answers"),
        ({"answers": '{"1": 1}'}, "/answers"),
        ({"answers": '{"one": "x"}'}, "/answers"),
        ({"answers": '{"77": "x"}'}, "/answers"),
        ({"answers": '{"1": "\\u0000"}'}, "/answers"),
        ({"proves": ["1", "2"]}, "/proves"),
        ({"proves": ["-1"]}, "/proves"),
        ({"proves": ["9999"]}, "/proves"),
        ({"proves": ["1" * 5000]}, "/proves"),
    ],
)
def test_proofs_that_are_none(start, fields, pointer):
    steps = start("saas_supervised")
    told(steps.submit_request())
    told(steps.accept_request())
    problem = refused(steps.deliver_service(**fields), 422, "invalid-input")
    assert pointer in {error["pointer"] for error in problem["errors"]}


@pytest.mark.parametrize("said", [{"1": 1}, {"x": "y"}, {"77": "x"}, ["1"], "1", {"1": ""}])
def test_citations_that_are_none(api, start, said):
    steps = start("saas_supervised")
    told(steps.submit_request())
    told(steps.accept_request())
    told(steps.deliver_service())
    problem = refused(api.buyer.post(f"/flows/{steps.line}/rejection", {"reason": "No.", "cited": said}), 422)
    assert problem["errors"][0]["pointer"].startswith("/cited")


@pytest.mark.spec("AT-51")
def test_an_address_is_corrected_until_the_seller_ships(api, start):
    choice = api.world.choice("hardware")
    line = {"specification": choice.specification, "period": {"unit": choice.unit, "count": choice.count}}
    problem = refused(api.buyer.post("/orders", {"lines": [line]}), 422, "invalid-input")
    assert {error["pointer"] for error in problem["errors"]} == {
        "/address/recipient",
        "/address/phone",
        "/address/address",
    }
    steps = start("hardware")
    path = f"/orders/{steps.line[:-7]}/address"
    order = api.order(steps.line)
    assert order["delivery_address"] == ADDRESS | {"locked_at": None}
    assert "change_address" in {row["action"] for row in order["next_actions"]}
    [row] = told(api.buyer.get("/orders"))["items"]
    assert row["next_actions"] == order["next_actions"]
    changed = ADDRESS | {"address": "1 Quay, Singapore"}
    order = told(api.buyer.call("PUT", path, changed, headers={"If-Match": "*"}))
    assert order["delivery_address"]["address"] == "1 Quay, Singapore"
    assert api.order(steps.line, "seller")["delivery_address"]["address"] == "1 Quay, Singapore"
    assert api.order(steps.line, "operator")["delivery_address"] is None
    refused(api.seller.call("PUT", path, changed), 403)
    refused(api.buyer.call("PUT", path, changed | {"phone": "\n"}), 422)
    refused(api.buyer.call("PUT", path, {"recipient": 5}), 422)
    told(steps.ship_goods())
    order = api.order(steps.line)
    assert order["delivery_address"]["locked_at"] == "2020-01-02T02:00:00Z"
    assert "change_address" not in {row["action"] for row in order["next_actions"]}
    refused(api.buyer.call("PUT", path, changed), 409, "move-refused")
    licence = api.bought()
    assert api.order(licence)["delivery_address"] is None
    refused(api.buyer.call("PUT", f"/orders/{licence[:-7]}/address", changed), 409)


def test_a_shipment_and_its_sign_off(api, start):
    steps = start("hardware")
    carriers = told(api.seller.get("/carriers"))["items"]
    assert {"code": "swiftline", "name": "Swiftline Express",
            "tracking_url": "https://track.swiftline.example/{number}"} in carriers  # fmt: skip
    for body, pointer in (({"carrier": "nobody"}, "/carrier"), ({"number": " "}, "/number"), ({"number": 5}, "/number"),
                          ({"answers": []}, "/answers"), ({"kinds": "sow"}, "/kinds"), ({"proves": [1]}, "/proves"),
                          ({"proves": [["x"]]}, "/proves")):  # fmt: skip
        problem = refused(steps.ship_goods(**body), 422)
        assert pointer in {error["pointer"] for error in problem["errors"]}, body
    flow = told(steps.ship_goods())
    [delivery] = flow["deliveries"]
    assert delivery["files"] == []
    assert delivery["shipment"] == {
        "carrier": "swiftline", "carrier_name": "Swiftline Express", "number": "SW200101442",
        "tracking_url": "https://track.swiftline.example/SW200101442", "phone_matches": None, "signed_at": None,
        "signed_source": None,
    }  # fmt: skip
    for when in ("yesterday", "", "2020-01-01T00:00:00Z", "2020-06-01T00:00:00Z"):
        problem = refused(steps.note_sign_off(when=when), 422)
        assert problem["errors"][0]["pointer"] == "/signed_at"
    flow = told(steps.note_sign_off())
    assert (flow["deliveries"][0]["shipment"]["signed_source"], flow["deadline"]["at"]) == (
        "operator", "2020-01-12T02:00:00Z")  # fmt: skip
    refused(steps.note_sign_off(), 409, "move-refused")


def test_a_code_is_for_who_collects_it(api, start):
    steps = start("license_code")
    assert steps.flow()["code"] is None
    told(steps.deliver_service())
    assert steps.flow()["code"]["code"] is None
    assert steps.flow("operator")["code"]["code"] is None
    assert steps.flow("seller")["code"]["code"] == "HV-7F3K-92MX"
    refused(steps.activate_code(), 409, "not-collected")
    assert told(steps.collect_code())["code"]["code"] == "HV-7F3K-92MX"
    for code in ("HV-UNKNOWN", "", " ", "HV-7F3K-92MX\n.", "\u00e9"):
        refused(steps.activate_code(code=code), 404, "not-found")
    refused(api.other_seller.post("/activations", {"code": "HV-7F3K-92MX"}), 404, "not-found")
    refused(api.seller.post("/activations", {"code": 5}), 422)
    told(steps.activate_code())
    refused(steps.activate_code(), 409, "not-collected")
    flow = told(steps.prove_activation())
    assert (flow["state"], flow["accepted_by"]) == ("completed", "system")
    assert flow["validity"]["start_at"] == "2020-01-02T02:00:00Z"


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"decision": "resume"}, {"/decision"}),
        ({"decision": ""}, {"/decision"}),
        ({"decision": "return_to_seller"}, {"/decision"}),
        ({"reason": " "}, {"/reason"}),
        ({"decision": 5}, {"/decision"}),
        *(
            ({"decision": "terminate_and_refund", "amount": amount}, {"/amount"})
            for amount in (None, "0", "-5", "1000.01", "10.005", "abc", "NaN", 5, "1e2", "")
        ),
    ],
)
def test_overrides_that_are_refused(start, body, pointers):
    steps = start("license_yearly")
    problem = refused(steps.override_flow(**body), 422)
    assert {error["pointer"] for error in problem["errors"]} == pointers


def test_an_override_that_refunds(api, start):
    steps = start("license_yearly")
    flow = told(steps.override_flow(decision="terminate_and_refund", amount="400.00"))
    assert (flow["state"], flow["deadline"], flow["next_actions"]) == ("terminated", None, [])
    order = api.order(steps.line)
    assert (order["status"], order["unsubscribed"]) == ("Completed", True)
    assert order["lines"][0]["refunded"] == {"amount": "400.00", "currency": "USD"}
    assert order["lines"][0]["closed_at"] == "2020-01-02T02:00:00Z"
    undone = next(row for row in told(api.buyer.get("/orders"))["items"] if row["type"] == "unsubscribe")
    assert (undone["status"], undone["total"]["amount"], undone["next_actions"]) == ("Completed", "400.00", [])


def test_the_second_of_two_has_to_be_somebody_else(api, start):
    limit = {"amount": "100.00", "currency": "USD"}
    rules = told(api.buyer.get("/purchasing"))
    told(api.buyer.call("PUT", "/purchasing", {
        name: value for name, value in rules.items() if name != "href"
    } | {"acceptance_above": limit}))  # fmt: skip
    steps = start("license_yearly")
    told(steps.deliver_service())
    flow = told(steps.accept_delivery())
    assert (flow["state"], flow["accepted_first"]) == ("wait_acceptance", True)
    assert "accept_delivery" not in {row["action"] for row in flow["next_actions"]}
    only_what_is_offered_succeeds(steps)
    told(api.buyer.call("PUT", "/purchasing", {name: value for name, value in rules.items() if name != "href"}))
    only_what_is_offered_succeeds(steps)


def test_a_key_repeats_the_first_answer(api, start):
    steps = start("saas_supervised")
    keyed = {"headers": {"Idempotency-Key": "request-1"}}
    path = f"/flows/{steps.line}/request"
    first = api.buyer.post(path, {"text": "Five users."}, **keyed)
    again = api.buyer.post(path, {"text": "Five users."}, **keyed)
    assert told(first) == told(again)
    refused(api.buyer.post(path, {"text": "Six users."}, **keyed), 422)
    etag = api.seller.get(f"/flows/{steps.line}")["ETag"]
    told(api.seller.post(f"{path}/acceptance", headers={"If-Match": etag}))
    refused(api.seller.post(f"{path}/rejection", {"reason": "x"}, headers={"If-Match": etag}), 412)
