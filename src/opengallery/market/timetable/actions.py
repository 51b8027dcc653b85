"""Press everything that has fallen due, in the order of its due times; move the sandbox clock."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from opengallery.kit import clock
from opengallery.kit.env import env
from opengallery.kit.problems import InvalidInput, Problem
from opengallery.market.billing.actions.bills import plan_first_run
from opengallery.market.timetable.sources import SOURCES, Source

PRESS_LOCK = 0x6F67_7072


class NoSandbox(Problem):
    """Only a sandbox has a clock that can be moved."""


def press_due(*, until: datetime, sources: Sequence[Source] = SOURCES) -> int:
    """Let the clock do all that is due by `until`; return how much that was. One presser at a time.

    Of all sources the one with the earliest due time goes first, and only up to the next due time of another: so a bill
    run sees every completion before it and none after it, and each thing happens at its own instant.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [PRESS_LOCK])
    try:
        done = 0
        while (pressed := press_earliest(until, sources)) is not None:
            done += pressed
        return done
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [PRESS_LOCK])


def press_earliest(until: datetime, sources: Sequence[Source]) -> int | None:
    """Press one batch of the source that is due first and return how many it was; None when nothing is due."""
    due = sorted(
        ((at, index) for index, source in enumerate(sources) if (at := source.next_due()) is not None),
    )
    if not due or due[0][0] > until:
        return None
    horizon = min(until, due[1][0]) if len(due) > 1 else until
    return sources[due[0][1]].press(until=horizon)


def move_clock(to: datetime) -> datetime:
    """Move the sandbox clock forward and return the instant then in force, after all that was due by then has run.

    NoSandbox in an ordinary installation; InvalidInput for a time before the clock's own.
    """
    if not env.sandbox:
        raise NoSandbox
    now = clock.sandbox_now()
    if to < now:
        raise InvalidInput({"to": [f"The clock stands at {now.isoformat()} and never goes back."]})
    plan_first_run(now)
    press_due(until=to)
    clock.set_sandbox(to)
    press_due(until=to)
    return clock.sandbox_now()
