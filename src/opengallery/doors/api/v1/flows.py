"""Service flows: deliver, accept, reject, retract, remind, look, download."""

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from opengallery.doors.api.v1.answers import names
from opengallery.doors.api.v1.bodies import Paged
from opengallery.doors.api.v1.calls import call, find_for_change
from opengallery.doors.api.v1.forms import DELIVERY_FORM, attachment, read_form
from opengallery.doors.api.v1.lists import given, items
from opengallery.doors.api.v1.refreshed import fresh_refusals
from opengallery.doors.api.v1.shapes.flows import FlowRowShape, FlowShape, flow_row, flow_shape, freshen, with_line
from opengallery.doors.api.v1.sides import page_of_sides, seen_by
from opengallery.doors.flows import dossier_of, file_of
from opengallery.doors.lists import FLOW_FILTERS, flow_rows
from opengallery.doors.pages import actor_of, find, now_of
from opengallery.kit.calendar import instant, local_date
from opengallery.kit.uploads import check_daily, check_files, kept, serve
from opengallery.market.orders.actions import lock_order
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


class Reason(BaseModel):
    """Why; the other side reads it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The key does not match our host name."}]})

    reason: str = Field("", description="1 to 1000 characters")


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
        actor, filters.side, lambda side: with_line(flow_rows(actor, side, asked)), limit=filters.limit,
        cursor=filters.cursor,
    )  # fmt: skip
    return items(page, lambda flow: flow_row(flow, actor=actor, at=at))


@router.get("/flows/{line}", response=FlowShape)
@call(*SEE)
def get_flow(request: HttpRequest, line: str) -> Any:
    """One flow: state, turn, deadline, what you may do, every delivery, the operation log."""
    return shown(request, find_flow(request, line))


@router.post("/flows/{line}/delivery", response=FlowShape, openapi_extra=DELIVERY_FORM)
@call("sales:deliver")
def post_delivery(request: HttpRequest, line: str) -> Any:
    """Deliver the service: the service result, the deliverables, and if wished the actual enabling time."""
    form = read_form(request)
    actor, at = actor_of(request), now_of(request)
    flow = flow_to_change(request, line)
    with fresh_refusals(request, flow, find_flow):
        flow.life.find(flow.state, "deliver_service", flow.parties_of(actor))
        check_files(form.files, form.rules)
        seller = actor.organisation_id or 0
        check_daily(seller, form.files, form.rules, instant(local_date(at)))
        with kept(form.files, organisation_id=seller, uploaded_by_id=actor.user_id, at=at) as stored:
            deliver_service(flow, service_result=form.service_result, files=stored, kinds=form.kinds,
                            enabling_time=form.enabling_time, by=actor, at=at)  # fmt: skip
    return shown(request, freshen(flow))


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
def post_rejection(request: HttpRequest, line: str, why: Reason) -> Any:
    """Reject the newest delivery; the seller delivers again."""
    flow = flow_to_change(request, line)
    with fresh_refusals(request, flow, find_flow):
        reject_delivery(flow, reason=why.reason, by=actor_of(request), at=now_of(request))
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
    """Download a deliverable."""
    stored = file_of(find_flow(request, line), key)
    if names(request.headers.get("If-None-Match", ""), f'"{stored.sha256}"'):
        return HttpResponse(status=304, headers={"ETag": f'"{stored.sha256}"'})
    return serve(stored)


def find_flow(request: HttpRequest, line: str) -> Flow:
    """The flow, if the actor may see it."""
    rows: QuerySet[Flow] = with_line(seen_by(actor_of(request), Flow.objects.all()))
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
