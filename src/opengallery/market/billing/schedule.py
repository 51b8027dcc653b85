"""When bills are drawn: the bill day of the next month, or the next working day (spec D15); pure."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from opengallery.kit.calendar import cycle_bounds, cycle_of, instant, local_date, next_working_day


def run_at(cycle: str, *, day: int, hour: int, holidays: Collection[date]) -> datetime:
    """The instant at which a cycle's bills are drawn. May 2025 → Monday 9 June 2025, since the 7th is a Saturday."""
    _, end = cycle_bounds(cycle)
    planned = local_date(end) + timedelta(days=day - 1)
    return instant(next_working_day(planned, holidays), time(hour))


def next_cycle(cycle: str) -> str:
    """The cycle after this one."""
    _, end = cycle_bounds(cycle)
    return cycle_of(end)
