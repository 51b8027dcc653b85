"""The operator lets everybody read a rating."""

from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.verbs import atomic
from opengallery.market.aftersales.models import Rating
from opengallery.market.aftersales.problems import RatingChanged


@atomic
def publish_rating(rating: Rating, *, version: int, by: Actor, at: datetime) -> None:
    """Publish the version that was read; from now on it counts in the product's score.

    RatingChanged if the buyer has changed it since; MoveRefused, NotYourTurn.
    """
    rating.life.find(rating.state, "publish_rating", rating.parties_of(by))
    check_version(rating, version)
    rating.move(
        "publish_rating", by=by, at=at, also={"moderated_at": at, "reason": ""}, only_if=("version = %s", version),
        note=rating.comment, data={"version": version, **rating.scores},
    )  # fmt: skip


def check_version(rating: Rating, version: int) -> None:
    """A moderator decides only about what he has read."""
    if rating.version != version:
        raise RatingChanged("Read it again, then decide.", version=rating.version)
