"""Validity: when a term starts, when it ends, what a renewal adds (spec 3.2); pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from opengallery.kit.calendar import add_months, end_of_day, local_date
from opengallery.kit.money import BASIS_POINTS, Money, half_up
from opengallery.kit.texts import is_text

MONTHS = {"year": 12, "month": 1}


@dataclass(frozen=True, slots=True)
class Validity:
    """A term: it starts at an instant; its last day is `end` (None: it never ends), aimed at day number `anchor`."""

    start: datetime
    end: date | None
    anchor: int

    @property
    def expires_at(self) -> datetime | None:
        """23:59:59 of the last day on the platform's clock (V5)."""
        return end_of_day(self.end) if self.end else None


def first_term(start: datetime, unit: str, count: int) -> Validity:
    """The term of a new order: `count` years or months from the start day, clamped to the month's end (V5).

    A one-time licence has a start and no end (spec 3.1).
    """
    day = local_date(start)
    return Validity(start, add_months(day, MONTHS[unit] * count) if unit in MONTHS else None, day.day)


def renewed_end(end: date, anchor: int, unit: str, count: int) -> date:
    """The last day after a renewal: appended to the previous end, never to the renewal's date (V9)."""
    return add_months(end, MONTHS[unit] * count, anchor)


def start_of(accepted_at: datetime, enabling_time: datetime | None) -> datetime:
    """The actual enabling time if the seller gave one with the last delivery, else the acceptance (V2, V3, V6)."""
    return enabling_time or accepted_at


def enabling_time_error(enabling_time: datetime, *, paid_at: datetime, at: datetime) -> str:
    """Why an actual enabling time is not allowed, or "": from the day of payment to the moment of the delivery (V4)."""
    if local_date(enabling_time) < local_date(paid_at):
        return f"The actual enabling time cannot be before the day of payment ({local_date(paid_at)})."
    if enabling_time > at:
        return "The actual enabling time cannot be in the future."
    return ""


def due_of(state: str, end: date | None, *, grace_days: int, retention_days: int) -> datetime | None:
    """When a resource in a state ages: at its end, after the grace, after the retention (D14); None: never."""
    if end is None:
        return None
    days = {"active": 0, "grace": grace_days, "frozen": grace_days + retention_days}.get(state)
    return None if days is None else end_of_day(end + timedelta(days=days))


def address_errors(recipient: str, phone: str, address: str) -> dict[str, list[str]]:
    """Why goods cannot be sent there, by field; nothing if they can."""
    errors: dict[str, list[str]] = {}
    for field, text, most, what in (
        ("recipient", recipient, 120, "The recipient"),
        ("phone", phone, 40, "A phone number"),
        ("address", address, 500, "The address"),
    ):
        if not text.strip():
            errors[field] = [f"{what} is needed."]
        elif len(text.strip()) > most:
            errors[field] = [f"{what} has at most {most} characters."]
        elif not is_text(text):
            errors[field] = [f"{what} contains a character that is not text."]
    if "phone" not in errors and not 5 <= sum(letter.isdigit() for letter in phone) <= 20:
        errors["phone"] = ["A phone number has 5 to 20 digits."]
    return errors


def same_phone(one: str, other: str) -> bool:
    """Whether two numbers are the same telephone: their digits, without what stands between and in front (S-4)."""
    digits = ["".join(letter for letter in number if letter.isdigit()).lstrip("0") for number in (one, other)]
    return bool(digits[0]) and digits[0] == digits[1]


DAYS = {"month": 30, "year": 365}  # how a day is priced (Q16)


def upgrade_fee(old: Money, new: Money, *, unit: str, days: int, discount_bp: int = BASIS_POINTS) -> Money:
    """What an upgrade costs for the days left: the difference of the prices of a month or a year, by the day, times the
    discount in basis points, rounded once (3.5, Q16).
    """
    return Money(half_up((new - old).units * days * discount_bp, DAYS[unit] * BASIS_POINTS), old.currency).payable()


def expansion_fee(
    tiers: Mapping[int, Money], *, added: int, total: int, days: int, discount_bp: int = BASIS_POINTS
) -> Money:
    """What more pieces cost for the days left at volume prices: the price of a day in the tier of the new total, times
    the added pieces (3.5, since 2023-06-12). `tiers`: from how many pieces on which price holds.
    """
    price = tiers[max(least for least in tiers if least <= total)]
    return Money(half_up(price.units * added * days * discount_bp, BASIS_POINTS), price.currency).payable()
