"""Many orders, set-based: as the verbs leave them, without going through the verbs a million times."""

from dataclasses import dataclass
from typing import Any

import psycopg
from rich.progress import Progress

from bench.ground import Ground

PRODUCT_WORDS = ("Ledger", "Harbor", "Sentry", "Atlas", "Beacon", "Cobalt", "Delta", "Ember", "Falcon", "Granite",
                 "Helix", "Ion", "Juniper", "Krypton", "Lumen", "Meridian", "Nimbus", "Orbit", "Prism", "Quartz")  # fmt: skip

# One row of `plan` is one order. Every tenth is the measured seller's: so of a million it has a hundred thousand.
PLAN = """
CREATE UNLOGGED TABLE bench_plan AS
SELECT n,
       'CSBN' || lpad(n::text, 10, '0') || 'BNCH' AS number,
       CASE WHEN n % 10 = 0 THEN %(seller)s ELSE %(other_seller)s END AS seller,
       CASE WHEN n % 10 = 0 THEN %(buyer)s ELSE %(other_buyer)s END AS buyer,
       now() - interval '400 days' + n * interval '30 seconds' AS placed,
       CASE WHEN n > %(waiting_from)s THEN 'wait_acceptance' WHEN n %% 20 = 0 THEN 'wait_delivery' ELSE 'completed' END AS flow,
       (%(words)s::text[])[1 + n %% 20] || ' ' || (%(words)s::text[])[1 + (n / 20) %% 20] || ' ' || (n %% 997) AS product
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
""".replace("n % 10", "n %% 10")

STEPS: dict[str, str] = {
    "orders": """
        INSERT INTO orders_order (state, state_since, held_by, number, type, buyer_id, seller_id, customer_name,
            customer_full_name, customer_username, seller_name, purchase_order, currency, total_units, placed_at, paid_at,
            payment_method, completed_at)
        SELECT CASE WHEN flow = 'completed' THEN 'completed' ELSE 'processing' END, placed, '', number, 'new', buyer,
            seller, 'Customer ' || n %% 5000, 'Person ' || n %% 5000, 'user' || n %% 5000, 'Seller', '', 'USD',
            100000000000, placed, placed, 'balance', CASE WHEN flow = 'completed' THEN placed END
        FROM bench_plan""",
    "resources": """
        INSERT INTO orders_resource (state, state_since, held_by, public_id, order_id, product_id, product_name,
            specification_name, sku, unit, quantity, buyer_id, seller_id, anchor, grace_days, retention_days, start_at)
        SELECT CASE WHEN flow = 'completed' THEN 'active' ELSE 'pending' END, placed, '', 'res_' || number || '-000001',
            o.id, %(product)s, p.product, 'Standard', %(sku)s, 'year', 1, buyer, seller, 1, 15, 15, placed
        FROM bench_plan p JOIN orders_order o USING (number)""",
    "lines": """
        INSERT INTO orders_orderline (order_id, number, product_id, price_line_id, resource_id, net_units, stored_terms,
            fulfilled_at, words)
        SELECT o.id, p.number || '-000001', %(product)s, %(price)s, r.id, 100000000000,
            jsonb_set(%(terms)s::jsonb, '{product_name}', to_jsonb(p.product)),
            CASE WHEN flow = 'completed' THEN placed END,
            (SELECT array_to_tsvector(array_agg(mark || word))
             FROM unnest(ARRAY['o:' || lower(p.number), 'c:customer', 'c:' || n %% 5000, 'u:user' || n %% 5000] ||
                      (SELECT array_agg('p:' || w) FROM unnest(string_to_array(lower(p.product), ' ')) w)) AS word,
                  unnest(ARRAY['', 'b' || buyer, 's' || seller]) AS mark)
        FROM bench_plan p JOIN orders_order o USING (number) JOIN orders_resource r ON r.order_id = o.id""",
    "flows": """
        INSERT INTO supervision_flow (state, state_since, held_by, line_id, number, template, buyer_id, seller_id,
            placed_at, promised_at, deliveries_count, delivery_rejections, accepted_at, accepted_by)
        SELECT flow, placed, '', l.id, l.number, 'license', buyer, seller, placed, placed,
            CASE WHEN flow = 'wait_delivery' THEN 0 ELSE 1 END, 0, CASE WHEN flow = 'completed' THEN placed END, ''
        FROM bench_plan p JOIN orders_orderline l ON l.number = p.number || '-000001'""",
    "deliveries": """
        INSERT INTO supervision_delivery (flow_id, version, service_result, submitted_at, submitted_by, outcome, reason)
        SELECT f.id, 1, 'Licence key sent by mail.', placed, 'Clara Brandt', '', ''
        FROM bench_plan p JOIN supervision_flow f ON f.number = p.number || '-000001' WHERE flow = 'wait_acceptance'""",
    "transactions": """
        INSERT INTO billing_transaction (public_id, key, order_number, title, customer, seller_id, buyer_id, currency,
            net_units, fee_bp, fee_rule, fee_units, seller_units, opened_at, on_credit, supervision, paid_at)
        SELECT 'txn_' || number, number || '-000001', number, product, 'Customer ' || n %% 5000, seller, buyer, 'USD',
            100000000000, 1500, 'platform_fee_bp', 15000000000, 85000000000, placed, false, 'in_progress', placed
        FROM bench_plan WHERE flow = 'wait_acceptance'""",
}  # fmt: skip
TABLES = ("orders_order", "orders_orderline", "orders_resource", "supervision_flow", "supervision_delivery",
          "billing_transaction", "journal_head", "journal_fact")  # fmt: skip


@dataclass(frozen=True)
class Known:
    """Rows of the world that generated orders refer to."""

    values: dict[str, Any]


def known(ground: Ground) -> dict[str, Any]:
    """The keys of the world's organisations and of its yearly licence, and that licence's terms."""
    import json

    from opengallery.kit import clock
    from opengallery.market.orders.actions.place_order import find_price, freeze
    from opengallery.market.policy.models import Policy

    choice = ground.world.choice("license_yearly")
    price = find_price(0, choice)
    terms = freeze(price, choice, Policy.at(clock.now()))
    people = {name: member.organisation_id for name, member in ground.world.members.items()}
    return people | {
        "product": price.sku.specification.product_id, "price": price.pk, "sku": price.sku.code,
        "terms": json.dumps(terms.frozen()), "words": list(PRODUCT_WORDS),
    }  # fmt: skip


def add_orders(ground: Ground, count: int, *, waiting: int = 0) -> None:
    """Add that many orders; the last `waiting` of them wait for acceptance with a delivery, the others are as they come."""
    first, last = ground.orders + 1, ground.orders + count
    values = known(ground) | {"first": first, "last": last, "waiting_from": last - waiting}
    with psycopg.connect(ground.dsn) as connection, Progress(transient=True) as bar:
        task = bar.add_task(f"generating {count:,} orders", total=len(STEPS) + 2)
        connection.execute(PLAN, values)  # type: ignore[arg-type]
        bar.advance(task)
        for step in STEPS.values():
            connection.execute(step, values)  # type: ignore[arg-type]
            bar.advance(task)
        connection.execute("DROP TABLE bench_plan")
    with psycopg.connect(ground.dsn, autocommit=True) as connection:
        for table in TABLES:
            connection.execute(f"VACUUM (ANALYZE) {table}")  # type: ignore[arg-type]
    ground.orders = last


def waiting_lines(ground: Ground, count: int) -> list[str]:
    """The newest flows that wait for acceptance, by line number."""
    with psycopg.connect(ground.dsn) as connection:
        rows = connection.execute(
            "SELECT number FROM supervision_flow WHERE state = 'wait_acceptance' ORDER BY id DESC LIMIT %s", [count]
        ).fetchall()
    return [row[0] for row in rows]
