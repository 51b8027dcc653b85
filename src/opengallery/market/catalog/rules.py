"""What this SKU costs: so many of them, for so long (sellers spec 9.4)."""

from opengallery.kit.money import Money

YEAR, MONTH, ONE_TIME = "year", "month", "one_time"
UNITS = {YEAR: "Yearly", MONTH: "Monthly", ONE_TIME: "One-time"}
MONTHS = {YEAR: 12, MONTH: 1}
MOST_PERIODS = {YEAR: 5, MONTH: 11, ONE_TIME: 1}
MOST_QUANTITY = 10_000


def price_of(unit_price: Money, *, quantity: int, count: int) -> Money:
    """The price, before tax, of `quantity` pieces for `count` periods at a simple price."""
    return unit_price * quantity * count


def period_text(unit: str, count: int) -> str:
    """How people say a period: "1 year", "3 months", "one-time"."""
    if unit == ONE_TIME:
        return "one-time"
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
