"""Goods: ship them with a carrier of the list, and note that they were signed for (F7, S-4)."""

from typing import Any

from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from opengallery.doors.api.v1.calls import call
from opengallery.doors.api.v1.flows import handed_in, taken
from opengallery.doors.api.v1.proofs import DELIVERABLES, proof_body, read_proofs
from opengallery.doors.api.v1.shapes.flows import FlowShape
from opengallery.doors.pages import MEMBER, actor_of, now_of
from opengallery.kit.problems import InvalidInput, MoveRefused
from opengallery.market.supervision import actions, rules, states
from opengallery.market.supervision.models import Carrier, Flow, Shipment

router = Router(tags=["Flows"])
BODY = proof_body(
    {"carrier": 30, "number": 60, "remarks": rules.RESULT_MAX}, required=["carrier", "number"],
    kinds=list(states.FILE_KINDS), field=DELIVERABLES, criteria=True,
)  # fmt: skip


class CarrierShape(TypedDict):
    """A logistics company; `tracking_url` may hold {number}."""

    code: str
    name: str
    tracking_url: str | None


class CarrierPage(TypedDict):
    """The whole list, by name."""

    items: list[CarrierShape]
    next: str | None


class SignOff(BaseModel):
    """When the recipient signed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"signed_at": "2020-03-02T09:30:00Z"}]})

    signed_at: str = Field(description="ISO 8601, the platform's clock unless it says; between the shipment and now")


@router.get("/carriers", response=CarrierPage)
@call(MEMBER)
def list_carriers(request: HttpRequest) -> Any:
    """The carriers that goods can be sent with."""
    rows = Carrier.objects.filter(offered=True)
    return {
        "items": [{"code": row.code, "name": row.name, "tracking_url": row.tracking_url or None} for row in rows],
        "next": None,
    }


@router.post("/flows/{line}/shipment", response=FlowShape, openapi_extra=BODY)
@call("sales:deliver")
def post_shipment(request: HttpRequest, line: str) -> Any:
    """Ship the goods: the next delivery. The address can no longer be changed. JSON, or multipart with files."""
    proofs = read_proofs(request, "carrier", "number", "remarks", field=DELIVERABLES)
    return handed_in(
        request, line, "ship_goods", proofs,
        lambda flow, stored: actions.ship_goods(
            flow, **proofs.texts, files=stored, kinds=proofs.kinds, proves=proofs.proves, answers=proofs.answers,
            by=actor_of(request), at=now_of(request),
        ),
    )  # fmt: skip


@router.post("/flows/{line}/shipment/sign-off", response=FlowShape)
@call("operations:decide")
def post_sign_off(request: HttpRequest, line: str, said: SignOff) -> Any:
    """Note by hand that the newest parcel was signed for; ten days later it counts as accepted."""

    def note(flow: Flow) -> None:
        shipment = Shipment.objects.select_related("delivery").filter(
            delivery__flow=flow, delivery__version=flow.deliveries_count, signed_at=None
        ).first()  # fmt: skip
        if shipment is None:
            raise MoveRefused("There is no parcel that nobody has signed for.", verb="note_sign_off")
        signed_at = read(said.signed_at)
        if not actions.note_sign_off(shipment, signed_at=signed_at, by=actor_of(request), at=now_of(request)):
            raise MoveRefused("It has been signed for.", verb="note_sign_off")

    return taken(request, line, note)


def read(text: str) -> Any:
    """The instant that was sent; InvalidInput at signed_at."""
    try:
        found = rules.read_instant(text)
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise InvalidInput({"signed_at": ["Write a date and time such as 2020-03-02T09:30:00Z."]})
    return found
