"""The interface itself: its nouns put together, its refusals, its description."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import structlog
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from opengallery.doors.api.v1 import (
    appeals,
    balances,
    bills,
    clock,
    codes,
    decisions,
    events,
    flows,
    messages,
    orders,
    organisations,
    products,
    purchasing,
    ratings,
    requests,
    resources,
    shipments,
    tickets,
    transactions,
    unsubscriptions,
)
from opengallery.doors.api.v1.answers import refused
from opengallery.doors.api.v1.bodies import JSON_TYPES, JsonParser
from opengallery.doors.api.v1.description import finish
from opengallery.doors.api.v1.keys import ApiKey
from opengallery.doors.api.v1.problems import BodyNotRead, Fault, WrongContentType
from opengallery.kit.problems import InvalidInput, Problem
from opengallery.kit.uploads import BodyTooLarge

log = structlog.get_logger()
DESCRIPTION = """Everything that a person can do in a console, a program can do here.

Send `Authorization: Bearer <token>` with a key of your organisation. Times are RFC 3339 in UTC, amounts are decimal
strings with their currency. Lists answer `{"items": [...], "next": cursor or null}`. A refusal is a problem document
(RFC 9457) whose `type` has a page; one about an order or a flow says how it stands and what you may do. Send an
`Idempotency-Key` with every change. Clients ignore fields that they do not know."""


class Interface(NinjaAPI):
    """The API; its description is made once."""

    described: Any = None

    def get_openapi_schema(self, **kwargs: Any) -> Any:
        """The description, with what ninja does not know."""
        if self.described is None:
            self.described = finish(super().get_openapi_schema(**kwargs))
        return self.described


api = Interface(
    title="OpenGallery API",
    version="1.0.0",
    description=DESCRIPTION,
    urls_namespace="api",
    auth=ApiKey(),
    parser=JsonParser(),
)
for module in (
    products,
    orders,
    flows,
    requests,
    shipments,
    codes,
    decisions,
    appeals,
    unsubscriptions,
    transactions,
    bills,
    resources,
    events,
    clock,
    balances,
    organisations,
    messages,
    purchasing,
    tickets,
    ratings,
):
    api.add_router("", module.router)


@api.exception_handler(Problem)
def on_problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Every foreseen refusal."""
    return refused(problem)


@api.exception_handler(ValidationError)
def on_misfit(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """What does not fit the shape of a body or a query."""
    return refused(InvalidInput(misfits(error.errors)))


@api.exception_handler(HttpError)
def on_unread(request: HttpRequest, error: HttpError) -> HttpResponse:
    """A body that the parser refused, with the parser's own reason."""
    cause = error.__cause__
    return refused(cause if isinstance(cause, Problem) else BodyNotRead(str(error)))


@api.exception_handler(SuspiciousOperation)
def on_suspicion(request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
    """A body beyond Django's own limits: too many fields, or too large; a large one of the wrong kind is just that."""
    if request.content_type not in JSON_TYPES and isinstance(error, RequestDataTooBig):
        return refused(WrongContentType("It takes application/json.", accepts=["application/json"]))
    return refused(BodyTooLarge(str(error)[:200]))


@api.exception_handler(MultiPartParserError)
@api.exception_handler(UnreadablePostError)
def on_broken_form(request: HttpRequest, error: Exception) -> HttpResponse:
    """A form that did not arrive whole."""
    return refused(BodyNotRead("The form did not arrive whole, or it is not one."))


@api.exception_handler(Exception)
def on_fault(request: HttpRequest, error: Exception) -> HttpResponse:
    """Our fault: written down for us, and a plain word for the caller."""
    log.exception("fault", method=request.method, path=request.path, exc_info=error)
    return refused(Fault())


def misfits(errors: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """What does not fit, by its place in the body or the name of the parameter."""
    found: dict[str, list[str]] = {}
    for error in errors:
        place = ".".join(steps(error["loc"]))
        found.setdefault(place, []).append(sentence(error))
    return found


def steps(loc: Sequence[Any]) -> Iterator[str]:
    """The place in what was sent: of a body without the name that our own function gives it."""
    source, *rest = loc
    for step in rest[1:] if source == "body" else rest[-1:]:
        yield str(step)


def sentence(error: Mapping[str, Any]) -> str:
    """Pydantic's message as a sentence."""
    text = "This is needed" if error["type"] == "missing" else str(error["msg"])
    return text if text.endswith(".") else f"{text}."
