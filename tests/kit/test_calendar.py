"""Days, months and cycles on the platform's calendar."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opengallery.kit.calendar import (
    add_months,
    cycle_bounds,
    cycle_of,
    end_of_day,
    instant,
    local_date,
    month_start,
    next_working_day,
)

days = st.dates(date(1990, 1, 1), date(2150, 12, 31))


@pytest.mark.parametrize(
    ("day", "months", "anchor", "expected"),
    [
        ("2024-03-31", 1, None, "2024-04-30"),
        ("2024-04-30", 1, 31, "2024-05-31"),
        ("2024-01-31", 1, None, "2024-02-29"),
        ("2025-01-31", 1, None, "2025-02-28"),
        ("2024-02-29", 12, None, "2025-02-28"),
        ("2024-02-29", 48, None, "2028-02-29"),
        ("2024-12-15", 1, None, "2025-01-15"),
        ("2025-01-15", -1, None, "2024-12-15"),
    ],
)
def test_months_later(day, months, anchor, expected):
    assert add_months(date.fromisoformat(day), months, anchor).isoformat() == expected


@given(day=days, there=st.integers(0, 400), back=st.integers(0, 400))
def test_months_add_up_when_anchored(day, there, back):
    assert add_months(add_months(day, there, day.day), -there, day.day) == day
    assert add_months(add_months(day, there), back, day.day) == add_months(day, there + back)


@given(one=days, other=days, months=st.integers(0, 400))
def test_an_earlier_day_never_overtakes(one, other, months):
    first, second = sorted([one, other])
    assert add_months(first, months) <= add_months(second, months)


@given(day=days, clock=st.times())
def test_an_instant_is_on_its_day(day, clock):
    assert local_date(instant(day, clock.replace(tzinfo=None))) == day


@given(day=days)
def test_a_day_ends_a_second_before_the_next(day):
    assert end_of_day(day) + timedelta(seconds=1) == instant(day + timedelta(days=1))


@given(day=days, clock=st.times())
def test_a_cycle_holds_its_instants(day, clock):
    at = instant(day, clock.replace(tzinfo=None))
    first, after = cycle_bounds(cycle_of(at))
    assert first <= at < after
    assert local_date(first) == month_start(day)


def test_a_cycle_is_a_month_of_the_platform():
    """15:59:59 UTC is the month's last second in Shanghai."""
    last = datetime(2025, 3, 31, 15, 59, 59, tzinfo=UTC)
    assert (cycle_of(last), cycle_of(last + timedelta(seconds=1))) == ("202503", "202504")
    assert cycle_bounds("202503")[1] == last + timedelta(seconds=1)


NO_CYCLES = ["", "2025", "202513", "202500", "20250", "2025031", "abcdef", "２０２５０３", "000101", "999912", "-20250"]


@pytest.mark.parametrize("cycle", NO_CYCLES)
def test_what_is_no_cycle(cycle):
    with pytest.raises(ValueError, match=r"cycle|month"):
        cycle_bounds(cycle)


@pytest.mark.parametrize(
    ("day", "holidays", "expected"),
    [
        ("2025-06-07", [], "2025-06-09"),
        ("2025-06-07", ["2025-06-09"], "2025-06-10"),
        ("2025-06-08", [], "2025-06-09"),
        ("2025-02-07", [], "2025-02-07"),
        ("2020-04-07", [], "2020-04-07"),
        ("2020-04-07", ["2020-04-07", "2020-04-08", "2020-04-09", "2020-04-10"], "2020-04-13"),
    ],
)
def test_the_next_working_day(day, holidays, expected):
    taken = {date.fromisoformat(text) for text in holidays}
    assert next_working_day(date.fromisoformat(day), taken).isoformat() == expected


def test_time_of_day():
    assert instant(date(2025, 1, 1), time(8)) == datetime(2025, 1, 1, tzinfo=UTC)
