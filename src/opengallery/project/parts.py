"""What each process of an installation does: `python -m opengallery.project.parts web`, and so on.

Started by the command line or by the supervised group, with DATABASE_URL set, and without their weight.
"""

import errno
import logging
import multiprocessing
import os
import socket
import sys
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.synchronize import Event
from signal import SIG_DFL, SIGINT, SIGKILL, SIGTERM, signal
from typing import Any

from opengallery.kit.env import env
from opengallery.project.embedded import REFUSED, CannotRun, follow, refuse

# Requests that Python works on at once. Two cores give no more speed beyond; each holds one database connection.
THREADS = 8
# Connections taken at once, most of them idle: a browser keeps six open.
CONNECTIONS = 512


def web(workers: str = "1") -> None:
    """Serve the pages and the API until told to stop, with so many processes."""
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    address = claim_port(env.host, env.port)
    server = Server(
        "opengallery.project.wsgi:application",
        address=address,
        port=env.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        workers=int(workers),
        blocking_threads=THREADS,
        backpressure=CONNECTIONS,
        log_level=LogLevels.error,
        workers_kill_timeout=10,
        # Of several one may fall and be replaced; of one, the supervisor starts the whole again.
        respawn_failed_workers=int(workers) > 1,
    )
    refused = multiprocessing.Event()
    logging.getLogger("_granian").addFilter(lambda _: not refused.is_set())
    try:
        server.serve(target_loader=partial(load_application, refused), wrap_loader=False)
    except SystemExit:
        sys.exit(REFUSED if refused.is_set() else 1)


def load_application(refused: Event) -> Any:
    """The WSGI application, loaded in the process that serves it; sets `refused` when that cannot be."""
    follow(os.getppid(), SIGKILL)
    # While we load, the handlers copied from our parent would swallow its wish that we end.
    signal(SIGINT, SIG_DFL)
    signal(SIGTERM, SIG_DFL)
    go_without_colours()
    try:
        prepare()
    except CannotRun as refusal:
        if refused.is_set():  # one of us has said it
            sys.exit(REFUSED)
        refused.set()
        refuse(refusal)
    from opengallery.project.wsgi import application

    return application


def worker() -> None:
    """Work in the background until told to stop."""
    go_without_colours()
    prepare()
    from opengallery.project.worker import run

    run()


def migrate() -> None:
    """Bring the database up to date."""
    set_up()
    from opengallery.project.schema import migrate

    migrate()


def seed() -> None:
    """Build the demonstration world, and write what one needs to enter it into DATA/demo.json."""
    prepare()
    from opengallery.kit.clock import now
    from opengallery.project.world import seed

    seed(at=now())


def operator(email: str, name: str) -> None:
    """Add an operations manager to the operator's organisation, which the first one founds; print the password."""
    prepare()
    import secrets

    from allauth.account.models import EmailAddress

    from opengallery.kit.clock import now
    from opengallery.kit.problems import Problem
    from opengallery.kit.verbs import atomic
    from opengallery.market.identity.actions import add_person, found_organisation
    from opengallery.market.identity.models import Organisation

    password = secrets.token_urlsafe(15)

    @atomic
    def let_in() -> None:
        operators = Organisation.objects.filter(is_operator=True).first()
        organisation = operators or found_organisation(f"{env.brand} Operations", at=now(), is_operator=True)
        member = add_person(
            organisation, email=email, username=email, full_name=name, password=password, role="operations"
        )
        # Whoever may run this command need not prove an address.
        EmailAddress.objects.create(user=member.user, email=member.user.email, verified=True, primary=True)

    try:
        let_in()
    except Problem as refusal:
        raise CannotRun(refusal.message) from None
    print(f"{email} can log in with the password {password}")


def bills(cycle: str) -> None:
    """Draw the bills of a month (YYYYMM), with a progress bar."""
    prepare()
    from rich.progress import Progress

    from opengallery.kit.clock import now
    from opengallery.kit.problems import Problem
    from opengallery.market.billing.actions import run_bills

    with Progress(transient=True, disable=not sys.stdout.isatty()) as bar:
        task = bar.add_task(f"Bills of {cycle}", total=None)
        try:
            run = run_bills(cycle, at=now(), progress=lambda done, of: bar.update(task, completed=done, total=of))
        except Problem as refusal:
            raise CannotRun(refusal.message) from None
    print(f"Cycle {cycle}: {run.bills} bills of {run.lines} lines.")


def story() -> None:
    """Play the guide's own example on an empty database; the exit code says whether it went as documented."""
    migrate()
    from opengallery.project.story import play_story

    sys.exit(play_story())


def prepare() -> None:
    """Make Django ready, and refuse a database that is not."""
    set_up()
    from opengallery.project.schema import check_database

    check_database()


def go_without_colours() -> None:
    """Keep structlog from loading Rich, of which a process that writes to a log makes no use: 0.15 s and 4 MB."""
    sys.modules["rich"] = None  # type: ignore[assignment]


def set_up() -> None:
    """Make Django ready."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opengallery.project.settings")
    import django
    import psycopg

    try:
        psycopg.conninfo.conninfo_to_dict(env.database_url or "")
    except psycopg.ProgrammingError as error:
        raise CannotRun(f"DATABASE_URL cannot be read: {' '.join(str(error).split())}.") from None
    django.setup()


def claim_port(host: str, port: int) -> str:
    """The numeric address of the host, once the port is free there; raises CannotRun.

    The server itself would not notice: it shares its port with any other of the same user.
    """
    try:
        family, _, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except OSError:
        raise CannotRun(f'There is no address "{host}" to listen on.') from None
    for _ in range(20):  # one second: a killed predecessor may still be letting go
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(where)
                return str(where[0])
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise CannotRun(f"Port {port} of {host} cannot be opened: {error.strerror}.") from None
        time.sleep(0.05)
    raise CannotRun(f"Port {port} is in use by another program: stop that one, or choose another port with --port.")


PARTS: dict[str, Callable[..., None]] = {
    "web": web,
    "worker": worker,
    "migrate": migrate,
    "seed": seed,
    "operator": operator,
    "bills": bills,
    "story": story,
}


def main() -> None:
    """Be the part named on the command line; a foreseen refusal is one sentence and exit code 3."""
    try:
        PARTS[sys.argv[1]](*sys.argv[2:])
    except CannotRun as refusal:
        refuse(refusal)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
