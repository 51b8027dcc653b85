"""Copies by e-mail and SMS: each channel for itself, tried again with patience, taken by one worker (AT-106)."""

import http.server
import json
import threading
from datetime import timedelta

import pytest

from opengallery.kit.env import BadSetting, read_environment
from opengallery.kit.models import SandboxClock
from opengallery.market.identity.models import Membership, User
from opengallery.market.notices.actions import choose_channels, send_copies
from opengallery.market.notices.actions.send_copies import LEASE
from opengallery.market.notices.channels import CHANNELS, HttpGateway, LogGateway
from opengallery.market.notices.models import Notice, Phone
from opengallery.project import worker


@pytest.fixture
def by_both(world, delivered, at):
    """The buyer's notice of the delivery, to be sent by e-mail and SMS."""
    Phone.objects.create(user=world.members["buyer"].user, number="+6561234567")
    Notice.objects.update(sms_due_at=at("2020-01-02 10:00"))
    return Notice.objects.get()


@pytest.mark.spec("AT-106")
def test_a_channel_that_fails_repeats_no_other(tale, delivered, by_both, texts, at, start_server):
    texts.down = True
    sink = start_server()
    now = at("2020-01-02 10:00")
    assert send_copies("mail", at=now) == send_copies("sms", at=now) == 1
    by_both.refresh_from_db()
    assert (by_both.mail_sent_at, by_both.mail_due_at) == (now, None)
    assert (by_both.sms_sent_at, by_both.sms_tries, by_both.sms_due_at) == (None, 1, now + timedelta(minutes=1))

    texts.down = False
    later = now + timedelta(minutes=1)
    assert (send_copies("mail", at=later), send_copies("sms", at=later)) == (0, 1)
    by_both.refresh_from_db()
    assert (by_both.sms_sent_at, by_both.sms_due_at) == (later, None)
    assert len(sink.letters) == 1
    [(number, text, key)] = texts.taken
    assert (number, key) == ("+6561234567", f"notice-{by_both.pk}")
    assert text.startswith("OpenGallery: Delivered: ")
    assert "/my/messages/choices/" in sink.letters[0]
    assert tale.flow(delivered).state == "wait_acceptance"


def test_a_copy_that_one_worker_has_taken_is_no_other_workers(by_both, texts, at, monkeypatch):
    """While the first one sends, a second one looks."""
    now = at("2020-01-02 10:00")
    looked = []

    def send(number, text, *, key):
        looked.append(send_copies("sms", at=now))
        texts.taken.append((number, text, key))

    monkeypatch.setattr(texts, "send", send)
    assert send_copies("sms", at=now) == 1
    assert looked == [0]
    assert len(texts.taken) == 1


def test_a_copy_of_a_worker_that_crashed_is_sent_later(by_both, texts, at, monkeypatch):
    now = at("2020-01-02 10:00")

    def crash(number, text, *, key):
        raise SystemExit

    monkeypatch.setattr(texts, "send", crash)
    with pytest.raises(SystemExit):
        send_copies("sms", at=now)
    monkeypatch.undo()
    monkeypatch.setattr("opengallery.market.notices.channels.gateway", lambda: texts)
    assert send_copies("sms", at=now + LEASE - timedelta(seconds=1)) == 0
    assert send_copies("sms", at=now + LEASE) == 1
    assert len(texts.taken) == 1


def test_a_fault_of_the_gateways_program_stops_no_other_copy(world, tale, by_both, texts, at, monkeypatch):
    """What nobody foresaw is raised and reported; the copy waits its lease, the next ones go out."""
    now = at("2020-01-02 10:00")
    good, texts.send = texts.send, lambda number, text, *, key: 1 / 0
    with pytest.raises(ZeroDivisionError):
        send_copies("sms", at=now)
    texts.send = good
    Notice.objects.create(user=by_both.user, organisation=by_both.organisation, kind="digest", about="", type=901,
                          group="deliveries", subject="Later", text="", at=now, sms_due_at=now)  # fmt: skip
    assert send_copies("sms", at=now) == 1
    assert [text for _, text, _ in texts.taken] == ["OpenGallery: Later"]


def test_who_has_left_hears_nothing_more(world, by_both, texts, at):
    Membership.objects.filter(pk=world.members["buyer"].pk).delete()
    assert send_copies("sms", at=at("2020-01-02 10:00")) == 1
    by_both.refresh_from_db()
    assert (texts.taken, by_both.sms_due_at, by_both.sms_sent_at) == ([], None, None)


def test_who_is_no_longer_active_hears_nothing_more(world, by_both, texts, at):
    User.objects.filter(pk=world.members["buyer"].user_id).update(is_active=False)
    send_copies("sms", at=at("2020-01-02 10:00"))
    assert texts.taken == []


def test_a_number_that_is_gone_is_not_tried_again(by_both, texts, at):
    Phone.objects.all().delete()
    assert send_copies("sms", at=at("2020-01-02 10:00")) == 1
    assert send_copies("sms", at=at("2020-01-05 10:00")) == 0


def test_what_is_switched_off_meanwhile_is_not_sent(world, by_both, texts, at):
    choose_channels({"deliveries": {"mail": False}}, by=world.actor("buyer"), at=at("2020-01-02 10:00"))
    by_both.refresh_from_db()
    assert (by_both.mail_due_at, by_both.sms_due_at) == (None, None)  # SMS was never on
    assert send_copies("mail", at=at("2020-01-02 10:00")) == 0


class Taker(http.server.BaseHTTPRequestHandler):
    """A gateway's program."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers), json.loads(body)))
        self.send_response(self.server.answer)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def taker():
    server = http.server.HTTPServer(("127.0.0.1", 0), Taker)
    server.got, server.answer = [], 202
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_gateway_of_the_operator(taker):
    gateway = HttpGateway(f"http://127.0.0.1:{taker.server_port}/texts?from=gallery", "secret")
    gateway.send("+6561234567", "Delivered: CS1", key="notice-7")
    [(path, headers, body)] = taker.got
    assert (path, body) == ("/texts?from=gallery", {"to": "+6561234567", "text": "Delivered: CS1"})
    assert (headers["Authorization"], headers["Idempotency-Key"]) == ("Bearer secret", "notice-7")
    for answer in (500, 302, 404):
        taker.answer = answer
        with pytest.raises(OSError, match=str(answer)):
            gateway.send("+6561234567", "Again", key="notice-7")


def test_a_gateway_that_is_not_there(taker):
    with pytest.raises(OSError, match="refused"):
        HttpGateway("http://127.0.0.1:1/").send("+6561234567", "Delivered", key="notice-7")


def test_without_a_gateway_it_is_only_written_down(caplog, capsys):
    LogGateway().send("+6561234567", "Delivered: CS1", key="notice-7")
    written = capsys.readouterr().out + caplog.text
    assert "Delivered: CS1" in written
    assert "+6561234567" not in written
    assert set(CHANNELS) == {"mail", "sms"}


def test_the_gateways_address_is_checked_at_the_start():
    assert read_environment({}).sms_url == ""
    given = {"OPENGALLERY_SMS_URL": "https://texts.example/send", "OPENGALLERY_SMS_TOKEN": "secret"}
    environment = read_environment(given)
    assert (environment.sms_url, environment.sms_token) == ("https://texts.example/send", "secret")
    assert "secret" not in repr(environment)
    for wrong in ("texts.example", "ftp://texts.example", "https://", "http://texts.example:x/"):
        with pytest.raises(BadSetting, match="OPENGALLERY_SMS_URL"):
            read_environment({"OPENGALLERY_SMS_URL": wrong})


def test_the_worker_sends_on_every_channel(by_both, texts, at, start_server):
    sink = start_server()
    SandboxClock.objects.update_or_create(pk=1, defaults={"at": at("2020-01-02 10:00")})
    assert (worker.mail(), worker.text()) == (1, 1)
    assert (len(sink.letters), len(texts.taken)) == (1, 1)
