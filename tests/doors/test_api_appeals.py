"""Appeals, filed and decided by programs (spec 2.4)."""

import pytest
from program import pdf, refused, told

GROUND = {"ground": "other_buyer", "reason": "Nothing works."}


def names(body):
    return [row["action"] for row in body["next_actions"]]


def filed(api, line, by="buyer", **more):
    body = GROUND | {"ground": f"other_{by}"} | more
    return told(getattr(api, by).post(f"/flows/{line}/appeal", body), 201)


@pytest.mark.spec("AT-54", "AT-63")
def test_an_appeal_holds_everything(api):
    line = api.delivered()
    appeal = filed(api, line, demand="A key that works.")
    assert (appeal["flow"], appeal["filed_by"], appeal["state"], appeal["demand"]) == (
        line, "buyer", "open", "A key that works.")  # fmt: skip
    for who in ("buyer", "seller"):
        flow = api.flow(line, who)
        assert (flow["hold"]["by"], flow["next_actions"]) == ("appeal", [])
        assert flow["appeals"] == [{"id": appeal["id"], "state": "open", "href": appeal["href"]}]
        assert (told(getattr(api, who).get(appeal["href"]))["next_actions"]) == []
        body = GROUND | {"ground": f"other_{who}"}
        refused(getattr(api, who).post(f"/flows/{line}/appeal", body), 409, "appeal-open")
    assert names(told(api.operator.get(appeal["href"]))) == ["decide_appeal"]
    problem = refused(api.buyer.accepts(line), 409, "on-hold")
    assert problem["next_actions"] == []


@pytest.mark.spec("AT-55", "AT-56", "AT-57")
@pytest.mark.parametrize(
    ("by", "body", "pointers"),
    [
        ("buyer", {"reason": " "}, {"/reason"}),
        ("buyer", {"reason": "x" * 2001}, {"/reason"}),
        ("buyer", {"reason": 5}, {"/reason"}),
        ("buyer", {"demand": "x" * 2001}, {"/demand"}),
        ("buyer", {"ground": "other_seller"}, {"/ground"}),
        ("buyer", {"ground": ""}, {"/ground"}),
        ("buyer", {"kinds": ["other"]}, {"/kinds"}),
        ("buyer", {"kinds": 5}, {"/kinds"}),
        ("seller", {"ground": "customer_unreachable"}, {"/files"}),
        ("seller", {"ground": "customer_does_not_accept"}, {"/files"}),
    ],
)
def test_appeals_that_are_refused(api, by, body, pointers):
    line = api.delivered()
    problem = refused(getattr(api, by).post(f"/flows/{line}/appeal", GROUND | body), 422, "invalid-input")
    assert {error["pointer"] for error in problem["errors"]} == pointers
    assert api.flow(line)["hold"] is None


@pytest.mark.spec("AT-56", "AT-60", "AT-99")
def test_the_proof_of_an_appeal_and_a_decision_that_resumes(api):
    line = api.delivered()
    path = f"/flows/{line}/appeal"
    fields = {"ground": "customer_unreachable", "reason": "No answer.", "kinds": "letter_of_commitment"}
    refused(api.seller.form(path, fields | {"files": [pdf("letter.pdf", b"no pdf")]}), 422)
    refused(api.seller.form(path, fields | {"files": "letter.pdf"}), 422)
    appeal = told(api.seller.form(path, fields | {"files": [pdf("letter.pdf")]}), 201)
    [file] = appeal["files"]
    assert (file["name"], file["kind"]) == ("letter.pdf", "letter_of_commitment")
    for program in (api.buyer, api.seller, api.operator):
        assert program.get(file["href"]).body.startswith(b"%PDF")
    for program in (api.other_buyer, api.other_seller):
        refused(program.get(file["href"]), 404)
    path = f"/appeals/{appeal['id']}/decision"
    etag = api.operator.get(appeal["href"])["ETag"]
    decided = told(api.operator.post(path, {"decision": "resume", "note": "Write again."}, headers={"If-Match": etag}))
    assert (decided["state"], decided["decision"], decided["note"]) == ("decided", "resume", "Write again.")
    assert [entry["event"] for entry in decided["log"]] == ["appeal.filed", "appeal.decided"]
    refused(api.operator.post(path, {"decision": "resume", "note": "x"}, headers={"If-Match": etag}), 412)
    problem = refused(api.operator.post(path, {"decision": "resume", "note": "x"}), 409, "move-refused")
    assert (problem["state"], problem["next_actions"]) == ("decided", [])
    assert names(api.flow(line))[:2] == ["accept_delivery", "reject_delivery"]
    assert told(api.buyer.post(f"/flows/{line}/appeal", GROUND), 201)["id"] != appeal["id"]


@pytest.mark.spec("AT-59")
def test_a_decision_that_accepts(api):
    line = api.delivered()
    appeal = filed(api, line, "seller")
    told(api.operator.post(f"/appeals/{appeal['id']}/decision", {"decision": "accept_for_buyer", "note": "It works."}))
    flow = api.flow(line)
    assert (flow["state"], flow["accepted_by"], flow["completes_at"]) == (
        "completed", "operator", "2020-01-01T05:00:00Z")  # fmt: skip
    assert "retract_acceptance" not in names(flow)
    refused(api.buyer.delete(f"/flows/{line}/acceptance", {"reason": "No."}), 409)


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"decision": "win"}, {"/decision"}),
        ({"note": ""}, {"/note"}),
        ({"note": None}, {"/note"}),
        ({"decision": "terminate_and_refund"}, {"/amount"}),
        *(
            ({"decision": "terminate_and_refund", "amount": amount}, {"/amount"})
            for amount in ("0", "-5", "1000.01", "10.005", "abc", 100)
        ),
    ],
)
def test_decisions_that_are_refused(api, body, pointers):
    appeal = filed(api, api.delivered())
    said = {"decision": "resume", "note": "Go on."} | body
    problem = refused(api.operator.post(f"/appeals/{appeal['id']}/decision", said), 422, "invalid-input")
    assert {error["pointer"] for error in problem["errors"]} == pointers


def test_a_decision_that_ends_and_refunds(api):
    line = api.delivered()
    appeal = filed(api, line)
    said = {"decision": "terminate_and_refund", "note": "It never worked.", "amount": "1000.00"}
    told(api.operator.post(f"/appeals/{appeal['id']}/decision", said))
    assert (api.flow(line)["state"], api.order(line)["status"]) == ("terminated", "Completed")


@pytest.mark.spec("AT-64")
def test_what_is_over_is_not_appealed_against(api):
    line = api.delivered()
    told(api.buyer.accepts(line))
    for who in ("buyer", "seller"):
        assert "file_appeal" not in names(api.flow(line, who))
        problem = refused(getattr(api, who).post(f"/flows/{line}/appeal", GROUND), 409, "move-refused")
        assert (problem["state"], problem["next_actions"]) == ("completed", api.flow(line, who)["next_actions"])
    refused(api.operator.post(f"/flows/{line}/appeal", GROUND), 403, "not-allowed")
    refused(api.other_buyer.post(f"/flows/{line}/appeal", GROUND), 404, "not-found")


@pytest.mark.spec("AT-58")
def test_the_list_of_appeals(api):
    first, second = api.delivered(), api.delivered("license_monthly")
    decided = filed(api, first)
    told(api.operator.post(f"/appeals/{decided['id']}/decision", {"decision": "resume", "note": "Go on."}))
    api.stands("2020-01-03 10:00")
    running = filed(api, second, "seller")

    def found(by="buyer", **query):
        return [row["id"] for row in told(getattr(api, by).get("/appeals", **query))["items"]]

    for who in ("buyer", "seller", "operator"):
        assert found(who) == [running["id"], decided["id"]]
    assert found("other_buyer") == found("other_seller") == []
    assert found(status="open") == found(order_no=second[:-7]) == [running["id"]]
    assert found("seller", side="seller") == found()
    assert found(side="buyer", limit=1) == [running["id"]]
    refused(api.buyer.get("/appeals", status="lost"), 422)
    refused(api.seller.get("/appeals", side="operator"), 422)
    [row, _] = told(api.operator.get("/appeals"))["items"]
    assert (row["overdue"], row["due_at"]) == (False, "2020-01-08T15:59:59Z")
    api.stands("2020-01-09 10:00")
    assert told(api.operator.get(f"/appeals/{row['id']}"))["overdue"]
    for key in ("", "nobody", "apl_0", "%00", row["id"].upper()):
        assert api.buyer.get(f"/appeals/{key}").status_code == 404 or not key
