"""How customers reach a seller: what it must state, and the least service that it may offer (spec 5.4, S35); pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone

from opengallery.kit.texts import is_text

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LEAST_DAYS, LEAST_HOURS = 5, 8
CONTENT_MAX, LANGUAGES_MAX, PHONE_MAX, EMAIL_MAX = 500, 120, 40, 254
WEST, EAST = -12 * 60, 14 * 60  # the time zones there are, in minutes from Greenwich


@dataclass(frozen=True, slots=True)
class Hours:
    """On which days (1 is Monday), from when to when, so many minutes east of Greenwich; 00:00 as end is midnight."""

    days: tuple[int, ...]
    start: time
    end: time
    offset: int

    @property
    def length(self) -> timedelta:
        """How long a day of service is; negative if it ends before it starts."""
        day = datetime(2000, 1, 1)  # noqa: DTZ001 any day: only the difference counts
        last = datetime.combine(day, self.end) + (timedelta(days=1) if self.end == time(0) else timedelta(0))
        return last - datetime.combine(day, self.start)

    @property
    def zone(self) -> timezone:
        """The time zone that the hours are stated in."""
        return timezone(timedelta(minutes=self.offset))

    @property
    def text(self) -> str:
        """As people read it: "Mon–Fri, 09:00–18:00 (GMT+01:00)"."""
        sign, (hours, minutes) = "-" if self.offset < 0 else "+", divmod(abs(self.offset), 60)
        end = "24:00" if self.end == time(0) else f"{self.end:%H:%M}"
        return f"{days_text(self.days)}, {self.start:%H:%M}–{end} (GMT{sign}{hours:02}:{minutes:02})"


@dataclass(frozen=True, slots=True)
class Support:
    """What a seller states about its after-sales support."""

    hours: Hours
    languages: str
    content: str
    phone: str
    email: str


def days_text(days: Sequence[int]) -> str:
    """Days in words, those that follow each other as a range: "Mon–Fri", "Mon, Wed–Fri"."""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    names = [(DAYS[run[0] - 1], DAYS[run[-1] - 1]) for run in runs]
    return ", ".join(first if first == last else f"{first}–{last}" for first, last in names)


def support_errors(support: Support) -> dict[str, list[str]]:
    """Why a statement is not accepted, field by field; {} when it is."""
    hours = support.hours
    errors: dict[str, str] = {}
    if not set(hours.days) <= set(range(1, 8)):
        errors["days"] = "Days are numbers from 1, Monday, to 7, Sunday."
    elif len(set(hours.days)) < LEAST_DAYS:
        errors["days"] = f"Service is needed on at least {LEAST_DAYS} days a week."
    if hours.length < timedelta(hours=LEAST_HOURS):
        errors["end"] = f"Service is needed for at least {LEAST_HOURS} hours a day."
    if not WEST <= hours.offset <= EAST or hours.offset % 15:
        errors["offset"] = "Name a time zone from GMT-12:00 to GMT+14:00."
    errors |= {
        field: message
        for field, message in {
            "languages": text_error(support.languages, LANGUAGES_MAX),
            "content": text_error(support.content, CONTENT_MAX),
            "phone": text_error(support.phone, PHONE_MAX) or phone_error(support.phone),
            "email": text_error(support.email, EMAIL_MAX) or email_error(support.email),
        }.items()
        if message
    }
    return {field: [message] for field, message in errors.items()}


def text_error(text: str, most: int) -> str:
    """Why a text of 1 to `most` characters is not one, or ""."""
    if not text.strip():
        return "This is needed."
    if len(text.strip()) > most:
        return f"At most {most} characters; this has {len(text.strip())}."
    return "" if is_text(text) else "This contains a character that is not text."


def phone_error(phone: str) -> str:
    """Why a hotline is not one that the world can call, or "": a plus sign, then 7 to 15 digits (E.164)."""
    digits = "".join(letter for letter in phone if letter not in " -()/.")
    fits = digits.startswith("+") and digits[1:].isascii() and digits[1:].isdecimal() and 7 <= len(digits[1:]) <= 15
    return "" if fits else "Write the hotline with its country, such as +49 30 555 0100."


def email_error(email: str) -> str:
    """Why a mailbox is not one, or ""."""
    name, _at, domain = email.strip().rpartition("@")
    fits = name and "." in domain.strip(".") and not any(letter.isspace() for letter in email.strip())
    return "" if fits else "Write an e-mail address such as support@company.example."
