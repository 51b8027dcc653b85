"""What a seller must state, when an answer is due, what a score is: the figures of the specification, without a database."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from opengallery.market.aftersales import rules, states
from opengallery.market.sellers.rules import Hours, Support, support_errors

WEEK = (1, 2, 3, 4, 5)
HOURS = Hours(WEEK, time(8), time(17), 60)


def support(**changes):
    told = {"hours": HOURS, "languages": "English", "content": "Faults and questions", "phone": "+49 30 555 0100",
            "email": "support@northwind.example"}  # fmt: skip
    return Support(**(told | changes))


def test_the_hours_are_written_with_their_time_zone():
    assert HOURS.text == "Mon–Fri, 08:00–17:00 (GMT+01:00)"
    assert Hours((1, 3, 4, 6, 7), time(0), time(0), -210).text == "Mon, Wed–Thu, Sat–Sun, 00:00–24:00 (GMT-03:30)"


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({}, []),
        ({"hours": Hours(WEEK, time(9), time(17), 0)}, []),  # 8 hours on 5 days are enough
        ({"hours": Hours(WEEK, time(0), time(0), 0)}, []),
        ({"hours": Hours(WEEK, time(9), time(16, 59), 0)}, ["end"]),
        ({"hours": Hours(WEEK, time(17), time(9), 0)}, ["end"]),
        ({"hours": Hours((1, 2, 3, 4), time(9), time(18), 0)}, ["days"]),
        ({"hours": Hours((1, 1, 1, 1, 1), time(9), time(18), 0)}, ["days"]),
        ({"hours": Hours((0, 1, 2, 3, 4, 5), time(9), time(18), 0)}, ["days"]),
        ({"hours": Hours(WEEK, time(9), time(18), 7)}, ["offset"]),
        ({"hours": Hours(WEEK, time(9), time(18), 900)}, ["offset"]),
        ({"languages": " "}, ["languages"]),
        ({"content": "x" * 501}, ["content"]),
        ({"phone": "030 555"}, ["phone"]),
        ({"phone": "+49 call us"}, ["phone"]),
        ({"email": "support"}, ["email"]),
        ({"email": "a b@c.example"}, ["email"]),
        ({"hours": Hours((), time(9), time(9), 7), "languages": "", "content": "", "phone": "", "email": ""},
         ["content", "days", "email", "end", "languages", "offset", "phone"]),
    ],
)  # fmt: skip
def test_what_a_seller_must_state(changes, fields):
    assert sorted(support_errors(support(**changes))) == fields


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        ("2020-01-06 10:00", "2020-01-07 10:00"),  # Monday
        ("2020-01-10 16:00", "2020-01-13 16:00"),  # Friday: the weekend does not count
        ("2020-01-11 12:00", "2020-01-14 00:00"),  # Saturday: from Monday on
        ("2020-01-12 23:59", "2020-01-14 00:00"),
    ],
)
def test_time_to_answer_counts_on_service_days(asked, due):
    zone = HOURS.zone
    told = datetime.fromisoformat(asked).replace(tzinfo=zone)
    assert rules.answer_by(told, timedelta(hours=24), HOURS) == datetime.fromisoformat(due).replace(tzinfo=zone)


def test_without_stated_hours_every_day_counts():
    asked = datetime(2020, 1, 10, 12, tzinfo=UTC)
    assert rules.answer_by(asked, timedelta(hours=24), None) == asked + timedelta(hours=24)


def test_the_operator_has_three_working_days():
    friday = datetime(2020, 1, 10, 4, tzinfo=UTC)
    assert rules.decide_by(friday, 3, {date(2020, 1, 14)}) == datetime(2020, 1, 16, 4, tzinfo=UTC)


@pytest.mark.parametrize("wrong", [0, 6, -1, 2.5, "3", None, True, "", 10**30])
def test_a_score_is_a_whole_number_from_1_to_5(wrong):
    right = dict.fromkeys(states.SCALES, 5)
    assert rules.score_errors(right) == {}
    for scale in states.SCALES:
        assert list(rules.score_errors(right | {scale: wrong})) == [scale]
    assert list(rules.score_errors({})) == list(states.SCALES)


def test_means_have_one_decimal_half_up():
    assert [rules.average(total, count) for total, count in ((9, 2), (13, 3), (41, 20), (5, 1))] == [
        Decimal("4.5"), Decimal("4.3"), Decimal("2.1"), Decimal("5.0"),
    ]  # fmt: skip


def test_customers_stay_unnamed():
    assert [rules.masked(name) for name in ("Meridian Logistics", " 云商店", "")] == ["M***", "云***", "***"]
