"""A delivery's form: multipart, because it carries files."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest

from opengallery.doors.api.v1.bodies import storable
from opengallery.doors.api.v1.problems import WrongContentType
from opengallery.kit.problems import InvalidInput
from opengallery.kit.uploads import IncomingFile, UploadRules
from opengallery.market.supervision.states import FILE_KINDS

MULTIPART = "multipart/form-data"
_TEXT = {"type": "string"}
DELIVERY_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            MULTIPART: {
                "schema": {
                    "type": "object",
                    "required": ["service_result", "deliverables"],
                    "properties": {
                        "service_result": {**_TEXT, "minLength": 1, "maxLength": 1000, "description": "What was done"},
                        "deliverables": {
                            "type": "array",
                            "minItems": 1,
                            "items": {**_TEXT, "format": "binary"},
                            "description": "The proofs; repeat the field for each file.",
                        },
                        "kinds": {
                            "type": "array",
                            "items": {**_TEXT, "enum": list(FILE_KINDS)},
                            "description": "What each file is, in the same order; other for those beyond.",
                        },
                        "enabling_time": {
                            **_TEXT,
                            "description": "The actual enabling time, ISO 8601; the platform's clock unless it says.",
                        },
                    },
                }
            }
        },
    }
}


def attachment(content_type: str) -> dict[str, Any]:
    """The description of an answer that is a file."""
    content = {content_type: {"schema": {"type": "string", "format": "binary"}}}
    return {"responses": {200: {"description": "The file, as an attachment", "content": content}}}


@dataclass(frozen=True, slots=True)
class DeliveryForm:
    """What was sent, and the limits under which it was read."""

    service_result: str
    enabling_time: str
    kinds: Sequence[str]
    files: Sequence[IncomingFile]
    rules: UploadRules


def read_form(request: HttpRequest) -> DeliveryForm:
    """Read the form; WrongContentType (415), InvalidInput for a text that cannot be kept or a file sent as a text."""
    if request.content_type != MULTIPART:
        raise WrongContentType("It takes multipart/form-data.", accepts=[MULTIPART])
    errors = {
        name[:60].replace("\0", ""): ["This text contains characters that cannot be stored."]
        for name in request.POST
        if not all(storable(text) for text in request.POST.getlist(name))
    }
    if "deliverables" in request.POST:
        errors["deliverables"] = ["Send each deliverable as a file, with a file name."]
    if errors:
        raise InvalidInput(errors)
    files: Any = request.FILES.getlist("deliverables")
    kinds = [kind.strip() for text in request.POST.getlist("kinds") for kind in text.split(",") if kind.strip()]
    return DeliveryForm(
        service_result=request.POST.get("service_result", "").replace("\r\n", "\n"),
        enabling_time=request.POST.get("enabling_time", ""),
        kinds=kinds,
        files=files,
        rules=cast(Any, request).upload_rules,
    )
