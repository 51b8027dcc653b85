"""A licence by authorization code: collect it, activate it, prove the activation (F12 to F14)."""

from typing import Any

from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel, ConfigDict, Field

from opengallery.doors.api.v1.calls import call
from opengallery.doors.api.v1.flows import find_flow, handed_in, shown, taken
from opengallery.doors.api.v1.proofs import DELIVERABLES, proof_body, read_proofs
from opengallery.doors.api.v1.shapes.flows import FlowShape
from opengallery.doors.pages import actor_of, now_of
from opengallery.market.supervision import actions, rules, states

router = Router(tags=["Flows"])
BODY = proof_body(
    {"service_result": rules.RESULT_MAX}, required=["service_result"], kinds=list(states.FILE_KINDS),
    field=DELIVERABLES, by_json=False,
)  # fmt: skip


class Activation(BaseModel):
    """The code that the customer has entered into your software."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "HV-7F3K-92MX"}]})

    code: str = Field(max_length=200)


@router.post("/flows/{line}/code", response=FlowShape)
@call("orders:accept")
def post_code(request: HttpRequest, line: str) -> Any:
    """Collect the authorization code: it is in the answer. From now on the purchase can no longer be undone."""
    return taken(request, line, lambda flow: actions.collect_code(flow, by=actor_of(request), at=now_of(request)))


@router.post("/activations", response=FlowShape)
@call("sales:deliver")
def post_activation(request: HttpRequest, activation: Activation) -> Any:
    """Activate a code, once, from your software: the actual enabling time is now."""
    flow = actions.activate_code(activation.code, by=actor_of(request), at=now_of(request))
    return shown(request, find_flow(request, flow.number))


@router.post("/flows/{line}/activation-proof", response=FlowShape, openapi_extra=BODY)
@call("sales:deliver")
def post_activation_proof(request: HttpRequest, line: str) -> Any:
    """Prove the activation: the service counts as accepted, valid from the activation on."""
    proofs = read_proofs(request, "service_result", field=DELIVERABLES, by_json=False)
    return handed_in(
        request, line, "prove_activation", proofs,
        lambda flow, stored: actions.prove_activation(
            flow, **proofs.texts, files=stored, kinds=proofs.kinds, by=actor_of(request), at=now_of(request)
        ),
    )  # fmt: skip
