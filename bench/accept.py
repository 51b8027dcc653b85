"""P1: accept a delivery, by 8 clients over HTTP, against pgbench leaving the same rows; and create and pay (P6)."""

import re
import subprocess
import tempfile
from typing import Any

import psycopg

from bench.clients import Call, load
from bench.generate import add_orders, waiting_lines
from bench.ground import OUT, Ground

CLIENTS = 8
CALLS = 2000

# The smallest SQL that leaves the same rows as one acceptance: `:n` is a flow that waits for acceptance.
ACCEPT = """
\\set n random({first}, {last})
BEGIN;
UPDATE supervision_flow SET state = 'completed', state_since = now(), accepted_at = now(), accepted_by = 'buyer'
    WHERE id = :n AND state = 'wait_acceptance' AND held_by = '';
INSERT INTO journal_fact (stream, sequence, at, verb, kind, subject, buyer_id, seller_id, body, previous, hash)
    VALUES ('bench-' || :n, 0, now(), 'accept_delivery', 'flow', 'bench', 1, 2, repeat('x', 300), '', '');
UPDATE supervision_delivery SET outcome = 'accepted', outcome_at = now() WHERE flow_id = :n AND version = 1;
UPDATE orders_orderline SET fulfilled_at = now() WHERE id = :n;
UPDATE orders_resource SET state = 'active', state_since = now(), start_at = now(), "end" = now()::date + 366,
    due_at = now() + interval '366 days' WHERE id = :n;
INSERT INTO journal_fact (stream, sequence, at, verb, kind, subject, buyer_id, seller_id, body, previous, hash)
    VALUES ('bench-' || :n, 0, now(), 'start_resource', 'resource', 'bench', 1, 2, repeat('x', 300), '', '');
UPDATE orders_order SET due_at = now() + interval '3 hours' WHERE id = :n AND state = 'processing';
UPDATE billing_transaction SET supervision = 'completed', supervised_at = now(), effective_at = now()
    WHERE key = (SELECT number FROM orders_orderline WHERE id = :n) AND completed_at IS NULL;
END;
"""


def pgbench(ground: Ground, script: str, *, transactions: int) -> float:
    """Run a script by as many clients; return transactions a second."""
    from opengallery.project.embedded import programs

    parts = psycopg.conninfo.conninfo_to_dict(ground.dsn)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        answer = subprocess.run(
            [str(programs() / "pgbench"), "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2",
             "-t", str(transactions // CLIENTS), "-f", file.name, "-h", str(parts["host"]), "-p", str(parts["port"]),
             "-U", str(parts["user"]), str(parts["dbname"])],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    found = re.search(r"tps = ([\d.]+)", answer.stdout)
    if found is None:
        raise RuntimeError(answer.stdout + answer.stderr)
    return float(found[1])


def run(ground: Ground) -> dict[str, Any]:
    """Both sides in turn, on fresh flows each; return the figures."""
    token = ground.world.tokens["other_buyer"]
    add_orders(ground, 40_000, waiting=40_000)
    lines = waiting_lines(ground, 30_000)
    with psycopg.connect(ground.dsn) as connection:
        mine = connection.execute(
            "SELECT number FROM supervision_flow WHERE state = 'wait_acceptance' AND buyer_id = %s ORDER BY id DESC LIMIT %s",
            [ground.world.members["other_buyer"].organisation_id, CALLS + 200],
        ).fetchall()
        low = connection.execute("SELECT min(id) FROM supervision_flow WHERE state = 'wait_acceptance'").fetchone()
    numbers = [row[0] for row in mine]
    first = low[0] if low else 1
    with ground.serving():
        alone = load(ground.port, token, [accept(number) for number in numbers[:200]], clients=1)
        eight = load(ground.port, token, [accept(number) for number in numbers[200:]], clients=CLIENTS)
        buying = create_and_pay(ground)
    limit = pgbench(ground, ACCEPT.format(first=first, last=first + 8_000), transactions=4000)
    OUT.print(f"P1 accept: p50 {alone.p50:.1f} ms alone; {eight.rate:.0f}/s by eight; pgbench {limit:.0f}/s "
              f"→ ratio {eight.rate / limit:.2f}; wrong {alone.wrong + eight.wrong}")  # fmt: skip
    return {
        "p50_ms": alone.p50, "p95_ms": alone.p95, "rate": eight.rate, "limit_rate": limit, "ratio": eight.rate / limit,
        "wrong": alone.wrong + eight.wrong, "waiting": len(lines), **buying,
    }  # fmt: skip


def accept(number: str) -> Call:
    return Call("POST", f"/api/v1/flows/{number}/acceptance", {})


def create_and_pay(ground: Ground) -> dict[str, float]:
    """One client: place an order, then pay it; milliseconds for both together."""
    import http.client
    import json
    import statistics
    import time

    choice = ground.world.choice("license_yearly")
    body = json.dumps({"lines": [{"specification": choice.specification, "sku": choice.sku, "quantity": 1,
                                  "period": {"unit": "year", "count": 1}}]})  # fmt: skip
    headers = {"Authorization": f"Bearer {ground.world.tokens['buyer']}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", ground.port, timeout=60)
    times = []
    for _ in range(90):
        start = time.perf_counter()
        connection.request("POST", "/api/v1/orders", body, headers)
        answer = json.loads(connection.getresponse().read())
        connection.request("POST", f"/api/v1/orders/{answer['number']}/payment", '{"method": "balance"}', headers)
        response = connection.getresponse()
        response.read()
        times.append((time.perf_counter() - start) * 1000)
        if response.status != 200:
            raise RuntimeError(f"payment answered {response.status}")
    OUT.print(f"P6 create and pay: p50 {statistics.median(times):.1f} ms")
    return {"create_and_pay_p50_ms": statistics.median(times)}
