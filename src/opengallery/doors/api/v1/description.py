"""The OpenAPI description, finished by hand: refusals, headers and security as they are on every call."""

import re
from typing import Any

PROBLEM_TYPE = "application/problem+json"
PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": "A refusal as RFC 9457 has it; each `type` has a page. Further members are particular to the type.",
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "examples": ["/problems/move-refused"]},
        "title": {"type": "string", "examples": ["That step is not open now."]},
        "status": {"type": "integer", "examples": [409]},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "description": "What to correct: a JSON pointer into the body, or the name of a parameter or field.",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {"type": "string", "examples": ["/lines/0/quantity"]},
                    "detail": {"type": "string"},
                },
            },
        },
        "state": {"type": "string"},
        "label": {"type": "string"},
        "next_actions": {"type": "array", "items": {"$ref": "#/components/schemas/ActionShape"}},
    },
}
# status: what it means, and on which calls it can come
REFUSALS = {
    401: "No key, or a wrong one",
    403: "Not your role, or the other party's turn",
    404: "Not there, or not yours",
    409: "Not now: it stands elsewhere, or the same call is still running",
    412: "It has changed since the ETag in If-Match",
    413: "The body is too large",
    415: "This call takes another kind of body",
    422: "Something in it needs correcting",
}
CHANGES_ONLY = (409, 412, 413, 415)
PROBLEM_EXAMPLES = {
    409: {
        "type": "/problems/move-refused", "title": "That step is not open now.", "status": 409,
        "detail": "It stands at “Completed”.", "state": "completed", "label": "Completed",
        "verb": "accept_delivery", "next_actions": [],
    },
    422: {
        "type": "/problems/invalid-input", "title": "Something in what you sent needs correcting.", "status": 422,
        "detail": "A reason is needed.", "errors": [{"pointer": "/reason", "detail": "A reason is needed."}],
    },
}  # fmt: skip
IDEMPOTENCY_KEY = {
    "in": "header", "name": "Idempotency-Key", "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "description": "The same key and body again get the first answer, for 48 hours; another body is refused.",
}  # fmt: skip
IF_MATCH = {
    "in": "header", "name": "If-Match", "required": False, "schema": {"type": "string", "pattern": '^("[^"]*"|\\*)$'},
    "description": "Make the change only if the ETag of GET is still this one.",
}  # fmt: skip
MATCHED = (
    "/orders/{number}/", "/flows/{line}/", "/resources/{resource}/", "/appeals/{appeal}/",
    "/unsubscriptions/{unsubscription}",
)  # fmt: skip
FIRST_CLAUSE = re.compile(r"[^.:;]+")
SAFE = ("get", "head", "options")
PUBLIC = "/products"
UNNAMED = ("clock", "balance", "activations")  # what they are about may not be there, though no address names it


def finish(schema: dict[str, Any]) -> dict[str, Any]:
    """Add to each operation what every operation of its kind has."""
    schema["components"]["schemas"]["Problem"] = PROBLEM
    schema["components"]["securitySchemes"].pop("ApiKeyOrNot", None)
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            changes = method not in SAFE
            operation["summary"] = FIRST_CLAUSE.match(operation["description"])[0]  # type: ignore[index]  # never empty
            if changes:
                operation["parameters"] = [*operation["parameters"], IDEMPOTENCY_KEY]
                if any(place in path for place in MATCHED):
                    operation["parameters"].append(IF_MATCH)
            public = PUBLIC in path
            if public:
                operation["security"] = [{}, {"ApiKey": []}]
            for status in refusals(path, changes=changes, public=public):
                operation["responses"].setdefault(status, refusal(status))
    return schema


def refusals(path: str, *, changes: bool, public: bool) -> list[int]:
    """The refusals that an operation can answer with."""
    return [
        status
        for status in REFUSALS
        if (changes or status not in CHANGES_ONLY)
        and (not public or status != 403)
        and ("{" in path or status != 404 or any(noun in path for noun in UNNAMED))
    ]


def refusal(status: int) -> dict[str, Any]:
    """The description of a refusal."""
    content: dict[str, Any] = {"schema": {"$ref": "#/components/schemas/Problem"}}
    if status in PROBLEM_EXAMPLES:
        content["example"] = PROBLEM_EXAMPLES[status]
    return {"description": REFUSALS[status], "content": {PROBLEM_TYPE: content}}
