"""The one background process: it relays facts, lets the clock press, mails, and works off the jobs."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import cast

import django
import structlog

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opengallery.project.settings")
log = structlog.get_logger()

RELAY_EVERY = 0.2
PRESS_EVERY = 0.5
MAIL_EVERY = 2.0
SWEEP_EVERY = 3600.0


def run() -> None:
    """Work until SIGTERM or SIGINT; what was begun is finished first."""
    django.setup()
    stop = threading.Event()

    def leave(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    threads = [
        threading.Thread(target=repeat, args=(duty, every, stop), name=duty.__name__)
        for duty, every in (
            (relay, RELAY_EVERY),
            (press, PRESS_EVERY),
            (mail, MAIL_EVERY),
            (text, MAIL_EVERY),
            (tidy, SWEEP_EVERY),
        )
    ]
    for thread in threads:
        thread.start()
    try:
        work_off_jobs(stop)
    finally:
        ended_by_itself = not stop.is_set()
        stop.set()
        for thread in threads:
            thread.join()
    if ended_by_itself:
        sys.exit("The jobs' worker ended by itself.")  # whoever started us starts us again


def repeat(duty: Callable[[], int], every: float, stop: threading.Event) -> None:
    """Do a duty again and again; at once when there was much to do. A failure is reported and tried again later."""
    from django.db import close_old_connections, connection

    while not stop.is_set():
        done = 0
        try:
            done = duty()
        except Exception:
            log.exception("duty failed", duty=duty.__name__)
            stop.wait(5)
        finally:
            close_old_connections()
        if not done:
            stop.wait(every)
    connection.close()


def relay() -> int:
    """Hand new facts to their reactions."""
    from opengallery.market.journal.relay import relay_facts
    from opengallery.project.reactions import AFTER

    return relay_facts(AFTER)


def press() -> int:
    """Do what has fallen due."""
    from opengallery.kit import clock
    from opengallery.market.timetable.actions import press_due

    return press_due(until=clock.now())


def mail() -> int:
    """Send the e-mails that are due."""
    from opengallery.kit import clock
    from opengallery.market.notices.actions import send_copies

    return send_copies("mail", at=clock.now())


def text() -> int:
    """Send the text messages that are due; a duty of its own, so that a slow mail server does not hold them up."""
    from opengallery.kit import clock
    from opengallery.market.notices.actions import send_copies

    return send_copies("sms", at=clock.now())


def tidy() -> int:
    """Remove what a crash left of uploads, and old answers and exports; sign the heads that the relay passed over."""
    from opengallery.doors.exports import drop_old_exports
    from opengallery.kit import clock
    from opengallery.kit.idempotency import drop_old_answers
    from opengallery.kit.uploads import sweep_incoming, sweep_stored
    from opengallery.market.billing.actions.bills import plan_first_run
    from opengallery.market.journal.signatures import sign_stragglers

    plan_first_run(clock.now())
    sign_stragglers()
    sweep_incoming()
    sweep_stored()
    drop_old_answers(at=clock.wall())
    drop_old_exports(at=clock.now())
    return 0


def work_off_jobs(stop: threading.Event) -> None:
    """Run Procrastinate's worker until told to stop."""
    import asyncio

    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    async def main() -> None:
        connector = cast(DjangoConnector, app.connector).get_worker_connector()
        with app.replace_connector(connector):
            async with app.open_async():
                worker = asyncio.create_task(
                    app.run_worker_async(install_signal_handlers=False, listen_notify=True, delete_jobs="successful")
                )
                while not stop.is_set() and not worker.done():
                    await asyncio.sleep(0.2)
                worker.cancel()
                with suppress(asyncio.CancelledError):
                    await worker

    asyncio.run(main())
