"""Every kind of page, as each person sees it: reachable by its link, without accessibility faults, wide and on a phone."""

import importlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PAGES = {
    "visitor": ["/", "/search/?q=ledger", "/account/login/", "/account/signup/", "/help/", "/help/buyer/accepting-a-delivery/",
                "/help/buyer/asking-for-help/", "/problems/", "/problems/on-hold/", "/no-such-page/", "/stores/northwind/",
                "/products/{license_yearly}/", "/products/{hardware}/", "/products/{professional_service}/",
                "/products/{saas_instant}/", "/products/{consulting}/"],
    "buyer": ["/my/", "/my/orders/", "/my/supervision/", "/my/resources/", "/my/exports/", "/my/balance/",
              "/my/organisation/", "/my/messages/", "/my/orders/{order}/", "/my/supervision/{line}/",
              "/my/supervision/{line}/acceptance/", "/my/supervision/{line}/rejection/",
              "/products/{license_yearly}/purchase/?sku={license_yearly_sku}&period=year:1&quantity=2", "/products/{hardware}/purchase/?sku={hardware_sku}&period=one_time:1&quantity=1",
              "/my/orders/{goods_order}/", "/my/orders/{goods_order}/address/", "/my/orders/{pending}/",
              "/my/supervision/{unasked}/", "/my/supervision/{unasked}/request/", "/my/supervision/{asked}/",
              "/my/supervision/{judged}/", "/my/supervision/{judged}/acceptance/", "/my/supervision/{judged}/rejection/",
              "/my/supervision/{mended}/", "/my/supervision/{shipped}/", "/my/supervision/{shipped}/acceptance/",
              "/my/supervision/{code}/", "/my/supervision/{code}/code/", "/my/supervision/{collected}/",
              "/my/supervision/{machine}/request/", "/my/supervision/{package}/", "/my/supervision/{reviewed}/",
              "/my/supervision/{line}/appeal/", "/my/supervision/{appealed}/", "/my/supervision/{line}/unsubscription/",
              "/my/supervision/{undone}/", "/my/unsubscriptions/", "/my/unsubscriptions/{unsubscription}/",
              "/my/unsubscriptions/{return}/", "/my/resources/{resource}/", "/my/tickets/", "/my/tickets/opening/",
              "/my/tickets/{ticket}/", "/my/deadlines/", "/my/deadlines/calendar/", "/my/purchasing/",
              "/my/purchasing/cost-centres/", "/my/purchasing/cost-centres/OPS-1/", "/my/purchasing/stand-ins/",
              "/my/messages/choices/", "/my/organisation/keys/"],
    "seller": ["/seller/", "/seller/products/", "/seller/orders/", "/seller/orders/{order}/", "/seller/supervision/",
               "/seller/supervision/{line}/", "/seller/transactions/", "/seller/transactions/{transaction}/",
               "/seller/bills/", "/seller/exports/", "/seller/orders/{goods_order}/",
               "/seller/supervision/{asked}/", "/seller/supervision/{asked}/request/",
               "/seller/supervision/{promised}/delivery/", "/seller/supervision/{mended}/",
               "/seller/supervision/{mended}/delivery/", "/seller/supervision/{judged}/",
               "/seller/supervision/{goods}/shipment/", "/seller/supervision/{shipped}/",
               "/seller/supervision/{collected}/", "/seller/supervision/{collected}/activation/",
               "/seller/supervision/{line}/appeal/", "/seller/supervision/{appealed}/", "/seller/supervision/{undone}/",
               "/seller/unsubscriptions/", "/seller/unsubscriptions/{unsubscription}/",
               "/seller/unsubscriptions/{return}/", "/seller/customers/", "/seller/interface-messages/",
               "/seller/products/{saas_instant}/endpoint/", "/seller/tickets/", "/seller/tickets/{ticket}/",
               "/seller/support/", "/seller/ratings/", "/seller/ratings/{rating}/", "/seller/deadlines/"],
    "operator": ["/operations/", "/operations/sellers/", "/operations/orders/", "/operations/orders/{order}/",
                 "/operations/supervision/", "/operations/supervision/{line}/", "/operations/bills/",
                 "/operations/bills/run/", "/operations/balances/", "/operations/ledger/", "/operations/policy/",
                 "/operations/policy/holidays/", "/operations/journal/", "/operations/clock/",
                 "/operations/deadlines/", "/operations/appeals/", "/operations/appeals/{appeal}/",
                 "/operations/supervision/{appealed}/", "/operations/supervision/{judged}/",
                 "/operations/supervision/{reviewed}/", "/operations/supervision/{reviewed}/review/",
                 "/operations/supervision/{shipped}/sign-off/", "/operations/supervision/{line}/override/",
                 "/operations/unsubscriptions/", "/operations/unsubscriptions/{unsubscription}/",
                 "/operations/carriers/", "/operations/carriers/swiftline/", "/operations/tickets/",
                 "/operations/tickets/{ticket}/", "/operations/ratings/", "/operations/ratings/{rating}/",
                 "/operations/policy/appeal_gate/", "/operations/policy/auto_close_days/",
                 "/operations/journal/{fact}/", "/operations/ledger/{account}/",
                 "/operations/ledger/customer_balance/USD/"],
}  # fmt: skip
SIZES = {"wide": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture(scope="module")
def traded(installation: Any) -> dict[str, str]:
    """One thing of each kind, so that every page has something to show: where they are, and the products."""
    scenes = [sys.executable, str(Path(__file__).parent / "scenes.py"), str(installation.data)]
    played = subprocess.run(scenes, capture_output=True, text=True, check=False)
    assert played.returncode == 0, played.stderr
    products = installation.demo["products"]
    shelf = {key: row["product"] for key, row in products.items()}
    skus = {f"{key}_sku": row["sku"] for key, row in products.items() if "sku" in row}
    return shelf | skus | json.loads(played.stdout)


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
        answer = page.goto(address.format(**traded))
        assert answer.status == (404 if address == "/no-such-page/" else 200), address
        found = Axe().run(page, options={"preload": False, "runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
        assert found.violations_count == 0, f"{address}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{address} scrolls sideways"
        assert page.get_by_role("heading", level=1).count() == 1, address
    faults = [text for text in said if "404" not in text]
    assert not faults, faults


# What only takes a POST, sends a file, needs a bill, or is asked again as a page of its own.
NOT_LOOKED_AT = {
    "buyer": {"acting", "approval", "cancellation", "closing", "dismissal", "dossier", "export", "feed", "file",
              "payment", "rating", "rating_withdrawal", "refusal", "reminder", "reopening", "retraction", "return",
              "revocation", "text", "ticket_file", "ticket_step", "unsubscription_withdrawal", "withdrawal"},
    "seller": {"bill", "dossier", "export", "file", "rating_reply", "request-acceptance", "request-rejection",
               "restart", "return-acceptance", "return-refusal", "supervision-by-its-newer-name", "ticket_file",
               "ticket_step", "unsubscription-file", "unsubscription-review"},
    "operations": {"approval", "balance", "bill", "carrier-secret", "carrier-withdrawal", "certification", "credit",
                   "decision", "file", "rating_publication", "rating_refusal", "repayment", "sending-back",
                   "ticket_file", "ticket_step", "top-up", "unsubscription-agreement", "unsubscription-rejection"},
}  # fmt: skip


def opened_by(address: str) -> Any:
    """What an address of PAGES opens."""
    from django.urls import resolve

    path = address.partition("?")[0]
    return resolve(re.sub(r"{(\w+)}", lambda name: "7" if name[1] in ("fact", "account") else "x", path))


@pytest.mark.parametrize("door", NOT_LOOKED_AT)
def test_no_page_of_a_console_is_left_out(door: str) -> None:
    module = importlib.import_module(f"opengallery.doors.{door}.urls")
    addresses = {address for rows in PAGES.values() for address in rows} - {"/no-such-page/"}
    looked_at = {found.url_name for address in addresses if (found := opened_by(address)).app_name == door}
    assert {pattern.name for pattern in module.urlpatterns} - looked_at == NOT_LOOKED_AT[door]


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


def test_asking_for_help(person: Callable[..., Any], traded: dict[str, str]) -> None:
    """Guides "Asking for help, and rating" and "Answering customers": a ticket from its opening to its resolution."""
    buyer, seller = person("buyer"), person("seller")
    buyer.goto("/my/")
    buyer.get_by_role("navigation", name="Console", exact=True).get_by_role("link", name="Purchased Apps").click()
    buyer.goto(f"/my/resources/{traded['resource']}/")
    buyer.get_by_role("link", name="Open a ticket").click()
    buyer.get_by_label("Title").fill("The report is empty")
    buyer.get_by_label("Message").fill("I chose March and see nothing.")
    buyer.get_by_role("button", name="Open a ticket").click()
    buyer.get_by_text("The seller is to accept the ticket").wait_for()
    seller.goto("/seller/")
    seller.get_by_role("navigation", name="Console", exact=True).get_by_role("link", name="Customer Tickets").click()
    seller.get_by_role("link", name="The report is empty").click()
    seller.get_by_role("button", name="Accept ticket").click()
    seller.get_by_label("Message").fill("Close the month first.")
    seller.get_by_role("button", name="Answer").click()
    seller.get_by_text("Waiting for customer feedback").first.wait_for()
    buyer.reload()
    buyer.get_by_text("Close the month first.").wait_for()
    buyer.get_by_role("button", name="Mark as resolved").click()
    buyer.get_by_text("Resolved").first.wait_for()
    buyer.goto(f"/my/resources/{traded['resource']}/")
    buyer.get_by_label("Product quality").select_option("5 – Very good")
    buyer.get_by_label("Comment").fill("Quick, friendly, and it works.")
    buyer.get_by_role("button", name="Change rating").click()
    buyer.get_by_text("Under review").first.wait_for()
