"""The API answers as its description says, whatever it is asked: cases made from the OpenAPI document itself."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from program import Program, pdf, told
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from opengallery.doors.api.v1.interface import api as interface
from opengallery.kit.models import SandboxClock
from opengallery.market.journal.relay import relay_facts
from opengallery.project.wsgi import application

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]
OPERATIONS = [
    (method.upper(), path)
    for path, operations in interface.get_openapi_schema(path_prefix="api/v1/")["paths"].items()
    for method in operations
]


@pytest.fixture
def things(world: Any, at: Any) -> dict[str, str]:
    """One of each thing that an address can name, so that not every case ends with 404."""
    SandboxClock.objects.update_or_create(pk=1, defaults={"at": at("2020-01-01 10:00")})
    buyer, seller, operator = (Program(world.tokens[name]) for name in ("buyer", "seller", "operator"))
    done = buyer.buys(world.choice("license_yearly"))["lines"][0]["number"]
    delivery = told(seller.delivers(done))["deliveries"][0]
    told(buyer.accepts(done))
    told(operator.post("/clock", {"to": "2020-02-10T00:00:00Z"}))
    line = buyer.buys(world.choice("license_yearly"))["lines"][0]["number"]
    told(seller.delivers(line))
    rating = {"product_quality": 5, "delivery_speed": 5, "service_attitude": 5}
    order = f"/orders/{done.rpartition('-')[0]}"
    ticket = told(buyer.form(f"{order}/tickets", {"title": "x", "text": "x", "files": [pdf()]}), 201)
    held, undone = (buyer.buys(world.choice("license_yearly"))["lines"][0]["number"] for _ in range(2))
    asked = {"flow": undone, "amount": "1.00", "reason": "other"}
    relay_facts({})
    return {
        "rating": told(buyer.post(f"{order}/rating", rating), 201)["id"],
        "ticket": ticket["id"],
        "appeal": told(buyer.post(f"/flows/{held}/appeal", {"ground": "other_buyer", "reason": "x"}), 201)["id"],
        "unsubscription": told(buyer.post("/unsubscriptions", asked), 201)["id"],
        "code": "IT",
        "stand_in": "nobody",
        "number": buyer.buys(world.choice("license_monthly"), paid=False)["number"],
        "line": line,
        "key": delivery["files"][0]["key"],
        "product": world.products["ledgerline"].public_id,
        "resource": told(buyer.get("/resources"))["items"][-1]["id"],
        "transaction": told(seller.get("/transactions"))["items"][-1]["id"],
        "bill": told(seller.get("/bills"))["items"][0]["id"],
        "organisation": told(buyer.get("/organisation"))["id"],
    }


def served(environ: Any, start_response: Any) -> list[bytes]:
    """The application as a server runs it: every answer is read to its end and closed."""
    answer = application(environ, start_response)
    try:
        return [b"".join(answer)]
    finally:
        answer.close()


@pytest.fixture
def schema(world: Any) -> Iterator[Any]:
    """The description as a program reads it, and the application behind it, which shares the test's connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", served)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda part: part.removeprefix("/api/v1"))
def test_answers_fit_the_description(method: str, path: str, world: Any, things: dict[str, str], schema: Any) -> None:
    operation = schema[path][method]
    can_be_wrong = bool(operation.query or operation.body or operation.headers)
    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE] if can_be_wrong else [GenerationMode.POSITIVE]

    @settings(
        max_examples=4, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(
        cases=st.tuples(*(operation.as_strategy(generation_mode=mode) for mode in modes)),
        who=st.sampled_from(["buyer", "seller", "operator"]),
        known=st.booleans(),
    )
    def check(cases: Any, who: str, known: bool) -> None:
        for case in cases:
            if known:
                case.path_parameters = {name: things[name] for name in case.path_parameters or {}}
            answer = case.call(headers={"Authorization": f"Bearer {world.tokens[who]}"})
            case.validate_response(answer, checks=CHECKS)

    check()
