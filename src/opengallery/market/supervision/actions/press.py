"""The clock's hand on flows: overdue notes, warnings, acceptance by the system, the cap; each at its own instant."""

from datetime import datetime, timedelta

from opengallery.kit.actor import CLOCK
from opengallery.kit.problems import MoveRefused
from opengallery.kit.verbs import PUT_OFF, atomic, press_each
from opengallery.market.billing.actions import is_invoiced
from opengallery.market.journal.models import Fact, record
from opengallery.market.orders.actions import lock_order
from opengallery.market.supervision.actions.accept_delivery import accept_delivery, complete_flow
from opengallery.market.supervision.actions.end_flow import end_flow
from opengallery.market.supervision.actions.timers import WARNINGS
from opengallery.market.supervision.models import Flow


@atomic
def note_overdue(flow: Flow, *, at: datetime) -> None:
    """The promised time has passed: both sides are told; the buyer may remind or appeal (Q26)."""
    take(flow, "overdue_due_at")
    record(flow, "note_overdue", by=CLOCK, at=at, was=flow.state, to=flow.state)


@atomic
def warn_buyer(flow: Flow, *, at: datetime) -> None:
    """Say that the delivery will be accepted by itself: 7, 3 and 1 days before (Q2)."""
    due = flow.accept_due_at
    if due is None:
        raise MoveRefused
    days, later = WARNINGS[flow.warnings], WARNINGS[flow.warnings + 1 :]
    take(flow, "warn_due_at", then=due - timedelta(days=later[0]) if later else None, warnings=flow.warnings + 1)
    record(flow, "warn_buyer", by=CLOCK, at=at, was=flow.state, to=flow.state, data={"days_left": days})


@atomic
def accept_for_silence(flow: Flow, *, at: datetime) -> None:
    """Accept what the buyer has not answered. Goods were signed for; anything else only if all warnings are on record:
    what was not said is said first, and the time runs again from there.
    """
    if flow.template != "hardware" and len(warnings_on_record(flow)) < len(WARNINGS):
        due = at + timedelta(days=WARNINGS[0])
        take(flow, "accept_due_at", then=due, warn_due_at=at, warnings=0)
        return
    lock_order(flow.line)
    take(flow, "accept_due_at")
    accept_delivery(flow, by=CLOCK, at=at)


def warnings_on_record(flow: Flow) -> set[int]:
    """The warnings that the journal holds since the flow came to the buyer, by days left."""
    facts = Fact.objects.filter(
        stream=flow.stream, subject=flow.number, verb="warn_buyer", at__gte=flow.state_since
    ).values_list("body", flat=True)
    return {days for days in WARNINGS if any(f'"days_left":{days}' in body for body in facts)}


@atomic
def close_by_cap(flow: Flow, *, at: datetime) -> None:
    """The time of all supervision is over (F17): what the customer has an invoice for is completed, the rest undone."""
    lock_order(flow.line)
    take(flow, "close_due_at")
    if is_invoiced(flow.number):
        complete_flow(flow, "close_flow", by=CLOCK, at=at, note="Not finished within the time of supervision.")
    else:
        end_flow(flow, amount=flow.line.net, by=CLOCK, at=at, note="Not finished within the time of supervision.")


def take(flow: Flow, timer: str, then: datetime | None = None, **also: object) -> None:
    """Take a timer that has come, so that it comes once. MoveRefused if the flow changed since it was read."""
    same = Flow.objects.filter(pk=flow.pk, state=flow.state, held_by="", **{timer: getattr(flow, timer)})
    if not same.update(**{timer: then}, **also):
        raise MoveRefused


PRESSES = {
    "overdue_due_at": note_overdue,
    "warn_due_at": warn_buyer,
    "accept_due_at": accept_for_silence,
    "close_due_at": close_by_cap,
}


def press_flows(timer: str, *, until: datetime) -> int:
    """Let the clock do what a timer brings, for each flow that is due, at its own due instant; return how many."""
    due = Flow.objects.with_order().filter(held_by="", **{f"{timer}__lte": until})
    return press_each(
        list(due.order_by(timer, "pk")[:500]),
        lambda flow: PRESSES[timer](flow, at=getattr(flow, timer) or until),
        put_off=lambda flow: due.filter(pk=flow.pk).update(**{timer: until + PUT_OFF}),
    )
