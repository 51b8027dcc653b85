"""All bookkeeping of the house: each event and what it moves in the books, as a table an accountant can read."""

from collections.abc import Mapping
from datetime import datetime

from opengallery.kit.money import Money
from opengallery.market.ledger.actions import Posting

POSTINGS: dict[str, tuple[tuple[str, str, str], ...]] = {
    #  event               debit                  credit                share
    "balance_topped_up": (("cash",               "customer_balance",   "amount"),),
    "order_paid":        (("customer_balance",   "contract_liability", "net"),),
    "order_on_credit":   (("customer_credit",    "contract_liability", "net"),),
    "credit_repaid":     (("cash",               "customer_credit",    "amount"),),
    "line_refunded":     (("contract_liability", "customer_balance",   "amount"),),
    "line_credited":     (("contract_liability", "customer_credit",    "amount"),),
    "line_ready":        (("contract_liability", "seller_payable",     "seller"),
                          ("contract_liability", "fee_revenue",        "fee")),
    "bill_rounded":      (("rounding",           "seller_payable",     "up"),
                          ("seller_payable",     "rounding",           "down")),
}  # fmt: skip
_OWNER = {"customer_balance": "buyer", "customer_credit": "buyer", "seller_payable": "seller"}


def postings_of(event: str, *, key: str, shares: Mapping[str, Money], owners: Mapping[str, int],
                at: datetime) -> list[Posting]:  # fmt: skip
    """Return the transfers of one event. `owners` names the buying and the selling organisation where rows need them.

    Shares that are not given, or are zero, move nothing.
    """

    def place(code: str) -> tuple[str, int]:
        return code, owners[_OWNER[code]] if code in _OWNER else 0

    return [
        Posting(event, key, share, place(debit), place(credit), shares[share], at)
        for debit, credit, share in POSTINGS[event]
        if share in shares and shares[share].units
    ]
