"""The guides "Filing an appeal", of both sides, and "Deciding an appeal", word by word."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from guide.steps import buy, follow, no_buttons, press, reads, stands

BEGINS = "2025-06-02 09:00"
DELIVERY = "Waiting for the seller to provide the service"
ACCEPTANCE = "Waiting for the user to confirm acceptance"
HELD = "Appeal open"


def appeal(page: Any, ground: str, reason: str, demand: str, file: Path, kind: str) -> None:
    """Guide "Filing an appeal", from the delivery's page on."""
    page.get_by_role("link", name="Initiate Appeal", exact=True).click()
    stands(page, "Initiate Appeal")
    page.get_by_role("radio", name=ground).check()
    page.get_by_label("Reason", exact=True).fill(reason)
    page.get_by_label("Demand", exact=True).fill(demand)
    page.get_by_label("Proofs", exact=True).set_input_files(file)
    page.get_by_label(f"Kind of the files: {file.name}").select_option(kind)
    press(page, "Initiate Appeal")
    stands(page, HELD)


def decide(operator: Any, order: str, decision: str, reason: str) -> None:
    """Operations guide: "Deciding an appeal"."""
    follow(operator, "Operations Console", "Appeals", order, "Details")
    stands(operator, "Appeal about", order, "Open")
    operator.get_by_role("radio", name=decision).check()
    operator.get_by_label("Reason", exact=True).fill(reason)
    press(operator, "Decide")
    stands(operator, "Appeal about", order, "Decided")


@pytest.mark.spec("AT-54", "AT-60")
def test_a_buyer_and_a_seller_appeal_and_the_operator_decides(
    installation: Any, person: Callable[[str], Any], paper: Callable[[str], Path]
) -> None:
    """The buyer's appeal on day 1 is decided by "resume", the seller's by "accept for the customer"."""
    buyer, seller, operator = person("buyer"), person("seller"), person("operator")
    order = buy(buyer, "Ledgerline Accounting", "Standard, up to 25 users")

    follow(buyer, "My Gallery", "Service Supervision", order, "View Details")
    appeal(buyer, "The seller does not deliver", "Nobody answers.", "Ask the seller to deliver.",
           paper("mails.pdf"), "Other proof")  # fmt: skip
    reads(buyer, "The operator is to decide the appeal", "Nobody answers.", "mails.pdf")
    no_buttons(buyer, "Initiate Appeal", "Remind", "Unsubscribe")
    held_for_the_seller(seller, installation, order)

    decide(operator, order, "Resume: the flow goes on where it stood", "The promised time is not over yet.")
    reads(operator, "Nobody answers.", "Ask the seller to deliver.", "mails.pdf", "buyer@meridian.example",
          "seller@northwind.example")  # fmt: skip
    for page in (buyer, seller):
        page.reload()
        stands(page, DELIVERY)
        reads(page, "The promised time is not over yet.")
    buyer.get_by_role("button", name="Remind").wait_for()

    deliver(seller, order, paper("proof.pdf"))
    appeal(seller, "The customer has not accepted for a long time", "Delivered and in use.", "Accept for the customer.",
           paper("log.pdf"), "Proof of the delivery")  # fmt: skip
    buyer.reload()
    stands(buyer, ACCEPTANCE, HELD)
    no_buttons(buyer, "Accept service", "Reject", "Initiate Appeal")
    installation.clock("2025-06-04 10:00")
    decide(
        operator, order, "Accept for the customer: the delivery counts as accepted", "It is in use, as the log shows."
    )
    ends(installation, buyer, order)


def held_for_the_seller(seller: Any, installation: Any, order: str) -> None:
    """The seller sees the hold in the list and on the page, and can do nothing."""
    follow(seller, "Seller Console", "Service Supervision", order, "Details")
    stands(seller, DELIVERY, HELD)
    reads(seller, "Nobody answers.", "mails.pdf")
    no_buttons(seller, "Deliver service", "Initiate Appeal")
    seller.get_by_role("navigation", name="Console", exact=True).get_by_role("link", name="Service Supervision").click()
    row = seller.get_by_role("row").filter(has_text=order)
    row.get_by_text(HELD).wait_for()
    assert row.get_by_role("link").all_inner_texts() == ["Details"]
    assert installation.call("seller", "GET", f"/flows/{order}-000001")["next_actions"] == []
    row.get_by_role("link", name="Details").click()
    stands(seller, DELIVERY)


def deliver(seller: Any, order: str, file: Path) -> None:
    """Seller guide: "Delivering a licence": what was held can be delivered again."""
    follow(seller, "Seller Console", "Service Supervision", order, "License delivered offline")
    seller.get_by_label("Service result").fill("Licence key sent.")
    seller.get_by_label("Deliverables").set_input_files(file)
    press(seller, "Deliver service")
    stands(seller, ACCEPTANCE)


def ends(installation: Any, buyer: Any, order: str) -> None:
    """Accepted by the decision at 10:00: completed at 13:00; the customer cannot take it back."""
    buyer.reload()
    stands(buyer, "Completed")
    reads(buyer, "It is in use, as the log shows.", "Accepted for the customer by the operator")
    no_buttons(buyer, "Retract acceptance")
    installation.clock("2025-06-04 12:59")
    buyer.goto(f"/my/orders/{order}/")
    stands(buyer, "Processing")
    installation.clock("2025-06-04 13:00")
    buyer.reload()
    stands(buyer, "Completed")
