"""Service flows: deliver, accept, reject, retract, remind, look, download."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from opengallery.doors.api.v1.answers import names
from opengallery.doors.api.v1.bodies import Paged
from opengallery.doors.api.v1.calls import call, find_for_change
from opengallery.doors.api.v1.forms import attachment
from opengallery.doors.api.v1.lists import given, items
from opengallery.doors.api.v1.proofs import DELIVERABLES, Proofs, numbered, proof_body, read_proofs
from opengallery.doors.api.v1.refreshed import fresh_refusals
from opengallery.doors.api.v1.said import files_kept
from opengallery.doors.api.v1.shapes.flows import FlowRowShape, FlowShape, flow_row, flow_shape, freshen, with_line
from opengallery.doors.api.v1.sides import page_of_sides, seen_by
from opengallery.doors.flows import dossier_of, file_of
from opengallery.doors.lists import FLOW_FILTERS, flow_rows
from opengallery.doors.pages import actor_of, find, now_of
from opengallery.kit.models import StoredFile
from opengallery.kit.uploads import serve
from opengallery.market.orders.actions import lock_order
from opengallery.market.supervision import rules, states
from opengallery.market.supervision.actions import (
    accept_delivery,
    deliver_service,
    reject_delivery,
    remind_seller,
    retract_acceptance,
)
from opengallery.market.supervision.models import Flow

router = Router(tags=["Flows"])
SEE = ("orders:view", "sales:view", "operations:view")
DELIVERY = proof_body(
    {"service_result": rules.RESULT_MAX, "code": 200, "enabling_time": 60}, required=["service_result"],
    kinds=list(states.FILE_KINDS), field=DELIVERABLES, criteria=True, by_json=False,
)  # fmt: skip


class Reason(BaseModel):
    """Why; the other side reads it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The key does not match our host name."}]})

    reason: str = Field("", description="1 to 1000 characters")


class Rejection(BaseModel):
    """Why, and which acceptance criteria are not met: at least one where the order has any."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"reason": "Two companies are missing.", "cited": {"1": "All companies of the request."}}]
        }
    )

    reason: str = Field("", description="1 to 1000 characters")
    cited: dict[str, str] = Field({}, description="What would satisfy, by the number of the criterion")


class FlowFilters(Paged):
    """The criteria of the Service Supervision list; words find what begins with them."""

    order_no: str = ""
    product: str = ""
    customer: str = ""
    placed_from: str = Field("", description="First day of placement, YYYY-MM-DD")
    placed_to: str = Field("", description="Last day of placement, YYYY-MM-DD")
    flow_status: str = Field("", description="A flow state's code or label, such as wait_delivery")
    order_status: str = Field("", description="An order state's code or label, such as processing")
    side: str = Field("", description="buyer: what was bought; seller: what was sold; both unless told")


class FlowPage(TypedDict):
    """A page of flows, newest placement first."""

    items: list[FlowRowShape]
    next: str | None


@router.get("/flows", response=FlowPage)
@call(*SEE)
def list_flows(request: HttpRequest, filters: Query[FlowFilters]) -> Any:
    """The organisation's flows, as buyer and as seller; the operator sees all."""
    actor, at = actor_of(request), now_of(request)
    asked = given(filters.model_dump(include=set(FLOW_FILTERS)))
    page = page_of_sides(
        actor, filters.side, lambda side: with_line(flow_rows(actor, side, asked), actor), limit=filters.limit,
        cursor=filters.cursor,
    )  # fmt: skip
    return items(page, lambda flow: flow_row(flow, actor=actor, at=at))


@router.get("/flows/{line}", response=FlowShape)
@call(*SEE)
def get_flow(request: HttpRequest, line: str) -> Any:
    """One flow: state, turn, deadline, what you may do, every delivery, the operation log."""
    return shown(request, find_flow(request, line))


@router.post("/flows/{line}/delivery", response=FlowShape, openapi_extra=DELIVERY)
@call("sales:deliver")
def post_delivery(request: HttpRequest, line: str) -> Any:
    """Deliver the service: the service result, the deliverables, and what they prove.

    The actual enabling time (ISO 8601, the platform's clock unless it says) where the order has one; the authorization
    code where the product is delivered by one.
    """
    proofs = read_proofs(request, "service_result", "code", "enabling_time", field=DELIVERABLES, by_json=False)
    return handed_in(
        request, line, "deliver_service", proofs,
        lambda flow, stored: deliver_service(
            flow, **proofs.texts, files=stored, kinds=proofs.kinds, proves=proofs.proves, answers=proofs.answers,
            by=actor_of(request), at=now_of(request),
        ),
    )  # fmt: skip


@router.post("/flows/{line}/acceptance", response=FlowShape)
@call("orders:accept")
def post_acceptance(request: HttpRequest, line: str) -> Any:
    """Accept the newest delivery: the validity starts, and the order completes three hours later."""
    flow = flow_to_change(request, line)
    with fresh_refusals(request, flow, find_flow):
        accept_delivery(flow, by=actor_of(request), at=now_of(request))
    return shown(request, freshen(flow))


@router.delete("/flows/{line}/acceptance", response=FlowShape)
@call("orders:accept")
def delete_acceptance(request: HttpRequest, line: str, why: Reason) -> Any:
    """Take an acceptance back before the order completes."""
    flow = flow_to_change(request, line)
    with fresh_refusals(request, flow, find_flow):
        retract_acceptance(flow, reason=why.reason, by=actor_of(request), at=now_of(request))
    return shown(request, freshen(flow))


@router.post("/flows/{line}/rejection", response=FlowShape)
@call("orders:accept")
def post_rejection(request: HttpRequest, line: str, why: Rejection) -> Any:
    """Reject the newest delivery; the seller delivers again."""
    flow, cited = flow_to_change(request, line), numbered(why.cited, "cited")
    with fresh_refusals(request, flow, find_flow):
        reject_delivery(flow, reason=why.reason, cited=cited, by=actor_of(request), at=now_of(request))
    return shown(request, freshen(flow))


@router.post("/flows/{line}/reminder", response={204: None})
@call("orders:accept")
def post_reminder(request: HttpRequest, line: str) -> None:
    """Remind the seller; once a day."""
    flow = flow_to_change(request, line)
    with fresh_refusals(request, flow, find_flow):
        remind_seller(flow, by=actor_of(request), at=now_of(request))


@router.get("/flows/{line}/dossier", openapi_extra=attachment("application/zip"))
@call(*SEE)
def get_dossier(request: HttpRequest, line: str) -> HttpResponse | FileResponse:
    """The evidence: every fact of the order, every file of the line, and the manifest, to be checked offline."""
    return dossier_of(find_flow(request, line), by=actor_of(request), at=now_of(request))


@router.get("/flows/{line}/files/{key}", openapi_extra=attachment("*/*"))
@call(*SEE)
def get_file(request: HttpRequest, line: str, key: str) -> HttpResponse | FileResponse:
    """Download a file: of a request, a delivery, an appeal, an unsubscription, or a template of the product."""
    stored = file_of(find_flow(request, line), key)
    if names(request.headers.get("If-None-Match", ""), f'"{stored.sha256}"'):
        return HttpResponse(status=304, headers={"ETag": f'"{stored.sha256}"'})
    return serve(stored)


def handed_in(request: HttpRequest, line: str, verb: str, proofs: Proofs,
              step: Callable[[Flow, list[StoredFile]], object]) -> FlowShape:  # fmt: skip
    """Take a step that files come with; they are looked at only if the step is open."""
    actor = actor_of(request)

    def take(flow: Flow) -> None:
        flow.life.find(flow.state, verb, flow.parties_of(actor))
        with files_kept(request, proofs.said) as stored:
            step(flow, stored)

    return taken(request, line, take)


def taken(request: HttpRequest, line: str, step: Callable[[Flow], object]) -> FlowShape:
    """Take a step; the flow as it is then. A refusal tells how it stands."""
    flow = flow_to_change(request, line)
    with fresh_refusals(request, flow, find_flow):
        step(flow)
    return shown(request, find_flow(request, line))


def find_flow(request: HttpRequest, line: str) -> Flow:
    """The flow, if the actor may see it."""
    actor = actor_of(request)
    rows: QuerySet[Flow] = with_line(seen_by(actor, Flow.objects.all()), actor)
    return find(rows, number=line)


def flow_to_change(request: HttpRequest, line: str) -> Flow:
    """The flow, locked and compared if the caller says which version it has."""
    return find_for_change(request, find_flow, lambda flow: shown(request, flow), line, lock=lock_flow)


def lock_flow(flow: Flow) -> None:
    """Take the locks that the verbs take, in their order."""
    lock_order(flow.line)
    Flow.objects.select_for_update(no_key=True).get(pk=flow.pk)


def shown(request: HttpRequest, flow: Flow) -> FlowShape:
    """The flow as this caller sees it now."""
    return flow_shape(flow, actor=actor_of(request), at=now_of(request))
