"""Who gets what of a sale: pure arithmetic of shares, settlement and crumbs (money spec 5.1, 5.8)."""

from collections.abc import Sequence
from dataclasses import dataclass

from opengallery.kit.money import Money


@dataclass(frozen=True, slots=True)
class Charge:
    """One settleable event, handed down frozen: what was sold for how much, and at which fee.

    `net` is the selling price without VAT; `customer_wht` what the customer withholds; `fee_bp` basis points.
    """

    key: str
    buyer_id: int
    seller_id: int
    net: Money
    fee_bp: int
    customer_wht: Money | None = None

    @property
    def base(self) -> Money:
        """What is shared: the price without VAT less the customer's withholding tax."""
        return self.net - self.customer_wht if self.customer_wht else self.net

    @property
    def fee(self) -> Money:
        """The platform's share."""
        return self.base.portion(self.fee_bp)

    @property
    def sellers(self) -> Money:
        """The seller's share, by subtraction: nothing is lost, nothing is rounded."""
        return self.base - self.fee


def settlement(charges: Sequence[Charge], *, seller_taxes: Sequence[Money], currency: str) -> Money:
    """Σ (price without VAT − customer WHT) × (1 − fee) − seller taxes, exact (money spec 5.1)."""
    return Money.total((charge.sellers for charge in charges), currency) - Money.total(seller_taxes, currency)


def crumbs(exact: Money) -> Money:
    """What rounding the total adds (positive) or takes away (negative); posted so that the books stay exact."""
    return exact.payable() - exact
