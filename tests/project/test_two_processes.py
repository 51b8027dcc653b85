"""Eight identical calls at once over two web processes: exactly one is accepted, in 100 of 100 rounds."""

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from opengallery.project.embedded import EmbeddedPostgres

ROUNDS = 100
CALLERS = 8
COMMAND = [sys.executable, "-m", "opengallery.project.cli"]
BOUNDARY = "round"
DELIVERY = "\r\n".join(
    [
        f"--{BOUNDARY}", 'Content-Disposition: form-data; name="service_result"', "", "Key file sent",
        f"--{BOUNDARY}", 'Content-Disposition: form-data; name="deliverables"; filename="proof.pdf"',
        "Content-Type: application/pdf", "", "%PDF-1.4\n%%EOF\n", f"--{BOUNDARY}--", "",
    ]
)  # fmt: skip


@dataclass
class Installation:
    """Two web processes on one database, and what is in it."""

    port: int
    data: Path
    dsn: str
    demo: dict[str, Any]

    def token(self, name: str) -> str:
        return str(self.demo["people"][name]["token"])

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.dsn) as connection:
            return connection.execute(query).fetchall()


class Caller:
    """One of the eight: a connection that is kept, as a program keeps it."""

    def __init__(self, place: Installation) -> None:
        self.place = place
        self.connection = http.client.HTTPConnection("127.0.0.1", place.port, timeout=60)

    def call(self, who: str, path: str, body: Any = None) -> tuple[int, Any]:
        multipart = body is DELIVERY
        headers = {
            "Authorization": f"Bearer {self.place.token(who)}",
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}" if multipart else "application/json",
        }
        self.connection.request("POST", "/api/v1" + path, body if multipart else json.dumps(body or {}), headers)
        response = self.connection.getresponse()
        said = response.read()
        return response.status, json.loads(said) if said else None


@pytest.fixture(scope="module")
def place() -> Iterator[Installation]:
    """A sandbox of its own, with two web processes as `opengallery web --workers 2` serves it."""
    with tempfile.TemporaryDirectory(prefix="og-two-") as folder, EmbeddedPostgres(Path(folder), durable=False) as dsn:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        environment = {
            **os.environ, "OPENGALLERY_DATA": folder, "DATABASE_URL": dsn, "OPENGALLERY_SANDBOX": "1",
            "OPENGALLERY_SANDBOX_START": "2020-01-01T01:00:00Z", "OPENGALLERY_PORT": str(port),
        }  # fmt: skip
        for step in ("migrate", "seed"):
            subprocess.run([*COMMAND, step], env=environment, check=True, capture_output=True)
        with psycopg.connect(dsn) as connection:
            connection.execute(
                "INSERT INTO policy_value (key, value, valid_from, reason) "
                "VALUES ('upload_daily_files', '100000', '2019-01-01', 'hundreds of deliveries in a day')"
            )
        with open(Path(folder) / "web.log", "wb") as log:
            web = subprocess.Popen([*COMMAND, "web", "--workers", "2"], env=environment, stdout=log, stderr=log)
            try:
                await_port(port)
                yield Installation(port, Path(folder), dsn, json.loads((Path(folder) / "demo.json").read_text()))
            finally:
                web.terminate()
                web.wait(30)


def await_port(port: int) -> None:
    """Wait until somebody answers."""
    for _ in range(600):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/api/v1/products")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()
    raise TimeoutError("the web server does not answer")


def race(place: Installation, callers: list[Caller], who: str, path: str, body: Any = None) -> Counter[int]:
    """Let all call at the same moment; return how many got which status."""
    gate = threading.Barrier(len(callers))
    seen: list[tuple[int, Any]] = []

    def run(caller: Caller) -> None:
        gate.wait()
        seen.append(caller.call(who, path, body))

    threads = [threading.Thread(target=run, args=(caller,)) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refused = {answer["type"] for status, answer in seen if status != 200}
    assert refused <= {"/problems/move-refused"}, refused
    return Counter(status for status, _ in seen)


@pytest.mark.slow
@pytest.mark.xdist_group("two-processes")
@pytest.mark.spec("AT-82", "AT-83", "AT-84")
def test_of_eight_calls_at_once_exactly_one_is_accepted(place: Installation) -> None:
    """Pay, deliver, reject, accept: one 200 and seven stable 409 in every round; the books show one of each."""
    with ExitStack() as stack:
        callers = [Caller(place) for _ in range(CALLERS)]
        for caller in callers:
            stack.callback(caller.connection.close)
        play(place, callers)
    check_books(place)


def play(place: Installation, callers: list[Caller]) -> None:
    """The rounds."""
    first = callers[0]
    product = place.demo["products"]["license_monthly"]
    line = {"specification": product["specification"], "sku": product["sku"], "quantity": 1,
            "period": {"unit": "month", "count": 1}}  # fmt: skip
    only_one = Counter({200: 1, 409: CALLERS - 1})
    for turn in range(ROUNDS):
        status, order = first.call("buyer", "/orders", {"lines": [line]})
        assert status == 201, order
        flow = order["lines"][0]["number"]
        assert race(place, callers, "buyer", f"/orders/{order['number']}/payment", {"method": "balance"}) == only_one, (
            turn
        )
        assert race(place, callers, "seller", f"/flows/{flow}/delivery", DELIVERY) == only_one, turn
        assert race(place, callers, "buyer", f"/flows/{flow}/rejection", {"reason": "key invalid"}) == only_one, turn
        assert first.call("seller", f"/flows/{flow}/delivery", DELIVERY)[0] == 200
        assert race(place, callers, "buyer", f"/flows/{flow}/acceptance") == only_one, turn


def check_books(place: Installation) -> None:
    """One payment, one flow, two deliveries, one rejection and one acceptance an order; no file without a row."""
    verbs = dict(place.rows("SELECT verb, count(*) FROM journal_fact WHERE stream LIKE 'CS%' GROUP BY verb"))
    once = ("place_order", "pay_order", "start_flow", "reject_delivery", "accept_delivery", "start_resource")
    assert verbs == {**dict.fromkeys(once, ROUNDS), "deliver_service": 2 * ROUNDS}
    assert place.rows("SELECT count(*), sum(units) / 100000000 FROM ledger_transfer WHERE event = 'order_paid'") == [
        (ROUNDS, 100 * ROUNDS)
    ]
    [(rows,)] = place.rows("SELECT count(*) FROM kit_storedfile")
    [(delivered,)] = place.rows("SELECT count(*) FROM supervision_deliverable")
    stored = [path for path in (place.data / "files").rglob("file_*") if "incoming" not in path.parts]
    assert (delivered, len(stored)) == (2 * ROUNDS, rows)
