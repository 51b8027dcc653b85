"""Clients that keep their connection, as programs do; each in its own process so that they do not share a lock."""

import http.client
import json
import multiprocessing
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Call:
    """One request: method, path, body; `expect` is the status that counts as success."""

    method: str
    path: str
    body: dict[str, Any] | None = None
    expect: int = 200


@dataclass(frozen=True)
class Figures:
    """Of one load: milliseconds p50 and p95, calls a second, how many had another status than expected."""

    p50: float
    p95: float
    rate: float
    wrong: int


def call_all(
    port: int, token: str, calls: Sequence[Call], extra: dict[str, str] | None = None
) -> tuple[list[float], int]:
    """Make the calls one after the other; return the seconds of each and how many went wrong."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **(extra or {})}
    times, wrong = [], 0
    for call in calls:
        body = json.dumps(call.body) if call.body is not None else None
        start = time.perf_counter()
        connection.request(call.method, call.path, body, headers)
        response = connection.getresponse()
        response.read()
        times.append(time.perf_counter() - start)
        wrong += response.status != call.expect
    return times, wrong


def work(arguments: tuple[int, str, Sequence[Call], dict[str, str] | None]) -> tuple[list[float], int]:
    return call_all(*arguments)


def load(port: int, token: str, calls: Sequence[Call], *, clients: int, extra: dict[str, str] | None = None) -> Figures:
    """Share the calls among so many clients at once."""
    shares = [(port, token, calls[index::clients], extra) for index in range(clients)]
    context = multiprocessing.get_context("fork")
    with context.Pool(clients) as pool:
        start = time.perf_counter()
        results = pool.map(work, shares, chunksize=1)
        elapsed = time.perf_counter() - start
    times = sorted(value for result, _ in results for value in result)
    return Figures(
        p50=statistics.median(times) * 1000, p95=times[int(len(times) * 0.95)] * 1000, rate=len(times) / elapsed,
        wrong=sum(wrong for _, wrong in results),
    )  # fmt: skip
