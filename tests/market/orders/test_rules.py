"""Validity by the calendar: rules V2 to V9, the documented and the worked examples (spec 3.2 to 3.4)."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opengallery.kit.calendar import add_months
from opengallery.market.orders.rules import due_of, enabling_time_error, first_term, renewed_end, start_of

ZONE = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.spec("AT-19", "AT-20", "AT-30")
@pytest.mark.parametrize(
    ("name", "unit", "accepted", "enabled", "start", "end"),
    [
        ("E1", "year", "2020-03-01 10:00", "", "2020-03-01", "2021-03-01"),
        ("E2", "year", "2023-03-01 10:00", "", "2023-03-01", "2024-03-01"),
        ("E3", "year", "2020-03-01 10:00", "", "2020-03-01", "2021-03-01"),
        ("E4", "year", "2020-03-01 10:00", "", "2020-03-01", "2021-03-01"),
        ("E5", "month", "2025-02-01 10:00", "", "2025-02-01", "2025-03-01"),
        ("E6", "month", "2025-02-01 10:00", "2025-01-01", "2025-01-01", "2025-02-01"),
        ("E7", "month", "2024-01-01 10:30", "", "2024-01-01", "2024-02-01"),
        ("E8", "month", "2024-03-31 09:00", "", "2024-03-31", "2024-04-30"),
        ("W1", "month", "2025-01-31 09:00", "", "2025-01-31", "2025-02-28"),
        ("W2", "year", "2024-02-29 09:00", "", "2024-02-29", "2025-02-28"),
        ("W3", "year", "2025-05-20 10:00", "2025-04-10", "2025-04-10", "2026-04-10"),
        ("W4", "year", "2025-05-20 10:00", "", "2025-05-20", "2026-05-20"),
    ],
)
def test_first_terms(name, unit, accepted, enabled, start, end):
    term = first_term(start_of(at(accepted), at(enabled) if enabled else None), unit, 1)
    assert (term.start.date().isoformat(), term.end.isoformat()) == (start, end), name
    assert term.expires_at == at(f"{end} 23:59:59")


def test_e7_expires_at_the_last_second_of_its_day():
    assert first_term(at("2024-01-01 10:30:00"), "month", 1).expires_at == at("2024-02-01 23:59:59")


@pytest.mark.spec("AT-31")
@pytest.mark.parametrize(
    ("name", "end", "anchor", "unit", "count", "expected"),
    [
        ("E8", "2024-04-30", 31, "month", 1, "2024-05-31"),
        ("W1", "2025-02-28", 31, "month", 1, "2025-03-31"),
        ("W2", "2025-02-28", 29, "year", 3, "2028-02-29"),
        ("W5", "2026-06-01", 1, "year", 1, "2027-06-01"),
        ("AT-09", "2021-03-01", 1, "year", 1, "2022-03-01"),
    ],
)
def test_renewed_ends(name, end, anchor, unit, count, expected):
    assert renewed_end(date.fromisoformat(end), anchor, unit, count).isoformat() == expected, name


@pytest.mark.spec("AT-31")
def test_e8_thirteen_days_are_left():
    end = renewed_end(date(2024, 4, 30), 31, "month", 1)
    assert (end - date(2024, 5, 18)).days == 13


def test_a_day_is_the_platforms_day():
    """Accepted at 16:30 UTC it is the next day in Shanghai already."""
    term = first_term(datetime(2025, 1, 30, 16, 30, tzinfo=ZoneInfo("UTC")), "month", 1)
    assert (term.end, term.anchor) == (date(2025, 2, 28), 31)


def test_a_one_time_licence_has_no_end():
    term = first_term(at("2025-06-02 10:00"), "one_time", 1)
    assert (term.end, term.expires_at) == (None, None)


@pytest.mark.parametrize(
    ("enabled", "refused"),
    [
        ("2025-04-01 23:59:59", True),
        ("2025-04-02 00:00:00", False),
        ("2025-04-02 15:00:00", False),
        ("2025-05-10 09:00:00", False),
        ("2025-05-10 09:00:01", True),
    ],
)
def test_v4(enabled, refused):
    error = enabling_time_error(at(enabled), paid_at=at("2025-04-02 15:00"), at=at("2025-05-10 09:00"))
    assert bool(error) == refused


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("active", "2026-06-01 23:59:59"),
        ("grace", "2026-06-16 23:59:59"),
        ("frozen", "2026-07-01 23:59:59"),
        ("released", None),
        ("pending", None),
    ],
)
def test_what_ages_when(state, expected):
    """D14: 15 days of grace, then 15 of retention."""
    due = due_of(state, date(2026, 6, 1), grace_days=15, retention_days=15)
    assert due == (at(expected) if expected else None)
    assert due_of(state, None, grace_days=15, retention_days=15) is None


days = st.dates(date(1990, 1, 1), date(2150, 1, 1))


@given(day=days, months=st.lists(st.integers(1, 60), min_size=1, max_size=8))
def test_renewals_end_where_one_long_term_would(day, months):
    """V5: the anchor keeps its day number through short months, whatever the periods."""
    end = day
    for count in months:
        end = renewed_end(end, day.day, "month", count)
    assert end == add_months(day, sum(months))


@given(day=days, count=st.integers(1, 60))
def test_an_end_has_the_start_s_day_number_or_is_the_months_last(day, count):
    end = first_term(at(f"{day} 12:00"), "month", count).end
    assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == count
    assert end.day == day.day or (end.day < day.day and (end + timedelta(days=1)).day == 1)


@given(day=days, years=st.integers(1, 5))
def test_a_year_is_twelve_months(day, years):
    start = at(f"{day} 12:00")
    assert first_term(start, "year", years) == first_term(start, "month", 12 * years)
