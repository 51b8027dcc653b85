"""The command `opengallery`: starts an installation, runs its parts alone, and what is done by hand."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer

from opengallery.project.embedded import CannotRun, EmbeddedPostgres, die_with_parent, embedded_database, refuse

app = typer.Typer(
    help="OpenGallery: a self-hosted cloud marketplace in which money follows accepted delivery.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
bills = typer.Typer(help="The sellers' monthly bills.", no_args_is_help=True)
app.add_typer(bills, name="bills")

Data = Annotated[str, typer.Option(help="The folder of everything that is kept.", envvar="OPENGALLERY_DATA")]
Host = Annotated[str, typer.Option(help="The address to listen on.", envvar="OPENGALLERY_HOST")]
Port = Annotated[str, typer.Option(help="The port to listen on.", envvar="OPENGALLERY_PORT")]
Sandbox = Annotated[bool, typer.Option("--sandbox", help="A sandbox, whose clock can be moved forward.")]


@app.command()
def up(
    data: Data = "data",
    host: Host = "127.0.0.1",
    port: Port = "8000",
    demo: Annotated[bool, typer.Option("--demo", help="Build the demonstration world.")] = False,
    sandbox: Sandbox = False,
    at: Annotated[str, typer.Option(help="Where a new sandbox's clock begins, as in 2020-01-01T09:00:00.")] = "",
) -> None:
    """Start database, web server and worker, and keep them running until Ctrl-C.

    The database is the embedded PostgreSQL, or that of DATABASE_URL.
    """
    set_environment(data=data, host=host, port=port, demo=demo, sandbox=sandbox, at=at)
    from opengallery.kit.env import env

    if at and not env.sandbox:
        raise CannotRun("--at needs --sandbox: an ordinary installation goes by the machine's clock.")
    become(sys.executable, "-P", "-m", "opengallery.project.installation")


@app.command()
def web(
    data: Data = "data",
    host: Host = "127.0.0.1",
    port: Port = "8000",
    workers: Annotated[int, typer.Option(help="How many processes serve.", min=1, max=64)] = 1,
) -> None:
    """Run the web server alone."""
    set_environment(data=data, host=host, port=port)
    run_part("web", str(workers))


@app.command()
def worker(data: Data = "data") -> None:
    """Run the background worker alone."""
    set_environment(data=data)
    run_part("worker")


@app.command()
def migrate(data: Data = "data") -> None:
    """Bring the database up to date."""
    set_environment(data=data)
    run_part("migrate")


@app.command(hidden=True)
def seed(data: Data = "data") -> None:
    """Build the demonstration world."""
    set_environment(data=data)
    run_part("seed")


@app.command()
def operator(
    email: Annotated[str, typer.Argument(help="The operations manager's e-mail address, for the log-in.")],
    name: Annotated[str, typer.Option(help="The person's full name.")] = "Operations manager",
    data: Data = "data",
) -> None:
    """Let a first operations manager in, with a password that is printed once."""
    set_environment(data=data)
    run_part("operator", email, name)


@app.command()
def story() -> None:
    """Play the guide's own example in a throw-away sandbox, and print its timeline."""
    with tempfile.TemporaryDirectory(prefix="opengallery-story-") as folder:
        for name in [name for name in os.environ if name.startswith("OPENGALLERY_")]:
            del os.environ[name]
        set_environment(data=folder, sandbox=True, at="2020-01-01T09:00:00")
        with EmbeddedPostgres(Path(folder), durable=False) as url:
            code = run_beside(url, "story")
    raise SystemExit(code)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="The bundle to check.")],
    key: Annotated[str, typer.Option(help="The public key, in hexadecimal, that must have signed it.")] = "",
) -> None:
    """Check an order's dossier: unbroken, complete and signed. Needs no installation and no network."""
    spec = find_spec("opengallery.market.journal.verifier")
    if not spec or not spec.origin:
        raise CannotRun("The verifier is not part of this installation.")
    become(sys.executable, "-P", spec.origin, *(["--key", key] if key else []), "--", str(file))


@bills.command("run")
def run_bills(
    cycle: Annotated[str, typer.Option(help="The month to bill, as YYYYMM.")],
    data: Data = "data",
) -> None:
    """Draw the bills of one month; safe to repeat, and to run twice at once."""
    if not (len(cycle) == 6 and cycle.isascii() and cycle.isdigit() and 1 <= int(cycle[4:]) <= 12):
        raise CannotRun(f'"{cycle}" is not a month: write it as in 202003.')
    set_environment(data=data)
    run_part("bills", cycle)


@app.command(hidden=True)
def welcome() -> None:
    """Print the address, and the log-ins of a demonstration."""
    from rich.console import Console
    from rich.table import Table

    from opengallery.kit.env import env

    console = Console(highlight=False, soft_wrap=True)
    console.print(f"\n[bold]{env.brand}[/bold] is ready: [bold link={env.base_url}]{env.base_url}[/]")
    if env.demo and (env.data / "demo.json").exists():
        people = Table(box=None, padding=(0, 2), header_style="bold")
        for heading in ("Log in as", "E-mail", "Password"):
            people.add_column(heading, no_wrap=True)
        for role, person in json.loads((env.data / "demo.json").read_text())["people"].items():
            people.add_row(role.replace("_", " "), person["email"], person["password"])
        console.print("", people, f"\nAPI keys and products are in {env.data / 'demo.json'}.", sep="\n")
    if not env.mail_server:
        console.print(f"Letters are written to {env.mail_folder}.")
    console.print("Ctrl-C stops it.\n")


def set_environment(
    *,
    data: str,
    host: str = "",
    port: str = "",
    demo: bool = False,
    sandbox: bool = False,
    at: str = "",
) -> None:
    """Let the options speak through the environment, where every process reads them; refuse what it refuses."""
    switches = {"OPENGALLERY_DEMO": "1" if demo else "", "OPENGALLERY_SANDBOX": "1" if sandbox else ""}
    values = {"OPENGALLERY_DATA": data, "OPENGALLERY_HOST": host, "OPENGALLERY_PORT": port}
    given = values | switches | {"OPENGALLERY_SANDBOX_START": at}
    os.environ |= {name: value for name, value in given.items() if value}
    try:
        import opengallery.kit.env  # noqa: F401
    except ValueError as bad:
        raise CannotRun(str(bad)) from None


def run_part(name: str, *arguments: str) -> NoReturn:
    """Become that part; without a DATABASE_URL, run it beside the embedded database."""
    from opengallery.kit.env import env
    from opengallery.project.installation import adopt_kind, open_data_folder, part_command

    open_data_folder(adopt_kind(env))
    if env.database_url:
        become(*part_command(name, *arguments))
    with embedded_database(env.data) as url:
        code = run_beside(url, name, *arguments)
    raise SystemExit(code)


def run_beside(url: str, name: str, *arguments: str) -> int:
    """Run a part as our child, hand it the signals that we get, and return its exit code."""
    from opengallery.project.installation import part_command, part_environment

    child = subprocess.Popen(  # noqa: S603
        part_command(name, *arguments),
        env=part_environment(url),
        start_new_session=True,  # so that a Ctrl-C reaches it once: through us
        preexec_fn=die_with_parent(signal.SIGKILL),
    )

    def hand_on(number: int, frame: FrameType | None) -> None:
        child.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, hand_on)
    code = child.wait()
    return code if code >= 0 else 128 - code


def become(*command: str) -> NoReturn:
    """Let another program take this process over."""
    sys.stdout.flush()
    os.execv(command[0], command)  # noqa: S606


def main() -> None:
    """Run the command line; a foreseen refusal is one sentence and exit code 3."""
    try:
        app()
    except CannotRun as refusal:
        refuse(refusal)
    except OSError as error:  # a full disk, a file of another user
        refuse(CannotRun(f"OpenGallery cannot go on: {error}."))


if __name__ == "__main__":
    main()
