"""What may be asked back (U1, money 12.2); pure."""

from decimal import Decimal, InvalidOperation

from opengallery.kit.money import Money

TEXT_MAX = 1000


def read_amount(text: str, *, paid: Money) -> Money | None:
    """The amount that was typed, or None unless it is more than 0, at most what was paid, with at most 2 decimals."""
    try:
        typed = Decimal(text.strip())
    except InvalidOperation:
        return None
    if not typed.is_finite() or not 0 < typed <= Decimal(paid.amount()):
        return None
    amount = Money.of(format(typed, "f"), paid.currency) if -typed.as_tuple().exponent <= 8 else None  # type: ignore[operator]
    return amount if amount is not None and amount.is_payable() else None


def amount_error(paid: Money) -> str:
    """What an amount must be."""
    return f"More than 0 and at most {paid}, with at most 2 decimals."
