"""The guide's example and its variants (spec 6.1, 6.2), told by programs over HTTP."""

import pytest
from program import pdf, refused, told

from opengallery.market.billing.models import Bill
from opengallery.market.policy.actions import change_setting

DELIVERY = "Waiting for the seller to provide the service"
ACCEPTANCE = "Waiting for the user to confirm acceptance"

ALWAYS = ["file_appeal", "request_unsubscription"]  # what the buyer may do while the flow runs


def names(flow):
    return [step["action"] for step in flow["next_actions"]]


def days(flow):
    return flow["validity"]["start"], flow["validity"]["end"]


@pytest.mark.spec("AT-01")
def test_a_paid_order_has_one_flow_that_waits_for_the_seller(api):
    api.stands("2020-01-01 09:50")
    order = api.buyer.buys(api.world.choice("license_yearly"), paid=False)
    assert (order["status"], names(order)) == ("Pending payment", ["pay_order", "cancel_order"])
    assert order["number"].startswith("CS200101")
    api.stands("2020-01-01 10:00")
    order = told(api.buyer.post(f"/orders/{order['number']}/payment", {"method": "balance"}))
    assert (order["status"], order["total"]) == ("Processing", {"amount": "1000.00", "currency": "USD"})
    assert order["paid_at"] == "2020-01-01T02:00:00Z"
    line = order["lines"][0]["number"]
    assert line == f"{order['number']}-000001"
    [flow] = told(api.seller.get("/flows"))["items"]
    assert (flow["line"], flow["label"], flow["turn"]) == (line, DELIVERY, "seller")
    assert names(flow) == ["deliver_service", "file_appeal"]
    assert names(api.flow(line)) == ["remind_seller", *ALWAYS]
    assert order["lines"][0]["supervision_status"] == "In progress"


@pytest.mark.spec("AT-02")
def test_an_unpaid_order_is_not_supervised(api):
    order = api.buyer.buys(api.world.choice("license_yearly"), paid=False)
    assert told(api.seller.get("/flows"))["items"] == []
    [seen] = told(api.seller.get("/orders"))["items"]
    assert (seen["number"], seen["status"], seen["next_actions"]) == (order["number"], "Pending payment", [])
    refused(api.seller.get(f"/flows/{order['lines'][0]['number']}"), 404)


@pytest.mark.spec("AT-03")
def test_a_delivery_asks_the_buyer(api):
    line = api.bought()
    api.stands("2020-02-20 12:00")
    flow = told(api.seller.delivers(line, files=[pdf(body=b"%PDF-1.4\n" + b"x" * 2**20)], kinds="acceptance"))
    assert (flow["label"], flow["turn"], flow["order_status"]) == (ACCEPTANCE, "buyer", "Processing")
    [delivery] = flow["deliveries"]
    assert (delivery["version"], delivery["service_result"]) == (1, "The key file is enclosed.")
    assert [(f["name"], f["size"], f["kind"]) for f in delivery["files"]] == [("proof.pdf", 2**20 + 9, "acceptance")]
    assert names(api.flow(line)) == ["accept_delivery", "reject_delivery", *ALWAYS]


@pytest.mark.spec("AT-05", "AT-07")
def test_the_seed_from_acceptance_to_bill(api):
    line = api.delivered()
    api.stands("2020-03-01 10:00")
    assert api.flow(line)["validity_if_accepted"]["end"] == "2021-03-01"
    flow = told(api.buyer.accepts(line))
    assert (flow["state"], flow["label"], flow["turn"]) == ("completed", "Completed", None)
    assert days(flow) == ("2020-03-01", "2021-03-01")
    assert (flow["accepted_at"], flow["accepted_by"]) == ("2020-03-01T02:00:00Z", "buyer")
    assert flow["completes_at"] == flow["deadline"]["at"] == "2020-03-01T05:00:00Z"
    assert flow["deadline"]["outcome"] == "completed"
    api.goes("2020-03-01 12:59:59")
    assert api.order(line)["status"] == "Processing"
    api.goes("2020-03-01 13:00:00")
    order = api.order(line)
    assert (order["status"], order["completed_at"]) == ("Completed", "2020-03-01T05:00:00Z")
    assert order["lines"][0]["supervision_status"] == "Completed"
    api.goes("2020-04-07 01:59:59")
    assert told(api.seller.get("/bills"))["items"] == []
    api.goes("2020-04-08 00:00")
    [row] = told(api.seller.get("/bills"))["items"]
    assert (row["cycle"], row["drawn_at"]) == ("202003", "2020-04-06T18:00:00Z")
    assert row["total"] == {"amount": "850.00", "currency": "USD"}
    bill = told(api.seller.get(f"/bills/{row['id']}"))
    [sold] = bill["lines"]
    assert (sold["line"], sold["fee"]["amount"], sold["seller_share"]["amount"]) == (line, "150.00", "850.00")
    assert sold["derivation"]["fee_rate"] == "15.00 %"
    [sale] = told(api.seller.get("/transactions", billed="true"))["items"]
    assert (sale["bill"], sale["billed"]) == (row["id"], True)


@pytest.mark.spec("AT-06")
def test_what_was_due_meanwhile_happened_at_its_own_instant(api):
    line = api.delivered()
    api.stands("2020-03-01 10:00")
    told(api.buyer.accepts(line))
    api.goes("2020-03-01 15:00")
    assert api.order(line)["completed_at"] == "2020-03-01T05:00:00Z"


@pytest.mark.spec("AT-08")
def test_a_silent_buyer_is_never_billed(api):
    line = api.delivered()
    api.goes("2020-12-31 10:00")
    assert (api.flow(line)["label"], api.order(line)["status"]) == (ACCEPTANCE, "Processing")
    assert not Bill.objects.exists()
    [sale] = told(api.seller.get("/transactions"))["items"]
    supervised = next(row for row in sale["conditions"] if row["name"] == "supervised")
    assert (supervised["met"], supervised["cured_by"], sale["billed"]) == (False, "buyer", False)
    assert supervised["since"] == "2020-01-01T02:00:00Z"
    assert ACCEPTANCE in supervised["waiting_for"]


@pytest.mark.spec("AT-09")
def test_a_renewal_appends_and_has_no_flow(api):
    line = api.delivered()
    api.stands("2020-03-01 10:00")
    told(api.buyer.accepts(line))
    api.goes("2021-02-01 10:00")
    [resource] = told(api.buyer.get("/resources"))["items"]
    assert resource["next_actions"][0]["href"] == f"/api/v1/resources/{resource['id']}/renewal"
    order = told(api.buyer.post(f"/resources/{resource['id']}/renewal", {"period": {"unit": "year", "count": 1}}), 201)
    assert (order["type"], order["status"]) == ("renew", "Pending payment")
    order = told(api.buyer.post(f"/orders/{order['number']}/payment", {"method": "balance"}))
    assert (order["status"], order["completed_at"]) == ("Completed", "2021-02-01T02:00:00Z")
    assert (order["lines"][0]["supervision_status"], order["lines"][0]["flow"]) == ("N/A", None)
    assert told(api.buyer.get(f"/resources/{resource['id']}"))["validity"]["end"] == "2022-03-01"
    assert [flow["line"] for flow in told(api.seller.get("/flows"))["items"]] == [line]
    refused(api.seller.get(f"/flows/{order['lines'][0]['number']}"), 404)
    [sale] = told(api.seller.get("/transactions", order_no=order["number"]))["items"]
    assert (sale["supervision_status"], sale["earliest_bill"]["cycle"]) == ("N/A", "202103")
    api.goes("2021-04-08 00:00")
    cycles = {bill["cycle"]: bill["drawn_at"] for bill in told(api.seller.get("/bills"))["items"]}
    assert cycles == {"202003": "2020-04-06T18:00:00Z", "202103": "2021-04-06T18:00:00Z"}


@pytest.mark.spec("AT-10", "AT-12")
def test_a_rejected_delivery_is_delivered_again(api):
    line = api.delivered()
    flow = told(api.buyer.rejects(line, "key invalid"))
    assert (flow["label"], flow["rejections"], flow["turn"]) == (DELIVERY, 1, "seller")
    assert (flow["deliveries"][0]["outcome"], flow["deliveries"][0]["reason"]) == ("rejected", "key invalid")
    assert names(api.flow(line, "seller")) == ["deliver_service", "file_appeal"]
    told(api.seller.delivers(line, result="A new key."))
    api.stands("2020-03-15 09:00")
    flow = told(api.buyer.accepts(line))
    assert days(flow) == ("2020-03-15", "2021-03-15")
    assert [(d["version"], d["outcome"]) for d in flow["deliveries"]] == [(1, "rejected"), (2, "accepted")]


@pytest.mark.spec("AT-11")
@pytest.mark.parametrize("reason", ["", "   ", "\n\t", "x" * 1001, None, 7, ["no"]])
def test_a_rejection_needs_a_reason(api, reason):
    line = api.delivered()
    problem = refused(api.buyer.rejects(line, reason), 422, "invalid-input")
    assert problem["errors"][0]["pointer"] == "/reason"
    assert api.flow(line)["rejections"] == 0


@pytest.mark.spec("AT-13")
def test_a_one_time_licence_never_ends(api):
    api.stands("2025-06-02 08:00")
    specification = api.world.specifications["license_one_time"].public_id
    for period in ({"unit": "one_time"}, None):
        body = {"lines": [{"specification": specification, "quantity": 1, "period": period}]}
        order = told(api.buyer.post("/orders", body), 201)
        assert order["lines"][0]["period"] == {"unit": "one_time", "count": 1, "text": "one-time"}
        line = told(api.buyer.post(f"/orders/{order['number']}/payment", {"method": "balance"}))["lines"][0]["number"]
        told(api.seller.delivers(line))
        assert days(told(api.buyer.accepts(line))) == ("2025-06-02", None)
    api.goes("2025-06-03 10:00")
    resource = told(api.buyer.get("/resources"))["items"][0]
    assert (resource["renewable"], resource["next_actions"], resource["deadline"]) == (False, [], None)
    renewal = {"period": {"unit": "year", "count": 1}}
    refused(api.buyer.post(f"/resources/{resource['id']}/renewal", renewal), 409, "not-renewable")


@pytest.mark.spec("AT-14", "AT-84")
def test_after_the_acceptance_nothing_is_delivered_accepted_or_rejected(api):
    line = api.delivered()
    told(api.buyer.accepts(line))
    before = api.flow(line)
    for answer in (api.seller.delivers(line), api.buyer.accepts(line), api.buyer.rejects(line)):
        problem = refused(answer, 409, "move-refused")
        assert (problem["state"], problem["label"]) == ("completed", "Completed")
    assert api.flow(line) == before


@pytest.mark.spec("AT-15")
def test_nothing_is_accepted_before_it_is_delivered(api):
    line = api.bought()
    problem = refused(api.buyer.accepts(line), 409, "move-refused")
    assert (problem["state"], [step["action"] for step in problem["next_actions"]]) == (
        "wait_delivery", ["remind_seller", *ALWAYS],
    )  # fmt: skip
    assert api.flow(line)["validity"] is None


@pytest.mark.spec("AT-16", "AT-17")
@pytest.mark.parametrize(
    ("enabling", "start", "end"), [("", "2025-02-01", "2025-03-01"), ("2025-01-01", "2025-01-01", "2025-02-01")]
)
def test_the_validity_starts_with_the_acceptance_or_the_actual_enabling_time(api, enabling, start, end):
    api.stands("2025-01-01 09:00")
    line = api.delivered("license_monthly", enabling_time=enabling)
    api.stands("2025-02-01 10:00")
    assert api.flow(line)["validity_if_accepted"]["start"] == start
    assert days(told(api.buyer.accepts(line))) == (start, end)


@pytest.mark.spec("AT-18")
def test_a_validity_that_is_over_when_accepted(api):
    api.stands("2025-01-01 09:00")
    line = api.delivered("license_monthly", enabling_time="2025-01-01")
    api.stands("2025-02-05 10:00")
    assert days(told(api.buyer.accepts(line))) == ("2025-01-01", "2025-02-01")
    [resource] = told(api.buyer.get("/resources"))["items"]
    assert (resource["label"], resource["deadline"]["at"]) == ("Grace period", "2025-02-16T15:59:59Z")


@pytest.mark.spec("AT-21", "AT-23", "AT-24", "AT-25", "AT-26", "AT-27")
def test_which_enabling_times_are_allowed(api):
    api.stands("2025-04-02 15:00")
    line = api.bought()
    api.stands("2025-05-10 12:00")
    for wrong in ("2025-04-01", "2025-05-11", "2025-02-30", "tomorrow", "2025-04-10T25:00"):
        problem = refused(api.seller.delivers(line, enabling_time=wrong), 422, "invalid-input")
        assert [error["pointer"] for error in problem["errors"]] == ["/enabling_time"]
    assert api.flow(line)["deliveries"] == []
    told(api.seller.delivers(line, enabling_time="2025-04-02 00:00"))
    told(api.buyer.rejects(line))
    told(api.seller.delivers(line, enabling_time=""))
    told(api.buyer.rejects(line))
    flow = told(api.seller.delivers(line, enabling_time="2025-04-10"))
    assert [row["enabling_time"] for row in flow["deliveries"]] == [
        "2025-04-01T16:00:00Z",
        None,
        "2025-04-09T16:00:00Z",
    ]
    api.stands("2025-05-20 10:00")
    assert days(told(api.buyer.accepts(line))) == ("2025-04-10", "2026-04-10")


@pytest.mark.spec("AT-35")
def test_without_the_field_an_enabling_time_is_never_used(api):
    change_setting("enabling_time_field", False, reason="Classic edition", by=api.world.actor("operator"),
                   at=api.at("2024-12-01 00:00"))  # fmt: skip
    api.stands("2025-01-01 09:00")
    line = api.delivered("license_monthly", enabling_time="2025-01-01")
    api.stands("2025-02-01 10:00")
    assert days(told(api.buyer.accepts(line))) == ("2025-02-01", "2025-03-01")


@pytest.mark.spec("AT-103")
def test_a_reminder_once_a_day_and_only_to_the_seller(api):
    line = api.bought()
    assert api.buyer.post(f"/flows/{line}/reminder").status_code == 204
    problem = refused(api.buyer.post(f"/flows/{line}/reminder"), 409, "too-soon-to-remind")
    assert names(problem) == ALWAYS
    refused(api.seller.post(f"/flows/{line}/reminder"), 403, "not-your-turn")
    api.stands("2020-01-02 10:00")
    assert names(api.flow(line)) == ["remind_seller", *ALWAYS]
    assert api.buyer.post(f"/flows/{line}/reminder").status_code == 204
    told(api.seller.delivers(line))
    refused(api.buyer.post(f"/flows/{line}/reminder"), 409, "move-refused")


def test_an_acceptance_is_taken_back_inside_the_three_hours(api):
    line = api.delivered()
    api.stands("2020-03-01 10:00")
    told(api.buyer.accepts(line))
    api.goes("2020-03-01 12:59:59")
    refused(api.buyer.delete(f"/flows/{line}/acceptance", {"reason": " "}), 422, "invalid-input")
    flow = told(api.buyer.delete(f"/flows/{line}/acceptance", {"reason": "It stopped."}))
    assert (flow["label"], flow["validity"], flow["completes_at"]) == (ACCEPTANCE, None, None)
    told(api.buyer.accepts(line))
    api.goes("2020-03-01 15:59:59")
    assert names(api.flow(line)) == []
    problem = refused(api.buyer.delete(f"/flows/{line}/acceptance", {"reason": "Too late."}), 409)
    assert problem["next_actions"] == []


@pytest.mark.spec("AT-80")
def test_an_unpaid_order_is_canceled_after_seven_days(api):
    api.stands("2025-06-01 10:00")
    order = api.buyer.buys(api.world.choice("license_yearly"), paid=False)
    assert order["deadline"]["at"] == "2025-06-08T02:00:00Z"
    api.goes("2025-06-08 10:00")
    order = told(api.buyer.get(f"/orders/{order['number']}"))
    assert (order["status"], order["canceled_at"], order["next_actions"]) == ("Canceled", "2025-06-08T02:00:00Z", [])
    refused(api.buyer.post(f"/orders/{order['number']}/payment", {"method": "balance"}), 409, "move-refused")
    assert [row["number"] for row in told(api.buyer.get("/orders"))["items"]] == [order["number"]]


def test_an_order_whose_time_is_over_cannot_be_paid_before_the_clock_cancels_it(api):
    order = api.buyer.buys(api.world.choice("license_yearly"), paid=False)
    api.stands("2020-01-08 10:00")
    seen = told(api.buyer.get(f"/orders/{order['number']}"))
    assert names(seen) == ["cancel_order"]
    refused(api.buyer.post(f"/orders/{order['number']}/payment", {"method": "balance"}), 409, "order-expired")


def test_a_canceled_order_stays_canceled(api):
    order = api.buyer.buys(api.world.choice("license_yearly"), paid=False)
    order = told(api.buyer.post(f"/orders/{order['number']}/cancellation"))
    assert (order["status"], order["deadline"]) == ("Canceled", None)
    refused(api.buyer.post(f"/orders/{order['number']}/cancellation"), 409, "move-refused")


@pytest.mark.spec("AT-82")
def test_paying_twice_pays_once(api):
    order = api.buyer.buys(api.world.choice("license_yearly"))
    before = told(api.buyer.get("/balance"))["balance"]
    refused(api.buyer.post(f"/orders/{order['number']}/payment", {"method": "balance"}), 409, "move-refused")
    assert before == told(api.buyer.get("/balance"))["balance"] == {"amount": "99000.00", "currency": "USD"}
    assert len(told(api.seller.get("/flows"))["items"]) == 1


@pytest.mark.spec("AT-89")
def test_no_renewal_while_the_first_order_is_supervised(api):
    api.delivered()
    [resource] = told(api.buyer.get("/resources"))["items"]
    assert (resource["label"], resource["validity"]) == ("Pending", None)
    renewal = {"period": {"unit": "year", "count": 1}}
    refused(api.buyer.post(f"/resources/{resource['id']}/renewal", renewal), 409, "not-renewable")
