"""Identifiers: sortable ids with a prefix, and order numbers."""

import secrets
from datetime import datetime

from opengallery.kit.calendar import local

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def _base32(value: int, length: int) -> str:
    digits = []
    for _ in range(length):
        value, rest = divmod(value, 32)
        digits.append(_CROCKFORD[rest])
    return "".join(reversed(digits))


def new_id(prefix: str, at: datetime) -> str:
    """Return an id such as "bill_01hq3…": 48 bits of milliseconds, so that ids sort by time, then 80 random bits."""
    milliseconds = int(at.timestamp() * 1000)
    return f"{prefix}_{_base32(milliseconds, 10)}{_base32(secrets.randbits(80), 16)}"


def order_number(at: datetime) -> str:
    """Return a new order number such as CS2503180001ABCD: the day, then four digits and four letters at random.

    Not a running count: a count would tell each customer how much the others buy, and would make buyers queue.
    """
    return f"CS{local(at):%y%m%d}{secrets.randbelow(10_000):04d}{''.join(secrets.choice(_LETTERS) for _ in range(4))}"


def line_number(order: str, index: int) -> str:
    """Return the number of an order's line: CS2503180001ABCD-000001 is the first."""
    return f"{order}-{index:06d}"
