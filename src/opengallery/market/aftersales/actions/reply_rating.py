"""The seller's one reply to a published rating, which it may edit (N32, N36)."""

from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.problems import InvalidInput
from opengallery.kit.verbs import atomic
from opengallery.market.aftersales import rules
from opengallery.market.aftersales.models import Rating


@atomic
def reply_rating(rating: Rating, *, reply: str, by: Actor, at: datetime) -> None:
    """Reply, or replace the reply. InvalidInput at reply: 1 to 500 characters; MoveRefused, NotYourTurn."""
    rating.life.find(rating.state, "reply_rating", rating.parties_of(by))
    if error := rules.text_error(reply, most=rules.REPLY_MAX, what="A reply"):
        raise InvalidInput({"reply": [error]})
    said = {"reply": reply.strip(), "replied_at": at, "state_since": rating.state_since}
    rating.move("reply_rating", by=by, at=at, also=said, note=reply.strip())
