"""Ratings: one of a completed order, three scales from 1 to 5, read by everybody once the operator has published it."""

from decimal import Decimal
from itertools import product

import pytest
from django.db import IntegrityError, transaction

from opengallery.kit.actor import Party
from opengallery.kit.problems import InvalidInput, MoveRefused, NotYourTurn
from opengallery.market.aftersales import states
from opengallery.market.aftersales.actions import (
    change_rating,
    publish_rating,
    rate_order,
    refuse_rating,
    reply_rating,
    withdraw_rating,
)
from opengallery.market.aftersales.models import Rating
from opengallery.market.aftersales.problems import AlreadyRated, NotRatable, RatingChanged
from opengallery.market.journal.models import Fact
from opengallery.market.orders.models import Order

SCORES = {"product_quality": 5, "delivery_speed": 4, "service_attitude": 3}
NOON = "2020-03-02 12:00"


@pytest.mark.spec("AT-105")
def test_a_rating_is_stored_as_under_review(completed):
    rating = completed.rates()
    rating = completed.again(rating)
    assert (rating.state, rating.label, rating.scores) == ("under_review", "Under review", SCORES)
    assert rating.comment == "Quick and friendly."
    fact = Fact.objects.of(completed.trade.number).get(verb="rate_order")
    assert (fact.subject, "friendly" in fact.body) == (rating.public_id, False)


@pytest.mark.spec("AT-105")
@pytest.mark.parametrize("wrong", [0, 6, 2.5, -1, "4", True, None])
@pytest.mark.parametrize("scale", states.SCALES)
def test_scores_beside_1_to_5_are_refused(completed, scale, wrong):
    with pytest.raises(InvalidInput) as refusal:
        completed.rates(**{scale: wrong})
    assert list(refusal.value.errors) == [scale]
    assert not Rating.objects.exists()


def test_all_faults_are_said_at_once(completed):
    with pytest.raises(InvalidInput) as refusal:
        rate_order(completed.trade.order, scores={"product_quality": 0}, comment="x" * 1001, by=completed.buyer,
                   at=completed.at(NOON))  # fmt: skip
    assert list(refusal.value.errors) == [*states.SCALES, "comment"]


@pytest.mark.spec("AT-105")
def test_a_second_rating_is_refused(completed):
    rating = completed.rates()
    with pytest.raises(AlreadyRated) as refusal:
        completed.rates()
    assert refusal.value.status == 409
    with pytest.raises(IntegrityError), transaction.atomic():
        Rating.objects.filter(pk=rating.pk).get().__class__(
            **{f.attname: getattr(rating, f.attname) for f in Rating._meta.fields if f.name not in ("id", "public_id")},
            public_id="rating_other",
        ).save()
    assert Rating.objects.count() == 1


@pytest.mark.spec("AT-105")
def test_before_the_order_is_completed_nobody_rates(sold):
    for step in (lambda: None, sold.trade.delivered, sold.trade.accepted):
        step()
        with pytest.raises(NotRatable) as refusal:
            sold.rates()
        assert refusal.value.status == 409
    assert not Rating.objects.exists()


def test_only_the_buyer_rates(completed):
    for name in ("seller", "other_buyer", "other_seller", "operator"):
        with pytest.raises(NotYourTurn):
            rate_order(completed.trade.order, scores=SCORES, by=getattr(completed, name), at=completed.at(NOON))


def test_an_unsubscribe_order_is_no_purchase(completed):
    Order.objects.filter(number=completed.trade.number).update(type="unsubscribe")
    with pytest.raises(NotRatable):
        completed.rates()


def product_of(completed):
    return completed.trade.order.lines.get().product


def test_only_published_ratings_count(completed):
    shown = lambda: Rating.objects.published_of(product_of(completed)).score()  # noqa: E731
    rating = completed.rates()
    assert shown().count == 0
    rating = completed.does(publish_rating, rating, NOON, by=completed.operator, version=1)
    score = shown()
    assert (score.count, score.product_quality, score.service_attitude) == (1, Decimal("5.0"), Decimal("3.0"))
    rating = completed.does(change_rating, rating, NOON, by=completed.buyer, scores=SCORES | {"product_quality": 1})
    assert (rating.state, rating.version, shown().count) == ("under_review", 2, 0)
    rating = completed.does(publish_rating, rating, NOON, by=completed.operator, version=2)
    assert shown().product_quality == Decimal("1.0")
    completed.does(refuse_rating, rating, NOON, by=completed.operator, version=2, reason="Names a person.")
    assert shown().count == 0


def test_under_review_it_can_be_withdrawn_and_given_anew(completed):
    rating = completed.does(withdraw_rating, completed.rates(), NOON, by=completed.buyer)
    assert rating.state == "withdrawn"
    again = completed.rates(product_quality=2)
    assert (again.pk != rating.pk, again.state) == (True, "under_review")
    again = completed.does(publish_rating, again, NOON, by=completed.operator, version=1)
    with pytest.raises(MoveRefused):
        withdraw_rating(again, by=completed.buyer, at=completed.at(NOON))


def test_a_refusal_says_why_and_the_buyer_mends_it(completed):
    rating = completed.rates(comment="Ask for Mr Smith, he is slow.")
    for reason in ("", " ", "x" * 501):
        with pytest.raises(InvalidInput):
            refuse_rating(rating, reason=reason, version=1, by=completed.operator, at=completed.at(NOON))
    rating = completed.does(refuse_rating, rating, NOON, by=completed.operator, version=1, reason="Names a person.")
    assert (rating.state, rating.reason) == ("refused", "Names a person.")
    rating = completed.does(change_rating, rating, NOON, by=completed.buyer, scores=SCORES, comment="Slow.")
    assert (rating.state, rating.reason, rating.comment) == ("under_review", "", "Slow.")


def test_of_two_moderators_at_once_one_is_told(completed):
    rating = completed.rates()
    slower = completed.again(rating)
    publish_rating(rating, version=1, by=completed.operator, at=completed.at(NOON))
    with pytest.raises(MoveRefused):
        publish_rating(slower, version=1, by=completed.operator, at=completed.at(NOON))
    other = completed.again(rating)
    refuse_rating(other, reason="No.", version=1, by=completed.operator, at=completed.at(NOON))
    with pytest.raises(MoveRefused):
        refuse_rating(completed.again(rating), reason="No.", version=1, by=completed.operator, at=completed.at(NOON))


def test_a_moderator_decides_about_what_he_has_read(completed):
    """The buyer changes the words between the moderator's reading and deciding; also at the same instant."""
    rating = completed.rates()
    read = completed.again(rating)
    change_rating(
        rating, scores=SCORES, comment="Buy from www.cheap.example", by=completed.buyer, at=completed.at(NOON)
    )
    with pytest.raises(RatingChanged):
        publish_rating(completed.again(rating), version=1, by=completed.operator, at=completed.at(NOON))
    with pytest.raises(MoveRefused):
        publish_rating(read, version=1, by=completed.operator, at=completed.at(NOON))
    assert completed.again(rating).state == "under_review"


def test_the_seller_replies_once_and_may_edit(completed):
    rating = completed.rates()
    with pytest.raises(MoveRefused):
        reply_rating(rating, reply="Thank you", by=completed.seller, at=completed.at(NOON))
    rating = completed.does(publish_rating, rating, NOON, by=completed.operator, version=1)
    for reply in ("", "x" * 501):
        with pytest.raises(InvalidInput):
            reply_rating(rating, reply=reply, by=completed.seller, at=completed.at(NOON))
    for reply in ("Thank you", "Thank you very much"):
        rating = completed.does(reply_rating, rating, "2020-03-03 10:00", by=completed.seller, reply=reply)
    assert (rating.reply, rating.state, rating.state_since) == (
        "Thank you very much", "published", completed.at(NOON))  # fmt: skip


def test_who_sees_a_rating(completed):
    rating = completed.rates()
    names = ("buyer", "seller", "operator", "other_buyer", "other_seller")

    def seen():
        return [name for name in names if Rating.objects.visible_to(getattr(completed, name)).exists()]

    assert seen() == ["buyer", "operator"]
    completed.does(publish_rating, rating, NOON, by=completed.operator, version=1)
    assert seen() == ["buyer", "seller", "operator"]


CALLS = {
    "publish_rating": (publish_rating, {"version": 1}),
    "refuse_rating": (refuse_rating, {"version": 1, "reason": "Names a person."}),
    "change_rating": (change_rating, {"scores": SCORES}),
    "withdraw_rating": (withdraw_rating, {}),
    "reply_rating": (reply_rating, {"reply": "Thank you"}),
}


@pytest.mark.parametrize("state", states.RATING.labels)
def test_who_may_do_what_where(completed, state):
    rating = completed.rates()
    Rating.objects.filter(pk=rating.pk).update(state=state)
    people = {"buyer": Party.BUYER, "seller": Party.SELLER, "operator": Party.OPERATOR, "other_buyer": None}
    for (name, party), verb in product(people.items(), CALLS):
        call, given = CALLS[verb]
        rows = [move for move in states.RATING.moves_from(state) if move.verb == verb]
        mine = [move for move in rows if move.who == party]
        if mine:
            with transaction.atomic():
                after = completed.does(call, rating, NOON, by=getattr(completed, name), **given)
                assert after.state == mine[0].target
                transaction.set_rollback(True)
            continue
        with pytest.raises(NotYourTurn if rows else MoveRefused):
            call(completed.again(rating), by=getattr(completed, name), at=completed.at(NOON), **given)
    assert completed.again(rating).state == state


def test_the_database_keeps_the_scale(completed):
    rating = completed.rates()
    for wrong in (0, 6):
        with pytest.raises(IntegrityError), transaction.atomic():
            Rating.objects.filter(pk=rating.pk).update(delivery_speed=wrong)
