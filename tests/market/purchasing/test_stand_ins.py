"""A stand-in may for a time what both may: from the first instant to just before the last one."""

import pytest

from opengallery.kit.problems import InvalidInput, MoveRefused, NotYourTurn
from opengallery.market.identity.actions import actor_of_token, issue_key
from opengallery.market.identity.models import StandIn
from opengallery.market.journal.models import Fact
from opengallery.market.orders.actions import approve_order, place_order
from opengallery.market.orders.models import Order
from opengallery.market.purchasing.actions import appoint_stand_in, dismiss_stand_in
from opengallery.market.purchasing.problems import FourEyes

FROM, UNTIL = "2020-03-02 09:00", "2020-03-16 18:00"


@pytest.fixture
def appoints(house, at):
    """The owner appoints a stand-in."""

    def appoint(when: str = "2020-03-01 10:00", **change: str) -> StandIn:
        given = {"member": "acceptor-m", "stand_in": "purchaser-m", "starts": FROM, "ends": UNTIL, "reason": "Leave"}
        return appoint_stand_in(**(given | change), by=house.actor("owner"), at=at(when))

    return appoint


@pytest.mark.parametrize(
    ("when", "lent"),
    [
        ("2020-03-02 08:59:59", False),
        ("2020-03-02 09:00:00", True),
        ("2020-03-16 17:59:59", True),
        ("2020-03-16 18:00:00", False),
    ],
)
def test_it_begins_and_ends_at_its_instants(house, appoints, at, when, lent):
    appoints()
    assert house.actor("purchaser", when).may("orders:accept") is lent
    assert house.actor("purchaser", when).may("orders:buy")
    assert not house.actor("acceptor", when).may("orders:buy")
    _, token = issue_key(house.members["purchaser"], name="Program", at=at("2020-03-01 10:00"))
    actor, _ = actor_of_token(token, at=at(when))
    assert actor.may("orders:accept") is lent


def test_without_a_beginning_it_begins_now(house, appoints, at):
    row = appoints(starts="")
    assert row.starts_at == at("2020-03-01 10:00")
    assert house.actor("purchaser", "2020-03-01 10:00").may("orders:accept")


def test_ended_early_it_is_over_at_once(house, appoints, at):
    row = appoints()
    dismiss_stand_in(row, by=house.actor("owner"), at=at("2020-03-05 10:00"))
    assert not house.actor("purchaser", "2020-03-05 10:00").may("orders:accept")
    with pytest.raises(MoveRefused):
        dismiss_stand_in(row, by=house.actor("owner"), at=at("2020-03-05 10:00"))
    assert [fact.verb for fact in Fact.objects.of(row.stream)] == ["appoint_stand_in", "dismiss_stand_in"]
    assert row.phase(at("2020-03-06 10:00")) == "dismissed"


def test_phases(appoints, at):
    row = appoints()
    times = ("2020-03-02 08:59:59", FROM, "2020-03-16 17:59:59", UNTIL)
    assert [row.phase(at(when)) for when in times] == ["coming", "in_force", "in_force", "over"]


def test_who_may_appoint_is_not_lent(house, appoints):
    """Else a stand-in of the owner could prolong the own time."""
    appoints(member="linwei")
    actor = house.actor("purchaser", FROM)
    assert actor.may("keys:manage")
    assert not actor.may("purchasing:manage")


def test_a_stand_in_does_not_lend_on_what_was_lent(house, appoints):
    appoints()
    appoints(member="purchaser-m", stand_in="finance-m")
    actor = house.actor("finance", FROM)
    assert actor.may("orders:buy")
    assert not actor.may("orders:accept")


def test_standing_in_for_the_approver_does_not_make_two_people_of_one(house, appoints, world, at):
    appoints(member="finance-m")
    house.rules(approval="500")
    purchaser = house.actor("purchaser", FROM)
    assert purchaser.may("orders:approve")
    order = place_order([world.choice("license_yearly")], by=purchaser, at=at(FROM))
    with pytest.raises(FourEyes):
        approve_order(order, by=purchaser, at=at(FROM))
    theirs = place_order([world.choice("license_yearly")], by=house.actor("owner"), at=at(FROM))
    approve_order(theirs, by=purchaser, at=at(FROM))
    assert Order.objects.get(pk=theirs.pk).label == "Pending payment"


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"member": "nobody"}, {"member"}),
        ({"stand_in": "ngarnier"}, {"stand_in"}),
        ({"member": "ngarnier", "stand_in": "cbrandt"}, {"member", "stand_in"}),
        ({"stand_in": "acceptor-m"}, {"stand_in"}),
        ({"stand_in": "\0"}, {"stand_in"}),
        ({"starts": UNTIL, "ends": FROM}, {"until"}),
        ({"ends": FROM}, {"until"}),
        ({"ends": ""}, {"until"}),
        ({"ends": "2021-03-04 09:00"}, {"until"}),
        ({"starts": "2020-02-29 09:00"}, {"from"}),
        ({"starts": "soon", "ends": "2020-02-30"}, {"from", "until"}),
        ({"reason": " "}, {"reason"}),
        ({"reason": "x" * 301}, {"reason"}),
        ({"member": "", "stand_in": "", "starts": "x", "ends": "", "reason": ""},
         {"member", "stand_in", "from", "until", "reason"}),
    ],
)  # fmt: skip
def test_stand_ins_that_cannot_be(house, appoints, change, fields):
    """ngarnier and cbrandt are of other organisations, and are said to be unknown."""
    with pytest.raises(InvalidInput) as refused:
        appoints(**change)
    assert set(refused.value.errors) == fields
    assert not StandIn.objects.exists()


def test_who_has_left_cannot_stand_in(house, appoints):
    user = house.members["purchaser"].user
    user.is_active = False
    user.save()
    with pytest.raises(InvalidInput, match="Nobody of your organisation"):
        appoints()


def test_another_organisation_sees_and_ends_none(appoints, world, at):
    row, stranger = appoints(), world.actor("other_buyer")
    assert not StandIn.objects.visible_to(stranger).exists()
    with pytest.raises(NotYourTurn):
        dismiss_stand_in(row, by=stranger, at=at(FROM))


def test_only_who_stands_in_costs_a_statement(house, appoints, at, django_assert_num_queries):
    appoints()
    other = house.members["acceptor"]
    with django_assert_num_queries(0):
        other.actor(at=at(FROM))
