"""The buyer is content: the line is fulfilled, its validity starts, three hours later the order completes (F8)."""

from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.bulk import run_sql
from opengallery.kit.verbs import atomic
from opengallery.market.orders.actions import fulfil_line, lock_order
from opengallery.market.orders.rules import start_of
from opengallery.market.supervision.models import Flow

ACCEPT = """
    UPDATE supervision_delivery SET outcome = 'accepted', outcome_at = %s
    WHERE id = (SELECT id FROM supervision_delivery WHERE flow_id = %s ORDER BY version DESC LIMIT 1)
    RETURNING enabling_time
"""


@atomic
def accept_delivery(flow: Flow, *, by: Actor, at: datetime) -> None:
    """Accept the newest delivery. MoveRefused out of turn or for the second of two, NotYourTurn for the other side."""
    step = flow.life.find(flow.state, "accept_delivery", flow.parties_of(by))
    lock_order(flow.line)
    flow.move(step.verb, by=by, at=at, also={"accepted_at": at, "accepted_by": step.who.value})
    [(enabling_time,)] = run_sql(ACCEPT, [at, flow.pk])
    fulfil_line(flow.line, start=start_of(at, enabling_time), at=at)
