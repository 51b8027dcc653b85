"""Who is told what; and a mail server that is down loses nothing and stops nothing (spec 2.9, AT-106)."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from opengallery.market.identity.actions import add_person
from opengallery.market.identity.models import User
from opengallery.market.journal.models import Fact
from opengallery.market.notices.actions import PATIENCE, mail_due_notices, mark_read, send_notices
from opengallery.market.notices.letters import LETTERS
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
def port(settings) -> int:
    """The port at which the platform looks for its mail server; nobody listens there yet."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        free = taken.getsockname()[1]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", free, 5
    return free


@pytest.fixture
def start_server(port) -> Iterator[object]:
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
def delivered(tale):
    """An order whose delivery the buyer is about to hear of; everything before is told and read."""
    order = tale.buys(when="2020-01-01 10:00")
    tale.relays()
    Notice.objects.all().delete()
    tale.delivers(order, "2020-01-02 10:00")
    tale.relays()
    return order


@pytest.mark.spec("AT-106")
def test_a_mail_server_that_is_down(tale, world, delivered, at, start_server):
    [notice] = Notice.objects.all()
    assert (tale.flow(delivered).state, notice.user) == ("wait_acceptance", world.members["buyer"].user)
    assert mail_due_notices(at=at("2020-01-02 10:00")) == 1
    notice.refresh_from_db()
    assert (notice.mail_tries, notice.mailed_at, notice.mail_due_at) == (1, None, at("2020-01-02 10:01"))
    assert tale.flow(delivered).state == "wait_acceptance"

    sink = start_server()
    assert mail_due_notices(at=at("2020-01-02 10:00:59")) == 0
    assert mail_due_notices(at=at("2020-01-02 10:01")) == 1
    notice.refresh_from_db()
    assert (notice.mailed_at, notice.mail_due_at) == (at("2020-01-02 10:01"), None)
    [letter] = sink.letters
    assert f"Subject: Delivered: {delivered.number}-000001" in letter
    assert "To: buyer@meridian.example" in letter
    assert mail_due_notices(at=at("2020-01-03 10:00")) == 0


@pytest.mark.spec("AT-106")
def test_patience_grows_and_ends(tale, delivered, at, port):
    now = at("2020-01-02 10:00")
    for minutes in PATIENCE:
        assert mail_due_notices(at=now) == 1
        assert Notice.objects.get().mail_due_at == now + timedelta(minutes=minutes)
        assert mail_due_notices(at=now) == 0
        now += timedelta(minutes=minutes)
    assert mail_due_notices(at=now) == 1
    notice = Notice.objects.get()
    assert (notice.mail_due_at, notice.mailed_at, notice.mail_tries) == (None, None, len(PATIENCE) + 1)
    assert notice.read_at is None  # in the site it is still told


def test_an_address_that_no_mail_can_have_stops_no_other(world, tale, at, start_server):
    organisation = world.members["buyer"].organisation
    User.objects.filter(pk=world.members["buyer"].user_id).update(email=f"lin@{'ü' * 70}.example")
    add_person(organisation, email="second@meridian.example", username="second", full_name="", password=None,
               role="acceptor")  # fmt: skip
    sink = start_server()
    order = tale.buys(when="2020-01-01 10:00")
    tale.relays()
    Notice.objects.exclude(subject__startswith="Order paid").delete()
    assert mail_due_notices(at=at("2020-01-01 10:00")) == 2
    assert ["To: second@meridian.example" in letter for letter in sink.letters] == [True]
    failed = Notice.objects.get(user=world.members["buyer"].user)
    assert (failed.mail_tries, failed.mailed_at) == (1, None)
    assert order.label == "Processing"


def test_only_those_whose_role_has_to_do_with_it_are_told(world, tale):
    buying = world.members["buyer"].organisation
    for name, role in (("reads", "viewer"), ("accepts", "acceptor"), ("pays", "purchaser"), ("ships", "delivery")):
        add_person(buying, email=f"{name}@meridian.example", username=name, full_name="", password=None, role=role)
    User.objects.filter(username="accepts").update(is_active=True)
    order = tale.buys(when="2020-01-01 10:00")
    tale.delivers(order, "2020-01-02 10:00")
    tale.relays()

    def told(subject: str) -> set[str]:
        return set(Notice.objects.filter(subject__startswith=subject).values_list("user__username", flat=True))

    assert told("Order paid") == {"linwei", "reads", "accepts", "pays"}
    assert told("Delivered") == {"linwei", "accepts"}
    assert told("New order to deliver") == {"cbrandt"}


def test_the_same_facts_twice_tell_once(tale, delivered):
    told = Notice.objects.count()
    send_notices(list(Fact.objects.of(delivered.number).filter(verb="deliver_service")))
    assert Notice.objects.count() == told


def test_reading(tale, world, delivered, at):
    assert mark_read(by=world.actor("other_buyer"), at=at("2020-01-02 11:00")) == 0
    assert mark_read(by=world.actor("buyer"), at=at("2020-01-02 11:00")) == 1
    assert mark_read(by=world.actor("buyer"), at=at("2020-01-02 11:00")) == 0


def test_every_letter_can_be_filled_in():
    words = {"subject": "CS1", "by": "Meridian {0}", "note": "{subject} % $ \\ \n"}
    for letters in LETTERS.values():
        for letter in letters:
            assert letter.subject.format(**words)
            assert "{" not in letter.text.format(**words).replace("{0}", "").replace("{subject}", "")
