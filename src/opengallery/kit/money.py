"""Money: whole hundred-millionths with a currency, shared by subtraction and rounded once, at the total."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

SCALE = 8
ONE = 10**SCALE
BASIS_POINTS = 10_000
MINOR_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "BHD": 3, "KWD": 3, "OMR": 3, "TND": 3}
_AMOUNT = re.compile(r"-?\d{1,9}(\.\d{1,8})?", re.ASCII)
LARGEST = "999999999.99"  # what `Money.of` reads; a hundred times as much still fits into a column


def minor_digits(currency: str) -> int:
    """Return how many decimals a person pays in that currency (ISO 4217): 2 unless listed."""
    return MINOR_DIGITS.get(currency, 2)


def half_up(numerator: int, denominator: int) -> int:
    """Divide whole numbers, rounding halves away from zero."""
    sign = -1 if (numerator < 0) != (denominator < 0) else 1
    quotient, rest = divmod(abs(numerator), abs(denominator))
    return sign * (quotient + (1 if 2 * rest >= abs(denominator) else 0))


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount: `units` are hundred-millionths (10⁻⁸) of one unit of `currency`."""

    units: int
    currency: str

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str) -> "Money":
        """Read a decimal amount such as "10.03"; ValueError for anything else, floats included."""
        text = str(amount)
        if isinstance(amount, float) or not _AMOUNT.fullmatch(text):
            raise ValueError(f"not an amount: {text[:40]!r}")
        return cls(int(Decimal(text).scaleb(SCALE)), currency)

    @classmethod
    def zero(cls, currency: str) -> "Money":
        """Nothing, in a currency."""
        return cls(0, currency)

    @classmethod
    def total(cls, amounts: Iterable["Money"], currency: str) -> "Money":
        """Add up amounts of one currency."""
        return sum(amounts, start=cls(0, currency))

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be added")

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.units + other.units, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.units - other.units, self.currency)

    def __mul__(self, count: int) -> "Money":
        return Money(self.units * count, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.units, self.currency)

    def portion(self, basis_points: int) -> "Money":
        """Return that many ten-thousandths of the amount, to 8 decimals (half-up)."""
        return Money(half_up(self.units * basis_points, BASIS_POINTS), self.currency)

    def payable(self) -> "Money":
        """Round half-up to what a person can pay: the currency's minor unit. Only totals are rounded (spec 5.8)."""
        step = 10 ** (SCALE - minor_digits(self.currency))
        return Money(half_up(self.units, step) * step, self.currency)

    def is_payable(self) -> bool:
        """Tell whether the amount has no more decimals than its currency."""
        return self == self.payable()

    @property
    def decimal(self) -> Decimal:
        """The exact decimal value."""
        return Decimal(self.units).scaleb(-SCALE)

    def amount(self, most: int = SCALE) -> str:
        """Return the amount as plain decimal digits: at least the minor unit, at most `most` decimals."""
        least = minor_digits(self.currency)
        value = self.decimal.quantize(Decimal(1).scaleb(-max(most, least)), ROUND_HALF_UP)
        whole, _, part = f"{value:f}".partition(".")
        part = part.rstrip("0").ljust(least, "0")
        return f"{whole}.{part}" if part else whole

    def print(self, most: int = SCALE) -> str:
        """Return what a page shows: "1,020.00 USD"."""
        whole, _, part = self.amount(most).partition(".")
        sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
        return f"{sign}{int(digits):,}{'.' + part if part else ''} {self.currency}"

    def __str__(self) -> str:
        return self.print()
