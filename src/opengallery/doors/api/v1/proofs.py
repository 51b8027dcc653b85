"""What is handed in with a step: texts, files, what each file is and proves, the answers to the acceptance criteria."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from opengallery.doors.api.v1.forms import MULTIPART
from opengallery.doors.api.v1.problems import WrongContentType
from opengallery.doors.api.v1.said import FILES, Said, read_said
from opengallery.kit.problems import InvalidInput

DELIVERABLES = "deliverables"
TEXT = {"type": "string"}
JSON_KINDS = ("application/json", MULTIPART)


@dataclass(frozen=True, slots=True)
class Proofs:
    """What was handed in. `kinds` and `proves` go with the files in order; `answers` are by criterion number."""

    said: Said
    kinds: list[str]
    proves: list[list[int]]
    answers: dict[int, str]

    @property
    def texts(self) -> dict[str, str]:
        """The texts by name."""
        return self.said.texts


def proof_body(texts: Mapping[str, int], *, required: Sequence[str], kinds: Sequence[str] = (), field: str = FILES,
               criteria: bool = False, by_json: bool = True) -> dict[str, Any]:  # fmt: skip
    """The description of such a body: its texts with their greatest lengths, its files, JSON too where none is needed.

    `kinds`: what a file can be; none: nothing is asked about it. `criteria`: whether it can answer criteria.
    """
    said: dict[str, Any] = {name: {**TEXT, "maxLength": most} for name, most in texts.items()}
    form: dict[str, Any] = {
        field: {"type": "array", "items": {**TEXT, "format": "binary"}, "description": "Repeat the field for each."}
    }
    body: dict[str, Any] = {}
    if kinds:
        form["kinds"] = {
            "type": "array", "items": {**TEXT, "enum": list(kinds)},
            "description": "What each file is, in the same order; other for those beyond.",
        }  # fmt: skip
    if criteria:
        form["proves"] = {
            "type": "array", "items": TEXT,
            "description": "The numbers of the criteria that each file proves, in the same order, such as 1,3.",
        }  # fmt: skip
        form["answers"] = {**TEXT, "description": 'Answers to criteria by number, as JSON: {"1": "Shown on page 3."}'}
        body["answers"] = {"type": "object", "additionalProperties": TEXT,
                           "description": "Answers to criteria by number"}  # fmt: skip

    def schema(properties: dict[str, Any]) -> dict[str, Any]:
        shape = {"type": "object", "properties": properties}
        return {"schema": shape | ({"required": list(required)} if required else {})}

    content = {MULTIPART: schema(said | form)}
    if by_json:
        content = {"application/json": schema(said | body), **content}
    return {"requestBody": {"required": bool(required), "content": content}}


def read_proofs(request: HttpRequest, *names: str, field: str = FILES, by_json: bool = True) -> Proofs:
    """Read a body; WrongContentType (415), BodyNotRead, InvalidInput for what is not of its form."""
    if not by_json and request.content_type != MULTIPART:
        raise WrongContentType("It takes multipart/form-data.", accepts=[MULTIPART])
    said = read_said(request, *names, field=field)
    if request.content_type == MULTIPART:
        kinds = [kind.strip() for text in said.sent.getlist("kinds") for kind in text.split(",") if kind.strip()]
        proves = [text.replace(",", " ").split() for text in said.sent.getlist("proves")]
        answers = object_in(said.sent.get("answers", ""))
    else:
        kinds, proves = said.sent.get("kinds", []), said.sent.get("proves", [])
        answers = said.sent.get("answers", {})
    if not (isinstance(kinds, list) and all(isinstance(kind, str) for kind in kinds)):
        raise InvalidInput({"kinds": ["Send a list of kinds, one for each file."]})
    if not (isinstance(proves, list) and all(isinstance(some, list) for some in proves)):
        raise InvalidInput({"proves": ["Send a list of criterion numbers for each file."]})
    return Proofs(said, kinds, [[number_of(item, "proves") for item in some] for some in proves],
                  numbered(answers, "answers"))  # fmt: skip


def object_in(text: str) -> Any:
    """What a form's field says in JSON; {} for nothing. InvalidInput at answers."""
    try:
        return json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError) as error:
        raise InvalidInput({"answers": ["Send an object in JSON, from criterion numbers to texts."]}) from error


def numbered(said: Any, field: str) -> dict[int, str]:
    """Texts by the number of the criterion that they are about. InvalidInput at the field."""
    if not (isinstance(said, dict) and all(isinstance(text, str) for text in said.values())):
        raise InvalidInput({field: ["Send an object from criterion numbers to texts."]})
    return {number_of(number, field): text for number, text in said.items()}


def number_of(said: Any, field: str) -> int:
    """The number of a criterion. InvalidInput at the field."""
    text = str(said)
    if not (text.isascii() and text.isdecimal() and len(text) <= 4):
        raise InvalidInput({field: ["Name criteria by their numbers."]})
    return int(text)
