"""Unsubscriptions: ask for money back, withdraw; agree, reject; goods come back (U1 to U9)."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field, StrictBool
from typing_extensions import TypedDict

from opengallery.doors.api.v1.answers import Created
from opengallery.doors.api.v1.bodies import Paged
from opengallery.doors.api.v1.calls import call, find_for_change
from opengallery.doors.api.v1.flows import Reason, find_flow, lock_flow
from opengallery.doors.api.v1.lists import items
from opengallery.doors.api.v1.proofs import proof_body, read_proofs
from opengallery.doors.api.v1.refreshed import fresh_refusals
from opengallery.doors.api.v1.said import files_kept
from opengallery.doors.api.v1.shapes.unsubscriptions import (
    UnsubscriptionRowShape,
    UnsubscriptionShape,
    unsubscription_row,
    unsubscription_shape,
)
from opengallery.doors.api.v1.sides import flows_seen_by, sides_of
from opengallery.doors.lists import one_of
from opengallery.doors.pages import actor_of, find, now_of
from opengallery.kit.paging import page_of
from opengallery.kit.problems import InvalidInput, NotFound
from opengallery.market.unsubscription import actions, rules, states
from opengallery.market.unsubscription.models import Unsubscription

router = Router(tags=["Unsubscriptions"])
SEE = ("orders:view", "sales:view", "operations:view")
AGREEMENT = proof_body({"comments": rules.TEXT_MAX}, required=["comments"])


class UnsubscriptionFilters(Paged):
    """Which requests."""

    order_no: str = Field("", description="What the order's number begins with")
    status: str = Field("", description="A state's code or label, such as pending_review")
    side: str = Field("", description="buyer: of what was bought; seller: of what was sold; both unless told")


class UnsubscriptionPage(TypedDict):
    """A page of requests, newest first."""

    items: list[UnsubscriptionRowShape]
    next: str | None


class UnsubscriptionRequest(BaseModel):
    """How much of a line's price is asked back, and why.

    `reason`: no_longer_needed, not_delivered, not_as_described, bought_by_mistake, other_product, agreed_with_seller or
    other. Only with `share_contact` does the seller get your name and e-mail address.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "flow": "CS2001010001ABCD-000001",
                    "amount": "600.00",
                    "reason": "agreed_with_seller",
                    "words": "As agreed by phone.",
                    "share_contact": False,
                }
            ]
        }
    )

    flow: str = Field(max_length=40)
    amount: str = Field(max_length=40, description="More than 0, at most what was paid, with at most 2 decimals")
    reason: str
    words: str = Field("", description="Up to 1000 characters")
    share_contact: StrictBool = False


class Comments(BaseModel):
    """What the buyer reads of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"comments": "The service was delivered as agreed."}]})

    comments: str = Field("", description="1 to 1000 characters")


class ReturnShipment(BaseModel):
    """How the goods travel back."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"carrier": "swiftline", "number": "SW200301442"}]})

    carrier: str = Field(max_length=30, description="A code of GET /carriers")
    number: str = Field(description="The tracking number")


@router.get("/unsubscriptions", response=UnsubscriptionPage)
@call(*SEE)
def list_unsubscriptions(request: HttpRequest, filters: Query[UnsubscriptionFilters]) -> Any:
    """The requests of the organisation, as buyer and as seller; the operator sees all."""
    actor, at = actor_of(request), now_of(request)
    rows = seen(request, filters.side)
    if filters.order_no.strip():
        rows = rows.filter(flow__number__startswith=filters.order_no.strip().upper())
    if filters.status:
        rows = rows.filter(state=one_of(filters.status, states.LABELS, "status"))
    page = page_of(rows, order=("-requested_at", "-id"), limit=filters.limit, cursor=filters.cursor)
    return items(page, lambda row: unsubscription_row(row, actor=actor, at=at))


@router.get("/unsubscriptions/{unsubscription}", response=UnsubscriptionShape)
@call(*SEE)
def get_unsubscription(request: HttpRequest, unsubscription: str) -> Any:
    """One request: amount, state, turn, deadline, what you may do, operation log."""
    return shown(request, find_row(request, unsubscription))


@router.post("/unsubscriptions", response={201: UnsubscriptionShape})
@call("orders:buy")
def post_unsubscription(request: HttpRequest, asked: UnsubscriptionRequest) -> Any:
    """Ask to undo a line's purchase; its flow is held until the request is closed."""
    try:
        flow = find_flow(request, asked.flow)
    except NotFound:
        raise InvalidInput({"flow": ["There is no such flow that you can see."]}) from None
    with fresh_refusals(request, flow, find_flow):
        row = actions.request_unsubscription(
            flow, amount=asked.amount, reason=asked.reason, words=asked.words, share_contact=asked.share_contact,
            by=actor_of(request), at=now_of(request),
        )  # fmt: skip
    body = shown(request, find_row(request, row.public_id))
    return Created(body, body["href"])


@router.delete("/unsubscriptions/{unsubscription}", response=UnsubscriptionShape)
@call("orders:buy")
def delete_unsubscription(request: HttpRequest, unsubscription: str) -> Any:
    """Withdraw the request; the flow goes on."""
    return taken(
        request, unsubscription,
        lambda row: actions.withdraw_unsubscription(row, by=actor_of(request), at=now_of(request)),
    )  # fmt: skip


@router.post("/unsubscriptions/{unsubscription}/agreement", response=UnsubscriptionShape, openapi_extra=AGREEMENT)
@call("sales:deliver", "operations:decide")
def post_agreement(request: HttpRequest, unsubscription: str) -> Any:
    """Agree, with the agreed communication as files: the refund follows, of shipped goods once they are back."""
    said = read_proofs(request, "comments").said
    actor = actor_of(request)

    def agree(row: Unsubscription) -> None:
        verb = "agree_unsubscription"  # both ways of agreeing are open to the same side at the same time
        row.life.find(row.state, verb, row.parties_of(actor))
        with files_kept(request, said) as stored:
            actions.agree_unsubscription(row, **said.texts, files=stored, by=actor, at=now_of(request))

    return taken(request, unsubscription, agree)


@router.post("/unsubscriptions/{unsubscription}/rejection", response=UnsubscriptionShape)
@call("sales:deliver", "operations:decide")
def post_rejection(request: HttpRequest, unsubscription: str, why: Comments) -> Any:
    """Reject the request: it ends, the flow goes on."""
    return taken(
        request, unsubscription,
        lambda row: actions.reject_unsubscription(row, comments=why.comments, by=actor_of(request), at=now_of(request)),
    )  # fmt: skip


@router.post("/unsubscriptions/{unsubscription}/return", response=UnsubscriptionShape)
@call("orders:buy")
def post_return(request: HttpRequest, unsubscription: str, sent: ReturnShipment) -> Any:
    """Tell how the goods travel back."""
    return taken(
        request, unsubscription,
        lambda row: actions.send_return(row, carrier=sent.carrier, number=sent.number, by=actor_of(request),
                                        at=now_of(request)),
    )  # fmt: skip


@router.post("/unsubscriptions/{unsubscription}/return/acceptance", response=UnsubscriptionShape)
@call("sales:deliver")
def post_return_acceptance(request: HttpRequest, unsubscription: str) -> Any:
    """Accept the returned goods: the refund follows."""
    return taken(
        request, unsubscription, lambda row: actions.accept_return(row, by=actor_of(request), at=now_of(request))
    )  # fmt: skip


@router.post("/unsubscriptions/{unsubscription}/return/refusal", response=UnsubscriptionShape)
@call("sales:deliver")
def post_return_refusal(request: HttpRequest, unsubscription: str, why: Reason) -> Any:
    """Refuse the returned goods: the buyer may send again, withdraw or appeal."""
    return taken(
        request, unsubscription,
        lambda row: actions.refuse_return(row, reason=why.reason, by=actor_of(request), at=now_of(request)),
    )  # fmt: skip


def taken(request: HttpRequest, key: str, step: Callable[[Unsubscription], object]) -> UnsubscriptionShape:
    """Take a step; the request as it is then. A refusal tells how it stands."""
    row = find_for_change(request, find_row, lambda row: shown(request, row), key, lock=lock_row)
    with fresh_refusals(request, row, find_row):
        step(row)
    return shown(request, find_row(request, key))


def seen(request: HttpRequest, side: str = "") -> "QuerySet[Unsubscription]":
    """The requests that the actor may see. InvalidInput at a side that it cannot look from."""
    actor = actor_of(request)
    if side and side not in sides_of(actor):
        raise InvalidInput({"side": [f"You can look from: {', '.join(sides_of(actor))}."]})
    rows: QuerySet[Unsubscription] = flows_seen_by(actor, Unsubscription.objects.all(), side)
    around = rows.select_related("flow__line__order", "return_carrier", "refund_order").defer("flow__line__words")
    return around.prefetch_related("files__file")


def find_row(request: HttpRequest, unsubscription: str) -> Unsubscription:
    """The request, if the actor may see it."""
    return find(seen(request), public_id=unsubscription)


def lock_row(row: Unsubscription) -> None:
    """Take the locks that the verbs take, in their order."""
    lock_flow(row.flow)
    Unsubscription.objects.select_for_update(no_key=True).get(pk=row.pk)


def shown(request: HttpRequest, row: Unsubscription) -> UnsubscriptionShape:
    """The request as this caller sees it now."""
    return unsubscription_shape(row, actor=actor_of(request), at=now_of(request))
