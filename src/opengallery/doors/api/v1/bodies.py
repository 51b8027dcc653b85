"""What comes in: JSON that is really JSON, and query parameters that really exist."""

import inspect
import json
from collections.abc import Callable, Iterator
from typing import Annotated, Any, get_args, get_origin

from django.http import HttpRequest
from ninja.parser import Parser
from pydantic import BaseModel, Field

from opengallery.doors.api.v1.problems import BodyNotRead, WrongContentType
from opengallery.kit.paging import MAX_LIMIT
from opengallery.kit.problems import InvalidInput

JSON_TYPES = ("application/json", "application/merge-patch+json", "")


class Asked(BaseModel):
    """The query of a call without parameters; the base of all others."""


class Paged(Asked):
    """The query of every list."""

    limit: int | None = Field(None, ge=1, le=MAX_LIMIT, description="How many items at most; 50 unless told.")
    cursor: str = Field("", max_length=1000, description="The `next` of the page before; opaque.")


class JsonParser(Parser):
    """Strict JSON: no other content type, no NaN, no text that the database could not keep."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Read the body; WrongContentType (415), BodyNotRead (422)."""
        if request.content_type not in JSON_TYPES:
            raise WrongContentType("It takes application/json.", accepts=["application/json"])
        try:
            body = json.loads(request.body, parse_constant=refuse)
        except (ValueError, RecursionError) as error:
            raise BodyNotRead("It is not JSON.") from error
        errors = {place: ["This text contains characters that cannot be stored."] for place in unstorable(body)}
        if errors:
            raise InvalidInput(errors)
        return body


def refuse(constant: str) -> None:
    """NaN and Infinity are JavaScript, not JSON."""
    raise ValueError(constant)


def unstorable(value: Any, place: str = "") -> Iterator[str]:
    """Where in a body the texts are that PostgreSQL cannot keep: with NUL, or half of a surrogate pair."""
    if isinstance(value, str):
        if not storable(value):
            yield place
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from unstorable(item, f"{place}.{name}".lstrip(".") if storable(name) else place)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from unstorable(item, f"{place}.{index}".lstrip("."))


def storable(text: str) -> bool:
    """Whether PostgreSQL can keep a text."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def query_of(view: Callable[..., Any]) -> frozenset[str]:
    """The names of the query parameters that an endpoint knows."""
    names: set[str] = set()
    for parameter in inspect.signature(view).parameters.values():
        if get_origin(parameter.annotation) is Annotated:
            model = get_args(parameter.annotation)[0]
            if isinstance(model, type) and issubclass(model, Asked):
                names |= set(model.model_fields)
    return frozenset(names)


def check_query(request: HttpRequest, known: frozenset[str]) -> None:
    """Refuse a parameter that does not exist rather than answer another question than was asked."""
    errors: dict[str, list[str]] = {}
    for name, value in request.GET.items():
        if name not in known:
            there_are = f"; there are: {', '.join(sorted(known))}" if known else ""
            errors[name[:60].replace("\0", "")] = [f"There is no such parameter{there_are}."]
        elif not storable(str(value)):
            errors[name] = ["This text contains characters that cannot be searched for."]
    if errors:
        raise InvalidInput(errors)
