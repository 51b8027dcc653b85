"""The steps that guides have in common, by role and accessible name."""

import re
from typing import Any


def press(page: Any, button: str, *, ok: str = "OK") -> None:
    """Click a button, and the one of the dialog that it opens."""
    page.get_by_role("button", name=button, exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name=ok, exact=True).click()


def follow(page: Any, console: str, entry: str, order: str, operation: str) -> None:
    """Open an entry of a console's navigation, search for the order, click the operation in its row."""
    page.get_by_role("link", name=console, exact=True).click()
    page.get_by_role("navigation", name="Console", exact=True).get_by_role("link", name=entry, exact=True).click()
    page.get_by_role("heading", level=1, name=entry, exact=True).wait_for()
    page.get_by_label("Order No.").fill(order)
    page.get_by_role("search", name="Search criteria").get_by_role("button", name="Search").click()
    page.wait_for_url(re.compile(f"order_no={order}"))
    page.get_by_role("row").filter(has_text=order).get_by_role("link", name=operation, exact=True).click()


def stands(page: Any, *labels: str) -> None:
    """Wait for the page whose heading says all of this."""
    heading = page.get_by_role("heading", level=1)
    for label in labels:
        heading = heading.filter(has_text=label)
    heading.wait_for()


def reads(page: Any, *texts: str) -> None:
    """Wait until the page says each of this."""
    for text in texts:
        page.get_by_role("main").get_by_text(text).first.wait_for()


def buy(page: Any, product: str, specification: str, **fields: str) -> str:
    """Buyer guide: "Buying a licence", as far as "Pay"; fields are those of an address. Returns the order number."""
    page.goto("/")
    page.get_by_role("searchbox", name="Search products").last.fill(product)
    page.get_by_role("searchbox", name="Search products").last.press("Enter")
    page.get_by_role("link", name=product, exact=True).click()
    page.get_by_role("radio", name=re.compile(specification)).check()
    page.get_by_role("button", name="Buy now").click()
    for label, text in fields.items():
        page.get_by_label(label.capitalize(), exact=True).fill(text)
    page.get_by_role("checkbox", name=re.compile("End user license agreement")).check()
    page.get_by_role("checkbox", name=re.compile("Refund policy")).check()
    page.get_by_role("button", name="Place order").click()
    stands(page, "Pending payment")
    found = re.search(r"CS\d{10}[A-Z0-9]{4}", page.url)
    assert found is not None
    press(page, "Pay")
    stands(page, found[0], "Processing")
    return found[0]


def no_buttons(page: Any, *names: str) -> None:
    """The page offers none of these, as a button or as a link."""
    main = page.get_by_role("main")
    for name in names:
        for role in ("button", "link"):
            assert main.get_by_role(role, name=name, exact=True).count() == 0, f"{name} on {page.url}"
