"""P2: the Service Supervision page and GET /flows, filtered and searched, against the page's own SQL by a bare driver."""

import http.client
import statistics
import time
from typing import Any

import psycopg

from bench.clients import Call, load
from bench.generate import add_orders
from bench.ground import OUT, Ground

ROUNDS = 120
QUESTIONS = (
    "?flow_status=wait_delivery&product=ledger",
    "?flow_status=completed&product=harbor+atl",
    "?product=quartz",
)


def run(ground: Ground, sizes: tuple[int, ...]) -> dict[str, Any]:
    """Grow to each size and measure there; the seller has a tenth of all flows."""
    results: dict[str, Any] = {}
    for size in sizes:
        if size > ground.orders:
            add_orders(ground, size - ground.orders)
        results[str(size)] = measure(ground, size)
    first, last = results[str(sizes[0])], results[str(sizes[-1])]
    results["growth_api"] = last["api_p50_ms"] / first["api_p50_ms"]
    results["growth_page"] = last["page_p50_ms"] / first["page_p50_ms"]
    return results


def measure(ground: Ground, size: int) -> dict[str, Any]:
    """One client for latency, eight for throughput; the seller's and the operator's lists."""
    seller, operator = ground.world.tokens["seller"], ground.world.tokens["operator"]
    calls = [Call("GET", "/api/v1/flows" + QUESTIONS[n % len(QUESTIONS)] + "&limit=20") for n in range(ROUNDS)]
    with ground.serving():
        load(ground.port, seller, calls[:20], clients=1)
        api = load(ground.port, seller, calls, clients=1)
        eight = load(ground.port, seller, calls * 4, clients=8)
        of_all = load(ground.port, operator, calls, clients=1)
        page = page_times(ground)
    bare = bare_times(ground)
    OUT.print(f"P2 at {size:,}: API p50 {api.p50:.1f} ms (operator {of_all.p50:.1f}), {eight.rate:.0f}/s by eight; "
              f"page p50 {page:.1f} ms; bare SQL {bare:.1f} ms; wrong {api.wrong + eight.wrong + of_all.wrong}")  # fmt: skip
    return {
        "api_p50_ms": api.p50, "api_p95_ms": api.p95, "api_rate_8": eight.rate, "operator_p50_ms": of_all.p50,
        "page_p50_ms": page, "bare_p50_ms": bare, "api_ratio": api.p50 / bare, "page_ratio": page / bare,
        "wrong": api.wrong + eight.wrong + of_all.wrong,
    }  # fmt: skip


def page_times(ground: Ground) -> float:
    """The HTML page, by a person who is logged in; p50 in milliseconds."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    user = ground.world.members["seller"].user
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    connection = http.client.HTTPConnection("127.0.0.1", ground.port, timeout=60)
    times = []
    for n in range(ROUNDS):
        start = time.perf_counter()
        connection.request("GET", "/seller/supervision/" + QUESTIONS[n % len(QUESTIONS)],
                           headers={"Cookie": f"sessionid={session.session_key}"})  # fmt: skip
        response = connection.getresponse()
        response.read()
        times.append((time.perf_counter() - start) * 1000)
        if response.status != 200:
            raise RuntimeError(f"the page answered {response.status}")
    return statistics.median(times)


def bare_times(ground: Ground) -> float:
    """The list's own statement by a bare driver; p50 in milliseconds."""
    from django.db import connection as django_connection

    from opengallery.doors.lists import flow_rows

    actor = ground.world.actor("seller")
    asked = ({"flow_status": "wait_delivery", "product": "ledger"}, {"flow_status": "completed", "product": "harbor atl"},
             {"product": "quartz"})  # fmt: skip
    statements = []
    for filters in asked:
        query, parameters = flow_rows(actor, "seller", filters)[:21].query.sql_with_params()
        statements.append((query, parameters))
    django_connection.close()
    times = []
    options = "-c max_parallel_workers_per_gather=0 -c jit=off"
    with psycopg.connect(ground.dsn, autocommit=True, prepare_threshold=None, options=options) as connection:
        for n in range(ROUNDS):
            query, parameters = statements[n % len(statements)]
            start = time.perf_counter()
            connection.execute(query, parameters).fetchall()  # type: ignore[arg-type]
            times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)
