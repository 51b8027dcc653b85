"""Bad input: each gets a problem document that says what is wrong and where, and changes nothing."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from people import uploaded
from program import PDF, pdf, refused, told

from opengallery.market.journal.models import Fact
from opengallery.market.orders.models import Order

SCRIPT = "<script>alert(1)</script>"


def pointers(problem):
    return [error["pointer"] for error in problem["errors"]]


def order_of(api, **changes):
    choice = api.world.choice("license_yearly")
    line = {"specification": choice.specification, "sku": choice.sku, "quantity": 1,
            "period": {"unit": "year", "count": 1}}  # fmt: skip
    return {"lines": [line | changes], "purchase_order": None}


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"quantity": 0}, "/lines/0/quantity"),
        ({"quantity": -1}, "/lines/0/quantity"),
        ({"quantity": 10_001}, "/lines/0/quantity"),
        ({"quantity": 10**40}, "/lines/0/quantity"),
        ({"quantity": 1.5}, "/lines/0/quantity"),
        ({"quantity": "1"}, "/lines/0/quantity"),
        ({"quantity": True}, "/lines/0/quantity"),
        ({"quantity": None}, "/lines/0/quantity"),
        ({"period": {"unit": "year", "count": 6}}, "/lines/0/period"),
        ({"period": {"unit": "year", "count": 0}}, "/lines/0/period"),
        ({"period": {"unit": "week"}}, "/lines/0/period"),
        ({"period": {"unit": "year", "count": "1"}}, "/lines/0/period/count"),
        ({"period": {}}, "/lines/0/period/unit"),
        ({"period": "year"}, "/lines/0/period"),
        ({"period": {"unit": "month"}}, "/lines/0/specification"),
        ({"specification": "spec_unknown"}, "/lines/0/specification"),
        ({"specification": 7}, "/lines/0/specification"),
        ({"sku": "sku_unknown"}, "/lines/0/specification"),
        ({"sku": None, "specification": "spec_unknown"}, "/lines/0/sku"),
    ],
)
def test_an_order_that_no_shelf_answers(api, changes, pointer):
    problem = refused(api.buyer.post("/orders", order_of(api, **changes)), 422, "invalid-input")
    assert pointers(problem) == [pointer]
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/lines"),
        ({"lines": []}, "/lines"),
        ({"lines": "all"}, "/lines"),
        ({"lines": [{}] * 21}, "/lines"),
        ({"lines": [{}]}, "/lines/0/specification"),
        ([], ""),
        ("order", ""),
        (None, ""),
    ],
)
def test_a_body_of_another_shape(api, body, pointer):
    problem = refused(api.buyer.post("/orders", json.dumps(body)), 422, "invalid-input")
    assert pointers(problem) == [pointer]


def test_over_long_and_surplus(api):
    body = order_of(api) | {"purchase_order": "P" * 61}
    assert pointers(refused(api.buyer.post("/orders", body), 422)) == ["/purchase_order"]
    body = order_of(api) | {"purchase_order": " PO-1 ", "colour": "blue"}
    body["lines"][0]["gift"] = True
    assert told(api.buyer.post("/orders", body), 201)["purchase_order"] == "PO-1"


def test_the_sku_may_be_left_out_where_there_is_only_one(api):
    body = order_of(api)
    del body["lines"][0]["sku"]
    order = told(api.buyer.post("/orders", body), 201)
    assert order["lines"][0]["sku"] == api.world.choice("license_yearly").sku


@pytest.mark.parametrize(
    "body", ["{", "", "nul", '{"lines": [NaN]}', "[" * 100_000, b"\xff\xfe", '{"a": 1}}', "\ufeff{}"]
)
def test_broken_json(api, body):
    answer = api.buyer.post("/orders", body)
    assert refused(answer, 422)["type"] in ("/problems/body-not-read", "/problems/invalid-input")


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x\udfff"])
def test_texts_that_cannot_be_stored(api, text):
    line = api.delivered()
    body = json.dumps({"reason": text})
    assert pointers(refused(api.buyer.post(f"/flows/{line}/rejection", body), 422)) == ["/reason"]
    assert pointers(refused(api.buyer.post("/orders", json.dumps(order_of(api, sku=text))), 422)) == ["/lines/0/sku"]


def test_content_types(api):
    line = api.delivered()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
        answer = api.buyer.client.post(f"/api/v1/flows/{line}/rejection", "reason=x", content_type=kind,
                                       headers=api.buyer.headers)  # fmt: skip
        assert refused(answer, 415, "wrong-content-type")["accepts"] == ["application/json"]
    answer = api.buyer.form(f"/flows/{line}/rejection", {"reason": "x", "file": pdf(body=b"%PDF" + b"x" * 2**21)})
    refused(answer, 415, "wrong-content-type")
    told(api.buyer.rejects(line))
    answer = api.seller.post(f"/flows/{line}/delivery", {"service_result": "x"})
    assert refused(answer, 415, "wrong-content-type")["accepts"] == ["multipart/form-data"]


def test_a_body_that_is_too_large(api):
    answer = api.buyer.post("/orders", {"lines": [], "purchase_order": "x" * 2**20})
    refused(answer, 413, "body-too-large")
    answer = api.buyer.client.generic("POST", "/api/v1/orders", b"{}", content_type="application/json",
                                      headers=api.buyer.headers | {"Content-Length": str(100 * 2**20)})  # fmt: skip
    refused(answer, 413, "body-too-large")


def test_addresses_and_methods(api):
    for path in ("/nowhere", "/orders/", "/orders/CS1/nothing", "/flows/a\0b", "/orders/" + "x" * 3000, "/"):
        refused(api.buyer.get(path), 404, "not-found")
    for method, path, allow in (("DELETE", "/orders", "GET, POST"), ("PUT", "/clock", "GET, POST"),
                                ("PATCH", "/orders/x", "GET"), ("POST", "/docs", "")):  # fmt: skip
        answer = api.buyer.call(method, path)
        if allow:
            refused(answer, 405, "no-such-method")
            assert answer["Allow"] == allow


@pytest.mark.parametrize(
    "path",
    ["/orders?state=paid", "/flows?colour=blue", "/products?page=2", "/transactions?x=", "/bills?year=2020",
     "/resources?side=buyer", "/events?since=1", "/organisation?x=1", "/orders/CS1?limit=1"],
)  # fmt: skip
def test_unknown_parameters(api, path):
    problem = refused(api.buyer.call("GET", path), 422, "invalid-input")
    assert pointers(problem) == [f"/{path.partition('?')[2].partition('=')[0]}"]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/orders", {"status": "lost"}),
        ("/orders", {"placed_from": "2020-13-01"}),
        ("/orders", {"placed_from": "2020-02-02", "placed_to": "2020-02-01"}),
        ("/orders", {"side": "operator"}),
        ("/orders", {"limit": "0"}),
        ("/orders", {"limit": "201"}),
        ("/orders", {"limit": "many"}),
        ("/orders", {"cursor": "nonsense"}),
        ("/orders", {"product": "a\0b"}),
        ("/flows", {"flow_status": "lost"}),
        ("/flows", {"order_status": "lost"}),
        ("/resources", {"status": "lost"}),
        ("/transactions", {"billed": "perhaps"}),
        ("/events", {"after": "-1"}),
        ("/events", {"after": "first"}),
        ("/events", {"after": str(2**70)}),
    ],
)
def test_parameters_that_make_no_sense(api, path, query):
    problem = refused(api.buyer.get(path, **query), 422, "invalid-input")
    assert pointers(problem)[0].removeprefix("/") in query


def big(size):
    return b"%PDF-1.4\n" + b"x" * (size - 9)


@pytest.mark.spec("AT-99")
@pytest.mark.parametrize(
    ("files", "named"),
    [
        ([("tool.exe", b"MZ...")], ["tool.exe"]),
        ([("empty.pdf", b"")], ["empty.pdf"]),
        ([("big.pdf", big(20 * 2**20 + 1))], ["big.pdf"]),
        ([(f"{n}.pdf", PDF) for n in range(11)], ["10.pdf"]),
        ([("page.pdf", b"<html><script>alert(1)</script></html>")], ["page.pdf"]),
        ([("good.pdf", PDF), ("bad.png", PDF), ("bad.zip", PDF)], ["bad.png", "bad.zip"]),
        ([], []),
    ],
    ids=["kind", "empty", "large", "many", "disguised", "two of three", "none"],
)
def test_deliverables_that_are_refused(api, files, named):
    line = api.bought()
    facts = Fact.objects.count()
    fields = {"service_result": "Done.", "deliverables": [SimpleUploadedFile(name, body) for name, body in files]}
    problem = refused(api.seller.form(f"/flows/{line}/delivery", fields), 422, "invalid-input")
    assert {error["pointer"] for error in problem["errors"]} == {"/deliverables"}
    assert [error["detail"].partition(":")[0] for error in problem["errors"]] == (
        named or ["At least one deliverable is needed."]
    )
    assert (api.flow(line)["state"], uploaded().count(), Fact.objects.count()) == ("wait_delivery", 0, facts)


@pytest.mark.spec("AT-99")
def test_exactly_twenty_megabytes_are_accepted(api):
    line = api.bought()
    flow = told(api.seller.delivers(line, files=[pdf(body=big(20 * 2**20))]))
    assert flow["deliveries"][0]["files"][0]["size"] == 20 * 2**20


@pytest.mark.spec("AT-102")
@pytest.mark.parametrize("result", ["", "   ", "x" * 1001, "a\0b"])
def test_a_service_result_of_1_to_1000_characters(api, result):
    line = api.bought()
    problem = refused(api.seller.delivers(line, result=result), 422, "invalid-input")
    assert pointers(problem) == ["/service_result"]
    assert uploaded().count() == 0
    told(api.seller.delivers(line, result="x" * 1000))


def test_kinds(api):
    line = api.bought()
    for kinds in ("nonsense", ["other", "other"]):
        assert pointers(refused(api.seller.delivers(line, kinds=kinds), 422)) == ["/kinds"]
    flow = told(
        api.seller.delivers(line, files=[pdf("a.pdf"), pdf("b.pdf"), pdf("c.pdf")], kinds=["sow", "acceptance"])
    )
    assert [file["kind"] for file in flow["deliveries"][0]["files"]] == ["sow", "acceptance", "other"]


def test_a_deliverable_that_is_no_file(api):
    line = api.bought()
    answer = api.seller.form(f"/flows/{line}/delivery", {"service_result": "x", "deliverables": "proof.pdf"})
    assert pointers(refused(answer, 422)) == ["/deliverables"]


def test_a_form_that_breaks_off(api):
    line = api.bought()
    head = b'--B\r\nContent-Disposition: form-data; name="deliverables"; filename="a.pdf"\r\n\r\n%PDF-1.4 half'
    for body, kind in ((head, "multipart/form-data; boundary=B"), (b"xx", "multipart/form-data")):
        answer = api.seller.client.post(f"/api/v1/flows/{line}/delivery", body, content_type=kind,
                                        headers=api.seller.headers)  # fmt: skip
        refused(answer, 422, "body-not-read")
    assert uploaded().count() == 0


@pytest.mark.spec("AT-101")
def test_script_comes_back_as_the_text_that_it_is(api):
    line = api.bought()
    flow = told(api.seller.delivers(line, result=SCRIPT))
    assert flow["deliveries"][0]["service_result"] == SCRIPT
    answer = api.buyer.rejects(line, SCRIPT)
    assert answer["Content-Type"] == "application/json"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert told(answer)["deliveries"][0]["reason"] == told(answer)["log"][-1]["note"] == SCRIPT
    order = told(api.buyer.post("/orders", order_of(api) | {"purchase_order": SCRIPT}), 201)
    assert order["purchase_order"] == SCRIPT


@pytest.mark.spec("AT-100")
def test_file_names_are_made_safe_and_files_are_attachments(api):
    line = api.bought()
    flow = told(api.seller.delivers(line, files=[pdf("../../etc/x\x07.pdf")]))
    [file] = flow["deliveries"][0]["files"]
    assert "/" not in file["name"]
    assert file["key"].startswith("file_")
    answer = api.buyer.get(file["href"])
    assert answer.body == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    again = api.buyer.get(file["href"], headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_unknown_ways_to_pay_and_too_little_money(api):
    order = api.buyer.buys(api.world.choice("license_yearly"), paid=False)
    payment = f"/orders/{order['number']}/payment"
    assert refused(api.buyer.post(payment, {"method": "shells"}), 422, "unknown-method")["methods"][0] == "balance"
    assert pointers(refused(api.buyer.post(payment, {}), 422)) == ["/method"]
    body = order_of(api, quantity=500)
    dear = told(api.buyer.post("/orders", body), 201)
    problem = refused(
        api.buyer.post(f"/orders/{dear['number']}/payment", {"method": "balance"}), 409, "balance-too-low"
    )
    assert problem["missing"] == {"amount": "400000.00", "currency": "USD"}
    assert (problem["state"], problem["next_actions"][0]["action"]) == ("pending_payment", "pay_order")
    assert told(api.buyer.get("/balance"))["balance"]["amount"] == "100000.00"


def test_what_is_not_on_sale(api):
    from opengallery.market.catalog.actions import hide_product

    shelf = api.world.products["ledgerline"]
    hide_product(shelf, by=api.world.actor("seller"), at=api.at("2020-01-01 10:00"))
    refused(api.buyer.post("/orders", order_of(api)), 409, "not-on-sale")
    product = shelf.public_id
    refused(api.visitor.get(f"/products/{product}"), 404)
    assert told(api.seller.get(f"/products/{product}"))["label"] == "Hidden"
    assert product not in [row["id"] for row in told(api.seller.get("/products"))["items"]]


def test_a_fault_of_ours_is_a_plain_word(api, monkeypatch):
    from opengallery.doors.api.v1 import organisations

    def break_down(*args, **kwargs):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(organisations, "company_shape", break_down)
    answer = api.buyer.get("/organisation")
    refused(answer, 500, "fault")
    assert b"secret" not in answer.content
