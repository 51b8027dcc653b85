"""The guides "Requesting and accepting a service" and "Delivering a service", word by word."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from guide.steps import buy, follow, press, reads, stands

BEGINS = "2025-05-20 09:00"

REQUEST = "Waiting for the user to submit a request"
CONFIRM = "Waiting for the seller to confirm the request"
DELIVERY = "Waiting for the seller to provide the service"
ACCEPTANCE = "Waiting for the user to confirm acceptance"

ANSWERS = {
    1: "Open items of 31 May compared, list in the acceptance record.",
    2: "36 trial balances compared, no difference.",
    3: "Mapping signed by Lin Wei and Clara Brandt.",
    4: "Two key users trained on 28 May.",
}


def submit(buyer: Any, order: str, text: str, *, file: Path) -> None:
    """Buyer guide: "Requesting and accepting a service", steps 1 to 5."""
    follow(buyer, "My Gallery", "Service Supervision", order, "Submit Request")
    stands(buyer, "Submit Request")
    buyer.get_by_label("Request", exact=True).fill(text)
    buyer.get_by_label("Files", exact=True).set_input_files(file)
    press(buyer, "Submit Request")
    stands(buyer, CONFIRM)


def deliver(seller: Any, order: str, result: str, file: Path, *answers: int) -> None:
    """Seller guide: "Delivering a service"; the file proves criterion 1."""
    follow(seller, "Seller Console", "Service Supervision", order, "Deliver Service")
    stands(seller, "Deliver service")
    seller.get_by_label("Service result").fill(result)
    seller.get_by_label("Deliverables").set_input_files(file)
    seller.get_by_label(f"Kind of the files: {file.name}").select_option("Acceptance document")
    proven = seller.get_by_role("group", name=f"Criteria that the files prove: {file.name}")
    proven.get_by_role("checkbox", name=re.compile(r"^1\. ")).check()
    for number in answers:
        seller.get_by_role("textbox", name=re.compile(rf"^{number}\. ")).fill(ANSWERS[number])
    press(seller, "Deliver service")


def criterion(page: Any, version: int, number: int) -> Any:
    """The row of a criterion in a delivery."""
    delivery = page.get_by_role("region", name=f"Delivery {version}", exact=True)
    return delivery.get_by_role("row").filter(has_text=re.compile(rf"^\s*{number}\. "))


@pytest.mark.spec("AT-37", "AT-39", "AT-41")
def test_a_service_from_request_to_completion(
    installation: Any, person: Callable[[str], Any], paper: Callable[[str], Path]
) -> None:
    """A request sent back and corrected, a delivery rejected by a criterion and delivered again, accepted, completed."""
    buyer, seller = person("buyer"), person("seller")
    order = buy(buyer, "Ledgerline Migration Service", "One company, up to 3 years")

    submit(buyer, order, "Move the books of Meridian Logistics.", file=paper("sow.docx"))
    follow(seller, "Seller Console", "Service Supervision", order, "Confirm the request")
    reads(seller, "Move the books of Meridian Logistics.", "sow.docx")
    seller.get_by_label("Reason", exact=True).fill("Please name the cut-off date.")
    press(seller, "Reject request")
    stands(seller, REQUEST)

    submit(buyer, order, "Move the books of Meridian Logistics, cut-off 31 May 2025.", file=paper("sow-2.docx"))
    reads(buyer, "Request 2", "Request 1", "Please name the cut-off date.", "Move the books of Meridian Logistics.")
    assert rejected_requests(buyer) == "1"
    follow(seller, "Seller Console", "Service Supervision", order, "Confirm the request")
    press(seller, "Accept request")
    stands(seller, DELIVERY)

    deliver(seller, order, "All companies moved.", paper("acceptance.pdf"), 2, 3, 4)
    stands(seller, ACCEPTANCE)
    reject(buyer, order)
    follow(seller, "Seller Console", "Service Supervision", order, "Details")
    reads(seller, "A list of the 36 comparisons, signed.")
    deliver(seller, order, "All companies moved; comparisons attached.", paper("acceptance-2.pdf"), 3, 4)
    reads(seller, "Criterion 2 was cited in the last rejection: say what has changed.")
    assert seller.get_by_label("Service result").input_value() == "All companies moved; comparisons attached."
    seller.get_by_role("textbox", name=re.compile(r"^2\. ")).fill("The 36 comparisons are attached, signed.")
    press(seller, "Deliver service")
    stands(seller, ACCEPTANCE)

    accept(buyer, installation, order)


def rejected_requests(page: Any) -> str:
    """How often a request was rejected, as the page counts."""
    row = page.get_by_role("main").locator("dl > div").filter(has_text="Rejected requests")
    return str(row.get_by_role("definition").inner_text())


def reject(buyer: Any, order: str) -> None:
    """Buyer guide: "When something is missing"; a rejection has to cite a criterion."""
    follow(buyer, "My Gallery", "Service Supervision", order, "Confirm Acceptance")
    criterion(buyer, 1, 1).get_by_role("link", name="acceptance.pdf").wait_for()
    criterion(buyer, 1, 2).get_by_text(ANSWERS[2]).wait_for()
    buyer.get_by_role("link", name="Reject", exact=True).click()
    buyer.get_by_label("Reason", exact=True).fill("The comparisons are not there.")
    press(buyer, "Reject")
    reads(buyer, "Name at least one acceptance criterion that is not met.")
    assert buyer.get_by_label("Reason", exact=True).input_value() == "The comparisons are not there."
    buyer.get_by_role("checkbox", name=re.compile(r"^2\. ")).check()
    buyer.get_by_label("What would satisfy criterion 2").fill("A list of the 36 comparisons, signed.")
    press(buyer, "Reject")
    stands(buyer, DELIVERY)


def accept(buyer: Any, installation: Any, order: str) -> None:
    """Accepted on 3 June 2025 at 09:00; the order completes at 12:00."""
    installation.clock("2025-06-03 09:00")
    follow(buyer, "My Gallery", "Service Supervision", order, "Confirm Acceptance")
    criterion(buyer, 2, 2).get_by_text("Cited", exact=True).wait_for()
    criterion(buyer, 2, 2).get_by_text("The 36 comparisons are attached, signed.").wait_for()
    press(buyer, "Confirm Acceptance")
    stands(buyer, "Completed")
    reads(buyer, "Delivery 2", "Delivery 1", "The comparisons are not there.")
    installation.clock("2025-06-03 11:59")
    buyer.goto(f"/my/orders/{order}/")
    stands(buyer, "Processing")
    installation.clock("2025-06-03 12:00")
    buyer.reload()
    stands(buyer, "Completed")
