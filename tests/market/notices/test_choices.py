"""Who receives what is the recipient's choice (spec 2.9, L46)."""

import pytest

from opengallery.kit.actor import VISITOR, Actor
from opengallery.kit.problems import InvalidInput, NotAllowed
from opengallery.market.identity.actions import add_person
from opengallery.market.notices.actions import choose_channels
from opengallery.market.notices.choices import groups_for, phone_of, switches_of
from opengallery.market.notices.kinds import GROUPS
from opengallery.market.notices.models import Choice, Notice, Phone


def columns(notice: Notice) -> tuple[bool, bool]:
    """Whether copies by e-mail and by SMS are due."""
    return notice.mail_due_at is not None, notice.sms_due_at is not None


def test_the_site_always_tells_and_e_mail_until_somebody_chooses(tale, world, at):
    now = at("2020-01-01 09:00")
    buyer = world.actor("buyer")
    choose_channels({"deliveries": {"mail": False, "sms": True}}, phone="+65 6123-4567", by=buyer, at=now)
    order = tale.buys(when="2020-01-01 10:00")
    tale.delivers(order, "2020-01-02 10:00")
    tale.accepts(order, "2020-01-03 10:00")
    tale.passes("2020-01-03 13:00")
    tale.relays()
    mine = Notice.objects.filter(user=buyer.user_id)
    assert {columns(row) for row in mine.filter(group="deliveries")} == {(False, True)}
    assert {columns(row) for row in mine.filter(group="orders")} == {(True, False)}
    assert {columns(row) for row in Notice.objects.filter(user=world.members["seller"].user)} == {(True, False)}


def test_a_choice_is_one_persons_in_one_organisation(tale, world, at):
    buying = world.members["buyer"].organisation
    colleague = add_person(buying, email="second@meridian.example", username="second", full_name="", password=None,
                           role="owner")  # fmt: skip
    choose_channels({"deliveries": {"mail": False}}, by=colleague.actor(), at=at("2020-01-01 09:00"))
    tale.buys(when="2020-01-01 10:00")
    tale.relays()
    paid = Notice.objects.filter(subject__startswith="Order paid")
    assert {row.user.username: columns(row) for row in paid} == {"linwei": (True, False), "second": (False, False)}


def test_choosing_twice_and_leaving_out(world, at):
    buyer, now = world.actor("buyer"), at("2020-01-01 09:00")
    choose_channels({"money": {"sms": True}}, phone="+4930123456", by=buyer, at=now)
    choose_channels({"money": {"mail": False}}, by=buyer, at=now)
    choose_channels({}, by=buyer, at=now)
    assert switches_of(buyer)["money"] == {"mail": False, "sms": True}
    assert switches_of(buyer)["orders"] == {"mail": True, "sms": False}
    assert phone_of(buyer) == "+4930123456"
    choose_channels({"money": {"sms": False}}, phone="", by=buyer, at=now)
    assert not Phone.objects.exists()
    assert Choice.objects.count() == 2


@pytest.mark.parametrize(
    "phone", ["", "12345", "030 123456", "+0301234567", "+49 30 abc", "+" + "1" * 16, "٣٣٣٣٣٣٣٣", "+1;drop"]
)
def test_text_messages_need_a_number_that_is_one(world, at, phone):
    with pytest.raises(InvalidInput) as refusal:
        choose_channels({"money": {"sms": True}}, phone=phone, by=world.actor("buyer"), at=at("2020-01-01 09:00"))
    assert list(refusal.value.errors) == ["phone"]
    assert not Choice.objects.exists()


def test_all_faults_at_once(world, at):
    with pytest.raises(InvalidInput) as refusal:
        choose_channels({"gossip": {"mail": True}, "money": {"pigeon": True}, "orders": {"sms": True}}, phone="x",
                        by=world.actor("buyer"), at=at("2020-01-01 09:00"))  # fmt: skip
    assert set(refusal.value.errors) == {"gossip", "money.pigeon", "phone"}


def test_one_chooses_among_what_ones_role_can_hear(world):
    assert set(groups_for(world.actor("seller"))) == set(GROUPS)
    assert groups_for(world.actor("operator")) == ["deliveries", "appeals", "support"]
    assert groups_for(Actor(user_id=1)) == groups_for(VISITOR) == []


def test_a_visitor_chooses_nothing(db, at):
    with pytest.raises(NotAllowed):
        choose_channels({}, by=VISITOR, at=at("2020-01-01 09:00"))
