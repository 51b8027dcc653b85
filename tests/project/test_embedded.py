"""The embedded PostgreSQL: it starts, keeps, recovers, and belongs to one process at a time."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from opengallery.project.embedded import (
    CannotRun,
    EmbeddedPostgres,
    InUse,
    embedded_database,
    let_through,
    processes_on,
    running_database,
)

OWNER = """
import sys, time
from pathlib import Path
from opengallery.project.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), durable=False)
print(server.start(), flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose database exists, and holds one word."""
    data = tmp_path_factory.mktemp("embedded")
    with EmbeddedPostgres(data, durable=False) as url, psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE keepsake (word text)")
        connection.execute("INSERT INTO keepsake VALUES ('kept')")
    return data


@pytest.fixture
def owner(data: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that owns the server of that folder."""
    process = subprocess.Popen([sys.executable, "-c", OWNER, str(data)], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline().startswith("postgresql://")
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def word(url: str) -> str:
    """What the database remembers."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT word FROM keepsake").fetchone()
        assert row
        return str(row[0])


def notes(data: Path) -> list[str]:
    """The lines that the running server writes about itself."""
    return (data / "postgres" / "postmaster.pid").read_text().splitlines()


def test_what_was_written_is_there_after_a_restart(data: Path) -> None:
    with EmbeddedPostgres(data) as url:
        assert word(url) == "kept"
        with psycopg.connect(url) as connection:
            assert connection.info.server_version >= 180000
            for name, value in (("fsync", "on"), ("synchronous_commit", "on"), ("jit", "off"), ("TimeZone", "UTC")):
                assert connection.execute("SELECT current_setting(%s)", [name]).fetchone() == (value,)
    assert not processes_on(data / "postgres")


def test_only_its_own_user_reaches_the_socket_and_no_port_is_open(data: Path) -> None:
    with EmbeddedPostgres(data) as url, psycopg.connect(url) as connection:
        folder = Path(connection.info.host)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert folder.stat().st_uid == (data / "postgres").stat().st_uid
        assert connection.execute("SELECT current_setting('listen_addresses')").fetchone() == ("",)


def test_a_deep_data_folder_gets_a_short_socket_and_leaves_none_behind(tmp_path: Path) -> None:
    deep = tmp_path / "a-folder-with-a-long-name" / "in-another-folder-with-a-long-name" / "and-so-on-and-so-on"
    with EmbeddedPostgres(deep, durable=False) as url, psycopg.connect(url) as connection:
        folder = Path(connection.info.host)
        assert len(str(folder)) < 60
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not folder.exists()


@pytest.mark.parametrize("name", ["a b", "a,b", 'it\'s "ours"', "100%&x=y", "数据"])
def test_any_name_will_do_for_the_data_folder(tmp_path: Path, data: Path, name: str) -> None:
    odd = shutil.copytree(data, tmp_path / name)
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", "--reference", data / "postgres", odd / "postgres"], check=True)
    with EmbeddedPostgres(odd, durable=False) as url:
        assert word(url) == "kept"


def test_a_second_owner_is_refused_and_a_guest_joins(data: Path, owner: "subprocess.Popen[str]") -> None:
    with pytest.raises(InUse, match="in use by another process"):
        EmbeddedPostgres(data).start()
    assert running_database(data)
    with embedded_database(data) as url:
        assert word(url) == "kept"
    assert word(url) == "kept"  # the guest's leaving stopped nothing


def test_the_server_ends_with_its_owner(data: Path, owner: "subprocess.Popen[str]") -> None:
    owner.kill()
    deadline = time.monotonic() + 10
    while processes_on(data / "postgres"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with EmbeddedPostgres(data) as url:
        assert word(url) == "kept"


def test_it_recovers_when_every_process_was_killed(data: Path, owner: "subprocess.Popen[str]") -> None:
    with embedded_database(data) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO keepsake VALUES ('written just before')")
        owner.send_signal(signal.SIGSTOP)  # so that it cannot tidy up
        for process in processes_on(data / "postgres"):
            os.kill(process, signal.SIGKILL)
        owner.kill()
        owner.wait()
    with EmbeddedPostgres(data) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM keepsake").fetchone() == (2,)
        connection.execute("DELETE FROM keepsake WHERE word <> 'kept'")


def test_an_orphan_is_stopped_and_a_stale_note_about_a_living_stranger_ignored(data: Path) -> None:
    server = EmbeddedPostgres(data, durable=False)
    server.start()
    assert server.process
    assert server._lock
    server._lock.close()  # as if its owner had died and it had not noticed
    with EmbeddedPostgres(data) as url:
        assert word(url) == "kept"
        assert notes(data)[0] != str(server.process.pid)
        lines = notes(data)
    assert server.process.wait(5) is not None
    (data / "postgres" / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    with EmbeddedPostgres(data) as url:
        assert word(url) == "kept"


def test_its_owner_can_start_it_again_at_the_same_address(data: Path) -> None:
    server = EmbeddedPostgres(data)
    try:
        url = server.start()
        assert server.process
        server.process.kill()
        server.process.wait()
        assert server.start() == url
        assert word(url) == "kept"
    finally:
        server.stop()


def test_a_creation_that_was_interrupted_starts_afresh(tmp_path: Path) -> None:
    (tmp_path / "postgres.new" / "base").mkdir(parents=True)
    (tmp_path / "postgres.new" / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(tmp_path, durable=False) as url, psycopg.connect(url) as connection:
        assert connection.info.dbname == "opengallery"
    assert not (tmp_path / "postgres.new").exists()


def test_another_release_s_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(CannotRun, match=r"made by PostgreSQL 17, but this release brings 18\."):
        EmbeddedPostgres(tmp_path).start()


def test_something_else_in_its_place_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "letters.txt").write_text("mine")
    with pytest.raises(CannotRun, match="is in the way"):
        EmbeddedPostgres(tmp_path, durable=False).start()
    assert (tmp_path / "postgres" / "letters.txt").read_text() == "mine"


def test_a_server_that_cannot_start_says_why(data: Path) -> None:
    settings = data / "postgres" / "postgresql.conf"
    sound = settings.read_text()
    settings.write_text(sound + "shared_buffers = nonsense\n")
    try:
        with pytest.raises(CannotRun, match=r"PostgreSQL did not start: .*FATAL"):
            EmbeddedPostgres(data).start()
    finally:
        settings.write_text(sound)


def test_a_long_log_is_put_aside(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opengallery.project.embedded.LOG_LIMIT", 10)
    with EmbeddedPostgres(data):
        pass
    assert (data / "log" / "postgres.log.1").stat().st_size > 10


def test_the_folders_above_are_opened_for_passing_only(tmp_path: Path) -> None:
    inner = tmp_path / "closed" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    let_through(inner, pwd.getpwnam("nobody"))
    assert stat.S_IMODE((tmp_path / "closed").stat().st_mode) == 0o701
