"""What a message and a rating must look like, and how long each side has; pure (money spec 15.1, spec 5.4, 5.6)."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from opengallery.kit.calendar import add_working_days, instant, local, local_date
from opengallery.kit.texts import is_text
from opengallery.market.aftersales.states import SCALES
from opengallery.market.sellers.rules import Hours

TITLE_MAX, TEXT_MAX, COMMENT_MAX, REPLY_MAX, REASON_MAX = 100, 2000, 1000, 500, 500
LEAST_SCORE, MOST_SCORE = 1, 5
DAY = timedelta(days=1)


def text_error(text: str, *, most: int, what: str) -> str:
    """Why a text is not accepted, or "": 1 to `most` characters that are not only spaces."""
    if not text.strip():
        return f"{what} is needed."
    return length_error(text, most=most, what=what)


def length_error(text: str, *, most: int, what: str) -> str:
    """Why a text that may be empty is not accepted, or ""."""
    if len(text.strip()) > most:
        return f"{what} has at most {most:,} characters; this one has {len(text.strip()):,}."
    if not is_text(text):
        return f"{what} contains a character that is not text."
    return ""


def score_errors(scores: Mapping[str, object]) -> dict[str, str]:
    """Why scores are not accepted, by scale: each of the three is a whole number from 1 to 5 (Q22)."""
    return {
        scale: f"Give {label.lower()} a whole number from {LEAST_SCORE} to {MOST_SCORE}."
        for scale, label in SCALES.items()
        if not is_score(scores.get(scale))
    }


def is_score(value: object) -> bool:
    """Whether a value is a whole number from 1 to 5; 2.5, "3" and True are none."""
    return type(value) is int and LEAST_SCORE <= value <= MOST_SCORE


def average(total: int, count: int) -> Decimal:
    """The mean score with one decimal, half up."""
    return (Decimal(total) / count).quantize(Decimal("0.1"), ROUND_HALF_UP)


def answer_by(at: datetime, allowed: timedelta, hours: Hours | None) -> datetime:
    """When so much time is over, counted only on the seller's service days; on every day when it has stated none."""
    if hours is None or not hours.days:
        return at + allowed
    clock = at.astimezone(hours.zone)
    while True:
        midnight = datetime.combine(clock.date() + DAY, time(0), hours.zone)
        if clock.isoweekday() in hours.days:
            if clock + allowed <= midnight:
                return (clock + allowed).astimezone(at.tzinfo)
            allowed -= midnight - clock
        clock = midnight


def decide_by(at: datetime, days: int, holidays: Collection[date]) -> datetime:
    """The same time of day so many working days later."""
    return instant(add_working_days(local_date(at), days, holidays), local(at).time())


def masked(name: str) -> str:
    """A customer's name as strangers may read it: its first letter."""
    return f"{name.strip()[:1]}***"
