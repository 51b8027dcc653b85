"""The buyer thinks otherwise: a rating can be changed in every state, and is reviewed again (L16)."""

from collections.abc import Mapping
from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.verbs import atomic
from opengallery.market.aftersales.actions.rate_order import checked
from opengallery.market.aftersales.models import Rating


@atomic
def change_rating(rating: Rating, *, scores: Mapping[str, object], comment: str = "", by: Actor, at: datetime) -> None:
    """Change scores and comment. It becomes the next version, and nobody reads it until it is published.

    InvalidInput as rate_order; MoveRefused once it is withdrawn; NotYourTurn.
    """
    rating.life.find(rating.state, "change_rating", rating.parties_of(by))
    columns = checked(scores, comment)
    columns |= {"submitted_at": at, "submitted_by": by.name, "moderated_at": None, "reason": ""}
    rating.move("change_rating", by=by, at=at, also=columns, count="version")
