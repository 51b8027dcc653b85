"""Purchasing: the pages under /my/purchasing/, the second person on an order's page, and the same over HTTP."""

import pytest
from people import SCRIPT, Trade, browser, colleague, stands
from program import Program, refused, told

from opengallery.market.identity.actions import add_person, issue_key
from opengallery.market.identity.models import StandIn
from opengallery.market.journal.relay import relay_facts
from opengallery.market.orders.models import Order, Resource
from opengallery.market.purchasing.actions import change_purchasing_rules, open_cost_centre
from opengallery.market.purchasing.models import CostCentre, Rule
from opengallery.market.timetable.actions import press_due

PAGE = "/my/purchasing/"
NINE = "2020-01-01 09:00"
OK = {"confirmed": "1"}


@pytest.fixture
def buyer(world, at):
    stands(at(NINE))
    return browser(world, "buyer")


@pytest.fixture
def demanding(world, at):
    """The buyer's organisation wants a second person above 500.00, and has a cost centre."""
    owner = world.actor("buyer")
    change_purchasing_rules(approval_above="500", acceptance_above="", purchase_order_required=True,
                            cost_centre_required=True, by=owner, at=at("2020-01-01 08:00"))  # fmt: skip
    return open_cost_centre(code="IT-1", name="Information", budget="1500", by=owner, at=at("2020-01-01 08:00"))


def text_of(response, status=200):
    assert response.status_code == status, response.content[:3000]
    return response.content.decode()


def orders(world, client, **change):
    choice = world.choice("license_yearly")
    given = {"sku": choice.sku, "period": "year:1", "quantity": "1", "purchase_order": "PO 1", "cost_centre": "IT-1",
             "eula": "on", "refund_policy": "on"} | change  # fmt: skip
    return client.post(f"/products/{world.products['ledgerline'].public_id}/purchase/", given)


# Pages


def test_the_rules_are_set_and_shown(world, buyer):
    assert "No cost centres" in text_of(buyer.get(PAGE))
    given = {"approval_above": "5000", "acceptance_above": "", "purchase_order_required": "on"}
    assert "orders placed before are not touched" in text_of(buyer.post(PAGE, given, follow=True))
    page = text_of(buyer.get(PAGE))
    assert 'value="5000.00"' in page
    assert "Purchasing rules changed" in page
    assert "Nobody could approve" in page  # the owner is alone
    viewer = colleague(world, "buyer", "viewer")
    page = text_of(viewer.get(PAGE))
    assert "5,000.00 USD" in page
    assert "Save rules" not in page


def test_wrong_amounts_are_kept_and_explained(buyer):
    page = text_of(buyer.post(PAGE, {"approval_above": "abc", "acceptance_above": "10.005"}), 422)
    assert 'value="abc"' in page
    assert "Write an amount as 500.00." in page
    assert "at most 2 decimals" in page
    assert not Rule.objects.exists()


@pytest.mark.parametrize("role", ["purchaser", "acceptor", "finance", "viewer"])
def test_only_an_owner_changes_purchasing(world, at, demanding, role):
    stands(at(NINE))
    client = colleague(world, "buyer", role)
    assert client.get(PAGE).status_code == 200
    centre = f"{PAGE}cost-centres/IT-1/"
    for url in (PAGE, f"{PAGE}cost-centres/", centre, f"{centre}closing/", f"{centre}reopening/", f"{PAGE}stand-ins/"):
        assert client.post(url, {"name": "x", "budget": "1"}).status_code == 403, url
    demanding.refresh_from_db()
    assert (demanding.label, demanding.budget.amount()) == ("Open", "1500.00")


def test_a_cost_centre_from_opening_to_closing(buyer):
    page = text_of(buyer.post(f"{PAGE}cost-centres/", {"code": "it", "name": SCRIPT, "budget": "-5"}), 422)
    assert "An amount is not negative." in page
    assert SCRIPT not in page
    page = text_of(buyer.post(f"{PAGE}cost-centres/", {"code": "it", "name": SCRIPT, "budget": "50"}, follow=True))
    assert "Cost centre IT is open." in page
    assert SCRIPT not in page
    url = f"{PAGE}cost-centres/IT/"
    assert "Nothing bought yet" in text_of(buyer.get(url))
    assert "50.00 USD" in text_of(buyer.post(url, {"name": "Information", "budget": "50"}, follow=True))
    assert "Write an amount" in text_of(buyer.post(url, {"name": "Information", "budget": "x"}), 422)
    assert "It is closed" in text_of(buyer.post(f"{url}closing/", follow=True))
    assert "That step is not open now." in text_of(buyer.post(f"{url}closing/"), 409)
    assert "Close cost centre" in text_of(buyer.post(f"{url}reopening/", follow=True))
    assert buyer.get(f"{url}closing/").status_code == 302


@pytest.mark.parametrize("code", ["NONE", "K-1", "%00", "it-1"])
def test_another_cost_centre_does_not_exist(world, at, buyer, code):
    open_cost_centre(code="K-1", name="Theirs", budget="9", by=world.actor("other_buyer"), at=at("2020-01-01 08:00"))
    assert buyer.get(f"{PAGE}cost-centres/{code}/").status_code == 404
    assert buyer.post(f"{PAGE}cost-centres/{code}/closing/").status_code == 404


def test_a_stand_in_is_appointed_and_ended(world, at, buyer):
    finance = colleague(world, "buyer", "finance")
    given = {
        "member": "linwei",
        "stand_in": "finance-buyer",
        "from": "",
        "until": "2020-01-10T09:00",
        "reason": "Leave",
    }
    page = text_of(buyer.post(f"{PAGE}stand-ins/", given | {"until": "2019-01-01T09:00", "member": "cbrandt"}), 422)
    assert "A stand-in ends after it begins." in page
    assert "Nobody of your organisation has this username." in page
    assert "is appointed" in text_of(buyer.post(f"{PAGE}stand-ins/", given, follow=True))
    assert "In force" in text_of(buyer.get(PAGE))
    assert finance.post("/my/orders/CS0/cancellation/").status_code == 404  # may buy now, and there is no such order
    row = StandIn.objects.get()
    url = f"{PAGE}stand-ins/{row.public_id}/dismissal/"
    assert "End this stand-in?" in text_of(buyer.post(url))
    assert "Ended early" in text_of(buyer.post(url, OK, follow=True))
    assert finance.post("/my/orders/CS0/cancellation/").status_code == 403
    assert browser(world, "other_buyer").post(url, OK).status_code == 404
    assert text_of(buyer.post(url, OK), 409)


def test_the_checkout_offers_what_the_organisation_demands(world, at, buyer, demanding):
    choice = world.choice("license_yearly")
    url = f"/products/{world.products['ledgerline'].public_id}/purchase/"
    page = text_of(buyer.get(url, {"sku": choice.sku, "period": "year:1", "quantity": "1"}))
    assert "IT-1 – Information (1,500.00 USD)" in page
    page = text_of(orders(world, buyer, purchase_order="", cost_centre=""), 422)
    assert "Your organisation requires a purchase order number." in page
    assert "Your organisation requires a cost centre." in page
    page = text_of(orders(world, buyer, quantity="2"), 409)
    assert "1,500.00 USD are left" in page
    assert orders(world, buyer).status_code == 302


def test_without_demands_the_checkout_is_as_before(world, buyer):
    choice = world.choice("license_yearly")
    url = f"/products/{world.products['ledgerline'].public_id}/purchase/"
    page = text_of(buyer.get(url, {"sku": choice.sku, "period": "year:1", "quantity": "1"}))
    assert "Cost centre" not in page


def test_a_second_person_approves_on_the_orders_page(world, at, buyer, demanding):
    orders(world, buyer)
    order = Order.objects.get()
    url = f"/my/orders/{order.number}/"
    page = text_of(buyer.get(url))
    assert "A second person of your organisation is to approve the order" in page
    assert f'action="{url}approval/"' not in page  # she placed it
    assert "Pay with" not in page
    assert "cost centre" in page
    assert "This needs a second person." in text_of(buyer.post(f"{url}approval/", OK), 403)
    finance = colleague(world, "buyer", "finance")
    assert order.number in text_of(finance.get(PAGE))
    assert f'action="{url}approval/"' in text_of(finance.get(url))
    assert "Approve this order?" in text_of(finance.post(f"{url}approval/"))
    assert finance.get(f"{url}approval/").status_code == 302
    assert "Pay with" in text_of(finance.post(f"{url}approval/", OK, follow=True))
    assert "That step is not open now." in text_of(finance.post(f"{url}approval/", OK), 409)
    assert "Order approved" in text_of(buyer.get(url))


def test_a_second_person_declines_with_a_reason(world, at, buyer, demanding):
    orders(world, buyer)
    url = f"/my/orders/{Order.objects.get().number}/"
    finance = colleague(world, "buyer", "finance")
    assert "Whoever placed the order reads it." in text_of(finance.get(f"{url}refusal/"))
    assert "There is nothing for you to decline here." in text_of(buyer.get(f"{url}refusal/"))
    assert "Decline this order?" in text_of(finance.post(f"{url}refusal/", {"reason": "Too dear"}))
    assert "A reason is needed." in text_of(finance.post(f"{url}refusal/", {"reason": " "} | OK), 422)
    page = text_of(finance.post(f"{url}refusal/", {"reason": f"Too dear {SCRIPT}"} | OK, follow=True))
    assert "Too dear" in page
    assert SCRIPT not in page
    assert CostCentre.objects.get().reserved_units == 0


@pytest.mark.parametrize("role", ["purchaser", "acceptor", "viewer"])
def test_who_may_not_approve_is_told(world, at, buyer, demanding, role):
    orders(world, buyer)
    url = f"/my/orders/{Order.objects.get().number}/"
    client = colleague(world, "buyer", role)
    assert f"{url}approval/" not in text_of(client.get(url))
    assert client.post(f"{url}approval/", OK).status_code == 403
    assert client.post(f"{url}refusal/", {"reason": "No"} | OK).status_code == 403
    assert browser(world, "other_buyer").post(f"{url}approval/", OK).status_code == 404


# The same over HTTP


@pytest.fixture
def second(world, at):
    """A program of somebody of finance in the buyer's organisation."""
    member = add_person(world.members["buyer"].organisation, email="f@meridian.example", username="ftan",
                        full_name="Fei Tan", password=None, role="finance")  # fmt: skip
    _, token = issue_key(member, name="Finance", at=at("2020-01-01 08:00"))
    return Program(token)


def line_of(world):
    choice = world.choice("license_yearly")
    return {"specification": choice.specification, "sku": choice.sku, "quantity": 1,
            "period": {"unit": "year", "count": 1}}  # fmt: skip


def usd(amount):
    return {"amount": amount, "currency": "USD"}


def test_rules_by_program(api, second):
    assert told(api.buyer.get("/purchasing"))["approval_above"] is None
    rules = {"approval_above": usd("500.00"), "acceptance_above": usd("100.00"), "purchase_order_required": True,
             "cost_centre_required": False}  # fmt: skip
    answer = told(api.buyer.call("PUT", "/purchasing", rules))
    assert answer == {**rules, "href": "/api/v1/purchasing"} == told(second.get("/purchasing"))
    refused(second.call("PUT", "/purchasing", rules), 403, "not-allowed")
    assert told(api.other_buyer.get("/purchasing"))["purchase_order_required"] is False


@pytest.mark.parametrize(
    "change",
    [
        {"approval_above": usd("abc")},
        {"approval_above": usd("")},
        {"approval_above": usd("-5")},
        {"approval_above": usd("10.005")},
        {"approval_above": {"amount": "5", "currency": "usd"}},
        {"approval_above": 5},
        {"approval_above": {"amount": 5, "currency": "USD"}},
        {"approval_above": usd("5"), "acceptance_above": {"amount": "5", "currency": "EUR"}},
        {"purchase_order_required": "yes"},
    ],
)
def test_rules_that_cannot_be(api, change):
    refused(api.buyer.call("PUT", "/purchasing", change), 422)
    assert not Rule.objects.exists()


def test_a_cost_centre_by_program(api, world, second):
    made = told(api.buyer.post("/cost-centres", {"code": "it-1", "name": "IT", "budget": usd("1500.00")}), 201)
    assert (made["code"], made["left"], made["href"]) == ("IT-1", usd("1500.00"), "/api/v1/cost-centres/IT-1")
    order = told(api.buyer.post("/orders", {"lines": [line_of(world)], "cost_centre": "IT-1"}), 201)
    assert order["cost_centre"] == "IT-1"
    assert told(api.seller.get(f"/orders/{order['number']}"))["cost_centre"] is None
    problem = refused(
        api.buyer.post("/orders", {"lines": [line_of(world)], "cost_centre": "IT-1"}), 409, "budget-exceeded"
    )
    assert (problem["left"], problem["currency"]) == ("500.00", "USD")
    refused(api.buyer.call("PATCH", "/cost-centres/IT-1", {"budget": usd("999.99")}), 409, "budget-reserved")
    refused(api.buyer.call("PATCH", "/cost-centres/IT-1", {"budget": {"amount": "5", "currency": "EUR"}}), 422)
    refused(api.buyer.call("PATCH", "/cost-centres/IT-1", {"budget": usd("10.005")}), 422)
    refused(second.call("PATCH", "/cost-centres/IT-1", {"budget": usd("9999")}), 403)
    refused(api.other_buyer.call("PATCH", "/cost-centres/IT-1", {"budget": usd("9999")}), 404)
    changed = told(api.buyer.call("PATCH", "/cost-centres/IT-1", {"budget": usd("1000")}))
    assert (changed["name"], changed["left"]) == ("IT", usd("0.00"))
    assert told(api.buyer.call("PATCH", "/cost-centres/IT-1", {"name": "Systems"}))["budget"] == usd("1000.00")
    assert told(api.buyer.post("/cost-centres/IT-1/closing"))["state"] == "closed"
    refused(api.buyer.post("/cost-centres/IT-1/closing"), 409, "move-refused")
    assert told(api.buyer.post("/cost-centres/IT-1/reopening"))["state"] == "open"
    told(api.buyer.post(f"/orders/{order['number']}/cancellation"))
    assert told(second.get("/cost-centres/IT-1"))["reserved"] == usd("0.00")
    assert [row["code"] for row in told(second.get("/cost-centres"))["items"]] == ["IT-1"]
    assert told(api.other_buyer.get("/cost-centres"))["items"] == []


def test_a_second_person_by_program(api, world, second):
    told(api.buyer.call("PUT", "/purchasing", {"approval_above": usd("500.00")}))
    order = told(api.buyer.post("/orders", {"lines": [line_of(world)]}), 201)
    place = f"/orders/{order['number']}"
    assert (order["state"], order["status"]) == ("pending_approval", "Pending approval")
    assert order["deadline"]["outcome"] == "canceled"
    assert [action["action"] for action in order["next_actions"]] == ["cancel_order"]
    refused(api.buyer.post(f"{place}/payment", {"method": "balance"}), 409, "move-refused")
    problem = refused(api.buyer.post(f"{place}/approval"), 403, "four-eyes")
    assert [action["action"] for action in problem["next_actions"]] == ["cancel_order"]
    seen = told(second.get(place))
    assert {row["action"]: row["href"].rpartition("/")[2] for row in seen["next_actions"]} == {
        "approve_order": "approval", "decline_order": "refusal",
    }  # fmt: skip
    refused(second.post(f"{place}/refusal", {"reason": " "}), 422)
    refused(api.other_buyer.post(f"{place}/approval"), 404)
    assert told(second.post(f"{place}/approval"))["state"] == "pending_payment"
    refused(second.post(f"{place}/approval"), 409, "move-refused")
    assert told(second.post(f"{place}/payment", {"method": "balance"}))["state"] == "processing"
    other = told(api.buyer.post("/orders", {"lines": [line_of(world)]}), 201)
    declined = told(second.post(f"/orders/{other['number']}/refusal", {"reason": "Next year."}))
    assert (declined["state"], declined["log"][-1]["note"]) == ("canceled", "Next year.")


def test_an_order_that_nobody_approved_is_canceled_by_the_clock(api, world):
    told(api.buyer.call("PUT", "/purchasing", {"approval_above": usd("500.00")}))
    order = told(api.buyer.post("/orders", {"lines": [line_of(world)]}), 201)
    api.goes("2020-01-08 09:59:59")
    assert told(api.buyer.get(f"/orders/{order['number']}"))["state"] == "pending_approval"
    api.goes("2020-01-08 10:00")
    assert told(api.buyer.get(f"/orders/{order['number']}"))["state"] == "canceled"


def test_a_stand_in_by_program(api, second):
    given = {"member": "linwei", "stand_in": "ftan", "from": "2020-01-02T02:00:00Z", "until": "2020-01-03T02:00:00Z",
             "reason": "Leave"}  # fmt: skip
    row = told(api.buyer.post("/stand-ins", given), 201)
    assert (row["phase"], row["starts_at"], row["stand_in"]["username"]) == ("coming", "2020-01-02T02:00:00Z", "ftan")
    for when, may in (("2020-01-02 09:59:59", False), ("2020-01-02 10:00", True), ("2020-01-03 10:00", False)):
        api.stands(when)
        assert ("orders:buy" in told(second.get("/organisation"))["rights"]) is may
    assert told(second.get("/stand-ins"))["items"][0]["phase"] == "over"
    api.stands("2020-01-02 12:00")
    refused(second.delete(f"/stand-ins/{row['id']}"), 403)
    refused(api.other_buyer.delete(f"/stand-ins/{row['id']}"), 404)
    assert told(api.buyer.delete(f"/stand-ins/{row['id']}"))["phase"] == "dismissed"
    refused(api.buyer.delete(f"/stand-ins/{row['id']}"), 409, "move-refused")
    assert "orders:buy" not in told(second.get("/organisation"))["rights"]
    assert told(second.get(f"/stand-ins/{row['id']}"))["reason"] == "Leave"
    assert told(api.other_buyer.get("/stand-ins"))["items"] == []


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"stand_in": "ngarnier"}, {"/stand_in"}),
        ({"from": "2020-01-05", "until": "2020-01-04"}, {"/until"}),
        ({"from": "x", "until": "", "reason": "", "member": "x"}, {"/from", "/until", "/reason", "/member"}),
    ],
)
def test_stand_ins_that_cannot_be(api, second, change, pointers):
    given = {"member": "linwei", "stand_in": "ftan", "until": "2020-01-03", "reason": "Leave"} | change
    problem = refused(api.buyer.post("/stand-ins", given), 422)
    assert {error["pointer"] for error in problem["errors"]} == pointers


def test_the_feed_tells_the_organisation_alone(api, second):
    told(api.buyer.call("PUT", "/purchasing", {"purchase_order_required": True}))
    told(api.buyer.post("/cost-centres", {"code": "IT", "name": "IT", "budget": usd("1")}), 201)
    given = {"member": "linwei", "stand_in": "ftan", "until": "2020-01-03", "reason": "Leave"}
    told(api.buyer.post("/stand-ins", given), 201)
    while relay_facts({}):
        pass
    mine = [row for row in told(api.buyer.get("/events"))["items"] if row["order"] is None]
    assert [row["event"] for row in mine] == ["purchasing.changed", "cost_centre.opened", "stand_in.appointed"]
    for row in mine:
        told(api.buyer.get(row["href"]))
    assert told(api.other_buyer.get("/events"))["items"] == []


def test_a_renewal_is_asked_for_what_the_organisation_demands(world, at, proof, buyer, request):
    """The number of the first order is offered; without what is demanded the renewal says what is missing."""
    trade = Trade(world, at, proof).placed().paid().delivered().accepted()
    Order.objects.filter(number=trade.number).update(purchase_order="PO 1")
    request.getfixturevalue("demanding")
    press_due(until=at("2020-03-02 00:00"))
    resource = Resource.objects.get()
    url = f"/my/resources/{resource.public_id}/"
    page = text_of(buyer.get(url))
    assert 'value="PO 1"' in page
    assert "IT-1 – Information" in page
    page = text_of(buyer.post(url, {"period": "year:1", "purchase_order": "", "cost_centre": ""}), 422)
    assert "Your organisation requires a purchase order number." in page
    given = {"period": "year:1", "purchase_order": "PO 2", "cost_centre": "IT-1"}
    assert "Pending approval" in text_of(buyer.post(url, given, follow=True))
    renewal = Order.objects.get(type="renew")
    assert (renewal.purchase_order, renewal.cost_centre) == ("PO 2", "IT-1")
