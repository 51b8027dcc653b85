"""A flow's timers: what each state sets, and how they stand still while the flow is held (Q17)."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from opengallery.market.supervision import states
from opengallery.market.supervision.models import TIMERS, Flow

WARNINGS = (7, 3, 1)  # days before an automatic acceptance (Q2)


def awaiting_delivery(flow: Flow, at: datetime) -> dict[str, Any]:
    """The timers of a flow that comes to the seller: the promised time; nothing is accepted by itself any more."""
    promised = at + timedelta(days=flow.line.terms.delivery_days)
    return {"promised_at": promised, "overdue_due_at": promised, **no_acceptance()}


def awaiting_acceptance(flow: Flow, at: datetime) -> dict[str, Any]:
    """The timers of a flow that comes to the buyer: accepted by itself only if the order says so (Q2).

    The warnings come 7, 3 and 1 days before; the shortest time that can be set has room for all three.
    """
    days = flow.line.terms.auto_accept_days
    if not days:
        return {"overdue_due_at": None, **no_acceptance()}
    due = at + timedelta(days=days)
    return {
        "overdue_due_at": None,
        "accept_due_at": due,
        "warn_due_at": due - timedelta(days=WARNINGS[0]),
        "warnings": 0,
    }


def no_acceptance() -> dict[str, Any]:
    """Nothing is accepted by itself."""
    return {"accept_due_at": None, "warn_due_at": None, "warnings": 0}


def no_timers() -> dict[str, Any]:
    """The flow is over."""
    return {"overdue_due_at": None, "close_due_at": None, **no_acceptance()}


def cap_of(flow: Flow, at: datetime) -> datetime | None:
    """When the cap ends the flow: so long after the payment, at the earliest now; None without a cap (D5)."""
    days = flow.line.terms.auto_close_days
    return max(at, (flow.line.order.paid_at or at) + timedelta(days=days)) if days else None


def timers_of(flow: Flow, state: str, at: datetime) -> dict[str, Any]:
    """The timers that a state sets when a flow comes to it."""
    if state == states.WAIT_DELIVERY:
        return awaiting_delivery(flow, at)
    if state == states.WAIT_ACCEPTANCE:
        return awaiting_acceptance(flow, at)
    if state in (states.COMPLETED, states.TERMINATED):
        return no_timers()
    return {"overdue_due_at": None, **no_acceptance()}


def shifted(flow: Flow, at: datetime) -> dict[str, Any]:
    """The timers, later by as long as the flow was held; the promised time with them."""
    held_for = at - (flow.held_at or at)
    return {timer: F(timer) + held_for for timer in (*TIMERS, "promised_at") if getattr(flow, timer) is not None}
