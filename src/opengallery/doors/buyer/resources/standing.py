"""The rating of the order behind a resource, as it stands, and what can be done with it."""

from typing import Any

from django.utils.translation import gettext as _

from opengallery.doors.ratings import RatingForm
from opengallery.kit.actor import Actor
from opengallery.market.aftersales.actions import may_be_rated
from opengallery.market.aftersales.models import Rating
from opengallery.market.orders.models import Order, Resource


def rating_of(order: Order) -> Rating | None:
    """The order's rating, unless it was withdrawn."""
    return Rating.objects.standing().select_related("order").filter(order=order).first()


def rating_context(row: Resource, actor: Actor, form: RatingForm | None) -> dict[str, Any]:
    """What buyer/resources/rating.html shows: the rating as it stands, and the form that makes or changes it."""
    standing = rating_of(row.order)
    verbs = {move.verb for move in standing.moves_for(actor)} if standing else set()
    initial = {**standing.scores, "comment": standing.comment} if standing else {}
    return {
        "rating": standing,
        "rating_form": form or RatingForm(initial=initial),
        "rating_open": actor.may("orders:buy") and ("change_rating" in verbs if standing else may_be_rated(row.order)),
        "rating_withdraw": actor.may("orders:buy") and "withdraw_rating" in verbs,
        "withdrawal_text": what_happens(),
    }


def what_happens() -> str:
    """What withdrawing does, in the dialog's words."""
    return _("The rating is not published. You can rate the order anew.")
