"""The deliver page in a browser: the dialog, what is refused, what is kept, and the way without script."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n"
WAITING = "Waiting for the seller to provide the service"


def paid_line(installation: Any) -> str:
    """A yearly licence that the buyer has paid; returns its line."""
    product = installation.demo["products"]["license_yearly"]
    order = installation.call("buyer", "POST", "/orders", {"lines": [
        {"specification": product["specification"], "sku": product["sku"], "quantity": 1,
         "period": {"unit": "year", "count": 1}}
    ], "accept_terms": True})  # fmt: skip
    installation.call("buyer", "POST", f"/orders/{order['number']}/payment", {"method": "balance"})
    return f"{order['number']}-000001"


@pytest.fixture
def files(tmp_path: Path) -> Callable[..., Path]:
    """A file to upload: files("proof.pdf", b"…")."""

    def make(name: str, body: bytes = PDF) -> Path:
        path = tmp_path / name
        path.write_bytes(body)
        return path

    return make


@pytest.mark.spec("AT-04")
def test_cancelling_the_dialog_changes_nothing(installation: Any, person: Any, files: Any) -> None:
    line = paid_line(installation)
    page = person("seller")
    page.goto(f"/seller/supervision/{line}/delivery/")
    page.get_by_label("Service result").fill("Key sent")
    page.get_by_label("Deliverables").set_input_files(files("proof.pdf"))
    page.get_by_role("button", name="Deliver service").click()
    dialog = page.get_by_role("dialog")
    assert "Meridian Logistics is told" in dialog.inner_text()
    dialog.get_by_role("button", name="Cancel").click()
    assert not dialog.is_visible()
    assert page.get_by_label("Service result").input_value() == "Key sent"
    assert installation.call("seller", "GET", f"/flows/{line}")["state"] == "wait_delivery"
    page.get_by_role("button", name="Deliver service").click()
    page.get_by_role("dialog").get_by_role("button", name="OK").click()
    page.get_by_text("Waiting for the user to confirm acceptance").first.wait_for()


@pytest.mark.spec("AT-99")
def test_what_is_refused_is_said_and_what_was_entered_stays(installation: Any, person: Any, files: Any) -> None:
    line = paid_line(installation)
    page = person("seller")
    page.goto(f"/seller/supervision/{line}/delivery/")
    page.get_by_label("Service result").fill("Key sent")
    page.get_by_label("Deliverables").set_input_files([files("proof.pdf"), files("tool.exe", b"MZ\x00")])
    page.get_by_label("Kind of the files: proof.pdf").select_option("Acceptance document")
    page.get_by_role("button", name="Deliver service").click()
    page.get_by_role("dialog").get_by_role("button", name="OK").click()
    summary = page.get_by_role("alert")
    summary.wait_for()
    assert "tool.exe: this kind of file is not accepted" in summary.inner_text()
    assert page.get_by_label("Service result").input_value() == "Key sent"
    assert page.get_by_label("Kind of the files: proof.pdf").input_value() == "acceptance"
    page.get_by_role("button", name="Remove tool.exe").click()
    page.get_by_role("button", name="Deliver service").click()
    page.get_by_role("dialog").get_by_role("button", name="OK").click()
    page.get_by_text("Waiting for the user to confirm acceptance").first.wait_for()
    assert "Acceptance document" in page.get_by_role("main").inner_text()


def test_without_script_a_box_confirms(installation: Any, person: Any, files: Any) -> None:
    line = paid_line(installation)
    page = person("seller", java_script_enabled=False)
    page.goto(f"/seller/supervision/{line}/delivery/")
    page.get_by_label("Service result").fill("Key sent")
    page.get_by_label("Deliverables").set_input_files(files("proof.pdf"))
    page.get_by_role("button", name="Deliver service").click()
    assert "Tick the box" in page.get_by_role("alert").inner_text()
    assert WAITING in page.goto(f"/seller/supervision/{line}/").text()
    page.goto(f"/seller/supervision/{line}/delivery/")
    page.get_by_label("Service result").fill("Key sent")
    page.get_by_label("Deliverables").set_input_files(files("proof.pdf"))
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Deliver service").click()
    assert "Waiting for the user to confirm acceptance" in page.content()
