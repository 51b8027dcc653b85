"""What amounts, codes, times and texts of purchasing must look like, and when one person is not enough; pure."""

import re
from datetime import UTC, datetime, timedelta

from opengallery.kit.calendar import ZONE
from opengallery.kit.money import Money, minor_digits
from opengallery.kit.texts import is_text

NAME_MAX, REASON_MAX = 80, 300
LONGEST = timedelta(days=366)
EARLIEST_YEAR, LATEST_YEAR = 1970, 9998  # what every time zone can still tell
_CODE = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,39}", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


def is_above(limit: Money | None, amount: Money) -> bool:
    """Tell whether an amount needs a second person: never without a limit, and at the limit itself not yet.

    An amount in another currency cannot be compared, so it does.
    """
    return limit is not None and (amount.currency != limit.currency or amount > limit)


def read_amount(text: str, currency: str) -> Money:
    """Read an amount of 0 or more that a person can pay; ValueError with a sentence for anything else."""
    try:
        amount = Money.of(text.strip(), currency)
    except ValueError as error:
        raise ValueError("Write an amount as 500.00.") from error
    if amount.units < 0:
        raise ValueError("An amount is not negative.")
    if not amount.is_payable():
        raise ValueError(f"An amount in {currency} has at most {minor_digits(currency)} decimals.")
    return amount


def currency_error(currency: str) -> str:
    """Why a currency is not accepted, or ""."""
    return "" if _CURRENCY.fullmatch(currency) else "Write the currency as three letters, such as USD."


def code_of(text: str) -> str:
    """The code as it is kept: "it-1" and "IT-1" are one cost centre."""
    return text.strip().upper()


def code_error(code: str) -> str:
    """Why a cost centre's code is not accepted, or ""."""
    if _CODE.fullmatch(code):
        return ""
    return "A code has 1 to 40 letters, digits, dots, dashes or underscores, and begins with a letter or digit."


def text_error(text: str, *, most: int, what: str) -> str:
    """Why a text is not accepted, or "": 1 to `most` characters, not only spaces, and all of them text."""
    if not text.strip():
        return f"{what} is needed."
    if len(text.strip()) > most:
        return f"{what} has at most {most} characters; this one has {len(text.strip())}."
    return "" if is_text(text) else f"{what} contains a character that is not text."


def read_time(text: str) -> datetime | None:
    """Read a day or a day with a time, on the platform's clock unless it names its offset; "" is not given.

    ValueError with a sentence for anything else.
    """
    if not text.strip():
        return None
    try:
        value = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError("Write a time as 2025-06-30 09:00.") from error
    if not EARLIEST_YEAR <= value.year <= LATEST_YEAR:
        raise ValueError(f"The year is {EARLIEST_YEAR} to {LATEST_YEAR}.")
    return (value if value.tzinfo else value.replace(tzinfo=ZONE)).astimezone(UTC)


def span_errors(starts_at: datetime, ends_at: datetime, *, at: datetime, begins_now: bool) -> dict[str, list[str]]:
    """What is wrong with the time of a stand-in, by field: it begins now or later, ends after that, within a year."""
    errors: dict[str, list[str]] = {}
    if not begins_now and starts_at < at:
        errors["from"] = ["A stand-in begins now or later; leave it empty to begin now."]
    if ends_at <= starts_at:
        errors["until"] = ["A stand-in ends after it begins."]
    elif ends_at - starts_at > LONGEST:
        errors["until"] = [f"A stand-in is for at most {LONGEST.days} days."]
    return errors
