"""The operator does not publish a rating, or takes it down again, and says why."""

from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.problems import InvalidInput
from opengallery.kit.verbs import atomic
from opengallery.market.aftersales import rules
from opengallery.market.aftersales.actions.publish_rating import check_version
from opengallery.market.aftersales.models import Rating


@atomic
def refuse_rating(rating: Rating, *, reason: str, version: int, by: Actor, at: datetime) -> None:
    """Refuse the version that was read; the buyer reads the reason and can change it.

    InvalidInput at reason: 1 to 500 characters; RatingChanged; MoveRefused, NotYourTurn.
    """
    rating.life.find(rating.state, "refuse_rating", rating.parties_of(by))
    if error := rules.text_error(reason, most=rules.REASON_MAX, what="A reason"):
        raise InvalidInput({"reason": [error]})
    check_version(rating, version)
    rating.move(
        "refuse_rating", by=by, at=at, also={"moderated_at": at, "reason": reason.strip()},
        only_if=("version = %s", version), data={"version": version},
    )  # fmt: skip
