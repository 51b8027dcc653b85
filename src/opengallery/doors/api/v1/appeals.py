"""Appeals: file one, read, decide (spec 2.4)."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from opengallery.doors.api.v1.answers import Created
from opengallery.doors.api.v1.bodies import Paged
from opengallery.doors.api.v1.calls import call, find_for_change
from opengallery.doors.api.v1.decisions import AMOUNT, refund
from opengallery.doors.api.v1.flows import find_flow, flow_to_change, lock_flow
from opengallery.doors.api.v1.lists import items
from opengallery.doors.api.v1.proofs import proof_body, read_proofs
from opengallery.doors.api.v1.refreshed import fresh_refusals
from opengallery.doors.api.v1.said import files_kept
from opengallery.doors.api.v1.shapes.appeals import AppealRowShape, AppealShape, appeal_row, appeal_shape
from opengallery.doors.api.v1.shapes.flows import APPEALS
from opengallery.doors.api.v1.sides import flows_seen_by, sides_of
from opengallery.doors.lists import one_of
from opengallery.doors.pages import actor_of, find, now_of
from opengallery.kit.actor import Party
from opengallery.kit.paging import page_of
from opengallery.kit.problems import InvalidInput, NotAllowed
from opengallery.market.supervision import actions, rules, states
from opengallery.market.supervision.models import Appeal, Flow

router = Router(tags=["Appeals"])
SEE = ("orders:view", "sales:view", "operations:view")
BODY = proof_body(
    {"ground": 30, "reason": rules.APPEAL_MAX, "demand": rules.APPEAL_MAX}, required=["ground", "reason"],
    kinds=list(states.APPEAL_FILE_KINDS),
)  # fmt: skip


class AppealFilters(Paged):
    """Which appeals."""

    order_no: str = Field("", description="What the order's number begins with")
    status: str = Field("", description="open or decided")
    side: str = Field("", description="buyer: of what was bought; seller: of what was sold; both unless told")


class AppealPage(TypedDict):
    """A page of appeals, newest first."""

    items: list[AppealRowShape]
    next: str | None


class Decision(BaseModel):
    """What is decided: resume, return_to_seller, accept_for_buyer or terminate_and_refund; and why, for both sides."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"decision": "accept_for_buyer", "note": "All criteria are met.",
                                         "amount": None}]}
    )  # fmt: skip

    decision: str
    note: str = Field("", description="1 to 2000 characters")
    amount: str | None = AMOUNT


@router.get("/appeals", response=AppealPage)
@call(*SEE)
def list_appeals(request: HttpRequest, filters: Query[AppealFilters]) -> Any:
    """The appeals of the organisation's flows, whoever filed them; the operator sees all."""
    actor, at = actor_of(request), now_of(request)
    rows = seen(request, filters.side)
    if filters.order_no.strip():
        rows = rows.filter(flow__number__startswith=filters.order_no.strip().upper())
    if filters.status:
        rows = rows.filter(state=one_of(filters.status, states.APPEAL_LIFE.labels, "status"))
    page = page_of(rows, order=("-filed_at", "-id"), limit=filters.limit, cursor=filters.cursor)
    return items(page, lambda appeal: appeal_row(appeal, actor=actor, at=at))


@router.get("/appeals/{appeal}", response=AppealShape)
@call(*SEE)
def get_appeal(request: HttpRequest, appeal: str) -> Any:
    """One appeal: ground, reason, files, decision, operation log."""
    return shown(request, find_appeal(request, appeal))


@router.post("/flows/{line}/appeal", response={201: AppealShape}, openapi_extra=BODY)
@call(*APPEALS.values())
def post_appeal(request: HttpRequest, line: str) -> Any:
    """File an appeal: the flow stands still until the operator has decided. JSON, or multipart with files.

    `ground` of the buyer: seller_does_not_deliver, delivery_not_as_agreed, seller_rejects_requests, other_buyer; of the
    seller: customer_unreachable (with a letter_of_commitment), customer_does_not_accept (with a delivery_proof),
    customer_rejects_wrongly, other_seller.
    """
    actor, at = actor_of(request), now_of(request)
    proofs = read_proofs(request, "ground", "reason", "demand")
    flow = flow_to_change(request, line)
    check_side(request, flow)
    with fresh_refusals(request, flow, find_flow), files_kept(request, proofs.said) as stored:
        appeal = actions.file_appeal(flow, **proofs.texts, files=stored, kinds=proofs.kinds, by=actor, at=at)
    body = shown(request, find_appeal(request, appeal.public_id))
    return Created(body, body["href"])


@router.post("/appeals/{appeal}/decision", response=AppealShape)
@call("operations:decide")
def post_decision(request: HttpRequest, appeal: str, said: Decision) -> Any:
    """Decide: the flow goes on, goes back, is accepted, or ends."""
    row = find_for_change(request, find_appeal, lambda row: shown(request, row), appeal, lock=lock_appeal)
    with fresh_refusals(request, row, find_appeal):
        actions.decide_appeal(row, decision=said.decision, note=said.note, amount=refund(row.flow, said.amount),
                              by=actor_of(request), at=now_of(request))  # fmt: skip
    return shown(request, find_appeal(request, appeal))


def check_side(request: HttpRequest, flow: Flow) -> None:
    """NotAllowed if the role may appeal on the other side only."""
    actor = actor_of(request)
    for side in flow.parties_of(actor):
        if side in APPEALS and not actor.may(APPEALS[Party(side)]):
            raise NotAllowed("Ask an owner of your organisation for it.", right=APPEALS[Party(side)])


def seen(request: HttpRequest, side: str = "") -> "QuerySet[Appeal]":
    """The appeals that the actor may see. InvalidInput at a side that it cannot look from."""
    actor = actor_of(request)
    if side and side not in sides_of(actor):
        raise InvalidInput({"side": [f"You can look from: {', '.join(sides_of(actor))}."]})
    rows: QuerySet[Appeal] = flows_seen_by(actor, Appeal.objects.all(), side)
    return rows.select_related("flow__line__order").defer("flow__line__words").prefetch_related("files__file")


def find_appeal(request: HttpRequest, appeal: str) -> Appeal:
    """The appeal, if the actor may see it."""
    return find(seen(request), public_id=appeal)


def lock_appeal(appeal: Appeal) -> None:
    """Take the locks that the verbs take, in their order."""
    lock_flow(appeal.flow)
    Appeal.objects.select_for_update(no_key=True).get(pk=appeal.pk)


def shown(request: HttpRequest, appeal: Appeal) -> AppealShape:
    """The appeal as this caller sees it now."""
    return appeal_shape(appeal, actor=actor_of(request), at=now_of(request))
