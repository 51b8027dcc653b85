"""Amounts, codes and times, without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from opengallery.kit.money import Money
from opengallery.market.purchasing.rules import (
    LONGEST,
    code_error,
    code_of,
    is_above,
    read_amount,
    read_time,
    span_errors,
)

NOON = datetime(2020, 1, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


@pytest.mark.parametrize(
    ("limit", "amount", "above"),
    [
        (None, usd("999999999"), False),
        (usd("1000"), usd("999.99"), False),
        (usd("1000"), usd("1000"), False),
        (usd("1000"), usd("1000.01"), True),
        (usd("0"), usd("0"), False),
        (usd("0"), usd("0.01"), True),
        (usd("1000"), Money.of("1", "EUR"), True),
    ],
)
def test_above_a_limit(limit, amount, above):
    assert is_above(limit, amount) is above


@pytest.mark.parametrize("text", ["0", "0.00", " 12.5 ", "999999999.99"])
def test_amounts(text):
    assert read_amount(text, "USD") == usd(text.strip())


@pytest.mark.parametrize("text", ["", "abc", "-5", "-0.01", "10.005", "1e3", "1,000", "NaN", "१००", "9999999999", "\0"])
def test_no_amounts(text):
    with pytest.raises(ValueError, match=r"\.$"):
        read_amount(text, "USD")


@pytest.mark.parametrize("code", ["IT", "it-1", "4711", "a.b_c-d", "X" * 40])
def test_codes(code):
    assert code_error(code_of(code)) == ""


@pytest.mark.parametrize("code", ["", " ", "X" * 41, "-IT", "I T", "IT/1", "ÄÖ", "a\0", "٤٧"])
def test_no_codes(code):
    assert code_error(code_of(code))


@pytest.mark.parametrize("text", ["tomorrow", "2025-02-30", "0001-01-01", "9999-12-31", "12:00", "\0"])
def test_no_times(text):
    with pytest.raises(ValueError, match=r"\.$"):
        read_time(text)


def test_a_time_without_an_offset_is_of_the_platforms_clock():
    assert read_time("2020-01-01 10:00") == datetime(2020, 1, 1, 2, tzinfo=UTC)
    assert read_time("2020-01-01T10:00:00+00:00") == datetime(2020, 1, 1, 10, tzinfo=UTC)
    assert read_time(" ") is None


@pytest.mark.parametrize(
    ("starts", "ends", "fields"),
    [
        (NOON, NOON + SECOND, set()),
        (NOON, NOON + LONGEST, set()),
        (NOON, NOON + LONGEST + SECOND, {"until"}),
        (NOON, NOON, {"until"}),
        (NOON, NOON - SECOND, {"until"}),
        (NOON - SECOND, NOON + SECOND, {"from"}),
        (NOON - SECOND, NOON - SECOND, {"from", "until"}),
    ],
)
def test_the_time_of_a_stand_in(starts, ends, fields):
    assert set(span_errors(starts, ends, at=NOON, begins_now=False)) == fields
