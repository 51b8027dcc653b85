"""What can be calculated about messages: the next try, the next digest, a telephone number; pure."""

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from opengallery.kit.calendar import instant, local, local_date

# Minutes until the next try of a copy that could not be handed over; after the last one it is given up.
PATIENCE = (1, 5, 15, 60, 240, 720, 1440)
PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
TWO_STOPS = re.compile(r"([.!?])\.(?=\s|$)")
BETWEEN_DIGITS = re.compile(r"[ ().\-]")


def next_try(tries: int, at: datetime) -> datetime | None:
    """When a copy that failed for the nth time is tried again; None: never."""
    return at + timedelta(minutes=PATIENCE[tries - 1]) if tries <= len(PATIENCE) else None


def next_digest(after: datetime, hour: int, *, last: datetime | None = None) -> datetime:
    """The next instant at which the platform's wall clock shows the full hour; never on the day of the last digest."""
    day = local_date(after)
    told_today = last is not None and local_date(last) >= day
    today = instant(day, time(hour))
    return today if today > after and not told_today else instant(day + timedelta(days=1), time(hour))


def latest_digest(due: datetime, until: datetime, hour: int) -> datetime:
    """The last digest hour up to `until`, from the one that is due: the hours between have nothing new to tell."""
    day = local_date(until)
    last = instant(day, time(hour))
    if last > until:
        last = instant(day - timedelta(days=1), time(hour))
    return max(due, last)


def phone_number(text: str) -> str:
    """The number as E.164 has it, "+4930123456", without spaces and signs between; ValueError if it is none."""
    number = BETWEEN_DIGITS.sub("", text.strip())
    if not PHONE.fullmatch(number):
        raise ValueError(f"no telephone number: {text[:40]!r}")
    return number


def tidy(text: str) -> str:
    """One line, as the subject of an e-mail must be; what somebody wrote with its full stop gets no second one."""
    return TWO_STOPS.sub(r"\1", " ".join(text.split()))


def fits(condition: tuple[str, Any] | None, words: Mapping[str, Any]) -> bool:
    """Whether a fact meets a letter's condition; a fact that does not say keeps nobody uninformed."""
    if condition is None or condition[0] not in words:
        return True
    name, wanted = condition
    return words[name] in wanted if isinstance(wanted, tuple) else words[name] == wanted


def moment(at: datetime) -> str:
    """An instant as a letter prints it: "3 Mar 2020, 10:00 (GMT+08:00)"."""
    shown = local(at)
    offset = f"{shown:%z}"
    return f"{shown.day} {shown:%b %Y, %H:%M} (GMT{offset[:3]}:{offset[3:]})"
