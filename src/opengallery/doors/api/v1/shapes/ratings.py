"""Ratings: what the buyer of an order thinks of it, and what everybody reads."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from opengallery.doors.api.v1.shapes.common import BASE, ActionShape, Instant, actions, utc
from opengallery.kit.actor import Actor
from opengallery.market.aftersales.models import Rating, Score

# verb → where its call is: below the order for its buyer, below the rating for the others
BUYER_CALLS = {
    "change_rating": ("PUT", "rating", "orders:buy"),
    "withdraw_rating": ("DELETE", "rating", "orders:buy"),
}
CALLS = {
    "publish_rating": ("POST", "publication", "operations:support"),
    "refuse_rating": ("POST", "refusal", "operations:support"),
    "reply_rating": ("POST", "reply", "sales:deliver"),
}
Mean = Annotated[str | None, Field(description="A decimal with one place", examples=["4.5"])]


class ScoreShape(TypedDict):
    """The mean of each scale over all published ratings; null where there are none."""

    count: int
    product_quality: Mean
    delivery_speed: Mean
    service_attitude: Mean


class PublishedRatingShape(TypedDict):
    """A rating as everybody reads it; the customer's name is masked."""

    author: str
    product_quality: int
    delivery_speed: int
    service_attitude: int
    comment: str
    submitted_at: Instant
    reply: str | None
    replied_at: Instant | None


class RatingShape(TypedDict):
    """A rating as its buyer, its seller and the operator see it; a decision names the `version` that was read."""

    id: str
    order: str
    customer: str
    seller: str
    state: str
    label: str
    state_since: Instant
    product_quality: int
    delivery_speed: int
    service_attitude: int
    comment: str
    version: int
    submitted_at: Instant
    reason: str | None
    reply: str | None
    replied_at: Instant | None
    next_actions: list[ActionShape]
    href: str


def score_shape(score: Score) -> ScoreShape:
    """The means as decimal texts."""
    return {
        "count": score.count,
        "product_quality": mean(score.product_quality),
        "delivery_speed": mean(score.delivery_speed),
        "service_attitude": mean(score.service_attitude),
    }


def mean(value: object) -> str | None:
    """A mean as a text, or null."""
    return None if value is None else str(value)


def published_shape(rating: Rating) -> PublishedRatingShape:
    """A rating from a query with its order."""
    return {
        "author": rating.author,
        "product_quality": rating.product_quality,
        "delivery_speed": rating.delivery_speed,
        "service_attitude": rating.service_attitude,
        "comment": rating.comment,
        "submitted_at": utc(rating.submitted_at) or "",
        "reply": rating.reply or None,
        "replied_at": utc(rating.replied_at),
    }


def rating_shape(rating: Rating, *, actor: Actor) -> RatingShape:
    """A rating from a query with its order."""
    verbs = [move.verb for move in rating.moves_for(actor)]
    place, order = f"/ratings/{rating.public_id}", f"/orders/{rating.order.number}"
    return {
        "id": rating.public_id,
        "order": rating.order.number,
        "customer": rating.order.customer_name,
        "seller": rating.order.seller_name,
        "state": rating.state,
        "label": rating.label,
        "state_since": utc(rating.state_since) or "",
        "product_quality": rating.product_quality,
        "delivery_speed": rating.delivery_speed,
        "service_attitude": rating.service_attitude,
        "comment": rating.comment,
        "version": rating.version,
        "submitted_at": utc(rating.submitted_at) or "",
        "reason": rating.reason or None,
        "reply": rating.reply or None,
        "replied_at": utc(rating.replied_at),
        "next_actions": [
            *actions(verbs, BUYER_CALLS, order, actor.rights),
            *actions(verbs, CALLS, place, actor.rights),
        ],
        "href": f"{BASE}{place}",
    }
