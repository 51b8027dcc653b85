"""The guides of buyer and seller, word by word, from purchase to bill and renewal."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PRODUCT = "Ledgerline Accounting"


def buy(page: Any) -> str:
    """Buyer guide: "Buying a licence". Returns the order number."""
    page.goto("/")
    page.get_by_role("searchbox", name="Search products").last.fill("ledgerline")
    page.get_by_role("searchbox", name="Search products").last.press("Enter")
    page.get_by_role("link", name=PRODUCT).click()
    page.get_by_role("radio", name=re.compile("Standard, up to 25 users")).check()
    page.get_by_role("button", name="Buy now").click()
    page.get_by_role("checkbox", name=re.compile("End user license agreement")).check()
    page.get_by_role("checkbox", name=re.compile("Refund policy")).check()
    page.get_by_role("button", name="Place order").click()
    page.get_by_text("Pending payment").first.wait_for()
    page.get_by_role("button", name="Pay", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="OK").click()
    page.get_by_text("Processing").first.wait_for()
    found = re.search(r"CS\d{10}[A-Z0-9]{4}", page.url)
    assert found is not None
    return found[0]


def deliver(page: Any, order: str, proof: Path) -> None:
    """Seller guide: "Delivering a licence"."""
    page.get_by_role("link", name="Seller Console").click()
    pane = page.get_by_role("navigation", name="Console")
    pane.get_by_text("Transaction Management").wait_for()
    pane.get_by_role("link", name="Service Supervision").click()
    page.get_by_label("Order No.").fill(order)
    page.get_by_role("search", name="Search criteria").get_by_role("button", name="Search").click()
    row = page.get_by_role("row").filter(has_text=order)
    row.get_by_role("link", name="License delivered offline").click()
    page.get_by_role("heading", level=1, name="Deliver service").wait_for()
    page.get_by_label("Service result").fill("Licence key sent to Lin Wei, installed on two servers.")
    page.get_by_label("Deliverables").set_input_files(proof)
    page.get_by_role("button", name="Deliver service").click()
    page.get_by_role("dialog").get_by_role("button", name="OK").click()
    page.get_by_text("Waiting for the user to confirm acceptance").first.wait_for()


def accept(page: Any, order: str) -> None:
    """Buyer guide: "Accepting a delivery"."""
    page.get_by_role("link", name="My Gallery").click()
    page.get_by_role("navigation", name="Console").get_by_role("link", name="Service Supervision").click()
    page.get_by_label("Order No.").fill(order)
    page.get_by_role("search", name="Search criteria").get_by_role("button", name="Search").click()
    row = page.get_by_role("row").filter(has_text=order)
    row.get_by_text("Waiting for the user to confirm acceptance").wait_for()
    row.get_by_role("link", name="Accept service").click()
    page.get_by_role("button", name="Accept Service").click()
    page.get_by_role("dialog").get_by_role("button", name="OK").click()
    page.get_by_text("Completed").first.wait_for()


def status_of(page: Any, order: str) -> str:
    """The order's status as its page shows it."""
    page.goto(f"/my/orders/{order}/")
    return str(page.get_by_role("heading", level=1).inner_text())


@pytest.fixture
def proof_file(tmp_path: Path) -> Path:
    """A deliverable."""
    path = tmp_path / "proof.pdf"
    path.write_bytes(b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n")
    return path


@pytest.mark.spec("AT-01", "AT-03", "AT-05", "AT-07", "AT-09")
def test_a_yearly_licence_from_purchase_to_bill_and_renewal(
    installation: Any, person: Callable[[str], Any], proof_file: Path
) -> None:
    """Bought 2020-01-01, delivered 2020-02-20, accepted 2020-03-01 10:00, completed 13:00, billed 2020-04-07, renewed."""
    buyer, seller = person("buyer"), person("seller")
    order = buy(buyer)
    installation.clock("2020-02-20 12:00")
    deliver(seller, order, proof_file)
    installation.clock("2020-03-01 10:00")
    accept(buyer, order)
    installation.clock("2020-03-01 12:59")
    assert "Processing" in status_of(buyer, order)
    installation.clock("2020-03-01 13:00")
    assert "Completed" in status_of(buyer, order)
    check_bill(seller, installation, order)
    renew(buyer, installation)


def check_bill(page: Any, installation: Any, order: str) -> None:
    """Seller guide: "Being paid": nothing on 6 April, 850.00 USD on the 7th."""
    installation.clock("2020-04-06 23:59")
    pane = page.get_by_role("navigation", name="Console")
    pane.get_by_role("link", name="Bills").click()
    page.get_by_role("heading", level=1, name="Bills").wait_for()
    assert page.get_by_role("row").filter(has_text="202003").count() == 0
    installation.clock("2020-04-07 09:00")
    pane.get_by_role("link", name="Bills").click()
    row = page.get_by_role("row").filter(has_text="202003").filter(has_text="850.00 USD")
    row.get_by_role("link").first.click()
    page.get_by_role("main").get_by_text(order).first.wait_for()
    pane.get_by_role("link", name="Transaction Details").click()
    page.get_by_role("row").filter(has_text=order).get_by_text("Billed").first.wait_for()


def renew(page: Any, installation: Any) -> None:
    """Buyer guide: "Renewing a licence": the end moves from 2021-03-01 to 2022-03-01, and no flow is created."""
    installation.clock("2021-02-01 09:00")
    flows_before = len(installation.call("buyer", "GET", "/flows")["items"])
    page.get_by_role("link", name="My Gallery").click()
    page.get_by_role("navigation", name="Console").get_by_role("link", name="Purchased Apps").click()
    page.get_by_role("link", name=PRODUCT).first.click()
    page.get_by_role("main").get_by_text("1 Mar 2021").first.wait_for()
    page.get_by_role("button", name="Renew", exact=True).click()
    page.get_by_role("button", name="Pay", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="OK").click()
    page.get_by_text("Completed").first.wait_for()
    page.get_by_role("navigation", name="Console").get_by_role("link", name="Purchased Apps").click()
    page.get_by_role("link", name=PRODUCT).first.click()
    page.get_by_role("main").get_by_text("1 Mar 2022").first.wait_for()
    assert len(installation.call("buyer", "GET", "/flows")["items"]) == flows_before


def test_a_delivery_is_rejected_and_delivered_again(
    installation: Any, person: Callable[[str], Any], proof_file: Path
) -> None:
    """Buyer guide: "When the delivery is not what you ordered"; both versions and the reason stay readable."""
    buyer, seller = person("buyer"), person("seller")
    order = buy(buyer)
    deliver(seller, order, proof_file)
    buyer.get_by_role("link", name="My Gallery").click()
    buyer.get_by_role("navigation", name="Console").get_by_role("link", name="Service Supervision").click()
    buyer.get_by_role("row").filter(has_text=order).get_by_role("link", name="Accept service").click()
    buyer.get_by_role("link", name="Reject", exact=True).click()
    buyer.get_by_label("Reason").fill("The key is for the wrong version.")
    buyer.get_by_role("button", name="Reject", exact=True).click()
    buyer.get_by_role("dialog").last.get_by_role("button", name="OK").click()
    buyer.get_by_text("Waiting for the seller to provide the service").first.wait_for()
    deliver(seller, order, proof_file)
    seller.get_by_role("main").get_by_text("The key is for the wrong version.").first.wait_for()
