"""An ordinary installation for one benchmark run: embedded PostgreSQL, web server, the world, and many orders."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

OUT = Console()
COMMAND = Path(sys.executable).parent / "opengallery"


class Ground:
    """Where everything is: the data folder, the database, the web server's address, the world."""

    def __init__(self, data: Path, port: int) -> None:
        self.data, self.port = data, port
        self.url = f"http://127.0.0.1:{port}"
        self.world: Any = None
        self.orders = 0

    @property
    def dsn(self) -> str:
        return os.environ["DATABASE_URL"]

    def environment(self) -> dict[str, str]:
        return {**os.environ, "OPENGALLERY_DATA": str(self.data), "OPENGALLERY_PORT": str(self.port)}

    @contextmanager
    def serving(self, workers: int = 1) -> Iterator[None]:
        """Run `opengallery web` as an installation does."""
        process = subprocess.Popen(
            [COMMAND, "web", "--workers", str(workers)], env=self.environment(), stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            await_answer(self.url + "/api/v1/products")
            yield
        finally:
            process.terminate()
            process.wait(30)


def await_answer(url: str, patience: float = 60) -> None:
    """Wait until a page answers."""
    end = time.monotonic() + patience
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


@contextmanager
def ground(port: int) -> Iterator[Ground]:
    """Start the server, migrate, build the world; all of it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="og-bench-") as folder:
        here = Ground(Path(folder), port)
        os.environ |= {"OPENGALLERY_DATA": folder, "OPENGALLERY_PORT": str(port), "OPENGALLERY_SANDBOX": "0"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "opengallery.project.settings"
        from opengallery.project.embedded import EmbeddedPostgres

        with EmbeddedPostgres(here.data) as url:
            os.environ["DATABASE_URL"] = url
            import django

            from opengallery.kit import env as env_module

            env_module.env = env_module.read_environment(os.environ)
            django.setup()
            from opengallery.project.schema import migrate

            migrate()
            from opengallery.kit import clock
            from opengallery.project.world import build_world

            here.world = build_world(at=clock.now())
            yield here
            from django.db import connections

            connections["default"].close_pool()
