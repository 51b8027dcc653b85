"""What the buyer asks for: submit, withdraw; the seller accepts or rejects it (F3 to F5)."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from opengallery.doors.api.v1.calls import call
from opengallery.doors.api.v1.flows import Reason, handed_in, taken
from opengallery.doors.api.v1.proofs import proof_body, read_proofs
from opengallery.doors.api.v1.shapes.flows import FlowShape
from opengallery.doors.pages import actor_of, now_of
from opengallery.market.supervision import actions, rules

router = Router(tags=["Flows"])
BODY = proof_body({"text": rules.REQUEST_MAX, "code": 200}, required=[])


@router.post("/flows/{line}/request", response=FlowShape, openapi_extra=BODY)
@call("orders:accept")
def post_request(request: HttpRequest, line: str) -> Any:
    """Submit the request; it becomes the next version. Send JSON, or multipart with files.

    A licence by identification code takes the `code` of your hardware, or gives you one.
    """
    proofs = read_proofs(request, "text", "code")
    return handed_in(
        request, line, "submit_request", proofs,
        lambda flow, stored: actions.submit_request(
            flow, **proofs.texts, files=stored, by=actor_of(request), at=now_of(request)
        ),
    )  # fmt: skip


@router.delete("/flows/{line}/request", response=FlowShape)
@call("orders:accept")
def delete_request(request: HttpRequest, line: str) -> Any:
    """Withdraw the request before the seller has answered."""
    return taken(
        request, line, lambda flow: actions.withdraw_request(flow, by=actor_of(request), at=now_of(request))
    )  # fmt: skip


@router.post("/flows/{line}/request/acceptance", response=FlowShape)
@call("sales:deliver")
def post_request_acceptance(request: HttpRequest, line: str) -> Any:
    """Accept the request: the promised time of the delivery begins."""
    return taken(request, line, lambda flow: actions.accept_request(flow, by=actor_of(request), at=now_of(request)))


@router.post("/flows/{line}/request/rejection", response=FlowShape)
@call("sales:deliver")
def post_request_rejection(request: HttpRequest, line: str, why: Reason) -> Any:
    """Reject the request; the buyer corrects it."""
    return taken(
        request, line,
        lambda flow: actions.reject_request(flow, reason=why.reason, by=actor_of(request), at=now_of(request)),
    )  # fmt: skip
