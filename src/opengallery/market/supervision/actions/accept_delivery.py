"""The line's service is accepted: by the buyer, the clock or the operator, all in one way (F8, F10)."""

from datetime import datetime
from typing import Any

from opengallery.kit.actor import Actor, Party
from opengallery.kit.bulk import run_sql
from opengallery.kit.verbs import atomic
from opengallery.market.journal.models import record
from opengallery.market.orders.actions import fulfil_line, lock_order
from opengallery.market.orders.rules import start_of
from opengallery.market.purchasing.queries import needs_second_acceptance
from opengallery.market.supervision.actions.timers import no_timers
from opengallery.market.supervision.models import Flow
from opengallery.market.supervision.problems import SamePerson

ACCEPT = """
    UPDATE supervision_delivery SET outcome = 'accepted', outcome_at = %s
    WHERE id = (SELECT id FROM supervision_delivery WHERE flow_id = %s ORDER BY version DESC LIMIT 1)
    RETURNING enabling_time
"""
ACCEPTED_BY = {Party.BUYER: "buyer", Party.SELLER: "system", Party.CLOCK: "system", Party.OPERATOR: "operator"}


@atomic
def accept_delivery(flow: Flow, *, by: Actor, at: datetime) -> None:
    """Accept the newest delivery. MoveRefused out of turn or for the second of two, NotYourTurn for the other side.

    Above the organisation's amount it takes two people (beyond 10): the first one's acceptance is noted, and the flow
    waits for a second one. SamePerson (409) if it is the first one again.
    """
    step = flow.life.find(flow.state, "accept_delivery", flow.parties_of(by))
    if step.who == Party.BUYER and needs_second_acceptance(flow.buyer_id, flow.line.net) and is_first(flow, by, at):
        return
    complete_flow(flow, "accept_delivery", by=by, at=at)


def is_first(flow: Flow, by: Actor, at: datetime) -> bool:
    """Note the first of two acceptances; False when somebody else has given it. SamePerson for the same one twice."""
    first = Flow.objects.filter(pk=flow.pk, state=flow.state, held_by="", accepted_first_by=None)
    if first.update(accepted_first_by=by.user_id):
        flow.accepted_first_by = by.user_id
        record(flow, "accept_first", by=by, at=at, was=flow.state, to=flow.state)
        return True
    flow.refresh_from_db(fields=["accepted_first_by", "state", "held_by"])
    if flow.accepted_first_by == by.user_id:
        raise SamePerson
    return False


@atomic
def complete_flow(flow: Flow, verb: str, *, by: Actor, at: datetime, note: str = "",
                  start: datetime | None = None, data: dict[str, Any] | None = None) -> None:  # fmt: skip
    """Make a move that completes the flow; the line is fulfilled, validity begins at `start` or by V2 and V3."""
    step = flow.life.find(flow.state, verb, flow.parties_of(by))
    lock_order(flow.line)
    flow.move(step.verb, by=by, at=at, note=note, data=data,
              also={"accepted_at": at, "accepted_by": ACCEPTED_BY[step.who], **no_timers()})  # fmt: skip
    delivered = run_sql(ACCEPT, [at, flow.pk])
    enabling_time = delivered[0][0] if delivered else None
    fulfil_line(flow.line, start=start or start_of(at, enabling_time), at=at)
