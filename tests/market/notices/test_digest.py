"""Once a day each seller hears how many supervised orders are not finished (spec 2.9, type 901)."""

import pytest

from opengallery.market.notices.actions import choose_channels, mark_read, next_digest_due, press_digests, send_copies
from opengallery.market.notices.actions.send_digests import send_digests
from opengallery.market.notices.models import DigestTimer, Notice
from opengallery.market.notices.rules import latest_digest, next_digest
from opengallery.market.policy.actions import change_setting


def digests(world, name="seller"):
    return list(Notice.objects.filter(kind="digest", user=world.members[name].user).order_by("at"))


@pytest.fixture
def two_unfinished(tale):
    """Two orders, bought on the 1st of January at 10:00."""
    orders = [tale.buys(when="2020-01-01 10:00") for _ in range(2)]
    tale.relays()
    return orders


def test_the_first_flow_plans_the_digest_and_the_last_one_ends_it(tale, world, at, two_unfinished):
    assert next_digest_due() == at("2020-01-02 09:00")
    assert press_digests(until=at("2020-01-02 08:59:59")) == 0
    assert press_digests(until=at("2020-01-02 09:00")) == 1
    [digest] = digests(world)
    assert (digest.type, digest.group, digest.at) == (901, "deliveries", at("2020-01-02 09:00"))
    assert digest.subject == "2 supervised orders not finished"
    assert digest.mail_due_at == at("2020-01-02 09:00")
    assert digests(world, "buyer") == digests(world, "other_seller") == digests(world, "operator") == []

    for order in two_unfinished:
        tale.delivers(order, "2020-01-02 10:00")
        tale.accepts(order, "2020-01-02 11:00")
    tale.relays()
    press_digests(until=at("2020-01-03 09:00"))
    assert digests(world) == []  # what nobody had read is no longer true
    assert next_digest_due() is None
    tale.retracts(two_unfinished[0], "2020-01-02 13:30")
    tale.relays()
    assert next_digest_due() == at("2020-01-04 09:00")


def test_the_overdue_ones_are_named(tale, world, at, two_unfinished):
    tale.delivers(two_unfinished[0], "2020-01-02 10:00")
    late = tale.flow(two_unfinished[1])
    press_digests(until=at("2020-03-01 09:00"))
    [digest] = digests(world)
    assert digest.subject == "2 supervised orders not finished, 1 overdue"
    assert late.number in digest.text
    assert two_unfinished[0].number not in digest.text


def test_once_a_day_whoever_presses(at, world, two_unfinished):
    """Two workers have read the same timer."""
    first, second = DigestTimer.objects.get(), DigestTimer.objects.get()
    now = at("2020-01-02 09:00")
    assert send_digests(first, until=now) == 1
    assert send_digests(second, until=now) == 0
    assert press_digests(until=at("2020-01-02 23:59")) == 0
    assert len(digests(world)) == 1
    assert next_digest_due() == at("2020-01-03 09:00")


def test_a_month_in_one_move_leaves_one_digest_and_one_e_mail(tale, world, at, two_unfinished, port, start_server):
    """Whatever else happens on the way, nobody reads thirty digests."""
    sink = start_server()
    Notice.objects.all().delete()
    for day in (5, 12, 20):
        press_digests(until=at(f"2020-01-{day:02} 15:00"))
    assert press_digests(until=at("2020-02-01 08:00")) == 1
    [digest] = digests(world)
    assert digest.at == at("2020-01-31 09:00")
    assert send_copies("mail", at=at("2020-02-01 08:00")) == 1
    assert len(sink.letters) == 1


def test_a_digest_that_was_read_stays(world, at, two_unfinished):
    press_digests(until=at("2020-01-02 09:00"))
    mark_read(by=world.actor("seller"), at=at("2020-01-02 10:00"))
    press_digests(until=at("2020-01-03 09:00"))
    assert [row.at for row in digests(world)] == [at("2020-01-02 09:00"), at("2020-01-03 09:00")]


def test_the_hour_is_the_operators(world, at, two_unfinished):
    change_setting("digest_hour", 17, reason="After lunch", by=world.actor("operator"), at=at("2020-01-02 08:00"))
    press_digests(until=at("2020-01-02 09:00"))  # planned before
    assert next_digest_due() == at("2020-01-03 17:00")  # never two on one day


def test_a_digest_too_is_sent_as_its_reader_chose(world, at, two_unfinished):
    choose_channels({"deliveries": {"mail": False}}, by=world.actor("seller"), at=at("2020-01-01 12:00"))
    press_digests(until=at("2020-01-02 09:00"))
    assert digests(world)[0].mail_due_at is None


def test_where_nothing_is_supervised_nothing_is_planned(tale, db, at):
    tale.orders(when="2020-01-01 10:00")
    tale.relays()
    assert next_digest_due() is None
    assert press_digests(until=at("2020-02-01 00:00")) == 0


def test_the_hours_are_the_platforms(at):
    assert next_digest(at("2020-01-01 08:59"), 9) == at("2020-01-01 09:00")
    assert next_digest(at("2020-01-01 09:00"), 9) == at("2020-01-02 09:00")
    assert next_digest(at("2020-01-01 08:00"), 9, last=at("2020-01-01 07:00")) == at("2020-01-02 09:00")
    assert latest_digest(at("2020-01-02 09:00"), at("2020-01-31 08:00"), 9) == at("2020-01-30 09:00")
    assert latest_digest(at("2020-01-02 09:00"), at("2020-01-02 09:30"), 9) == at("2020-01-02 09:00")
