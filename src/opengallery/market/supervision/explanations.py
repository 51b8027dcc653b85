"""Whose turn it is and what happens if nobody acts; and why a sale is not billed yet, with its flow's own words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Subquery

from opengallery.kit.actor import Party
from opengallery.market.billing.explanations import Explanation, Waiting, explain
from opengallery.market.billing.models import Run, Transaction
from opengallery.market.identity.models import Organisation
from opengallery.market.orders import states as order_states
from opengallery.market.policy.models import Policy, holidays
from opengallery.market.supervision import states
from opengallery.market.supervision.models import DECIDED, Flow


@dataclass(frozen=True, slots=True)
class Deadline:
    """Until when the turn lasts (None: no limit), and what happens then."""

    turn: str
    at: datetime | None
    outcome: str
    sentence: str


# What happens in a state when nobody acts and no timer runs: it waits, and this says for whom and what can be done.
WAITS = {
    states.WAIT_REQUEST: "It waits until the customer submits the request.",
    states.WAIT_REQUEST_CONFIRM: "It waits until the seller confirms the request; the customer may remind the seller.",
    states.WAIT_CODE_PICKUP: "It waits until the customer collects the code.",
    states.WAIT_CODE_ACTIVATION: "It waits until the code is activated and the seller uploads the proof.",
    states.WAIT_PLATFORM_REVIEW: "It waits until the operator has reviewed the delivery.",
    states.WAIT_ACCEPTANCE: "There is no automatic acceptance: it waits until the customer accepts or rejects.",
}


# How a grace ends, by whether the customer can take the acceptance back, and whether it is the order's last.
IN_GRACE = {
    (True, True): "Then the order completes; until then the customer can take the acceptance back.",
    (True, False): "Until then the customer can take the acceptance back; the order completes with its last line.",
    (False, True): "Then the order completes.",
    (False, False): "Then this line is final; the order completes with its last line.",
}


def deadline_of(flow: Flow) -> Deadline | None:
    """The flow's deadline, or None when nothing is expected of anybody any more.

    Every state that is not final has one (beyond 1): who is to act, until when, and what happens then.
    """
    if flow.held_by:
        return Deadline(
            Party.OPERATOR if flow.held_by == states.APPEAL else Party.SELLER, None, "held", flow.hold_label
        )
    if flow.state == states.WAIT_DELIVERY and flow.promised_at:
        return Deadline(
            "seller",
            flow.promised_at,
            "overdue",
            "After this time the delivery is overdue; the customer may remind the seller.",
        )
    if flow.state == states.WAIT_ACCEPTANCE and flow.accept_due_at:
        return Deadline("buyer", flow.accept_due_at, "completed", "Then the delivery is accepted automatically.")
    if flow.state in WAITS:
        return Deadline(flow.turn, None, "waits", WAITS[flow.state])
    order, line = flow.line.order, flow.line
    if (
        flow.state == states.COMPLETED
        and order.state == order_states.PROCESSING
        and line.grace_until
        and not line.closed_at
    ):
        own = flow.accepted_by != DECIDED and bool(flow.life.moves_from(flow.state, {Party.BUYER}))
        last = order.due_at == line.grace_until
        return Deadline("buyer", line.grace_until, "completed", IN_GRACE[own, last])
    return None


def explain_all(rows: Sequence[Transaction], *, at: datetime) -> list[Explanation]:
    """Explain transactions in a fixed number of statements, whatever their number."""
    named = Flow.objects.with_order().filter(number__in=[row.key for row in rows])
    flows = {
        flow.number: Waiting(flow.turn, flow.state_since, flow.label, flow.line.due_at or flow.line.order.due_at)
        for flow in named.only("number", "template", "state", "state_since", "line__due_at", "line__order__due_at")
    }
    next_run = Run.objects.filter(finished_at=None).order_by("cycle").values("cycle")[:1]
    sellers = Organisation.objects.filter(pk__in={row.seller_id for row in rows}).values_list(
        "pk", "payee__certified_at", Subquery(next_run)
    )
    known = {pk: (certified_at, cycle or "") for pk, certified_at, cycle in sellers}
    policy, days = Policy.at(at), holidays()

    return [
        explain(
            row,
            certified_at=known[row.seller_id][0],
            next_cycle=known[row.seller_id][1],
            policy=policy,
            holidays=days,
            at=at,
            flow=flows.get(row.key),
        )
        for row in rows
    ]
