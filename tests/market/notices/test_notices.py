"""Who is told what; and a mail server that is down loses nothing and stops nothing (spec 2.9, AT-106)."""

from datetime import timedelta
from importlib import import_module

import pytest

from opengallery.market.identity.actions import add_person
from opengallery.market.identity.models import User
from opengallery.market.journal.models import Fact
from opengallery.market.notices.actions import mark_read, send_copies, send_notices
from opengallery.market.notices.models import Notice
from opengallery.market.notices.rules import PATIENCE


@pytest.mark.spec("AT-106")
def test_a_mail_server_that_is_down(tale, world, delivered, at, start_server):
    [notice] = Notice.objects.all()
    assert (tale.flow(delivered).state, notice.user) == ("wait_acceptance", world.members["buyer"].user)
    assert send_copies("mail", at=at("2020-01-02 10:00")) == 1
    notice.refresh_from_db()
    assert (notice.mail_tries, notice.mail_sent_at, notice.mail_due_at) == (1, None, at("2020-01-02 10:01"))
    assert tale.flow(delivered).state == "wait_acceptance"

    sink = start_server()
    assert send_copies("mail", at=at("2020-01-02 10:00:59")) == 0
    assert send_copies("mail", at=at("2020-01-02 10:01")) == 1
    notice.refresh_from_db()
    assert (notice.mail_sent_at, notice.mail_due_at) == (at("2020-01-02 10:01"), None)
    [letter] = sink.letters
    assert f"Subject: Delivered: {delivered.number}-000001" in letter
    assert "To: buyer@meridian.example" in letter
    assert send_copies("mail", at=at("2020-01-03 10:00")) == 0


@pytest.mark.spec("AT-106")
def test_patience_grows_and_ends(tale, delivered, at, port):
    now = at("2020-01-02 10:00")
    for minutes in PATIENCE:
        assert send_copies("mail", at=now) == 1
        assert Notice.objects.get().mail_due_at == now + timedelta(minutes=minutes)
        assert send_copies("mail", at=now) == 0
        now += timedelta(minutes=minutes)
    assert send_copies("mail", at=now) == 1
    notice = Notice.objects.get()
    assert (notice.mail_due_at, notice.mail_sent_at, notice.mail_tries) == (None, None, len(PATIENCE) + 1)
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
    assert send_copies("mail", at=at("2020-01-01 10:00")) == 2
    assert ["To: second@meridian.example" in letter for letter in sink.letters] == [True]
    failed = Notice.objects.get(user=world.members["buyer"].user)
    assert (failed.mail_tries, failed.mail_sent_at) == (1, None)
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


def test_a_fact_that_cannot_be_told_costs_the_others_nothing(tale, monkeypatch):
    module = import_module("opengallery.market.notices.actions.send_notices")
    good = module.words_of
    orders = [tale.buys(when="2020-01-01 10:00") for _ in range(2)]

    def words_of(fact, said, known):
        if fact.stream == orders[0].number:
            raise ArithmeticError
        return good(fact, said, known)

    monkeypatch.setattr(module, "words_of", words_of)
    tale.relays()
    assert set(Notice.objects.values_list("fact__stream", flat=True)) == {orders[1].number}
