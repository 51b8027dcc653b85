"""The guides "Undoing a purchase" and "Answering an unsubscription", word by word, to the bill."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from guide.steps import buy, follow, no_buttons, press, reads, stands

BEGINS = "2025-07-07 09:00"
DELIVERY = "Waiting for the seller to provide the service"
HELD = "Unsubscription under review"
CONTACT = "buyer@meridian.example"


def unsubscribe(buyer: Any, order: str, amount: str, *, share: bool) -> None:
    """Buyer guide: "Undoing a purchase"."""
    buyer.get_by_role("link", name="My Gallery", exact=True).click()
    pane = buyer.get_by_role("navigation", name="Console", exact=True)
    pane.get_by_role("link", name="Unsubscriptions", exact=True).click()
    row = buyer.get_by_role("row").filter(has_text=order)
    row.get_by_role("link", name="Unsubscribe", exact=True).click()
    stands(buyer, "Unsubscribe")
    buyer.get_by_label("Amount", exact=True).fill(amount)
    buyer.get_by_label("Reason", exact=True).select_option("No longer needed")
    buyer.get_by_label("Explanation", exact=True).fill("The project ends early.")
    if share:
        buyer.get_by_label("Give my contact details to the seller").check()
    press(buyer, "Unsubscribe", ok="Refund")
    stands(buyer, "Pending the seller's review")


@pytest.mark.spec("AT-66", "AT-67", "AT-75", "AT-79")
def test_a_part_of_the_price_goes_back_and_the_rest_is_billed(
    installation: Any, person: Callable[[str], Any], paper: Callable[[str], Path]
) -> None:
    """600.00 of 1000.00 asked back with the contact shared, agreed on 8 July 2025 at 10:00; July bills 400.00."""
    buyer, seller = person("buyer"), person("seller")
    order = buy(buyer, "Ledgerline Accounting", "Standard, up to 25 users")
    assert balance(buyer) == "99,000.00 USD"
    unsubscribe(buyer, order, "600.00", share=True)

    installation.clock("2025-07-08 10:00")
    follow(seller, "Seller Console", "Unsubscriptions", order, "Review")
    stands(seller, "Unsubscriptions Details")
    reads(seller, "600.00 USD", "1,000.00 USD", "The project ends early.", CONTACT)
    seller.get_by_label("Review comments").fill("Agreed on the telephone on 7 July.")
    seller.get_by_label("Agreed communication or confirmation").set_input_files(paper("agreed.pdf"))
    press(seller, "Agree")
    reads(seller, "Agreed on the telephone on 7 July.", "agreed.pdf")
    no_buttons(seller, "Agree", "Reject")

    installation.clock("2025-07-08 13:00")
    refunded(buyer, order)
    billed(installation, seller, order)


def balance(buyer: Any) -> str:
    """The prepaid balance, as its page shows it."""
    buyer.get_by_role("link", name="My Gallery", exact=True).click()
    buyer.get_by_role("navigation", name="Console", exact=True).get_by_role("link", name="Balance", exact=True).click()
    stands(buyer, "Balance")
    shown = buyer.get_by_role("main").locator(".stat").filter(has_text="Prepaid balance").inner_text()
    return next(line for line in shown.splitlines() if line.endswith("USD"))


def refunded(buyer: Any, order: str) -> None:
    """The buyer sees it terminated, marked and paid back, and can do nothing more with it."""
    follow(buyer, "My Gallery", "Service Supervision", order, "View Details")
    stands(buyer, "Terminated (unsubscribed)")
    reads(buyer, "Agreed on the telephone on 7 July.", "Refunded")
    no_buttons(buyer, "Unsubscribe", "Accept service", "Initiate Appeal")
    buyer.goto(f"/my/orders/{order}/")
    stands(buyer, "Completed", "Unsubscribed")
    reads(buyer, "600.00 USD refunded")
    assert balance(buyer) == "99,600.00 USD"
    buyer.get_by_role("row").filter(has_text=order).first.wait_for()


def billed(installation: Any, seller: Any, order: str) -> None:
    """The bill of July, drawn on 7 August, has one line: 400.00, of which the platform keeps 60.00."""
    installation.clock("2025-08-07 09:00")
    pane = seller.get_by_role("navigation", name="Console", exact=True)
    pane.get_by_role("link", name="Bills", exact=True).click()
    bill = seller.get_by_role("row").filter(has_text="202507").filter(has_text="340.00 USD")
    bill.get_by_role("link", name="Details").click()
    lines = seller.get_by_role("table").get_by_role("row").filter(has_text="-000001")
    lines.filter(has_text=order).filter(has_text="400.00 USD").filter(has_text="60.00 USD").wait_for()
    assert lines.count() == 1


@pytest.mark.spec("AT-68", "AT-75")
def test_what_was_not_shared_is_not_shown_and_a_rejected_request_lets_the_delivery_go_on(
    installation: Any, person: Callable[[str], Any]
) -> None:
    """Without the tick the seller sees no contact, on the page or in the interface; rejected, the flow goes on."""
    buyer, seller = person("buyer"), person("seller")
    order = buy(buyer, "Ledgerline Accounting", "Standard, up to 25 users")
    unsubscribe(buyer, order, "0.01", share=False)
    follow(seller, "Seller Console", "Service Supervision", order, "Details")
    stands(seller, DELIVERY, HELD)
    no_buttons(seller, "Deliver service")
    follow(seller, "Seller Console", "Unsubscriptions", order, "Review")
    reads(seller, "The customer has not agreed to share contact data.")
    assert CONTACT not in seller.content()
    assert CONTACT not in str(installation.call("seller", "GET", f"/flows/{order}-000001"))
    seller.get_by_label("Review comments").fill("Delivered tomorrow.")
    press(seller, "Reject")
    stands(seller, "Rejected")
    follow(seller, "Seller Console", "Service Supervision", order, "Details")
    stands(seller, DELIVERY)
    seller.get_by_role("link", name="Deliver service", exact=True).wait_for()
    buyer.reload()
    stands(buyer, "Rejected")
    reads(buyer, "Delivered tomorrow.")
