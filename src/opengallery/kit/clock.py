"""The only reader of the wall clock; in a sandbox a clock of our own that stands still until it is moved."""

from datetime import UTC, datetime
from typing import cast

from opengallery.kit.env import env


def now() -> datetime:
    """The instant now in force, in UTC. Read once, by the door or the worker; everything below is told `at`."""
    if env.sandbox:
        return sandbox_now()
    return wall()


def wall() -> datetime:
    """The machine's own clock: for time limits and figures, never for what the market decides."""
    return datetime.now(UTC)  # noqa: TID251 this is the one reader


def sandbox_now() -> datetime:
    """Where the sandbox clock stands; it starts at the instant given to `up --at`, or at the machine's time."""
    from django.db import connection

    from opengallery.kit.models import SandboxClock

    # Asked by every request, so past the ORM: a fifth of the processor's time.
    with connection.cursor() as cursor:
        cursor.execute("SELECT at FROM kit_sandboxclock WHERE id = 1")
        row = cursor.fetchone()
    if row is not None:
        return cast(datetime, row[0])
    start = (env.sandbox_start or wall()).replace(microsecond=0)
    clock, _ = SandboxClock.objects.get_or_create(pk=1, defaults={"at": start})
    return clock.at


def set_sandbox(at: datetime) -> None:
    """Let the sandbox clock stand at `at`; it never goes back. Only market.timetable calls this."""
    from opengallery.kit.models import SandboxClock

    sandbox_now()
    SandboxClock.objects.filter(pk=1, at__lt=at).update(at=at)
