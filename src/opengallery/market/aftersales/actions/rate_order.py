"""The buyer says what a completed order was like, on three scales (spec 5.6, Q22)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from opengallery.kit.actor import Actor, Party
from opengallery.kit.ids import new_id
from opengallery.kit.problems import InvalidInput, NotYourTurn
from opengallery.kit.verbs import atomic
from opengallery.market.aftersales import rules, states
from opengallery.market.aftersales.models import RatedProduct, Rating
from opengallery.market.aftersales.problems import AlreadyRated, NotRatable
from opengallery.market.journal.models import record
from opengallery.market.orders import states as order_states
from opengallery.market.orders.models import Order


@atomic
def rate_order(order: Order, *, scores: Mapping[str, object], comment: str = "", by: Actor, at: datetime) -> Rating:
    """Rate an order: a whole number from 1 to 5 for each of states.SCALES, and a comment if wished.

    It waits for the operator's review. InvalidInput at the scales and comment; NotRatable before the order is
    completed; AlreadyRated the second time; NotYourTurn for anybody but the buyer.
    """
    if Party.BUYER not in order.parties_of(by):
        raise NotYourTurn("The customer rates an order.")
    if not may_be_rated(order):
        raise NotRatable(f"The order stands at “{order.label}”.")
    columns = checked(scores, comment)
    rating = Rating(
        public_id=new_id("rating", at), order=order, buyer_id=order.buyer_id, seller_id=order.seller_id, **columns,
        submitted_at=at, submitted_by=by.name, state=states.UNDER_REVIEW, state_since=at,
    )  # fmt: skip
    try:
        with transaction.atomic():
            rating.save(force_insert=True)
    except IntegrityError as error:
        raise AlreadyRated("Change that rating instead.") from error
    products = order.lines.order_by("product_id").values_list("product_id", flat=True).distinct()
    RatedProduct.objects.bulk_create(RatedProduct(rating=rating, product_id=product) for product in products)
    # The words stay between the buyer and the operator until they are published.
    record(rating, "rate_order", by=by, at=at, to=rating.state, data={"version": rating.version})
    return rating


def may_be_rated(order: Order) -> bool:
    """Whether an order's state allows a rating: completed, and a purchase."""
    return order.state == order_states.COMPLETED and order.type != order_states.UNSUBSCRIBE


def checked(scores: Mapping[str, object], comment: str) -> dict[str, Any]:
    """The columns of what was given; InvalidInput with all faults at once."""
    errors = rules.score_errors(scores)
    if error := rules.length_error(comment, most=rules.COMMENT_MAX, what="A comment"):
        errors["comment"] = error
    if errors:
        raise InvalidInput({field: [message] for field, message in errors.items()})
    return {scale: scores[scale] for scale in states.SCALES} | {"comment": comment.strip()}
