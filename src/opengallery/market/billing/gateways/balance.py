"""Paying from the prepaid balance."""

from opengallery.market.billing.gateways.base import Payment, Refund
from opengallery.market.billing.postings import postings_of
from opengallery.market.ledger.actions import post_transfers


class Balance:
    """Takes the amount from the buyer's prepaid balance; BalanceTooLow if it does not cover it."""

    label = "Prepaid balance"
    settles_at_once = True

    def collect(self, payment: Payment) -> None:
        """Move the amount from the balance to what is owed in deliveries."""
        post_transfers(
            postings_of("order_paid", key=payment.key, shares={"net": payment.amount},
                        owners={"buyer": payment.buyer_id}, at=payment.at)
        )  # fmt: skip

    def give_back(self, refund: Refund) -> None:
        """Back to the balance that it came from."""
        post_transfers(
            postings_of("line_refunded", key=refund.key, shares={"amount": refund.amount},
                        owners={"buyer": refund.buyer_id}, at=refund.at)
        )  # fmt: skip
