"""`opengallery up` and the parts alone, as real processes: start, stop, accidents, and what is refused."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

import psutil
import psycopg
import pytest

import opengallery
from opengallery.project.embedded import (
    REFUSED,
    CannotRun,
    EmbeddedPostgres,
    embedded_database,
    running_database,
)
from opengallery.project.schema import check_version

COMMAND = [sys.executable, "-m", "opengallery.project.cli"]


class Running:
    """An `opengallery` command at work."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self.port = free_port()
        self.data = Path(environment["OPENGALLERY_DATA"])
        self.said = tempfile.TemporaryFile("w+")  # noqa: SIM115  # a pipe that nobody reads would stop it
        self.process = start(*arguments, output=self.said, OPENGALLERY_PORT=str(self.port), **environment)

    @property
    def tree(self) -> list[psutil.Process]:
        """The command and every process beneath it."""
        top = psutil.Process(self.process.pid)
        return [top, *top.children(recursive=True)]

    def find(self, words: str) -> psutil.Process:
        """The first process beneath whose command line holds those words."""
        return next(process for process in self.tree[1:] if words in command_line(process))

    def page(self) -> str | None:
        """What the first page answers: its status; None while nobody does."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=10) as answer:
                return str(answer.status)
        except urllib.error.HTTPError as error:
            return str(error.code)
        except OSError:
            return None

    def await_page(self) -> None:
        """Wait for the first page."""
        until(lambda: self.page() == "200" or self.process.poll() is not None)
        assert self.process.poll() is None, self.words()

    def await_process(self, words: str) -> None:
        """Wait until a process beneath has those words in its command line."""
        until(lambda: words in "\n".join(map(command_line, self.tree[1:])))

    def await_end(self, process: psutil.Process) -> None:
        """Wait until that process has ended."""
        until(lambda: not alive(process))

    def await_welcome(self) -> str:
        """Wait until it says where it is; returns what it said until then."""
        until(lambda: "Ctrl-C stops it" in self.words() or self.process.poll() is not None)
        assert self.process.poll() is None, self.words()
        return self.words()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal, wait for the end, and see that no process is left."""
        tree = self.tree  # the database's processes too
        self.process.send_signal(number)
        code = self.process.wait(30)
        left = [process for process in tree if alive(process)]
        assert not left, left
        return code

    def words(self) -> str:
        """All that it has said."""
        self.said.seek(0)
        return self.said.read()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of an installation that was started once, and stopped."""
    data = tmp_path_factory.mktemp("installation") / "data"
    first = Running("up", OPENGALLERY_DATA=str(data))
    try:
        assert f"http://127.0.0.1:{first.port}" in first.await_welcome()
        assert first.page() == "200"
        with embedded_database(data) as url, psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE keepsake AS SELECT 'kept' AS word")
        assert first.stop(signal.SIGINT) == 0
    finally:
        kill(first)
    return data


@pytest.fixture
def up(data: Path) -> Iterator[Running]:
    """That installation, started again."""
    running = Running("up", OPENGALLERY_DATA=str(data))
    try:
        running.await_welcome()
        yield running
    finally:
        kill(running)


def start(*arguments: str, output: IO[str] | int = subprocess.PIPE, **environment: str) -> "subprocess.Popen[str]":
    """Start the command in an environment of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPENGALLERY_", "DATABASE_"))}
    path = {"PYTHONPATH": os.pathsep.join([str(Path(opengallery.__file__).parents[1]), kept.get("PYTHONPATH", "")])}
    own = kept | path | environment
    return subprocess.Popen([*COMMAND, *arguments], env=own, text=True, stdout=output, stderr=output)


def refusal(*arguments: str, **environment: str) -> str:
    """The one sentence with which the command refuses; its exit code says so too."""
    process = start(*arguments, **environment)
    _, said = process.communicate(timeout=60)
    assert process.returncode == REFUSED
    assert "Traceback" not in said
    assert len(said.splitlines()) == 1, said
    return said.strip()


def until(come: Callable[[], object], seconds: float = 60) -> None:
    """Wait until that has come true."""
    deadline = time.monotonic() + seconds
    while not come():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def alive(process: psutil.Process) -> bool:
    """Whether it still runs; the ended whom nobody buried do not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def command_line(process: psutil.Process) -> str:
    """What the process was called with."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def kill(running: Running) -> None:
    """Leave nothing of it to the next test."""
    if running.process.poll() is None:
        for process in running.tree:
            with suppress(psutil.NoSuchProcess):  # it may have gone with its parent
                process.kill()
    running.process.wait()
    running.said.close()


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def keepsake(data: Path) -> str:
    """What the installation's running database remembers."""
    url = running_database(data)
    assert url
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT word FROM keepsake").fetchone()
        assert row
        return str(row[0])


# Start and stop


def test_data_survive_a_restart_and_nothing_is_left_running(data: Path, up: Running) -> None:
    assert up.page() == "200"
    assert keepsake(data) == "kept"
    assert up.stop(signal.SIGTERM) == 0


def test_secrets_are_made_once_and_readable_by_their_owner_only(data: Path) -> None:
    for name in ("secret.key", "signing.key"):
        assert (data / name).stat().st_mode & 0o777 == 0o600
        assert len((data / name).read_text().strip()) == 64


def test_a_second_one_on_the_same_folder_is_refused(data: Path, up: Running) -> None:
    said = refusal("up", OPENGALLERY_DATA=str(data), OPENGALLERY_PORT=str(free_port()))
    assert said == f"OpenGallery is already running on {data} (process {up.process.pid})."
    assert up.page() == "200"


def test_ctrl_c_during_the_start_leaves_nothing(data: Path) -> None:
    running = Running("up", OPENGALLERY_DATA=str(data))
    try:
        until(lambda: running_database(data))
        assert running.stop(signal.SIGINT) == 0
    finally:
        kill(running)


# Accidents


def test_what_is_killed_is_started_again(data: Path, up: Running) -> None:
    for words, beneath in (("parts worker", False), ("parts web", False), ("parts web", True), ("bin/postgres", False)):
        top = up.find(words)
        victim = top.children()[0] if beneath else top
        victim.kill()
        up.await_end(victim)
        up.await_process(words)
        up.await_page()
    assert keepsake(data) == "kept"
    assert up.stop() == 0


def test_the_others_end_when_the_supervisor_is_killed(data: Path, up: Running) -> None:
    tree = up.tree
    up.process.kill()
    until(lambda: not any(map(alive, tree)))
    again = Running("up", OPENGALLERY_DATA=str(data))
    try:
        again.await_page()
        assert keepsake(data) == "kept"
    finally:
        kill(again)


def test_it_recovers_when_everything_is_killed_at_once(data: Path, up: Running) -> None:
    for process in up.tree:
        process.suspend()
    for process in up.tree:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    again = Running("up", OPENGALLERY_DATA=str(data))
    try:
        again.await_page()
        assert keepsake(data) == "kept"
        assert again.stop() == 0
    finally:
        kill(again)


def test_migrations_that_came_with_a_new_release_are_applied(data: Path) -> None:
    with EmbeddedPostgres(data) as url, psycopg.connect(url) as connection:
        connection.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
        connection.execute("DROP TABLE django_session")
    assert refusal("web", OPENGALLERY_DATA=str(data), OPENGALLERY_PORT=str(free_port())) == (
        'The database is not up to date: run "opengallery migrate" first.'
    )
    running = Running("up", OPENGALLERY_DATA=str(data))
    try:
        assert "Bringing the database up to date" in running.await_welcome()
        assert running.page() == "200"
    finally:
        kill(running)


# The parts alone, and a database of one's own


def test_parts_alone_share_the_embedded_database(data: Path) -> None:
    web = Running("web", OPENGALLERY_DATA=str(data))
    worker = Running("worker", OPENGALLERY_DATA=str(data))
    try:
        web.await_page()
        worker.await_process("parts worker")
        migration = start("migrate", OPENGALLERY_DATA=str(data))
        assert migration.communicate(timeout=30) == ("", "")
        assert migration.returncode == 0
        owner, guest = sorted(
            (web, worker), key=lambda one: "bin/postgres" not in " ".join(map(command_line, one.tree))
        )
        guest.process.send_signal(signal.SIGINT)
        guest.process.wait(30)
        assert owner.process.poll() is None
        owner.stop(signal.SIGINT)
    finally:
        kill(web)
        kill(worker)


def test_a_given_database_is_used_by_several_web_processes(data: Path, tmp_path: Path) -> None:
    with EmbeddedPostgres(data) as url:
        web = Running("web", "--workers", "2", OPENGALLERY_DATA=str(tmp_path), DATABASE_URL=url)
        try:
            web.await_page()
            assert len([process for process in web.tree if "parts web" in command_line(process)]) == 3
            assert not (tmp_path / "postgres").exists()
            assert web.stop() == 0
        finally:
            kill(web)


def test_up_on_a_given_database(data: Path, tmp_path: Path) -> None:
    with EmbeddedPostgres(data) as url:
        running = Running("up", OPENGALLERY_DATA=str(tmp_path), DATABASE_URL=url)
        try:
            running.await_welcome()
            assert not any("postgres" in process.name() for process in running.tree)
            assert running.stop() == 0
        finally:
            kill(running)


# What is refused, in one sentence


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        said = refusal("up", "--data", str(tmp_path), "--port", port)
    assert said.startswith(f"Port {port} is in use by another program")


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert refusal("up", "--data", str(tmp_path / "file")).endswith("is a file, but the data folder must be a folder.")
    assert "cannot be written" in refusal("up", "--data", str(tmp_path / "file" / "below"))


@pytest.mark.parametrize("command", ["up", "web", "worker", "migrate"])
def test_a_data_folder_that_cannot_be_written(command: str) -> None:
    assert re.fullmatch(
        r"The data folder /proc/self/data cannot be written: .+\.", refusal(command, "--data", "/proc/self/data")
    )


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://localhost/x", "DATABASE_URL must begin with postgresql://"),
        ("postgresql://localhost:1/x", "The database cannot be reached: .*refused"),
        ("postgresql://no-such-host.invalid/x", "The database cannot be reached: .*no-such-host"),
        ("postgresql://x?nonsense=1", "DATABASE_URL cannot be read: .*nonsense"),
    ],
)
def test_a_wrong_database(tmp_path: Path, url: str, sentence: str) -> None:
    said = refusal("up", "--data", str(tmp_path), "--port", str(free_port()), DATABASE_URL=url)
    assert re.search(sentence, said)


def test_a_database_that_does_not_exist(data: Path, tmp_path: Path) -> None:
    with EmbeddedPostgres(data) as url:
        said = refusal("migrate", "--data", str(tmp_path), DATABASE_URL=url.replace("/opengallery?", "/nowhere?"))
    assert '"nowhere" does not exist' in said


def test_a_too_old_postgresql() -> None:
    check_version(150000)
    with pytest.raises(CannotRun, match=r"^PostgreSQL 14 is too old: OpenGallery needs PostgreSQL 15 or later\.$"):
        check_version(140012)


def test_an_instant_that_is_none_or_needs_a_sandbox(tmp_path: Path) -> None:
    said = refusal("up", "--data", str(tmp_path / "new"), "--sandbox", "--at", "yesterday")
    assert said.startswith('"yesterday" is not an instant')
    assert refusal("up", "--data", str(tmp_path / "new"), "--at", "2020-01-01").startswith("--at needs --sandbox")
    assert not (tmp_path / "new").exists()


def test_a_port_that_is_none(tmp_path: Path) -> None:
    assert "must be a number from 1 to 65535" in refusal("up", "--data", str(tmp_path), "--port", "65536")


def test_a_sandbox_is_never_an_ordinary_installation(data: Path, tmp_path: Path) -> None:
    assert "never becomes a sandbox" in refusal("up", "--sandbox", "--data", str(data))
    (tmp_path / "installation.json").write_text(
        json.dumps({"kind": "sandbox", "clock_starts_at": None, "prepared": False})
    )
    assert "is a sandbox, which never becomes" in refusal("up", "--data", str(tmp_path))
    with EmbeddedPostgres(data) as url:
        said = refusal("up", "--sandbox", "--data", str(tmp_path), "--port", str(free_port()), DATABASE_URL=url)
    assert "The database belongs to an ordinary installation" in said


def test_damaged_notes(tmp_path: Path) -> None:
    (tmp_path / "installation.json").write_text("{")
    assert "installation.json is damaged" in refusal("up", "--data", str(tmp_path))


def test_a_month_that_is_none(tmp_path: Path) -> None:
    assert refusal("bills", "run", "--cycle", "202013", "--data", str(tmp_path)).startswith('"202013" is not a month')


def test_a_first_operations_manager_is_let_in_once(tmp_path: Path) -> None:
    """`opengallery operator`: a password that is printed once; the same address again is refused in one sentence."""
    environment = {"OPENGALLERY_DATA": str(tmp_path)}
    start("migrate", **environment).communicate(timeout=120)
    process = start("operator", "boss@gallery.example", **environment)
    said = process.communicate(timeout=60)[0]
    assert re.fullmatch(r"boss@gallery\.example can log in with the password \S{20}\n", said)
    assert "already" in refusal("operator", "boss@gallery.example", **environment)
