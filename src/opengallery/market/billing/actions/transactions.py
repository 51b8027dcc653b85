"""Open a transaction for a sale, note when its conditions come true, move the books when its order completes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from opengallery.kit.bulk import run_sql
from opengallery.kit.ids import new_id
from opengallery.kit.money import Money
from opengallery.kit.verbs import atomic
from opengallery.market.billing import states
from opengallery.market.billing.models import Transaction
from opengallery.market.billing.postings import postings_of
from opengallery.market.billing.problems import AlreadyFinal
from opengallery.market.billing.rules import Charge
from opengallery.market.ledger.actions import post_transfers


@atomic
def open_transaction(charge: Charge, *, order_number: str, title: str, customer: str, fee_rule: str, at: datetime,
                     on_credit: bool, supervised: bool, effective_at: datetime | None) -> Transaction:  # fmt: skip
    """Note a sale that will be owed to its seller. The charge's key makes it happen once."""
    return Transaction.objects.create(
        public_id=new_id("txn", at), key=charge.key, order_number=order_number, title=title, customer=customer,
        seller_id=charge.seller_id, buyer_id=charge.buyer_id, currency=charge.net.currency,
        net_units=charge.net.units, fee_bp=charge.fee_bp, fee_rule=fee_rule, fee_units=charge.fee.units,
        seller_units=charge.sellers.units, opened_at=at, on_credit=on_credit, paid_at=None if on_credit else at,
        supervision=states.IN_PROGRESS if supervised else states.NOT_SUPERVISED,
        supervised_at=None if supervised else at, effective_at=effective_at,
    )  # fmt: skip


@atomic
def meet_supervision(key: str, *, supervised_at: datetime, effective_at: datetime) -> None:
    """The line's service is accepted: its month is the month of the acceptance (spec Q8)."""
    Transaction.objects.filter(key=key, bill=None, completed_at=None).update(
        supervision=states.SUPERVISED, supervised_at=supervised_at, effective_at=effective_at
    )


@atomic
def take_effect(key: str, *, at: datetime) -> None:
    """What needs no supervision is there: from now on it can be billed."""
    Transaction.objects.filter(key=key, bill=None).update(effective_at=at)


@atomic
def unmeet_supervision(key: str) -> None:
    """The acceptance was retracted inside the three hours: the line waits again."""
    Transaction.objects.filter(key=key, bill=None, completed_at=None).update(
        supervision=states.IN_PROGRESS, supervised_at=None, effective_at=None
    )


@atomic
def refund_transaction(charge: Charge, *, refunded: Money, at: datetime) -> None:
    """Part or all of a sale was given back: what is kept is final now and belongs to this month (Q14, money 12.3).

    AlreadyFinal (409) if its money has become final before.
    """
    kept = Charge(charge.key, charge.buyer_id, charge.seller_id, charge.net - refunded, charge.fee_bp)
    final = at if kept.net.units else None
    rows = Transaction.objects.filter(key=charge.key, bill=None, completed_at=None)
    if not rows.update(
        net_units=kept.net.units, fee_units=kept.fee.units, seller_units=kept.sellers.units,
        refunded_units=refunded.units, supervision=states.SUPERVISED if final else states.TERMINATED,
        supervised_at=final, effective_at=final,
    ):  # fmt: skip
        raise AlreadyFinal
    complete_line(charge.key, at=at)


@atomic
def note_invoice(key: str, *, at: datetime) -> None:
    """The customer has an invoice for this sale: from now on it cannot be undone (AT-73)."""
    Transaction.objects.filter(key=key).update(invoiced_at=at)


@atomic
def withdraw_invoice(key: str) -> None:
    """The invoice was returned."""
    Transaction.objects.filter(key=key).update(invoiced_at=None)


def is_invoiced(key: str) -> bool:
    """Whether the customer has an invoice for this sale."""
    return Transaction.objects.filter(key=key, invoiced_at__isnull=False).exists()


COMPLETE = """
    UPDATE billing_transaction AS sale SET completed_at = done.at
    FROM unnest(%s::text[], %s::timestamptz[]) AS done (number, at)
    WHERE sale.order_number = done.number AND sale.completed_at IS NULL
    RETURNING sale.key, sale.seller_id, sale.currency, sale.seller_units, sale.fee_units, done.at
"""
COMPLETE_LINE = """
    UPDATE billing_transaction SET completed_at = %s WHERE key = %s AND completed_at IS NULL
    RETURNING key, seller_id, currency, seller_units, fee_units, completed_at
"""


@atomic
def complete_transactions(orders: Mapping[str, datetime]) -> None:
    """The orders, by number, completed at these instants: the run may claim their lines, and the books move."""
    with connection.cursor() as cursor:
        cursor.execute(COMPLETE, [list(orders), list(orders.values())])
        move_books(cursor.fetchall())


@atomic
def complete_line(key: str, *, at: datetime) -> None:
    """One line became final before its order: the run may claim it, and the books move."""
    move_books(run_sql(COMPLETE_LINE, [at, key]))


def move_books(rows: Sequence[tuple[Any, ...]]) -> None:
    """What was owed in deliveries is owed to sellers now, and the platform has earned its fee."""
    moved = [
        postings_of(
            "line_ready",
            key=key,
            shares={"seller": Money(seller_units, currency), "fee": Money(fee_units, currency)},
            owners={"seller": seller_id},
            at=at,
        )
        for key, seller_id, currency, seller_units, fee_units, at in rows
    ]
    post_transfers([posting for postings in moved for posting in postings])
