"""Calls to systems of others: what is called, what is not, and what counts as an answer."""

import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from opengallery.kit import outbound
from opengallery.kit.outbound import Call, CallFailed, post_json
from opengallery.kit.verbs import atomic


class Server:
    """A system of somebody's on this machine; `say` decides on each answer."""

    def __init__(self):
        self.heard = []
        self.say = lambda handler: answer(handler, {"ok": True})
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.heard.append((dict(self.headers), json.loads(body)))
                outer.say(self)

            def log_message(self, *args):
                """Say nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/hook"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()


def answer(handler, said, status=200, **headers):
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    handler.send_response(status)
    for name, value in {"Content-Length": len(body), **headers}.items():
        handler.send_header(name.replace("_", "-"), str(value))
    handler.end_headers()
    handler.wfile.write(body)


@pytest.fixture
def server():
    running = Server()
    yield running
    running.http.shutdown()
    running.http.server_close()


@pytest.fixture
def may_call_here(monkeypatch):
    monkeypatch.setattr(outbound, "env", replace(outbound.env, call_private=True))


def failure(url):
    [said] = post_json([Call(url, {})])
    assert isinstance(said, CallFailed)
    return str(said)


def test_an_object_is_posted_and_an_object_comes_back(server, may_call_here):
    server.say = lambda handler: answer(handler, {"application": {"Address": "https://x.example"}})
    assert post_json([Call(server.url, {"line": "L-1"}, {"Idempotency-Key": "L-1"})]) == [
        {"application": {"Address": "https://x.example"}}
    ]
    [(headers, body)] = server.heard
    assert body == {"line": "L-1"}
    assert (headers["Content-Type"], headers["Idempotency-Key"]) == ("application/json", "L-1")
    assert headers["Host"] == server.url.split("/")[2]


@pytest.mark.parametrize(
    ("say", "why"),
    [
        (lambda h: answer(h, {}, status=500), "status 500"),
        (lambda h: answer(h, {}, status=302, Location="http://127.0.0.1:1/"), "status 302"),
        (lambda h: answer(h, b"<html>"), "not JSON"),
        (lambda h: answer(h, b"[1]"), "not a JSON object"),
        (lambda h: answer(h, b"\xff\xfe{"), "not JSON"),
        (lambda h: answer(h, b"[" * 60_000), "not JSON"),
        (lambda h: answer(h, b'{"a": "' + b"x" * 70_000 + b'"}'), "larger than 64 KiB"),
        (lambda h: answer(h, b"", Content_Encoding="gzip"), "compressed"),
        (lambda h: h.wfile.write(b"nonsense\r\n\r\n"), "connection failed"),
        (lambda h: h.connection.close(), "connection failed"),
    ],
)
def test_what_is_no_answer(server, may_call_here, say, why):
    server.say = say
    assert why in failure(server.url)
    assert len(server.heard) == 1


def test_a_slow_answer_is_given_up_as_a_whole(server, may_call_here, monkeypatch):
    """Not byte by byte: each comes in time, all of them do not."""
    monkeypatch.setattr(outbound, "SECONDS", 0.5)
    gone = threading.Event()

    def drip(handler):
        handler.send_response(200)
        handler.end_headers()
        while not gone.wait(0.1):
            try:
                handler.wfile.write(b" ")
            except OSError:
                gone.set()

    server.say = drip
    assert "no whole answer" in failure(server.url)
    gone.set()


def test_one_that_fails_leaves_the_others(server, may_call_here):
    first, second = post_json([Call("http://127.0.0.1:1/", {}), Call(server.url, {})])
    assert isinstance(first, CallFailed)
    assert second == {"ok": True}


def test_nothing_to_call_calls_nothing():
    assert post_json([]) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://10.0.0.1/", "https://192.168.1.1/", "https://169.254.169.254/latest/", "https://[::1]/",
        "https://[::ffff:127.0.0.1]/", "https://[fd00::1]/", "https://0.0.0.0/", "https://224.0.0.1/", "https://localhost/",
        "https://2130706433/",
    ],
)  # fmt: skip
def test_private_addresses_are_not_called(url):
    assert "private" in failure(url)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://93.184.216.34/", "https://"), ("ftp://example.com/", "https://"), ("", "https://"), ("nonsense", "https://"),
        ("https://user:word@93.184.216.34/", "https://"), ("https://", "https://"), ("https://nobody.invalid/", "no address"),
        ("https://exa mple.invalid/", "address"), ("https://93.184.216.34:99999999/", "failed"),
    ],
)  # fmt: skip
def test_strange_addresses_are_not_called(url, why):
    assert why in failure(url)


def test_the_switch_counts_in_a_sandbox_only(server, monkeypatch):
    monkeypatch.setattr(outbound, "env", replace(outbound.env, call_private=True, sandbox=False))
    assert "https://" in failure(server.url)
    assert server.heard == []


@pytest.mark.django_db
def test_a_verb_cannot_call(server, may_call_here):
    """A transaction that is undone cannot take a call back."""

    @atomic
    def verb():
        post_json([Call(server.url, {})])

    with pytest.raises(RuntimeError):
        verb()
    assert server.heard == []
