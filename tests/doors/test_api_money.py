"""Transactions, bills and balances over HTTP."""

import pytest
from program import refused, told

from opengallery.market.billing.models import Payee


def conditions(sale):
    return {row["name"]: row for row in sale["conditions"]}


def test_why_a_sale_is_not_billed_yet(api):
    line = api.bought()
    [sale] = told(api.seller.get("/transactions"))["items"]
    assert sale == told(api.seller.get(f"/transactions/{sale['id']}")) == told(api.seller.get(f"/transactions/{line}"))
    assert list(conditions(sale)) == ["certified", "paid", "supervised", "effective"]
    assert {name: row["met"] for name, row in conditions(sale).items()} == {
        "certified": True, "paid": True, "supervised": False, "effective": False,
    }  # fmt: skip
    supervised = conditions(sale)["supervised"]
    assert (supervised["cured_by"], supervised["since"]) == ("seller", "2020-01-01T02:00:00Z")
    assert sale["earliest_bill"] is None
    told(api.seller.delivers(line))
    api.stands("2020-01-05 10:00")
    assert conditions(told(api.seller.get(f"/transactions/{line}")))["supervised"]["cured_by"] == "buyer"
    told(api.buyer.accepts(line))
    sale = told(api.seller.get(f"/transactions/{line}"))
    assert all(row["met"] for row in sale["conditions"])
    assert sale["earliest_bill"] == {"cycle": "202001", "run_at": "2020-02-06T18:00:00Z"}
    assert (sale["net"]["amount"], sale["fee"]["amount"], sale["seller_share"]["amount"]) == (
        "1000.00", "150.00", "850.00",
    )  # fmt: skip


@pytest.mark.spec("AT-92")
def test_a_seller_who_is_not_certified(api):
    Payee.objects.update(certified_at=None)
    line = api.delivered()
    told(api.buyer.accepts(line))
    api.goes("2020-02-10 10:00")
    [sale] = told(api.seller.get("/transactions", billed="false"))["items"]
    unmet = [row["name"] for row in sale["conditions"] if not row["met"]]
    assert (unmet, conditions(sale)["certified"]["cured_by"]) == (["certified"], "seller")
    assert told(api.seller.get("/bills"))["items"] == []


@pytest.mark.spec("AT-94", "AT-95")
@pytest.mark.parametrize(
    ("accepted", "completed", "cycle", "drawn"),
    [
        ("2025-01-31 22:30", "2025-01-31T17:30:00Z", "202501", "2025-02-06T18:00:00Z"),
        ("2025-05-20 10:00", "2025-05-20T05:00:00Z", "202505", "2025-06-08T18:00:00Z"),
    ],
)
def test_which_bill_an_acceptance_is_on(api, accepted, completed, cycle, drawn):
    api.stands("2025-01-02 10:00")
    line = api.delivered()
    api.stands(accepted)
    told(api.buyer.accepts(line))
    api.goes("2025-07-01 00:00")
    assert api.order(line)["completed_at"] == completed
    [bill] = told(api.seller.get("/bills", cycle=cycle))["items"]
    assert bill["drawn_at"] == drawn
    assert told(api.seller.get(f"/bills/{bill['id']}"))["lines"][0]["line"] == line


def test_a_bill_adds_up_and_pages_its_lines(api):
    for key in ("license_yearly", "license_monthly", "license_one_time"):
        told(api.buyer.accepts(api.delivered(key)))
    api.goes("2020-02-10 10:00")
    [row] = told(api.operator.get("/bills"))["items"]
    assert (row["seller"], row["lines_count"], row["sales"]["amount"]) == ("Northwind Software", 3, "1350.00")
    assert (row["fee"]["amount"], row["total"]["amount"], row["rounding"]["amount"]) == ("202.50", "1147.50", "0.00")
    first = told(api.seller.get(f"/bills/{row['id']}", limit=2))
    second = told(api.seller.get(f"/bills/{row['id']}", limit=2, cursor=first["next"]))
    assert (len(first["lines"]), len(second["lines"]), second["next"]) == (2, 1, None)
    refused(api.buyer.get(f"/bills/{row['id']}"), 404)


def test_operations_credit_a_balance(api):
    company = told(api.buyer.get("/organisation"))["id"]
    path = f"/balances/{company}/credits"
    key = {"Idempotency-Key": "receipt-1"}
    credited = told(api.operator.post(path, {"amount": "250.50", "currency": "USD"}, headers=key), 201)
    assert credited["balance"] == {"amount": "100250.50", "currency": "USD"}
    told(api.operator.post(path, {"amount": "250.50", "currency": "USD"}, headers=key), 201)
    assert told(api.buyer.get("/balance"))["balance"]["amount"] == "100250.50"
    for amount in ("0", "-1", "1.001", "many", "1e3", "", "NaN", "9" * 12, 5):
        refused(api.operator.post(path, {"amount": amount, "currency": "USD"}), 422, "invalid-input")
    for currency in ("EUR", "usd", "", None):
        refused(api.operator.post(path, {"amount": "1.00", "currency": currency}), 422, "invalid-input")
    refused(api.operator.post("/balances/org_nobody/credits", {"amount": "1.00", "currency": "USD"}), 404)
    assert told(api.buyer.get("/balance"))["balance"]["amount"] == "100250.50"


def test_organisations_and_policy_for_operations(api):
    names = [row["name"] for row in told(api.operator.get("/organisations"))["items"]]
    assert {"Meridian Logistics", "Northwind Software"} <= set(names)
    settings = {row["key"]: row["value"] for row in told(api.operator.get("/policy"))["items"]}
    assert (settings["order_completion_delay_minutes"], settings["bill_day"]) == (180, 7)
