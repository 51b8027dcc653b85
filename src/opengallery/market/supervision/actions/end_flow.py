"""A flow ends without an acceptance: undone and refunded, or closed by the cap (F16, F17)."""

from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.money import Money
from opengallery.kit.verbs import atomic
from opengallery.market.orders.actions import lock_order, refund_line
from opengallery.market.orders.models import Order
from opengallery.market.supervision.actions.timers import no_timers
from opengallery.market.supervision.models import Flow


@atomic
def end_flow(flow: Flow, *, amount: Money, by: Actor, at: datetime, note: str = "") -> Order:
    """Terminate the flow and give `amount` back; return the UNSUBSCRIBE order. InvalidInput for more than was paid."""
    flow.life.find(flow.state, "end_flow", flow.parties_of(by))
    lock_order(flow.line)
    flow.move("end_flow", by=by, at=at, note=note, also=no_timers(),
              data={"refunded": amount.amount(), "currency": amount.currency})  # fmt: skip
    return refund_line(flow.line, amount=amount, by=by, at=at)
