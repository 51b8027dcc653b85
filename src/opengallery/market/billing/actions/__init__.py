"""The verbs of billing."""

from opengallery.market.billing.actions.balances import balance_of, grant_credit, repay_credit, top_up_balance
from opengallery.market.billing.actions.bills import draw_bill, plan_run, run_bills
from opengallery.market.billing.actions.payees import certify_payee
from opengallery.market.billing.actions.planning import decide, keep_holiday
from opengallery.market.billing.actions.transactions import (
    complete_line,
    complete_transactions,
    is_invoiced,
    meet_supervision,
    note_invoice,
    open_transaction,
    refund_transaction,
    take_effect,
    unmeet_supervision,
    withdraw_invoice,
)

__all__ = [
    "balance_of", "certify_payee", "complete_line", "complete_transactions", "decide", "draw_bill", "grant_credit",
    "is_invoiced", "keep_holiday", "meet_supervision", "note_invoice", "open_transaction", "plan_run",
    "refund_transaction", "repay_credit", "run_bills", "take_effect", "top_up_balance", "unmeet_supervision",
    "withdraw_invoice",
]  # fmt: skip
