"""P8: the memory of a whole installation at rest, and how soon it answers when it is started again."""

import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from bench.ground import COMMAND, OUT, await_answer


def run(port: int) -> dict[str, Any]:
    """Start an installation twice with `opengallery up`; measure the second start, then its memory after a while."""
    with tempfile.TemporaryDirectory(prefix="og-idle-") as folder:
        first = started(folder, port)
        again = started(folder, port)
        measured = {"first_start_s": first[0], "start_s": again[0], "pss_mib": again[1]}
    OUT.print(
        f"P8 idle: {again[1]:.0f} MiB; first page {again[0]:.1f} s after the start (first start ever {first[0]:.1f} s)"
    )
    return measured


def started(folder: str, port: int) -> tuple[float, float]:
    """Seconds until the first page answers, and MiB of all processes five seconds later."""
    start = time.perf_counter()
    clean = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    process = subprocess.Popen(
        [COMMAND, "up", "--demo", "--data", folder, "--port", str(port)], stdout=subprocess.DEVNULL, env=clean
    )
    try:
        await_answer(f"http://127.0.0.1:{port}/")
        seconds = time.perf_counter() - start
        time.sleep(5)
        return seconds, memory(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def memory(pid: int) -> float:
    """Proportional set size of a process and all below it, in MiB: shared pages count once."""
    root = psutil.Process(pid)
    return sum(pss(one.pid) for one in [root, *root.children(recursive=True)]) / 1024


def pss(pid: int) -> int:
    """KiB of one process."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0
