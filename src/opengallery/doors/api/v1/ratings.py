"""Ratings: rate a completed order, change or withdraw it, publish or refuse it, reply, read."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field, StrictInt
from typing_extensions import TypedDict

from opengallery.doors.api.v1.answers import Created
from opengallery.doors.api.v1.bodies import Paged
from opengallery.doors.api.v1.calls import call
from opengallery.doors.api.v1.keys import ApiKeyOrNot
from opengallery.doors.api.v1.lists import items
from opengallery.doors.api.v1.orders import find_order, order_to_change
from opengallery.doors.api.v1.refreshed import fresh_refusals
from opengallery.doors.api.v1.shapes.ratings import (
    PublishedRatingShape,
    RatingShape,
    ScoreShape,
    published_shape,
    rating_shape,
    score_shape,
)
from opengallery.doors.api.v1.sides import seen_by
from opengallery.doors.lists import one_of
from opengallery.doors.pages import ANYONE, actor_of, find, now_of
from opengallery.kit.paging import page_of
from opengallery.market.aftersales import rules, states
from opengallery.market.aftersales.actions import (
    change_rating,
    publish_rating,
    rate_order,
    refuse_rating,
    reply_rating,
    withdraw_rating,
)
from opengallery.market.aftersales.models import Rating
from opengallery.market.catalog.models import Product

router = Router(tags=["Ratings"])
SEE = ("orders:view", "sales:view", "operations:view")
NEWEST = ("-submitted_at", "-id")


class RatingGiven(BaseModel):
    """Whole numbers from 1 to 5."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"product_quality": 5, "delivery_speed": 4, "service_attitude": 5, "comment": "Quick and friendly."}
            ]
        }
    )

    product_quality: StrictInt
    delivery_speed: StrictInt
    service_attitude: StrictInt
    comment: str = Field("", description=f"At most {rules.COMMENT_MAX} characters")

    def scores(self) -> dict[str, object]:
        """The three scores as the verb takes them."""
        return {scale: getattr(self, scale) for scale in states.SCALES}


class Read(BaseModel):
    """Which version was read."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 1}]})

    version: StrictInt


class Refusal(Read):
    """Which version was read, and why it is not published."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 1, "reason": "It names a person."}]})

    reason: str = Field("", description=f"1 to {rules.REASON_MAX} characters")


class Reply(BaseModel):
    """The seller's reply."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reply": "Thank you. The manual is corrected."}]})

    reply: str = Field("", description=f"1 to {rules.REPLY_MAX} characters")


class RatingFilters(Paged):
    """Which ratings."""

    order_no: str = Field("", description="The whole number of the order")
    status: str = Field("", description="A state's code or label, such as under_review")


class RatingPage(TypedDict):
    """A page of ratings, newest first."""

    items: list[RatingShape]
    next: str | None


class ProductRatings(TypedDict):
    """The mean of all published ratings of a product, and a page of them, newest first."""

    score: ScoreShape
    items: list[PublishedRatingShape]
    next: str | None


@router.get("/products/{product}/ratings", response=ProductRatings, auth=ApiKeyOrNot())
@call(ANYONE)
def list_product_ratings(request: HttpRequest, product: str, paging: Query[Paged]) -> Any:
    """What customers think of a product: only what has been published."""
    rows = Rating.objects.published_of(find(Product.objects.visible_to(actor_of(request)), public_id=product))
    page = page_of(rows.select_related("order"), order=NEWEST, limit=paging.limit, cursor=paging.cursor)
    return {"score": score_shape(rows.score()), **items(page, published_shape)}


@router.get("/ratings", response=RatingPage)
@call(*SEE)
def list_ratings(request: HttpRequest, filters: Query[RatingFilters]) -> Any:
    """The organisation's own ratings, and those published of its sales; the operator sees all."""
    rows = seen(request)
    if filters.order_no:
        rows = rows.filter(order__number=filters.order_no.strip())
    if filters.status:
        rows = rows.filter(state=one_of(filters.status, states.RATING.labels, "status"))
    page = page_of(rows, order=NEWEST, limit=filters.limit, cursor=filters.cursor)
    return items(page, lambda rating: shown(request, rating))


@router.get("/ratings/{rating}", response=RatingShape)
@call(*SEE)
def get_rating(request: HttpRequest, rating: str) -> Any:
    """One rating."""
    return shown(request, find_rating(request, rating))


@router.get("/orders/{number}/rating", response=RatingShape)
@call(*SEE)
def get_order_rating(request: HttpRequest, number: str) -> Any:
    """The rating of an order, unless it was withdrawn."""
    return shown(request, find(seen(request).standing(), order__number=number))


@router.post("/orders/{number}/rating", response={201: RatingShape})
@call("orders:buy")
def post_rating(request: HttpRequest, number: str, given: RatingGiven) -> Any:
    """Rate a completed order, once; it is published after a review."""
    order = order_to_change(request, number)
    with fresh_refusals(request, order, find_order):
        rating = rate_order(
            order, scores=given.scores(), comment=given.comment, by=actor_of(request), at=now_of(request)
        )
    body = shown(request, rating)
    return Created(body, body["href"])


@router.put("/orders/{number}/rating", response=RatingShape)
@call("orders:buy")
def put_rating(request: HttpRequest, number: str, given: RatingGiven) -> Any:
    """Change the rating of an order; it is reviewed again."""
    order_to_change(request, number)
    rating = find(seen(request).standing(), order__number=number)
    change_rating(rating, scores=given.scores(), comment=given.comment, by=actor_of(request), at=now_of(request))
    return shown(request, find_rating(request, rating.public_id))


@router.delete("/orders/{number}/rating", response=RatingShape)
@call("orders:buy")
def delete_rating(request: HttpRequest, number: str) -> Any:
    """Withdraw the rating of an order before it is published."""
    order_to_change(request, number)
    rating = find(seen(request).standing(), order__number=number)
    withdraw_rating(rating, by=actor_of(request), at=now_of(request))
    return shown(request, rating)


@router.post("/ratings/{rating}/publication", response=RatingShape)
@call("operations:support")
def post_publication(request: HttpRequest, rating: str, read: Read) -> Any:
    """Publish the version that was read."""
    row = find_rating(request, rating)
    publish_rating(row, version=read.version, by=actor_of(request), at=now_of(request))
    return shown(request, row)


@router.post("/ratings/{rating}/refusal", response=RatingShape)
@call("operations:support")
def post_refusal(request: HttpRequest, rating: str, refusal: Refusal) -> Any:
    """Refuse the version that was read, or take a published one down."""
    row = find_rating(request, rating)
    refuse_rating(row, reason=refusal.reason, version=refusal.version, by=actor_of(request), at=now_of(request))
    return shown(request, row)


@router.post("/ratings/{rating}/reply", response=RatingShape)
@call("sales:deliver")
def post_rating_reply(request: HttpRequest, rating: str, said: Reply) -> Any:
    """Reply to a published rating, or replace the reply."""
    row = find_rating(request, rating)
    reply_rating(row, reply=said.reply, by=actor_of(request), at=now_of(request))
    return shown(request, row)


def seen(request: HttpRequest) -> Any:
    """The ratings that the actor may see."""
    rows: QuerySet[Rating] = seen_by(actor_of(request), Rating.objects.all())
    return rows.select_related("order")


def find_rating(request: HttpRequest, rating: str) -> Rating:
    """The rating, if the actor may see it."""
    row: Rating = find(seen(request), public_id=rating)
    return row


def shown(request: HttpRequest, rating: Rating) -> RatingShape:
    """The rating as this caller sees it now."""
    return rating_shape(rating, actor=actor_of(request))
