"""Buying on credit, repaid by billing cycle (bill condition 2 of spec 4.1)."""

from opengallery.kit.money import Money
from opengallery.market.billing.gateways.base import Payment, Refund
from opengallery.market.billing.models import CreditLine
from opengallery.market.billing.postings import postings_of
from opengallery.market.billing.problems import CreditNotGranted
from opengallery.market.ledger.actions import BalanceTooLow, post_transfers
from opengallery.market.ledger.queries import balance


class Credit:
    """Books the amount as credit used; the seller's payment condition stays open until it is repaid."""

    label = "Credit"
    settles_at_once = False

    def collect(self, payment: Payment) -> None:
        """Refuse without an agreement (CreditNotGranted) or beyond its limit (BalanceTooLow)."""
        # The agreement's row lock lets two orders at once see each other's use.
        line = CreditLine.objects.select_for_update().filter(pk=payment.buyer_id).first()
        if line is None or line.currency != payment.amount.currency:
            raise CreditNotGranted
        used = balance("customer_credit", payment.buyer_id, line.currency)
        left = Money(line.limit_units, line.currency) - used
        if payment.amount > left:
            raise BalanceTooLow(f"{left} of credit are left.")
        post_transfers(
            postings_of("order_on_credit", key=payment.key, shares={"net": payment.amount},
                        owners={"buyer": payment.buyer_id}, at=payment.at)
        )  # fmt: skip

    def give_back(self, refund: Refund) -> None:
        """So much less is owed."""
        post_transfers(
            postings_of("line_credited", key=refund.key, shares={"amount": refund.amount},
                        owners={"buyer": refund.buyer_id}, at=refund.at)
        )  # fmt: skip
