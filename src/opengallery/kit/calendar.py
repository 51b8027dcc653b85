"""Months, working days and the one platform time zone."""

import calendar
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from opengallery.kit.env import env

ZONE = ZoneInfo(env.timezone)
LAST_SECOND = time(23, 59, 59)


def local(at: datetime) -> datetime:
    """The instant on the platform's wall clock."""
    return at.astimezone(ZONE)


def local_date(at: datetime) -> date:
    """The platform's calendar day of an instant."""
    return local(at).date()


def instant(day: date, clock: time = time(0)) -> datetime:
    """The UTC instant at which the platform's wall clock shows that day and time."""
    return datetime.combine(day, clock, ZONE).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """23:59:59 of that day, the last second of a validity (spec V5)."""
    return instant(day, LAST_SECOND)


def add_months(day: date, months: int, anchor: int | None = None) -> date:
    """The same day number months later, clamped to the month's end; `anchor` is the day number aimed at (spec V5)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(anchor or day.day, last))


def month_start(day: date) -> date:
    """The first day of the month."""
    return day.replace(day=1)


def cycle_of(at: datetime) -> str:
    """The billing cycle of an instant: its month as YYYYMM, on the platform's calendar (money spec 1)."""
    return f"{local(at):%Y%m}"


def cycle_bounds(cycle: str) -> tuple[datetime, datetime]:
    """The first instant of a cycle and the first instant after it; ValueError unless it is YYYYMM."""
    if len(cycle) != 6 or not cycle.isascii() or not cycle.isdigit():
        raise ValueError(f"a billing cycle is written YYYYMM, not {cycle[:20]!r}")
    if not 1970 <= int(cycle[:4]) <= 9998:
        raise ValueError(f"no cycle of ours: {cycle}")
    first = date(int(cycle[:4]), int(cycle[4:]), 1)
    return instant(first), instant(add_months(first, 1))


def next_working_day(day: date, holidays: Collection[date]) -> date:
    """The day itself, or the first one after it that is Monday to Friday and no holiday (spec Q21)."""
    while day.weekday() >= 5 or day in holidays:
        day += timedelta(days=1)
    return day


def add_working_days(day: date, count: int, holidays: Collection[date]) -> date:
    """The working day that comes `count` working days after a day (spec Q21): Friday and 3 is Wednesday."""
    for _ in range(count):
        day = next_working_day(day + timedelta(days=1), holidays)
    return day
