"""Money: whole, never lost, rounded once."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opengallery.kit.money import LARGEST, Money, half_up

units = st.integers(-(10**18), 10**18)
currencies = st.sampled_from(["USD", "JPY", "KWD", "EUR"])


@pytest.mark.parametrize(
    ("text", "units"),
    [("10.03", 1_003_000_000), ("0.00000001", 1), ("-1", -100_000_000), ("1000", 10**11), ("007", 700_000_000)],
)
def test_reading_an_amount(text, units):
    assert Money.of(text, "USD") == Money(units, "USD")


@pytest.mark.parametrize("text", ["", " 1", "1 ", "1.", ".5", "1e3", "NaN", "1,000", "+1", "1.123456789", "1234567890",
                                  "1\n", "--1", "Infinity", "٣", 1.5, True, None])  # fmt: skip
def test_what_is_no_amount(text):
    with pytest.raises(ValueError, match="not an amount"):
        Money.of(text, "USD")


@pytest.mark.parametrize(
    ("amount", "currency", "payable"),
    [
        ("25.5765", "USD", "25.58"),
        ("25.575", "USD", "25.58"),
        ("25.57499999", "USD", "25.57"),
        ("-25.575", "USD", "-25.58"),
        ("0.005", "USD", "0.01"),
        ("0.00499999", "USD", "0.00"),
        ("10.5", "JPY", "11"),
        ("10.49999999", "JPY", "10"),
        ("1.0005", "KWD", "1.001"),
    ],
)
def test_rounding_half_up_to_what_can_be_paid(amount, currency, payable):
    rounded = Money.of(amount, currency).payable()
    assert (rounded.amount(), rounded.is_payable()) == (payable, True)


@pytest.mark.parametrize(
    ("amount", "most", "printed"),
    [
        ("1020", 2, "1,020.00 USD"),
        ("8.5255", 4, "8.5255 USD"),
        ("8.5", 4, "8.50 USD"),
        ("1234567.891", 8, "1,234,567.891 USD"),
        ("-0.5", 2, "-0.50 USD"),
        ("-1234.5", 2, "-1,234.50 USD"),
    ],
)
def test_printing(amount, most, printed):
    assert Money.of(amount, "USD").print(most) == printed


def test_currencies_do_not_mix():
    with pytest.raises(ValueError, match="cannot be added"):
        Money.of("1", "USD") + Money.of("1", "EUR")
    with pytest.raises(ValueError, match="cannot be added"):
        Money.total([Money.of("1", "USD")], "EUR")


def test_the_largest_amount_of_an_order_of_twenty_lines_fits_into_its_column():
    assert (Money.of(LARGEST, "USD") * 20).units < 2**63


@given(units=units, share=st.integers(0, 10_000), currency=currencies)
def test_a_share_and_the_rest_are_the_whole(units, share, currency):
    whole = Money(units, currency)
    part = whole.portion(share)
    assert part + (whole - part) == whole
    assert abs(part.decimal - whole.decimal * share / 10_000) <= Decimal("0.5E-8")


@given(units=units, currency=currencies)
def test_paying_moves_an_amount_by_half_a_minor_unit_at_most(units, currency):
    money = Money(units, currency)
    paid = money.payable()
    minor = Money.of("1", currency).units // 10 ** {"JPY": 0, "KWD": 3}.get(currency, 2)
    assert paid.units % minor == 0
    assert 2 * abs(paid.units - money.units) <= minor
    assert paid.payable() == paid
    assert (-money).payable() == -paid


@given(units=st.integers(-(10**16), 10**16), currency=currencies)
def test_what_is_written_is_read_back(units, currency):
    assert Money.of(Money(units, currency).amount(), currency) == Money(units, currency)


@given(parts=st.lists(st.integers(0, 10**14), max_size=12))
def test_a_total_is_rounded_once(parts):
    total = Money.total((Money(part, "USD") for part in parts), "USD")
    assert total.units == sum(parts)
    assert abs(total.payable().units - sum(parts)) <= 500_000


@given(numerator=st.integers(-(10**20), 10**20), denominator=st.integers(-(10**6), 10**6).filter(bool))
def test_half_up(numerator, denominator):
    twice_off = 2 * (half_up(numerator, denominator) * denominator - numerator)
    assert abs(twice_off) <= abs(denominator)
    assert half_up(-numerator, denominator) == -half_up(numerator, denominator)
