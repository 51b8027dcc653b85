"""A program that uses the API over HTTP: what the tests of the API speak with."""

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
BASE = "/api/v1"


def pdf(name: str = "proof.pdf", body: bytes = PDF) -> SimpleUploadedFile:
    """A file to send."""
    return SimpleUploadedFile(name, body, content_type="application/pdf")


class Program:
    """Calls the API with one key; answers are Django's responses."""

    def __init__(self, token: str | None = None) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def call(self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None, **query: Any):
        """One call with a JSON body."""
        data = "" if body is None else body if isinstance(body, str | bytes) else json.dumps(body)
        answer = self.client.generic(
            method, place(path), data, content_type="application/json", headers=self.headers | (headers or {}),
            query_params=query or None,
        )  # fmt: skip
        if answer.streaming:
            answer.body = b"".join(answer.streaming_content)
        return answer

    def get(self, path: str, *, headers: dict[str, str] | None = None, **query: Any):
        return self.call("GET", path, headers=headers, **query)

    def post(self, path: str, body: Any = None, *, headers: dict[str, str] | None = None):
        return self.call("POST", path, body, headers=headers)

    def delete(self, path: str, body: Any = None, *, headers: dict[str, str] | None = None):
        return self.call("DELETE", path, body, headers=headers)

    def form(self, path: str, fields: dict[str, Any], *, headers: dict[str, str] | None = None):
        """One call with a multipart form."""
        return self.client.post(place(path), fields, headers=self.headers | (headers or {}))

    # What a program does, in one word each.

    def buys(self, choice: Any, *, paid: bool = True, **more: Any) -> dict[str, Any]:
        """Place an order of one line (a LineChoice), with `more` in its body, and pay it."""
        line = {"specification": choice.specification, "sku": choice.sku, "quantity": choice.quantity,
                "period": {"unit": choice.unit, "count": choice.count}}  # fmt: skip
        order = told(self.post("/orders", {"lines": [line], **more}), 201)
        return told(self.post(f"/orders/{order['number']}/payment", {"method": "balance"})) if paid else order

    def delivers(self, line: str, *, result: str = "The key file is enclosed.", files: Any = None, **fields: Any):
        """Deliver a line with a file."""
        return self.form(f"/flows/{line}/delivery",
                         {"service_result": result, "deliverables": files or [pdf()], **fields})  # fmt: skip

    def accepts(self, line: str):
        return self.post(f"/flows/{line}/acceptance")

    def rejects(self, line: str, reason: Any = "The key is invalid."):
        return self.post(f"/flows/{line}/rejection", {"reason": reason})


def place(path: str) -> str:
    """A path below /api/v1, or a whole one."""
    return path if path.startswith("/api/") else BASE + path


def told(response: Any, status: int = 200) -> Any:
    """The answer's body; anything but the expected status fails with what was said."""
    assert response.status_code == status, (response.status_code, response.content[:2000])
    return response.json() if response.content else None


def refused(response: Any, status: int, slug: str = "") -> Any:
    """The problem document of a refusal, checked for its form."""
    assert response.status_code == status, (response.status_code, response.content[:2000])
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert problem["title"].endswith(".")
    assert problem["type"].startswith("/problems/")
    if slug:
        assert problem["type"] == f"/problems/{slug}"
    return problem
