"""An installation at work: database, web server and worker as one supervised group, on one data folder.

`python -m opengallery.project.installation` is what `opengallery up` becomes. It reads the environment, loads
neither Django nor the command line's libraries, and so stays light for as long as it watches.
"""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from opengallery.kit.env import Environment, env, read_environment
from opengallery.project.embedded import (
    REFUSED,
    CannotRun,
    EmbeddedPostgres,
    die_with_parent,
    end,
    last_words,
    open_log,
    refuse,
    take_lock,
)
from opengallery.project.parts import claim_port

PATIENCE = 6  # restarts in a row, half a minute in all, before we give up
PATIENT = 120.0  # seconds within which the web server has to answer for the first time
SETTLED = 60.0  # seconds after which a part that ended counts as having worked
TITLES = {
    "web": "The web server",
    "worker": "The worker",
    "migrate": "Bringing the database up to date",
    "seed": "Building the demonstration world",
}


class Stopped(Exception):  # noqa: N818
    """We were told to stop."""


@dataclass
class Part:
    """One of the processes that are kept running."""

    name: str
    process: "subprocess.Popen[bytes] | None" = None
    born: float = 0.0
    failures: int = 0
    due: float = 0.0


class Installation:
    """The supervised group. `run` returns when told to stop, with every process ended; raises CannotRun."""

    def __init__(self, environment: Environment) -> None:
        self.env = environment
        self.parts = [Part("web"), Part("worker")]
        self.database = None if environment.database_url else EmbeddedPostgres(environment.data)
        self.lock: IO[str] | None = None
        self.told_to_stop = False
        self.wake, self._bell = os.pipe()

    def run(self) -> None:
        """Start everything, say where it is, and keep it running until told to stop."""
        self._listen()
        try:
            open_data_folder(self.env)
            self._take_data_folder()
            self._set_clock()
            claim_port(self.env.host, self.env.port)
            refresh_address(self.env)
            self._start_database()
            self._start_parts()
            self._welcome()
            self._watch()
        except Stopped:
            pass
        finally:
            self._stop()

    def pause(self, seconds: float, *also: socket.socket) -> bool:
        """Rest until the time is over, a child ends, a signal comes, or one of those sockets can be read.

        Returns whether a socket can be read; raises Stopped when we were told to stop.
        """
        ready, _, _ = select.select([self.wake, *(one.fileno() for one in also)], [], [], max(seconds, 0))
        if self.wake in ready:
            os.read(self.wake, 4096)
        if self.told_to_stop:
            raise Stopped
        return any(one.fileno() in ready for one in also)

    def _listen(self) -> None:
        """Hear of signals and of ended children through a pipe, so that no wait is deaf to them."""
        os.set_blocking(self._bell, False)
        signal.set_wakeup_fd(self._bell, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def _note_stop(self, *_: Any) -> None:
        self.told_to_stop = True

    def _take_data_folder(self) -> None:
        path = self.env.data / "opengallery.lock"
        self.lock = take_lock(path)
        if not self.lock:
            owner = path.read_text().strip()
            raise CannotRun(f"OpenGallery is already running on {self.env.data} (process {owner}).")

    def _set_clock(self) -> None:
        """A sandbox's clock begins where it was first told to: a start that failed half-way changes nothing."""
        start = read_notes(self.env.data)["clock_starts_at"]
        asked = self.env.sandbox_start
        if asked and (not start or datetime.fromisoformat(start) != asked):
            say("The sandbox clock was set at the first start; --at changes nothing now")
        os.environ["OPENGALLERY_SANDBOX_START"] = start or ""

    def _start_database(self) -> None:
        if self.database:
            if not (self.database.cluster / "PG_VERSION").exists():
                say("Creating the database")
            self.database.start(self.pause)

    def _start_parts(self) -> None:
        """Start web server and worker; what the database still lacks is found out by trying."""
        notes = read_notes(self.env.data)
        demonstrate = self.env.demo and not (self.env.data / "demo.json").exists()
        if notes["prepared"] and not demonstrate:
            with contextlib.suppress(CannotRun):
                return self._start_all()
            self._end_parts()
        self._do("migrate")
        if demonstrate:
            self._do("seed")
        write_notes(self.env.data, notes | {"prepared": True})
        return self._start_all()

    def _start_all(self) -> None:
        """First what people wait for, with the whole machine for itself, then the rest."""
        web, *others = self.parts
        self._start(web)
        self._await_answer(web)
        for part in others:
            self._start(part)

    def _do(self, name: str) -> None:
        """Run a part that ends by itself, and wait for it."""
        say(TITLES[name])
        process = self._launch(name)
        try:
            while process.poll() is None:
                self.pause(1)
        finally:
            end(process, (signal.SIGTERM, 10), (signal.SIGKILL, 5))
        if process.returncode:
            raise CannotRun(self._reason(name, process))

    def _start(self, part: Part) -> None:
        part.process, part.born = self._launch(part.name), time.monotonic()

    def _launch(self, name: str) -> "subprocess.Popen[bytes]":
        with open_log(self._log(name)) as log:
            return subprocess.Popen(  # noqa: S603
                part_command(name),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=part_environment(self.database.url if self.database else None),
                start_new_session=True,  # a Ctrl-C is for us: we stop the others in order
                preexec_fn=die_with_parent(signal.SIGKILL),
            )

    def _await_answer(self, web: Part) -> None:
        """Wait until the web server has answered a request; raises CannotRun when it ends before."""
        deadline = time.monotonic() + PATIENT
        while not self._answers():
            if time.monotonic() > deadline:
                raise CannotRun(f"The web server does not answer; see {self._log('web')}.")
            if web.process and web.process.poll() is not None:
                raise CannotRun(self._reason(web.name, web.process))
            self.pause(0.02)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection((self.env.host, self.env.port), 1) as browser:
            name = urlsplit(self.env.base_url).netloc
            browser.sendall(f"GET / HTTP/1.0\r\nHost: {name}\r\n\r\n".encode())
            return self.pause(30, browser) and browser.recv(5) == b"HTTP/"
        return False

    def _watch(self) -> None:
        """Bring back what ends unexpectedly, until told to stop."""
        while True:
            self._revive_database()
            for part in self.parts:
                self._revive(part)
            now = time.monotonic()
            self.pause(min((part.due - now for part in self.parts if not part.process), default=60))

    def _revive_database(self) -> None:
        process = self.database and self.database.process
        if self.database and process and process.poll() is not None:
            say("PostgreSQL has ended unexpectedly and is started again")
            self.database.start(self.pause)
            # The parts hold connections to the dead server; started anew, nobody meets one of them.
            self._end_parts()

    def _revive(self, part: Part) -> None:
        now = time.monotonic()
        if part.process and part.process.poll() is not None:
            reap(part.process)
            part.failures = 1 if now - part.born > SETTLED else part.failures + 1
            if part.failures > PATIENCE:
                raise CannotRun(self._reason(part.name, part.process))
            part.process = None
            part.due = now + 0.5 * (2 ** (part.failures - 1) - 1)  # at once, then ever later
            say(f"{TITLES[part.name]} has ended unexpectedly and is started again")
        if not part.process and part.due <= now:
            self._start(part)

    def _welcome(self) -> None:
        """Say where it is and who may enter; in a process of its own, for its libraries would stay with us."""
        command = [sys.executable, "-P", "-m", "opengallery.project.cli", "welcome"]
        subprocess.run(command, check=False, start_new_session=True)  # noqa: S603

    def _stop(self) -> None:
        """End every process: first who writes, then the database."""
        self._end_parts()
        if self.database:
            self.database.stop()
        if self.lock:
            self.lock.close()

    def _end_parts(self) -> None:
        processes = [part.process for part in self.parts if part.process]
        for process in processes:
            if process.poll() is None:
                process.terminate()
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(15)
            reap(process)
        for part in self.parts:
            part.process = None

    def _log(self, name: str) -> Path:
        return self.env.data / "log" / f"{name}.log"

    def _reason(self, name: str, process: "subprocess.Popen[bytes]") -> str:
        """Why a part ended: what it refused in a sentence, or the last words of an accident."""
        words, code = last_words(self._log(name)), process.returncode
        if code == REFUSED:
            return words
        if code < 0:
            words = f"it was ended by {signal.Signals(-code).name}"
        return f"{TITLES[name]} failed: {words} (see {self._log(name)})."


def reap(process: "subprocess.Popen[bytes]") -> None:
    """Leave nothing of a part behind, whatever it has started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def part_command(name: str, *arguments: str) -> list[str]:
    """The command line of a part; -P, so that no file of the current folder is taken for a module."""
    return [sys.executable, "-P", "-m", "opengallery.project.parts", name, *arguments]


def part_environment(database_url: str | None) -> dict[str, str]:
    """The environment of a part: ours, the database, and what keeps a process with threads small."""
    added = {"MALLOC_ARENA_MAX": "2", "PYTHONUNBUFFERED": "1"}
    return dict(os.environ) | added | ({"DATABASE_URL": database_url} if database_url else {})


def open_data_folder(environment: Environment) -> None:
    """Create the data folder with its keys, or check that it can be written and is of the kind asked for."""
    data = environment.data
    if data.exists() and not data.is_dir():
        raise CannotRun(f"{data} is a file, but the data folder must be a folder.")
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        (data / "log").mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=data):
            pass
        _ = environment.secret_key, environment.signing_key
        settle_kind(environment)
    except OSError as error:
        raise CannotRun(f"The data folder {data} cannot be written: {error.strerror}.") from None


def settle_kind(environment: Environment) -> None:
    """Record at the first start whether this is a sandbox, and when its clock begins; refuse the other kind."""
    if not notes_file(environment.data).exists():
        start = environment.sandbox_start.isoformat() if environment.sandbox_start else None
        write_notes(environment.data, {"kind": kind(environment), "clock_starts_at": start, "prepared": False})
    found = read_notes(environment.data)["kind"]
    if found != kind(environment):
        raise CannotRun(
            f"{environment.data} is an ordinary installation, which never becomes a sandbox: choose another folder."
            if environment.sandbox
            else f"{environment.data} is a sandbox, which never becomes an ordinary installation: add --sandbox."
        )


def refresh_address(environment: Environment) -> None:
    """Let a demonstration's notes for its visitors name the address of today."""
    notes = environment.data / "demo.json"
    if notes.exists():
        said = json.loads(notes.read_text())
        if said["url"] != environment.base_url:
            replace(notes, said | {"url": environment.base_url})


def adopt_kind(environment: Environment) -> Environment:
    """For a part run alone: where nothing is asked for, it is of the kind that its data folder is."""
    if "OPENGALLERY_SANDBOX" not in os.environ and notes_file(environment.data).exists():
        notes = read_notes(environment.data)
        os.environ["OPENGALLERY_SANDBOX"] = "1" if notes["kind"] == "sandbox" else ""
        os.environ["OPENGALLERY_SANDBOX_START"] = notes["clock_starts_at"] or ""
    return read_environment(os.environ)


def kind(environment: Environment) -> str:
    """What the environment asks for."""
    return "sandbox" if environment.sandbox else "ordinary"


def notes_file(data: Path) -> Path:
    """Where an installation remembers what was settled at its first start."""
    return data / "installation.json"


def read_notes(data: Path) -> dict[str, Any]:
    """What was settled at the first start: `kind`, `clock_starts_at`, and whether it was `prepared` to the end."""
    try:
        notes = json.loads(notes_file(data).read_text())
        return {name: notes[name] for name in ("kind", "clock_starts_at", "prepared")}
    except (ValueError, KeyError, TypeError):
        raise CannotRun(f"{notes_file(data)} is damaged: restore it from a backup.") from None


def write_notes(data: Path, notes: dict[str, Any]) -> None:
    """Replace the notes as a whole, so that a crash leaves the old ones or the new ones."""
    replace(notes_file(data), notes)


def replace(path: Path, content: dict[str, Any]) -> None:
    """Write the file whole, readable by its owner only."""
    draft = path.with_suffix(".new")
    draft.touch(mode=0o600)
    with draft.open("w") as file:
        file.write(json.dumps(content, indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def say(text: str) -> None:
    """Tell the operator what is going on."""
    print(f"{text} …", flush=True)


def main() -> None:
    """Run the installation of this environment; a foreseen refusal is one sentence and exit code 3."""
    try:
        Installation(env).run()
    except CannotRun as refusal:
        refuse(refusal)
    except OSError as error:  # a full disk, a file of another user
        refuse(CannotRun(f"OpenGallery cannot go on: {error}."))


if __name__ == "__main__":
    main()
