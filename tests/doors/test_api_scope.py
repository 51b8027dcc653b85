"""Who may call what: every endpoint by every stranger, every role by its rights, and what leaks (nothing)."""

import pytest
from program import Program, pdf, refused, told

from opengallery.doors.api.v1.interface import api as interface
from opengallery.market.identity.actions import add_person, issue_key, revoke_key
from opengallery.market.identity.models import ApiKey
from opengallery.market.identity.rights import RIGHTS

DELIVERY = {"service_result": "x", "deliverables": [pdf()]}
REASON = {"reason": "x"}
SCORES = {"product_quality": 5, "delivery_speed": 5, "service_attitude": 5}
# method, path, body; {order}, {line}, {key}, {resource}, {transaction}, {bill}, … are of the buyer and the seller
BY_ID = [
    ("GET", "/orders/{order}", None),
    ("POST", "/orders/{order}/payment", {"method": "balance"}),
    ("POST", "/orders/{order}/cancellation", None),
    ("GET", "/flows/{line}", None),
    ("POST", "/flows/{line}/delivery", "form"),
    ("POST", "/flows/{line}/acceptance", None),
    ("DELETE", "/flows/{line}/acceptance", {"reason": "x"}),
    ("POST", "/flows/{line}/rejection", {"reason": "x"}),
    ("POST", "/flows/{line}/request", {"text": "x"}),
    ("DELETE", "/flows/{line}/request", None),
    ("POST", "/flows/{line}/request/acceptance", None),
    ("POST", "/flows/{line}/request/rejection", REASON),
    ("POST", "/flows/{line}/shipment", {"carrier": "swiftline", "number": "x"}),
    ("POST", "/flows/{line}/code", None),
    ("POST", "/flows/{line}/activation-proof", "form"),
    ("POST", "/flows/{line}/appeal", {"ground": "other_buyer", "reason": "x"}),
    ("GET", "/appeals/{appeal}", None),
    ("GET", "/unsubscriptions/{unsubscription}", None),
    ("DELETE", "/unsubscriptions/{unsubscription}", None),
    ("POST", "/unsubscriptions/{unsubscription}/return", {"carrier": "swiftline", "number": "x"}),
    ("POST", "/unsubscriptions/{unsubscription}/return/acceptance", None),
    ("POST", "/unsubscriptions/{unsubscription}/return/refusal", REASON),
    ("PUT", "/orders/{order}/address", {}),
    ("POST", "/orders/{order}/approval", None),
    ("POST", "/orders/{order}/refusal", REASON),
    ("POST", "/orders/{order}/tickets", {"title": "x", "text": "x"}),
    ("GET", "/orders/{order}/rating", None),
    ("POST", "/orders/{order}/rating", SCORES),
    ("PUT", "/orders/{order}/rating", SCORES),
    ("DELETE", "/orders/{order}/rating", None),
    ("GET", "/ratings/{rating}", None),
    ("POST", "/ratings/{rating}/reply", {"text": "x"}),
    ("GET", "/tickets/{ticket}", None),
    ("POST", "/tickets/{ticket}/acceptance", None),
    ("POST", "/tickets/{ticket}/reply", {"text": "x"}),
    ("POST", "/tickets/{ticket}/resolution", {}),
    ("POST", "/tickets/{ticket}/reopening", {"text": "x"}),
    ("POST", "/flows/{line}/reminder", None),
    ("GET", "/flows/{line}/dossier", None),
    ("GET", "/flows/{line}/files/{key}", None),
    ("GET", "/transactions/{transaction}", None),
    ("GET", "/bills/{bill}", None),
    ("GET", "/resources/{resource}", None),
    ("POST", "/resources/{resource}/renewal", {"period": {"unit": "year"}}),
]
# What the parties may do, and the operator in a seller's place.
ALSO_BY_OPERATIONS = [
    ("POST", "/unsubscriptions/{unsubscription}/agreement", {"comments": "x"}),
    ("POST", "/unsubscriptions/{unsubscription}/rejection", {"comments": "x"}),
    ("POST", "/tickets/{ticket}/answer", {"text": "x"}),
    ("POST", "/tickets/{ticket}/escalation", {"text": "x"}),
    ("GET", "/tickets/{ticket}/files/{key}", None),
]
# What only the operator decides.
DECISIONS = [
    ("POST", "/flows/{line}/shipment/sign-off", {"signed_at": "2020-01-02T10:00:00Z"}),
    ("POST", "/flows/{line}/review", None),
    ("POST", "/flows/{line}/review/rejection", REASON),
    ("POST", "/flows/{line}/override", {"decision": "accept_for_buyer", "reason": "x"}),
    ("POST", "/appeals/{appeal}/decision", {"decision": "resume", "note": "x"}),
    ("POST", "/ratings/{rating}/publication", {"version": 1}),
    ("POST", "/ratings/{rating}/refusal", {"version": 1, "reason": "x"}),
    ("POST", "/tickets/{ticket}/return", {"text": "x"}),
    ("POST", "/tickets/{ticket}/decision", {"text": "x"}),
    ("POST", "/tickets/{ticket}/closing", {"text": "x"}),
]
# What is an organisation's own, of which not even the operator knows.
PRIVATE = [
    ("GET", "/cost-centres/{code}", None),
    ("PATCH", "/cost-centres/{code}", {"name": "x"}),
    ("POST", "/cost-centres/{code}/closing", None),
    ("POST", "/cost-centres/{code}/reopening", None),
    ("GET", "/stand-ins/{stand_in}", None),
    ("DELETE", "/stand-ins/{stand_in}", None),
]
LISTS = ["/orders", "/flows", "/transactions", "/bills", "/resources", "/events", "/appeals", "/unsubscriptions",
         "/tickets", "/ratings"]  # fmt: skip
OPERATIONS = [
    ("GET", "/clock", None),
    ("POST", "/clock", {"advance": "PT1H"}),
    ("GET", "/balances/{organisation}", None),
    ("POST", "/balances/{organisation}/credits", {"amount": "1.00", "currency": "USD"}),
    ("GET", "/organisations", None),
    ("GET", "/policy", None),
]
OWN = [("GET", "/balance"), ("GET", "/organisation"), ("GET", "/products"), ("GET", "/products/{product}"),
       ("GET", "/products/{product}/ratings"), ("POST", "/orders"), ("POST", "/unsubscriptions"), ("GET", "/carriers"),
       ("POST", "/activations"), ("GET", "/messages"), ("POST", "/messages/reading"), ("GET", "/messages/choices"),
       ("PUT", "/messages/choices"), ("GET", "/purchasing"), ("PUT", "/purchasing"), ("GET", "/cost-centres"),
       ("POST", "/cost-centres"), ("GET", "/stand-ins"), ("POST", "/stand-ins")] + [("GET", path) for path in LISTS]  # fmt: skip


def calls(program, method, path, body):
    if body == "form":
        return program.form(path, {"service_result": "x", "deliverables": [pdf()]})
    return program.call(method, path, body)


@pytest.fixture
def things(api):
    """A life of each kind between the buyer and the seller, billed and running again."""
    from opengallery.market.journal.relay import relay_facts

    line = api.delivered()
    told(api.buyer.accepts(line))
    api.goes("2020-02-08 00:00")
    flow = api.flow(line)
    held, undone = api.delivered(), api.delivered()
    appeal = told(api.buyer.post(f"/flows/{held}/appeal", {"ground": "other_buyer", "reason": "x"}), 201)
    asked = {"flow": undone, "amount": "1.00", "reason": "other"}
    ticket = told(api.buyer.post(f"/orders/{flow['order']}/tickets", {"title": "x", "text": "x"}), 201)
    rating = told(api.buyer.post(f"/orders/{flow['order']}/rating", SCORES), 201)
    centre = {"code": "IT", "name": "IT", "budget": {"amount": "500.00", "currency": "USD"}}
    colleague = add_person(api.world.members["buyer"].organisation, email="ana@meridian.example", username="ana",
                           full_name="Ana", password=None, role="purchaser")  # fmt: skip
    stand_in = told(api.buyer.post("/stand-ins", {
        "member": "linwei", "stand_in": colleague.user.username, "until": "2020-03-09",
        "reason": "x",
    }), 201)  # fmt: skip
    relay_facts({})
    return {
        "appeal": appeal["id"], "unsubscription": told(api.buyer.post("/unsubscriptions", asked), 201)["id"],
        "ticket": ticket["id"], "rating": rating["id"], "stand_in": stand_in["id"],
        "code": told(api.buyer.post("/cost-centres", centre), 201)["code"],
        "order": flow["order"], "line": line, "key": flow["deliveries"][0]["files"][0]["key"],
        "resource": told(api.buyer.get("/resources"))["items"][0]["id"],
        "transaction": told(api.seller.get("/transactions"))["items"][0]["id"],
        "bill": told(api.seller.get("/bills"))["items"][0]["id"],
        "organisation": told(api.buyer.get("/organisation"))["id"],
    }  # fmt: skip


@pytest.mark.spec("AT-85")
@pytest.mark.parametrize("who", ["other_buyer", "other_seller"])
def test_strangers_find_nothing(api, things, who):
    stranger = getattr(api, who)
    for method, path, body in BY_ID + ALSO_BY_OPERATIONS + PRIVATE:
        answer = calls(stranger, method, path.format(**things), body)
        problem = refused(answer, 404, "not-found")
        nowhere = calls(stranger, method, path.format(**dict.fromkeys(things, "nowhere")), body)
        assert problem == nowhere.json(), path
    for path in LISTS:
        if path != "/events":
            assert told(stranger.get(path))["items"] == [], path
        assert things["order"] not in stranger.get(path).content.decode()


def test_visitors_see_products_only(api, things):
    everything = BY_ID + ALSO_BY_OPERATIONS + DECISIONS + PRIVATE + OPERATIONS
    for method, path, body in everything + [("GET", path, None) for path in LISTS]:
        answer = calls(api.visitor, method, path.format(**things), body)
        refused(answer, 401, "not-signed-in")
        assert answer["WWW-Authenticate"] == "Bearer"
    assert len(told(api.visitor.get("/products"))["items"]) == 14


def test_only_operations_operate(api, things):
    for method, path, body in OPERATIONS:
        for who in (api.buyer, api.seller):
            refused(calls(who, method, path.format(**things), body), 403, "not-allowed")
        assert calls(api.operator, method, path.format(**things), body).status_code in (200, 201)
    for method, path, body in DECISIONS:
        for who in (api.buyer, api.seller, api.other_seller):
            refused(calls(who, method, path.format(**things), body), 403, "not-allowed")
        assert calls(api.operator, method, path.format(**things), body).status_code in (200, 409), path
    for method, path, body in PRIVATE:
        refused(calls(api.operator, method, path.format(**things), body), 403, "not-allowed")


def test_the_operator_sees_everything_and_acts_for_nobody(api, things):
    for method, path, body in BY_ID:
        answer = calls(api.operator, method, path.format(**things), body)
        assert answer.status_code == (200 if method == "GET" else 403), path
    for path in LISTS:
        assert told(api.operator.get(path))["items"], path
    assert told(api.operator.get(f"/flows/{things['line']}"))["next_actions"] == []


def test_the_table_above_is_complete():
    tables = BY_ID + ALSO_BY_OPERATIONS + DECISIONS + PRIVATE + OPERATIONS
    told_of = {(method, path) for method, path, _ in tables} | set(OWN)
    there_are = {
        (method.upper(), path.removeprefix("/api/v1").replace("{number}", "{order}"))
        for path, operations in interface.get_openapi_schema(path_prefix="api/v1/")["paths"].items()
        for method in operations
    }
    assert there_are == told_of


def test_every_endpoint_names_the_right_it_needs():
    for router in interface._get_bound_routers():
        for view in router.path_operations.values():
            for operation in view.operations:
                rights = operation.view_func.right.split(" or ")
                assert all(right in RIGHTS or right in ("anyone", "member") for right in rights), operation.path


@pytest.mark.parametrize(
    ("role", "offers", "may", "may_not"),
    [
        ("viewer", set(), [], ["payment", "acceptance", "rejection", "reminder", "appeal", "unsubscription"]),
        ("purchaser", {"request_unsubscription"}, ["payment", "unsubscription"],
         ["acceptance", "rejection", "reminder", "appeal"]),
        ("acceptor", {"accept_delivery", "reject_delivery", "file_appeal"}, ["appeal"],
         ["payment", "orders", "unsubscription"]),
        ("acceptor", {"accept_delivery", "reject_delivery", "file_appeal"}, ["acceptance"], ["payment"]),
        ("delivery", set(), [], ["payment", "acceptance", "flows"]),
    ],
)  # fmt: skip
def test_a_role_is_offered_and_allowed_the_same(api, role, offers, may, may_not):
    line = api.delivered()
    unpaid = api.buyer.buys(api.world.choice("license_yearly"), paid=False)["number"]
    member = add_person(api.world.members["buyer"].organisation, email=f"{role}@meridian.example", username=role,
                        full_name=role, password=None, role=role)  # fmt: skip
    program = Program(issue_key(member, name="test", at=api.at("2020-01-01 10:00"))[1])
    paths = {
        "payment": f"/orders/{unpaid}/payment", "acceptance": f"/flows/{line}/acceptance",
        "rejection": f"/flows/{line}/rejection", "reminder": f"/flows/{line}/reminder", "orders": "/orders",
        "flows": f"/flows/{line}", "appeal": f"/flows/{line}/appeal", "unsubscription": "/unsubscriptions",
    }  # fmt: skip
    bodies = {"payment": {"method": "balance"}, "rejection": {"reason": "x"},
              "appeal": {"ground": "other_buyer", "reason": "x"},
              "unsubscription": {"flow": line, "amount": "1.00", "reason": "other"}}  # fmt: skip
    if "flows" not in may_not:
        offered = {step["action"] for step in told(program.get(f"/flows/{line}"))["next_actions"]}
        assert offered == offers
    for name in may_not:
        if name == "flows":
            refused(program.get(paths[name]), 404)
        else:
            body = bodies.get(name, {"lines": [{"specification": "x"}]} if name == "orders" else None)
            refused(program.post(paths[name], body), 403, "not-allowed")
    for name in may:
        told(program.post(paths[name], bodies.get(name)), 201 if name in ("appeal", "unsubscription") else 200)


def test_keys(api):
    for header in ("", "Bearer", "Bearer ", "Bearer og_wrong", "Basic b2c6cHc=", "og_wrong", "Bearer \xff"):
        answer = api.visitor.get("/orders", headers={"Authorization": header})
        refused(answer, 401, "not-signed-in")
    refused(api.visitor.get("/products", headers={"Authorization": "Bearer og_wrong"}), 401)
    told(api.buyer.get("/orders", headers={"Authorization": f"bearer {api.world.tokens['buyer']}"}))
    key = ApiKey.objects.get(sha256=ApiKey.digest(api.world.tokens["buyer"]))
    revoke_key(key, at=api.at("2020-01-01 10:00"))
    refused(api.buyer.get("/orders"), 401, "not-signed-in")


def test_a_session_is_no_key(api, client):
    client.force_login(api.world.members["buyer"].user)
    assert client.get("/api/v1/orders").status_code == 401


def test_whose_key_this_is(api):
    told_me = told(api.buyer.get("/organisation"))
    assert (told_me["name"], told_me["person"]) == ("Meridian Logistics", "Lin Wei")
    assert "orders:accept" in told_me["rights"]
