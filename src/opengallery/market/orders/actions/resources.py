"""A resource starts with the acceptance, ages by the calendar, and goes back if the acceptance is retracted."""

from datetime import datetime

from opengallery.kit.actor import CLOCK
from opengallery.kit.verbs import PUT_OFF, atomic, press_each
from opengallery.market.orders import rules, states
from opengallery.market.orders.models import Resource


@atomic
def start_resource(resource: Resource, *, unit: str, count: int, start: datetime, at: datetime) -> None:
    """Begin the validity (V2, V3). If it is over already it ages at once, as the dates say (V8)."""
    term = rules.first_term(start, unit, count)
    due = rules.due_of(states.ACTIVE, term.end, grace_days=resource.grace_days, retention_days=resource.retention_days)
    resource.move(
        "start_resource", by=CLOCK, at=at,
        also={"start_at": term.start, "end": term.end, "anchor": term.anchor, "due_at": due},
        data={"start": term.start.isoformat(), "end": term.end.isoformat() if term.end else None},
    )  # fmt: skip
    age_while_due(resource, at=at)


@atomic
def withdraw_start(resource: Resource, *, at: datetime) -> None:
    """Undo the start: the acceptance that began it was retracted."""
    resource.move("withdraw_start", by=CLOCK, at=at, also={"start_at": None, "end": None, "due_at": None})


@atomic
def age_resource(resource: Resource, *, at: datetime) -> None:
    """Take the step that the resource's due time brings: expire, freeze, release (D14).

    MoveRefused if the resource has been renewed, or its start withdrawn, since it was read.
    """
    step = resource.life.find(resource.state, states.AGEING[resource.state], {*resource.parties_of(CLOCK)})
    due = rules.due_of(
        step.target, resource.end, grace_days=resource.grace_days, retention_days=resource.retention_days
    )
    resource.move(step.verb, by=CLOCK, at=at, also={"due_at": due}, only_if=("due_at = %s", resource.due_at))


@atomic
def end_resource(resource: Resource, *, at: datetime) -> None:
    """The purchase was undone: nothing may be used or renewed any more. What was over already is released (V8)."""
    if resource.state == states.RELEASED:
        return
    resource.move("end_resource", by=CLOCK, at=at, also={"due_at": None})


def age_while_due(resource: Resource, *, at: datetime) -> None:
    """Take all steps that are due by `at`."""
    while resource.due_at is not None and resource.due_at <= at:
        age_resource(resource, at=at)


def age_due_resources(*, until: datetime) -> int:
    """Let the clock age each resource whose time has come, at its own due instant; return how many."""
    due = Resource.objects.filter(due_at__lte=until)
    return press_each(
        list(due.select_related("order").order_by("due_at", "pk")[:500]),
        lambda resource: age_resource(resource, at=resource.due_at or until),
        put_off=lambda resource: due.filter(pk=resource.pk).update(due_at=until + PUT_OFF),
    )
