"""The buyer is not content: back to the seller, with the reason (F9)."""

from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.problems import InvalidInput
from opengallery.kit.verbs import atomic
from opengallery.market.supervision import rules
from opengallery.market.supervision.models import Delivery, Flow


@atomic
def reject_delivery(flow: Flow, *, reason: str, by: Actor, at: datetime) -> None:
    """Reject the newest delivery; the seller delivers again. InvalidInput without a reason of 1 to 1000 characters."""
    flow.life.find(flow.state, "reject_delivery", flow.parties_of(by))
    check_reason(reason)
    flow.move("reject_delivery", by=by, at=at, note=reason.strip(), count="delivery_rejections")
    newest = Delivery.objects.filter(flow=flow).order_by("-version").values("pk")[:1]
    Delivery.objects.filter(pk__in=newest).update(outcome="rejected", outcome_at=at, reason=reason.strip())


def check_reason(reason: str) -> None:
    """The other side must know what to fix (Q10)."""
    error = rules.text_error(reason, most=rules.REASON_MAX, what="A reason")
    if error:
        raise InvalidInput({"reason": [error]})
