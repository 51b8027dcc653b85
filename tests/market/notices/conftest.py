"""A mail server and a gateway for text messages on this machine, and a delivery that somebody is about to hear of."""

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from opengallery.market.notices.models import Notice


class Session(socketserver.StreamRequestHandler):
    """As much of SMTP as a sink needs (RFC 5321)."""

    def handle(self) -> None:
        self.answer("220 sink")
        while line := self.rfile.readline().decode().strip():
            verb = line.split(" ")[0].upper()
            if verb == "DATA":
                self.answer("354 go on")
                text = b""
                while not text.endswith(b"\r\n.\r\n"):
                    text += self.rfile.readline()
                self.server.letters.append(text.decode())
                self.answer("250 kept")
            elif verb == "QUIT":
                return self.answer("221 bye")
            else:
                self.answer("250 fine")
        return None

    def answer(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class Sink(socketserver.TCPServer):
    """A mail server on this machine that keeps what it is given."""

    allow_reuse_address = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Session)
        self.letters: list[str] = []


@pytest.fixture
def port(settings: Any) -> int:
    """The port at which the platform looks for its mail server; nobody listens there yet."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        free = taken.getsockname()[1]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", free, 5
    return free


@pytest.fixture
def start_server(port: int) -> Iterator[Callable[[], Sink]]:
    """Bring the mail server up."""
    running = []

    def start() -> Sink:
        sink = Sink(port)
        thread = threading.Thread(target=sink.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        running.append((sink, thread))
        return sink

    yield start
    for sink, thread in running:
        sink.shutdown()
        thread.join()
        sink.server_close()


@pytest.fixture
def delivered(tale: Any) -> Any:
    """An order whose delivery the buyer is about to hear of; everything before is told and read."""
    order = tale.buys(when="2020-01-01 10:00")
    tale.relays()
    Notice.objects.all().delete()
    tale.delivers(order, "2020-01-02 10:00")
    tale.relays()
    return order


class Texts:
    """A gateway that keeps what it takes, and is down while told so."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str, str]] = []
        self.down = False

    def send(self, number: str, text: str, *, key: str) -> None:
        if self.down:
            raise OSError("no answer")
        self.taken.append((number, text, key))


@pytest.fixture
def texts(monkeypatch: Any) -> Texts:
    """Text messages go to this gateway."""
    gateway = Texts()
    monkeypatch.setattr("opengallery.market.notices.channels.gateway", lambda: gateway)
    return gateway
