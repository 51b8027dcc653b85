"""The operator's hand: review a delivery, decide without an appeal (F11, beyond 13)."""

from typing import Any

from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel, ConfigDict, Field

from opengallery.doors.api.v1.calls import call
from opengallery.doors.api.v1.flows import Reason, taken
from opengallery.doors.api.v1.shapes.flows import FlowShape
from opengallery.doors.pages import actor_of, now_of
from opengallery.kit.money import Money
from opengallery.market.supervision import actions
from opengallery.market.supervision.models import Flow

router = Router(tags=["Flows"])
AMOUNT = Field(None, max_length=40, description="To terminate_and_refund: a decimal, in the order's currency")


class Override(BaseModel):
    """What is decided: return_to_seller, accept_for_buyer or terminate_and_refund; and why, for both parties."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"decision": "terminate_and_refund", "reason": "Both agree by phone.", "amount": "600.00"}]
        }
    )

    decision: str
    reason: str = Field("", description="1 to 2000 characters")
    amount: str | None = AMOUNT


@router.post("/flows/{line}/review", response=FlowShape)
@call("operations:decide")
def post_review(request: HttpRequest, line: str) -> Any:
    """Approve the delivery: the customer may look at it now."""
    return taken(request, line, lambda flow: actions.approve_delivery(flow, by=actor_of(request), at=now_of(request)))


@router.post("/flows/{line}/review/rejection", response=FlowShape)
@call("operations:decide")
def post_review_rejection(request: HttpRequest, line: str, why: Reason) -> Any:
    """Send the delivery back to the seller."""
    return taken(
        request, line,
        lambda flow: actions.send_back_delivery(flow, reason=why.reason, by=actor_of(request), at=now_of(request)),
    )  # fmt: skip


@router.post("/flows/{line}/override", response=FlowShape)
@call("operations:decide")
def post_override(request: HttpRequest, line: str, said: Override) -> Any:
    """Decide without an appeal; both parties read the reason in their timelines."""
    return taken(
        request, line,
        lambda flow: actions.override_flow(
            flow, decision=said.decision, reason=said.reason, amount=refund(flow, said.amount), by=actor_of(request),
            at=now_of(request),
        ),
    )  # fmt: skip


def refund(flow: Flow, text: str | None) -> Money | None:
    """The amount in the line's currency; None for what is no amount, which the verb refuses where it needs one."""
    try:
        return Money.of((text or "").strip(), flow.line.net.currency)
    except ValueError:
        return None
