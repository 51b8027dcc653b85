"""Lists: filters, sides, cursors, and how many statements they cost."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from program import refused, told

from opengallery.kit.money import Money
from opengallery.market.catalog.actions import add_specification, draft_product, list_product
from opengallery.market.journal.relay import relay_facts
from opengallery.market.orders.actions import LineChoice
from opengallery.market.sellers.actions import admit_seller
from opengallery.project.shelf import EULA, REFUND_POLICY


def numbers(page):
    return [row.get("number") or row["line"] for row in page["items"]]


def statements(program, path):
    with CaptureQueriesContext(connection) as captured:
        told(program.call("GET", path))
    return len(captured)


def pages(program, path, limit, **query):
    cursor, found = "", []
    while cursor is not None:
        page = told(program.get(path, limit=limit, **({"cursor": cursor} if cursor else {}), **query))
        assert len(page["items"]) <= limit
        found.append(page["items"])
        cursor = page["next"]
    return found


def test_cursors_walk_once_over_everything(api):
    for minute in range(7):
        api.stands(f"2020-01-01 10:{minute:02}")
        api.bought()
    for path in ("/orders", "/flows", "/transactions", "/resources"):
        program = api.buyer if path == "/resources" else api.seller
        everything = told(program.get(path))["items"]
        walked = pages(program, path, 3)
        assert [len(items) for items in walked] == [3, 3, 1]
        assert [row for items in walked for row in items] == everything


def test_a_page_does_not_move_when_rows_are_added(api):
    lines = [api.bought() for _ in range(3)]
    first = told(api.seller.get("/flows", limit=2))
    api.stands("2020-01-01 10:30")
    api.bought()
    rest = told(api.seller.get("/flows", limit=2, cursor=first["next"]))
    assert sorted(numbers(first) + numbers(rest)) == sorted(lines)
    assert rest["next"] is None


def sells(api):
    """Let the buyer's company sell too, and the other buyer buy there; return that order's number."""
    member = api.world.members["buyer"]
    at, by = api.at("2020-01-01 09:00"), member.actor()
    admit_seller(member.organisation, store="meridian", at=at)
    product = draft_product(member.organisation, name="Route Planner", category="Logistics", overview="Plans routes.",
                            introduction="", eula=EULA, refund_policy=REFUND_POLICY, by=by, at=at)  # fmt: skip
    specification = add_specification(product, name="Fleet", prices={"year": Money.of("10.00", "USD")}, at=at)
    list_product(product, by=by, at=at)
    choice = LineChoice(specification.public_id, specification.skus.get().code, 1, "year", 1)
    return api.other_buyer.buys(choice)["number"]


def test_who_buys_and_sells_sees_both_in_one_list(api):
    bought = []
    for minute in range(4):
        api.stands(f"2020-01-01 10:{minute * 2:02}")
        bought.append(api.bought()[:-7])
    sold = []
    api.stands("2020-01-01 10:03")
    sold.append(sells(api))
    both = [bought[3], bought[2], sold[0], bought[1], bought[0]]
    assert numbers(told(api.buyer.get("/orders"))) == both
    assert numbers(told(api.buyer.get("/orders", side="buyer"))) == bought[::-1]
    assert numbers(told(api.buyer.get("/orders", side="seller"))) == sold
    for limit in (1, 2, 3, 4, 5):
        walked = pages(api.buyer, "/orders", limit)
        assert [row["number"] for items in walked for row in items] == both
        flows = pages(api.buyer, "/flows", limit)
        assert [row["order"] for items in flows for row in items] == both
    refused(api.operator.get("/orders", side="buyer"), 422)
    assert numbers(told(api.operator.get("/orders"))) == both


@pytest.mark.spec("AT-86")
def test_the_filters_of_the_order_list(api):
    api.stands("2020-01-10 10:00")
    first = api.bought()[:-7]
    api.stands("2020-01-20 10:00")
    second = api.bought("license_one_time")[:-7]
    unpaid = api.buyer.buys(api.world.choice("license_monthly"), paid=False)["number"]
    api.other_buyer.buys(api.world.choice("license_yearly"))

    def found(**query):
        return sorted(numbers(told(api.buyer.get("/orders", **query))))

    assert found() == sorted([first, second, unpaid])
    assert found(order_no=first) == [first]
    assert found(product="ledger") == [first]
    assert found(full_name="lin") == found(username="linwei") == found(customer="Meridian") == found()
    assert found(placed_from="2020-01-11") == sorted([second, unpaid])
    assert found(placed_from="2020-01-10", placed_to="2020-01-10") == [first]
    assert found(status="Pending payment") == found(status="pending_payment") == [unpaid]
    assert found(product="ledger", status="canceled") == []
    refused(api.buyer.get("/orders", status="Lost"), 422)
    refused(api.buyer.get("/orders", placed_from="2020-02-01", placed_to="2020-01-01"), 422)
    assert len(numbers(told(api.seller.get("/orders", customer="Kestrel")))) == 1


def test_the_filters_of_the_flow_list(api):
    waiting, delivered = api.bought(), api.delivered("license_monthly")

    def found(**query):
        return sorted(numbers(told(api.seller.get("/flows", **query))))

    assert found() == sorted([waiting, delivered])
    assert found(flow_status="wait_delivery") == [waiting]
    assert found(flow_status="Waiting for the user to confirm acceptance") == [delivered]
    assert found(product="harbor") == found(order_no=delivered[:-7]) == [delivered]
    assert found(order_status="Processing", customer="meridian") == found()
    assert found(order_status="Completed") == []


COSTS = [
    ("seller", "/flows", 5),
    ("seller", "/flows?side=seller", 4),
    ("operator", "/flows", 4),
    ("buyer", "/orders", 6),
    ("seller", "/orders?status=processing&product=ledger", 6),
    ("seller", "/transactions", 9),
    ("buyer", "/resources", 4),
    ("buyer", "/events", 5),
    ("visitor", "/products", 6),
]


def test_lists_cost_the_same_for_one_row_and_for_thirty(api):
    def costs():
        relay_facts({})
        return [statements(getattr(api, who), path) for who, path, _ in COSTS]

    api.delivered()
    costs()
    one = costs()
    for _ in range(29):
        api.bought()
    assert costs() == one
    assert all(cost <= most for cost, (_, _, most) in zip(one, COSTS, strict=True)), one


def test_products_are_found_by_words(api):
    def found(**query):
        return [row["name"] for row in told(api.visitor.get("/products", **query))["items"]]

    assert len(found()) == len(api.world.products)
    assert found(q="mailboxes") == found(q="MAILB") == ["Harbor Backup"]
    assert found(store="halcyon") == ["Halcyon Log Sentry"]
    assert found(category="Security") == ["Halcyon Log Sentry", "Hardened Linux Image"]
    assert found(q="nothing of the kind") == []
    assert len(pages(api.visitor, "/products", 1)) == len(api.world.products)


def test_a_product_with_its_texts(api):
    shelf = api.world.products["ledgerline"]
    product = told(api.visitor.get(f"/products/{shelf.public_id}"))
    assert product["eula"].startswith("1. The seller grants")
    [standard] = [row for row in product["specifications"] if row["name"].startswith("Standard")]
    [price] = standard["skus"][0]["prices"]
    assert (price["unit"], price["price"], price["most_periods"]) == (
        "year", {"amount": "1000.00", "currency": "USD"}, 5,
    )  # fmt: skip
    assert standard["id"] == api.world.choice("license_yearly").specification
