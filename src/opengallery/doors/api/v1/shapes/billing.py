"""Transactions with their conditions, and bills with the derivation of each line."""

from typing_extensions import TypedDict

from opengallery.doors.api.v1.shapes.common import BASE, Instant, MoneyShape, money, utc
from opengallery.kit.money import BASIS_POINTS
from opengallery.market.billing.explanations import Condition, Explanation
from opengallery.market.billing.models import Bill, Transaction
from opengallery.market.billing.rules import crumbs
from opengallery.market.billing.states import SUPERVISION


class ConditionShape(TypedDict):
    """One of the four conditions of a bill: since when it is met, or what it waits for, since when, who can cure it."""

    name: str
    label: str
    met: bool
    met_at: Instant | None
    cured_by: str | None
    waiting_for: str | None
    since: Instant | None


class EarliestBillShape(TypedDict):
    """The earliest bill that it can be on."""

    cycle: str
    run_at: Instant


class DerivationShape(TypedDict):
    """How the seller's share was calculated, exact: nothing is rounded before the bill's total."""

    net: MoneyShape
    fee_bp: int
    fee_rate: str
    fee_rule: str
    fee: MoneyShape
    seller_share: MoneyShape


class SaleShape(TypedDict):
    """What was sold to whom."""

    id: str
    line: str
    order: str
    title: str
    customer: str
    net: MoneyShape
    fee: MoneyShape
    seller_share: MoneyShape
    derivation: DerivationShape
    supervision_status: str
    opened_at: Instant
    paid_at: Instant | None
    accepted_at: Instant | None
    effective_at: Instant | None
    completed_at: Instant | None
    ready_at: Instant | None


class TransactionShape(SaleShape):
    """One settleable sale: billed or not, and why not."""

    billed: bool
    bill: str | None
    conditions: list[ConditionShape]
    reason: str
    earliest_bill: EarliestBillShape | None
    href: str


class BillRowShape(TypedDict):
    """What is owed to one seller for one cycle; `rounding` is what rounding the total added."""

    id: str
    cycle: str
    state: str
    label: str
    status: str
    seller: str
    drawn_at: Instant
    lines_count: int
    currency: str
    sales: MoneyShape
    fee: MoneyShape
    exact: MoneyShape
    rounding: MoneyShape
    total: MoneyShape
    href: str


class BillShape(BillRowShape):
    """A bill with one page of its lines."""

    lines: list[SaleShape]
    next: str | None


def sale(row: Transaction) -> SaleShape:
    """A transaction's figures and instants."""
    return {
        "id": row.public_id,
        "line": row.key,
        "order": row.order_number,
        "title": row.title,
        "customer": row.customer,
        "net": money(row.net),
        "fee": money(row.fee),
        "seller_share": money(row.sellers),
        "derivation": {
            "net": money(row.net),
            "fee_bp": row.fee_bp,
            "fee_rate": f"{row.fee_bp * 100 / BASIS_POINTS:.2f} %",
            "fee_rule": row.fee_rule,
            "fee": money(row.fee),
            "seller_share": money(row.sellers),
        },
        "supervision_status": SUPERVISION[row.supervision],
        "opened_at": utc(row.opened_at) or "",
        "paid_at": utc(row.paid_at),
        "accepted_at": utc(row.supervised_at) if row.supervision == "completed" else None,
        "effective_at": utc(row.effective_at),
        "completed_at": utc(row.completed_at),
        "ready_at": utc(row.ready_at),
    }


def transaction_shape(row: Transaction, why: Explanation) -> TransactionShape:
    """A transaction with its explanation; from a query with its bill."""
    earliest: EarliestBillShape | None = None
    if why.earliest_cycle and why.earliest_run_at:
        earliest = {"cycle": why.earliest_cycle, "run_at": utc(why.earliest_run_at) or ""}
    return {
        **sale(row),
        "billed": row.bill is not None,
        "bill": row.bill.public_id if row.bill else None,
        "conditions": [condition_shape(condition) for condition in why.conditions],
        "reason": why.reason,
        "earliest_bill": earliest,
        "href": f"{BASE}/transactions/{row.public_id}",
    }


def condition_shape(condition: Condition) -> ConditionShape:
    """A condition: what is met waits for nobody."""
    met = condition.met_at is not None
    return {
        "name": condition.name,
        "label": condition.label,
        "met": met,
        "met_at": utc(condition.met_at),
        "cured_by": None if met else condition.cured_by,
        "waiting_for": None if met else condition.waiting_for,
        "since": None if met else utc(condition.since),
    }


def bill_row(bill: Bill) -> BillRowShape:
    """A bill from a query with its seller."""
    return {
        "id": bill.public_id,
        "cycle": bill.cycle,
        "state": bill.state,
        "label": bill.label,
        "status": bill.label,
        "seller": bill.seller.name,
        "drawn_at": utc(bill.drawn_at) or "",
        "lines_count": bill.lines_count,
        "currency": bill.currency,
        "sales": money(bill.sales),
        "fee": money(bill.fee),
        "exact": money(bill.exact),
        "rounding": money(crumbs(bill.exact)),
        "total": money(bill.total),
        "href": f"{BASE}/bills/{bill.public_id}",
    }
