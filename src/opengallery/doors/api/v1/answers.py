"""Answers on their way out: JSON with an ETag, or a problem document."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from opengallery.kit.problems import Problem

JSON = "application/json"
PROBLEM = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Created:
    """Something new, and its address."""

    body: Mapping[str, Any]
    location: str


def answer(request: HttpRequest, result: Any) -> HttpResponseBase:
    """What an endpoint returned, as a response: a shape 200, Created 201, None 204, a response as it is.

    A reader who names the ETag it has gets 304 and no body.
    """
    if isinstance(result, HttpResponseBase):
        return result
    if result is None:
        empty = HttpResponse(status=204)
        del empty["Content-Type"]
        return empty
    created = isinstance(result, Created)
    content = written(result.body if created else result)
    etag = etag_of(content)
    if request.method == "GET" and names(request.headers.get("If-None-Match", ""), etag):
        response = HttpResponse(status=304)
        del response["Content-Type"]
    else:
        response = HttpResponse(content, status=201 if created else 200, content_type=JSON)
    response["ETag"] = etag
    # Whose answer it is decides what is in it; nobody on the way may keep it for somebody else.
    response["Cache-Control"] = "private, no-cache"
    if created:
        response["Location"] = result.location
    return response


def refused(problem: Problem) -> HttpResponse:
    """A refusal as RFC 9457 has it."""
    response = HttpResponse(written(problem.document()), status=problem.status, content_type=PROBLEM)
    if problem.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def written(body: Mapping[str, Any]) -> bytes:
    """The body as JSON; letters beyond ASCII are escaped, so that no reader can mistake the encoding."""
    return json.dumps(body, separators=(",", ":")).encode()


def etag_of(content: bytes) -> str:
    """The same content has the same tag, whoever serves it; what a reader may not see is not in it."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def names(header: str, etag: str) -> bool:
    """Whether an If-Match or If-None-Match header names the tag."""
    tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return "*" in tags or etag in tags
