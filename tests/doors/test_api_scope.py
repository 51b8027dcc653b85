"""Who may call what: every endpoint by every stranger, every role by its rights, and what leaks (nothing)."""

import pytest
from program import Program, pdf, refused, told

from opengallery.doors.api.v1.interface import api as interface
from opengallery.market.identity.actions import add_person, issue_key, revoke_key
from opengallery.market.identity.models import ApiKey
from opengallery.market.identity.rights import RIGHTS

DELIVERY = {"service_result": "x", "deliverables": [pdf()]}
# method, path, body; {order}, {line}, {file}, {resource}, {transaction}, {bill} are of the buyer and the seller
BY_ID = [
    ("GET", "/orders/{order}", None),
    ("POST", "/orders/{order}/payment", {"method": "balance"}),
    ("POST", "/orders/{order}/cancellation", None),
    ("GET", "/flows/{line}", None),
    ("POST", "/flows/{line}/delivery", "form"),
    ("POST", "/flows/{line}/acceptance", None),
    ("DELETE", "/flows/{line}/acceptance", {"reason": "x"}),
    ("POST", "/flows/{line}/rejection", {"reason": "x"}),
    ("POST", "/flows/{line}/reminder", None),
    ("GET", "/flows/{line}/dossier", None),
    ("GET", "/flows/{line}/files/{key}", None),
    ("GET", "/transactions/{transaction}", None),
    ("GET", "/bills/{bill}", None),
    ("GET", "/resources/{resource}", None),
    ("POST", "/resources/{resource}/renewal", {"period": {"unit": "year"}}),
]
LISTS = ["/orders", "/flows", "/transactions", "/bills", "/resources", "/events"]
OPERATIONS = [
    ("GET", "/clock", None),
    ("POST", "/clock", {"advance": "PT1H"}),
    ("GET", "/balances/{organisation}", None),
    ("POST", "/balances/{organisation}/credits", {"amount": "1.00", "currency": "USD"}),
    ("GET", "/organisations", None),
    ("GET", "/policy", None),
]
OWN = [("GET", "/balance"), ("GET", "/organisation"), ("GET", "/products"), ("GET", "/products/{product}"),
       ("POST", "/orders")] + [("GET", path) for path in LISTS]  # fmt: skip


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
    relay_facts({})
    return {
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
    for method, path, body in BY_ID:
        answer = calls(stranger, method, path.format(**things), body)
        problem = refused(answer, 404, "not-found")
        nowhere = calls(stranger, method, path.format(**dict.fromkeys(things, "nowhere")), body)
        assert problem == nowhere.json(), path
    for path in LISTS:
        if path != "/events":
            assert told(stranger.get(path))["items"] == [], path
        assert things["order"] not in stranger.get(path).content.decode()


def test_visitors_see_products_only(api, things):
    for method, path, body in BY_ID + OPERATIONS + [("GET", path, None) for path in LISTS]:
        answer = calls(api.visitor, method, path.format(**things), body)
        refused(answer, 401, "not-signed-in")
        assert answer["WWW-Authenticate"] == "Bearer"
    assert len(told(api.visitor.get("/products"))["items"]) == 4


def test_only_operations_operate(api, things):
    for method, path, body in OPERATIONS:
        for who in (api.buyer, api.seller):
            refused(calls(who, method, path.format(**things), body), 403, "not-allowed")
        assert calls(api.operator, method, path.format(**things), body).status_code in (200, 201)


def test_the_operator_sees_everything_and_acts_for_nobody(api, things):
    for method, path, body in BY_ID:
        answer = calls(api.operator, method, path.format(**things), body)
        assert answer.status_code == (200 if method == "GET" else 403), path
    for path in LISTS:
        assert told(api.operator.get(path))["items"], path
    assert told(api.operator.get(f"/flows/{things['line']}"))["next_actions"] == []


def test_the_table_above_is_complete():
    told_of = {(method, path) for method, path, _ in BY_ID + OPERATIONS} | set(OWN)
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
    ("role", "may", "may_not"),
    [
        ("viewer", [], ["payment", "acceptance", "rejection", "reminder"]),
        ("purchaser", ["payment"], ["acceptance", "rejection", "reminder"]),
        ("acceptor", ["acceptance"], ["payment", "orders"]),
        ("delivery", [], ["payment", "acceptance", "flows"]),
    ],
)
def test_a_role_is_offered_and_allowed_the_same(api, role, may, may_not):
    line = api.delivered()
    unpaid = api.buyer.buys(api.world.choice("license_yearly"), paid=False)["number"]
    member = add_person(api.world.members["buyer"].organisation, email=f"{role}@meridian.example", username=role,
                        full_name=role, password=None, role=role)  # fmt: skip
    program = Program(issue_key(member, name="test", at=api.at("2020-01-01 10:00"))[1])
    paths = {
        "payment": f"/orders/{unpaid}/payment", "acceptance": f"/flows/{line}/acceptance",
        "rejection": f"/flows/{line}/rejection", "reminder": f"/flows/{line}/reminder", "orders": "/orders",
        "flows": f"/flows/{line}",
    }  # fmt: skip
    bodies = {"payment": {"method": "balance"}, "rejection": {"reason": "x"}}
    if "flows" not in may_not:
        offered = {step["action"] for step in told(program.get(f"/flows/{line}"))["next_actions"]}
        assert offered == ({"accept_delivery", "reject_delivery"} if "acceptance" in may else set())
    for name in may_not:
        if name == "flows":
            refused(program.get(paths[name]), 404)
        else:
            body = bodies.get(name, {"lines": [{"specification": "x"}]} if name == "orders" else None)
            refused(program.post(paths[name], body), 403, "not-allowed")
    for name in may:
        told(program.post(paths[name], bodies.get(name)))


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
