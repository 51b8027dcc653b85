"""Every kind of page, as each person sees it: reachable by its link, without accessibility faults, wide and on a phone."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PAGES = {
    "visitor": ["/", "/search/?q=ledger", "/account/login/", "/account/signup/", "/help/", "/help/buyer/accepting-a-delivery/",
                "/problems/", "/no-such-page/"],
    "buyer": ["/my/", "/my/orders/", "/my/supervision/", "/my/resources/", "/my/exports/", "/my/balance/",
              "/my/organisation/", "/my/messages/", "/my/orders/{order}/", "/my/supervision/{line}/",
              "/my/supervision/{line}/acceptance/", "/my/supervision/{line}/rejection/"],
    "seller": ["/seller/", "/seller/products/", "/seller/orders/", "/seller/orders/{order}/", "/seller/supervision/",
               "/seller/supervision/{line}/", "/seller/transactions/", "/seller/bills/", "/seller/exports/"],
    "operator": ["/operations/", "/operations/sellers/", "/operations/orders/", "/operations/orders/{order}/",
                 "/operations/supervision/", "/operations/supervision/{line}/", "/operations/bills/",
                 "/operations/bills/run/", "/operations/balances/", "/operations/ledger/", "/operations/policy/",
                 "/operations/policy/holidays/", "/operations/journal/", "/operations/clock/"],
}  # fmt: skip
SIZES = {"wide": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture(scope="module")
def traded(installation: Any) -> dict[str, str]:
    """An order that waits for acceptance, so that the pages have something to show."""
    product = installation.demo["products"]["license_yearly"]
    line = {"specification": product["specification"], "sku": product["sku"], "quantity": 2,
            "period": {"unit": "year", "count": 1}}  # fmt: skip
    order = installation.call("buyer", "POST", "/orders", {"lines": [line], "purchase_order": "PO-4711"})
    installation.call("buyer", "POST", f"/orders/{order['number']}/payment", {"method": "balance"})
    number = order["lines"][0]["number"]
    installation.deliver("seller", number, "Licence key sent, installed on two servers.")
    return {"order": order["number"], "line": number}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("who", PAGES)
def test_pages_have_no_accessibility_faults(
    who: str, size: str, installation: Any, person: Callable[..., Any], traded: dict[str, str]
) -> None:
    """WCAG 2.2 AA by axe-core, no sideways scrolling, no fault in the console, one h1, in the dark as well."""
    from axe_playwright_python.sync_playwright import Axe

    page = person(who, viewport=SIZES[size], color_scheme="dark" if size == "phone" else "light")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    for address in PAGES[who]:
        page.goto(address.format(**traded))
        found = Axe().run(page, options={"preload": False, "runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
        assert found.violations_count == 0, f"{address}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{address} scrolls sideways"
        assert page.get_by_role("heading", level=1).count() == 1, address
    faults = [text for text in said if "404" not in text]
    assert not faults, faults


def test_navigation_leads_to_every_console_page(person: Callable[..., Any]) -> None:
    """Each entry of each navigation pane opens a page that is marked as the current one."""
    for who, start in (("buyer", "/my/"), ("seller", "/seller/"), ("operator", "/operations/")):
        page = person(who)
        page.goto(start)
        links = page.get_by_role("navigation", name="Console", exact=True).get_by_role("link")
        for address in [links.nth(number).get_attribute("href") for number in range(links.count())]:
            response = page.goto(address)
            assert response.status == 200, address
            here = page.get_by_role("navigation", name="Console", exact=True).locator("[aria-current=page]")
            assert here.get_attribute("href") == address


def test_a_dossier_is_checked_offline(installation: Any, person: Callable[..., Any], traded: dict[str, str],
                                      tmp_path: Path) -> None:  # fmt: skip
    """Operations guide: "Checking evidence"; the buyer downloads, the verifier needs nothing but the file."""
    from opengallery.market.journal.verifier import verify

    for who, start in (("buyer", "my"), ("seller", "seller")):
        page = person(who)
        page.goto(f"/{start}/supervision/{traded['line']}/")
        with page.expect_download() as download:
            page.get_by_role("link", name=re.compile("dossier", re.IGNORECASE)).first.click()
        path = tmp_path / f"{who}.zip"
        download.value.save_as(path)
        assert verify(str(path)) == []


def test_running_a_month_from_the_operations_console(person: Callable[..., Any]) -> None:
    """Operations guide: "Running a month": credit a balance, change a setting with a reason, move the clock."""
    page = person("operator")
    pane = page.get_by_role("navigation", name="Console", exact=True)
    page.goto("/operations/")
    pane.get_by_role("link", name="Balances").click()
    page.get_by_role("row").filter(has_text="Kestrel Retail").get_by_role("link", name="Details").click()
    page.get_by_role("link", name="Credit the balance").click()
    page.get_by_label("Amount").fill("1500.00")
    page.get_by_label("Note").fill("Bank transfer of 1 January")
    page.get_by_role("button", name="Credit the balance").click()
    page.get_by_role("dialog").get_by_role("button", name="OK").click()
    page.get_by_text("26,500.00 USD").first.wait_for()
    pane.get_by_role("link", name="Clock").click()
    page.get_by_role("button", name="+1 day").click()
    page.get_by_text("2 Jan 2020").first.wait_for()
