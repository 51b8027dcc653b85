"""A paid line of a product with an endpoint: its seller's system is to be asked, at once."""

from datetime import datetime

from opengallery.kit.actor import CLOCK, Actor
from opengallery.kit.verbs import atomic
from opengallery.market.journal.models import record
from opengallery.market.orders import states as order_states
from opengallery.market.orders.models import Order
from opengallery.market.provisioning import states
from opengallery.market.provisioning.models import SUBSCRIBE, Exchange


@atomic
def start_provisioning(order: Order, *, by: Actor, at: datetime) -> None:
    """Called in the transaction of pay_order: only the intent is written, the call is the clock's."""
    if order.type != order_states.NEW:
        return
    for line in order.lines.all():
        if not line.terms.provisioned:
            continue
        exchange = Exchange.objects.create(
            public_id=f"exch_{line.number}", line=line, event=SUBSCRIBE, buyer_id=order.buyer_id,
            seller_id=order.seller_id, due_at=at, state=states.WAITING, state_since=at,
        )  # fmt: skip
        record(exchange, "start_provisioning", by=CLOCK, at=at, to=states.WAITING)
