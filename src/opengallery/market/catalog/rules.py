"""What this SKU costs, and what a product of its kind may be (sellers spec 8, 9.4; supervision spec 1.2); pure."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from opengallery.kit.money import Money
from opengallery.kit.texts import is_text

YEAR, MONTH, ONE_TIME = "year", "month", "one_time"
UNITS = {YEAR: "Yearly", MONTH: "Monthly", ONE_TIME: "One-time"}
MONTHS = {YEAR: 12, MONTH: 1}
MOST_PERIODS = {YEAR: 5, MONTH: 11, ONE_TIME: 1}
MOST_QUANTITY = 10_000
MOST_CRITERIA, LONGEST_CRITERION = 50, 300
MOST_STOCK = 9_999_999
LONGEST_URL = 200

# delivery method: the periods it may be sold for (sellers spec 8.1); nothing is sold of a consulting service.
SOLD_FOR = {
    "license": (YEAR, MONTH, ONE_TIME),
    "saas": (YEAR, MONTH, ONE_TIME),
    "professional_service": (YEAR, MONTH, ONE_TIME),
    "hardware": (ONE_TIME,),
    "image": (YEAR, MONTH),
    "content": (YEAR, MONTH, ONE_TIME),
    "consulting": (),
}

# The service flows that a licence may have; "" is the first.
LICENSE_FLOWS = ("license", "license_code", "license_idcode", "license_package")
TEMPLATE_KINDS = (".doc", ".docx", ".xls", ".xlsx")


def price_of(unit_price: Money, *, quantity: int, count: int) -> Money:
    """The price, before tax, of `quantity` pieces for `count` periods at a simple price."""
    return unit_price * quantity * count


def period_text(unit: str, count: int) -> str:
    """How people say a period: "1 year", "3 months", "one-time"."""
    if unit == ONE_TIME:
        return "one-time"
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def flow_of(delivery_method: str, supervised: bool, flow_template: str) -> str | None:
    """The template of the service flow that a product's orders get; None when they are not supervised (spec 1.2)."""
    if delivery_method == "license":
        return flow_template or "license"
    if delivery_method == "saas":
        return "standard" if supervised else None
    return {"professional_service": "standard", "hardware": "hardware"}.get(delivery_method)


def words_error(text: str, *, most: int, what: str) -> str:
    """Why a text does not do, or "": 1 to `most` characters, all of which are text."""
    if not text.strip():
        return f"{what} is needed."
    if len(text.strip()) > most:
        return f"{what} has at most {most:,} characters; this one has {len(text.strip()):,}."
    return "" if is_text(text) else f"{what} contains a character that is not text."


def criteria_errors(criteria: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is wrong with acceptance criteria: [{"number": 1, "text": "…", "mandatory": True}, …], numbered from 1."""
    if len(criteria) > MOST_CRITERIA:
        return [f"There are at most {MOST_CRITERIA} acceptance criteria; these are {len(criteria)}."]
    errors = []
    for place, item in enumerate(criteria, start=1):
        text = item.get("text")
        if item.get("number") != place or isinstance(item.get("number"), bool):
            errors.append(f"Criterion {place}: the numbers are 1, 2, 3, … without a gap.")
        if not isinstance(text, str):
            errors.append(f"Criterion {place}: the text is missing.")
        elif error := words_error(text, most=LONGEST_CRITERION, what="The text"):
            errors.append(f"Criterion {place}: {error}")
        if not isinstance(item.get("mandatory"), bool):
            errors.append(f"Criterion {place}: say whether it is mandatory, true or false.")
    return errors


def link_error(url: str, *, schemes: Sequence[str] = ("https",)) -> str:
    """Why this is no address of the seller's, or ""."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "This is not an address that can be read."
    if len(url) > LONGEST_URL:
        return f"An address has at most {LONGEST_URL} characters."
    strange = not is_text(url) or any(letter <= " " or letter in '<>"\\' for letter in url)
    if parts.scheme not in schemes or not parts.hostname or parts.username is not None or strange:
        return f"Write an address such as {schemes[0]}://www.example.com/service."
    return ""


def units_error(delivery_method: str, units: Sequence[str]) -> str:
    """Why a product of this kind cannot be sold for these periods, or ""."""
    sold = SOLD_FOR[delivery_method]
    strangers = [unit for unit in units if unit not in sold]
    if not strangers:
        return ""
    return f"It cannot be sold for “{strangers[0]}”; it can for: {', '.join(sold) or 'nothing'}."


def stock_error(delivery_method: str, stock: int | None) -> str:
    """Why a specification cannot have this stock, or ""; None: it never runs out."""
    if stock is None:
        return ""
    if delivery_method != "hardware":
        return "Only hardware has a stock."
    return "" if 0 <= stock <= MOST_STOCK else f"The stock is a whole number from 0 to {MOST_STOCK:,}."
