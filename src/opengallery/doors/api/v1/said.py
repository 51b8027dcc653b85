"""A message's body: JSON, or multipart where it carries files."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest

from opengallery.doors.api.v1.bodies import JsonParser, storable
from opengallery.doors.api.v1.forms import MULTIPART
from opengallery.doors.pages import actor_of, now_of
from opengallery.kit.calendar import instant, local_date
from opengallery.kit.models import StoredFile
from opengallery.kit.problems import InvalidInput
from opengallery.kit.uploads import IncomingFile, check_daily, check_files, kept

FILES = "files"


@dataclass(frozen=True, slots=True)
class Said:
    """The texts by name, "" for those that were not sent; the files of `field`; and all that was sent, as it came."""

    texts: dict[str, str]
    files: Sequence[IncomingFile]
    field: str
    sent: Any


def body_of(most: dict[str, int], *, required: Sequence[str]) -> dict[str, Any]:
    """The description of such a body: its texts with their greatest lengths."""
    texts = {name: {"type": "string", "maxLength": length} for name, length in most.items()}
    files = {FILES: {"type": "array", "items": {"type": "string", "format": "binary"},
                     "description": "Repeat the field for each file."}}  # fmt: skip

    def schema(properties: dict[str, Any]) -> dict[str, Any]:
        shape = {"type": "object", "properties": properties}
        return {"schema": shape | ({"required": list(required)} if required else {})}

    content = {"application/json": schema(texts), MULTIPART: schema(texts | files)}
    return {"requestBody": {"required": bool(required), "content": content}}


def read_said(request: HttpRequest, *names: str, field: str = FILES) -> Said:
    """Read a body; WrongContentType (415), BodyNotRead, InvalidInput for what is no text or no file."""
    if request.content_type == MULTIPART:
        return read_form(request, names, field)
    body = JsonParser().parse_body(request) if request.body else {}
    if not isinstance(body, dict):
        raise InvalidInput({"": ["Send an object."]})
    strange = {name: ["Send a text."] for name in names if not isinstance(body.get(name, ""), str)}
    if strange:
        raise InvalidInput(strange)
    return Said({name: body.get(name, "") for name in names}, [], field, body)


def read_form(request: HttpRequest, names: Sequence[str], field: str) -> Said:
    """The same from a form."""
    errors = {
        name[:60].replace("\0", ""): ["This text contains characters that cannot be stored."]
        for name in request.POST
        if not all(storable(text) for text in request.POST.getlist(name))
    }
    if field in request.POST:
        errors[field] = ["Send each file as a file, with a file name."]
    if errors:
        raise InvalidInput(errors)
    texts = {name: request.POST.get(name, "").replace("\r\n", "\n") for name in names}
    return Said(texts, cast("list[IncomingFile]", request.FILES.getlist(field)), field, request.POST)


@contextmanager
def files_kept(request: HttpRequest, said: Said) -> Iterator[list[StoredFile]]:
    """Check the files, and keep them for as long as the block succeeds. InvalidInput at their field."""
    if not said.files:
        yield []
        return
    actor, at = actor_of(request), now_of(request)
    limits = cast(Any, request).upload_rules
    organisation = actor.organisation_id or 0
    check_files(said.files, limits, field=said.field)
    check_daily(organisation, said.files, limits, instant(local_date(at)), field=said.field)
    with kept(said.files, organisation_id=organisation, uploaded_by_id=actor.user_id, at=at) as stored:
        yield stored
