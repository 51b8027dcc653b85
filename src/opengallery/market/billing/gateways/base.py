"""What every way to pay does for an order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from opengallery.kit.money import Money


@dataclass(frozen=True, slots=True)
class Payment:
    """An order to be paid: by whom, how much, and the key under which it may happen once."""

    key: str
    buyer_id: int
    amount: Money
    at: datetime


@dataclass(frozen=True, slots=True)
class Refund:
    """What goes back of a line: to whom, how much, and the key under which it may happen once."""

    key: str
    buyer_id: int
    amount: Money
    at: datetime


class Gateway(Protocol):
    """One way to pay. `collect` runs inside the order's transaction: it succeeds with it or not at all."""

    label: str
    settles_at_once: bool  # False: the seller's payment condition waits for the customer's repayment

    def collect(self, payment: Payment) -> None:
        """Take the payment, or refuse it with a Problem and leave nothing behind."""
        ...

    def give_back(self, refund: Refund) -> None:
        """Return money the way it came; inside the refund's transaction too."""
        ...
