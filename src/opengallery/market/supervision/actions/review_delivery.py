"""The platform's own look at a delivery, before the customer's; only where the order was placed under it (F11)."""

from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.verbs import atomic
from opengallery.market.supervision import states
from opengallery.market.supervision.actions.reject_delivery import check_reason
from opengallery.market.supervision.actions.timers import timers_of
from opengallery.market.supervision.models import Delivery, Flow


@atomic
def approve_delivery(flow: Flow, *, by: Actor, at: datetime) -> None:
    """The customer may look at it now."""
    flow.move("approve_delivery", by=by, at=at, also=timers_of(flow, states.WAIT_ACCEPTANCE, at))


@atomic
def send_back_delivery(flow: Flow, *, reason: str, by: Actor, at: datetime) -> None:
    """Back to the seller. InvalidInput without a reason of 1 to 1000 characters."""
    flow.life.find(flow.state, "send_back_delivery", flow.parties_of(by))
    check_reason(reason)
    flow.move("send_back_delivery", by=by, at=at, note=reason.strip(),
              also=timers_of(flow, states.WAIT_DELIVERY, at))  # fmt: skip
    Delivery.objects.filter(flow=flow, version=flow.deliveries_count).update(
        outcome="rejected", outcome_at=at, reason=reason.strip()
    )
