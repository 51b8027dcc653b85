"""The buyer takes an acceptance back inside the three hours: as if it had not been given."""

from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.problems import MoveRefused
from opengallery.kit.verbs import atomic
from opengallery.market.orders.actions import lock_order, unfulfil_line
from opengallery.market.supervision import states
from opengallery.market.supervision.actions.reject_delivery import check_reason
from opengallery.market.supervision.actions.timers import cap_of, timers_of
from opengallery.market.supervision.models import DECIDED, Delivery, Flow


@atomic
def retract_acceptance(flow: Flow, *, reason: str, by: Actor, at: datetime) -> None:
    """Return the flow to the acceptance step. GraceOver (409) from the instant at which the line's grace is over.

    MoveRefused if the operator has accepted for the buyer: that is a decision. InvalidInput without a reason of 1 to
    1000 characters.
    """
    flow.life.find(flow.state, "retract_acceptance", flow.parties_of(by))
    if flow.accepted_by == DECIDED:
        raise MoveRefused("The operator has decided.", state=flow.state, label=flow.label, verb="retract_acceptance")
    check_reason(reason)
    lock_order(flow.line)
    flow.move("retract_acceptance", by=by, at=at, note=reason.strip(),
              also={"accepted_at": None, "accepted_by": "", "accepted_first_by": None,
                    **timers_of(flow, states.WAIT_ACCEPTANCE, at), "close_due_at": cap_of(flow, at)})  # fmt: skip
    unfulfil_line(flow.line, at=at)
    Delivery.objects.filter(flow=flow, outcome="accepted").update(outcome="", outcome_at=None)
