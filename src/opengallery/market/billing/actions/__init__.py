"""The verbs of billing."""

from opengallery.market.billing.actions.balances import balance_of, grant_credit, repay_credit, top_up_balance
from opengallery.market.billing.actions.bills import draw_bill, plan_run, run_bills
from opengallery.market.billing.actions.payees import certify_payee
from opengallery.market.billing.actions.planning import decide, keep_holiday
from opengallery.market.billing.actions.transactions import (
    complete_transactions,
    meet_supervision,
    open_transaction,
    unmeet_supervision,
)

__all__ = [
    "balance_of", "certify_payee", "complete_transactions", "decide", "draw_bill", "grant_credit", "keep_holiday",
    "meet_supervision", "open_transaction", "plan_run", "repay_credit", "run_bills", "top_up_balance",
    "unmeet_supervision",
]  # fmt: skip
