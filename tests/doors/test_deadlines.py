"""My deadlines: what is due for whom, as a list, a month and a calendar feed (beyond 1)."""

import pytest
from icalendar import Calendar

from opengallery.market.identity.models import Membership
from tests.people import Trade, browser, stands


@pytest.fixture
def trade(world, at, proof):
    return Trade(world, at, proof)


def text_of(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_each_side_sees_whose_turn_it_is_and_until_when(world, trade):
    trade.placed(on="2020-01-01 09:50").paid(on="2020-01-01 10:00")
    seller = text_of(browser(world, "seller"), "/seller/deadlines/")
    assert trade.line in seller
    assert "Your turn" in seller
    assert "After this time the delivery is overdue" in seller
    buyer = text_of(browser(world, "buyer"), "/my/deadlines/")
    assert trade.line in buyer
    assert "Your turn" not in buyer
    trade.delivered(on="2020-01-02 10:00")
    assert "Your turn" in text_of(browser(world, "buyer"), "/my/deadlines/")
    assert "it waits until the customer accepts or rejects" in text_of(browser(world, "seller"), "/seller/deadlines/")


def test_strangers_see_nothing_of_it(world, trade):
    trade.placed().paid()
    assert trade.line not in text_of(browser(world, "other_buyer"), "/my/deadlines/")
    assert trade.line not in text_of(browser(world, "other_seller"), "/seller/deadlines/")


def test_what_is_over_is_not_due(world, trade, at):
    trade.placed().paid().delivered().accepted(on="2020-03-01 10:00")
    assert trade.line in text_of(browser(world, "buyer"), "/my/deadlines/")  # the grace
    from opengallery.market.timetable.actions import press_due

    press_due(until=at("2020-03-01 13:00"))
    stands(at("2020-03-01 13:00"))
    assert trade.line not in text_of(browser(world, "buyer"), "/my/deadlines/")


def test_the_month_shows_the_day(world, trade):
    trade.placed(on="2020-01-01 09:50").paid(on="2020-01-01 10:00")
    shown = text_of(browser(world, "seller"), "/seller/deadlines/?month=2020-01")
    assert trade.line in shown
    assert "January 2020" in shown
    assert trade.line not in text_of(browser(world, "seller"), "/seller/deadlines/?month=2021-06")


@pytest.mark.parametrize("month", ["", "2020", "2020-13", "9999-99", "tomorrow", "2020-01-01", "0000-01"])
def test_a_month_that_is_none_is_this_one(world, trade, month):
    stands(trade.at("2020-01-05 10:00"))
    assert "January 2020" in text_of(browser(world, "seller"), f"/seller/deadlines/?month={month}")


def feed_of(client):
    shown = client.post("/my/deadlines/calendar/", {"confirmed": "1"}).content.decode()
    return shown.split("/my/deadlines/calendar/", 1)[1].split(".ics")[0].join(["/my/deadlines/calendar/", ".ics"])


def test_a_calendar_program_fetches_the_feed(world, trade, client):
    trade.placed(on="2020-01-01 09:50").paid(on="2020-01-01 10:00")
    address = feed_of(browser(world, "seller"))
    answer = client.get(address)
    assert answer["Content-Type"].startswith("text/calendar")
    events = [part for part in Calendar.from_ical(answer.content).walk() if part.name == "VEVENT"]
    assert [str(event["uid"]) for event in events] == [f"flow-{trade.line}@opengallery"]
    assert events[0].decoded("dtend") == trade.flow.promised_at


def test_a_new_address_ends_the_old_one(world, trade, client):
    old = feed_of(browser(world, "seller"))
    asked = browser(world, "seller").post("/my/deadlines/calendar/")
    assert "Make a new address?" in asked.content.decode()
    assert client.get(old).status_code == 200
    new = feed_of(browser(world, "seller"))
    assert client.get(old).status_code == 404
    assert client.get(new).status_code == 200


def test_the_secret_is_not_stored(world, trade):
    address = feed_of(browser(world, "seller"))
    token = address.rsplit("/", 1)[1].removesuffix(".ics")
    assert Membership.objects.get(pk=world.members["seller"].pk).feed_sha256 not in ("", token)


@pytest.mark.parametrize("token", ["x", "og_", "og_0000000000000000000000000000000000000000000"])
def test_no_feed_without_the_secret(db, client, token):
    assert client.get(f"/my/deadlines/calendar/{token}.ics").status_code == 404
