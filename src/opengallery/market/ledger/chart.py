"""The chart of accounts, as a table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of account. `owned`: there is one per organisation. `guarded`: it may never be overdrawn."""

    name: str
    side: str
    owned: bool = False
    guarded: bool = False


CHART = {
    "cash": Row("Cash at bank", "debit"),
    "customer_balance": Row("Customers' prepaid balances", "credit", owned=True, guarded=True),
    "customer_credit": Row("Customers' credit used", "debit", owned=True),
    "contract_liability": Row("Paid, not yet delivered", "credit"),
    "seller_payable": Row("Owed to sellers", "credit", owned=True),
    "fee_revenue": Row("Platform fees earned", "credit"),
    "rounding": Row("Rounding differences", "debit"),
}
