"""The buyer takes a rating back before it is published (L16)."""

from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.verbs import atomic
from opengallery.market.aftersales.models import Rating


@atomic
def withdraw_rating(rating: Rating, *, by: Actor, at: datetime) -> None:
    """Withdraw a rating; the order can be rated anew. MoveRefused once it is published; NotYourTurn."""
    rating.move("withdraw_rating", by=by, at=at)
