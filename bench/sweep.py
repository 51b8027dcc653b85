"""P3: complete many orders that fall due together: the sweep, against one hand-written statement for the same rows."""

import time
from typing import Any

import psycopg

from bench.generate import add_orders
from bench.ground import OUT, Ground

MAKE_DUE = """
    WITH newest AS (
        SELECT o.id, o.number FROM orders_order o WHERE o.state = 'processing' AND o.due_at IS NULL
        AND EXISTS (SELECT 1 FROM supervision_flow f WHERE f.number = o.number || '-000001' AND f.state = 'wait_acceptance')
        ORDER BY o.id DESC LIMIT %(count)s
    ), accepted AS (
        UPDATE billing_transaction t SET supervision = 'completed', supervised_at = %(at)s, effective_at = %(at)s
        FROM newest WHERE t.order_number = newest.number
    ), flows AS (
        UPDATE supervision_flow f SET state = 'completed', accepted_at = %(at)s FROM newest
        WHERE f.number = newest.number || '-000001'
    )
    UPDATE orders_order o SET due_at = %(due)s FROM newest WHERE o.id = newest.id
"""
# One statement that leaves the same rows: order, fact (its trigger makes chain, head and outbox), sale, two transfers.
BY_HAND = """
    WITH done AS (
        UPDATE orders_order SET state = 'completed', state_since = due_at, completed_at = due_at, due_at = NULL
        WHERE state = 'processing' AND due_at <= %(until)s RETURNING number, buyer_id, seller_id, completed_at
    ), facts AS (
        INSERT INTO journal_fact (stream, sequence, at, verb, kind, subject, buyer_id, seller_id, body, previous, hash)
        SELECT number, 0, completed_at, 'complete_order', 'order', number, buyer_id, seller_id, repeat('x', 300), '', ''
        FROM done
    ), sales AS (
        UPDATE billing_transaction t SET completed_at = done.completed_at FROM done WHERE t.order_number = done.number
        RETURNING t.key, t.seller_id, t.seller_units, t.fee_units, t.completed_at
    )
    INSERT INTO ledger_transfer (event, key, share, debit_id, credit_id, units, at)
    SELECT 'line_ready', key, share, %(liability)s, CASE share WHEN 'fee' THEN %(fee)s ELSE payable.id END,
           CASE share WHEN 'fee' THEN fee_units ELSE seller_units END, completed_at
    FROM sales CROSS JOIN (VALUES ('seller'), ('fee')) AS shares (share)
    JOIN ledger_account payable ON payable.code = 'seller_payable' AND payable.owner_id = sales.seller_id
"""


def run(ground: Ground, counts: tuple[int, ...]) -> dict[str, Any]:
    """For each count: the product's sweep, then the hand-written statement, on as many fresh orders each."""
    from opengallery.kit import clock
    from opengallery.market.orders.actions.complete_order import complete_orders

    results: dict[str, Any] = {}
    for count in counts:
        add_orders(ground, count * 2, waiting=count * 2)
        at = clock.now()
        make_due(ground, count, at)
        start = time.perf_counter()
        done = 0
        while step := complete_orders(until=at):
            done += step
        product = time.perf_counter() - start
        make_due(ground, count, at)
        with psycopg.connect(ground.dsn) as connection:
            start = time.perf_counter()
            connection.execute(BY_HAND, {"until": at, **accounts(connection)})
            connection.commit()
            limit = time.perf_counter() - start
        OUT.print(
            f"P3 complete {count:,}: {product:.1f} s ({done / product:.0f}/s); by hand {limit:.1f} s → ratio {limit / product:.2f}"
        )
        results[str(count)] = {"seconds": product, "limit_seconds": limit, "ratio": limit / product, "done": done}
    return results


def make_due(ground: Ground, count: int, at: Any) -> None:
    """Let the newest waiting orders be accepted and due."""
    with psycopg.connect(ground.dsn) as connection:
        connection.execute(MAKE_DUE, {"count": count, "at": at, "due": at})
        connection.commit()
        connection.autocommit = True
        for table in ("orders_order", "billing_transaction", "supervision_flow"):
            connection.execute(f"VACUUM (ANALYZE) {table}")  # type: ignore[arg-type]


def accounts(connection: Any) -> dict[str, int]:
    """The rows of the accounts that both sides post to."""
    rows = connection.execute("SELECT code, id FROM ledger_account WHERE owner_id = 0").fetchall()
    known = dict(rows)
    return {"liability": known["contract_liability"], "fee": known["fee_revenue"]}
