"""Begin the service flow of each supervised line of a paid order (F1); a renewal has none (F2, V10)."""

from datetime import datetime

from opengallery.kit.actor import CLOCK, Actor
from opengallery.kit.verbs import atomic
from opengallery.market.journal.models import record
from opengallery.market.orders import states as order_states
from opengallery.market.orders.models import Order
from opengallery.market.supervision import states
from opengallery.market.supervision.actions.timers import cap_of, timers_of
from opengallery.market.supervision.models import Flow


@atomic
def start_fulfilment(order: Order, *, by: Actor, at: datetime) -> None:
    """Called in the transaction of pay_order, with the order just paid."""
    if order.type != order_states.NEW:
        return
    for line in order.lines.all():
        if line.terms.flow is None:
            continue
        template = states.life_of(line.terms.flow, reviewed=line.terms.platform_review)
        born = states.LIVES[template].born
        flow = Flow(
            line=line, number=line.number, template=template, buyer_id=order.buyer_id, seller_id=order.seller_id,
            placed_at=order.placed_at, state=born, state_since=at,
        )  # fmt: skip
        for name, value in {**timers_of(flow, born, at), "close_due_at": cap_of(flow, at)}.items():
            setattr(flow, name, value)
        flow.save()
        record(flow, "start_flow", by=CLOCK, at=at, to=born)
