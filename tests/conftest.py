"""The suite's ground: one embedded PostgreSQL for all workers, one small world, time told and never asked."""

import atexit
import copy
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import django
import pytest
from hypothesis import settings

DATA = Path(os.environ.setdefault("OPENGALLERY_DATA", tempfile.mkdtemp(prefix="og-tests-")))
DATA.mkdir(parents=True, exist_ok=True)
os.environ.setdefault("OPENGALLERY_SANDBOX", "1")


if "DATABASE_URL" not in os.environ:
    # Before Django reads its settings. The workers of a parallel run find the address in the environment.
    from opengallery.project.embedded import EmbeddedPostgres

    server = EmbeddedPostgres(DATA, durable=False)
    os.environ["DATABASE_URL"] = server.start()
    atexit.register(server.stop)

os.environ["DJANGO_SETTINGS_MODULE"] = "opengallery.project.settings"
django.setup()


# A busy machine is no fault of the code; times are measured by the benchmarks.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    """Name the marks."""
    config.addinivalue_line("markers", "spec(*scenarios): the acceptance scenarios that this test proves")
    config.addinivalue_line("markers", "browser: needs Chromium")
    config.addinivalue_line("markers", "slow: starts processes of its own, or takes more than a few seconds")


@pytest.fixture(scope="session")
def built(django_db_setup: None, django_db_blocker: Any) -> Any:
    """The world, built once and committed; each test rolls back to it."""
    from opengallery.project.world import build_world

    with django_db_blocker.unblock():
        return build_world(at=local("2019-12-01 09:00"))


@pytest.fixture
def world(built: Any, db: None) -> Any:
    """One buyer, seller, operator, and two strangers, inside a transaction that is rolled back.

    A copy, since no rollback reaches what a verb changes in the objects themselves.
    """
    return copy.deepcopy(built)


def local(text: str) -> datetime:
    """An instant on the platform's wall clock: local("2020-03-01 10:00")."""
    from opengallery.kit.calendar import ZONE

    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.fixture
def at() -> Callable[[str], datetime]:
    """Tell the time: at("2020-03-01 10:00") on the platform's clock."""
    return local


@pytest.fixture
def proof() -> Iterator[Callable[..., Any]]:
    """A stored deliverable: proof("proof.pdf")."""
    from opengallery.kit.uploads import kept, receive

    def make(name: str = "proof.pdf", body: bytes = b"%PDF-1.4\n%%EOF\n", organisation_id: int = 1) -> Any:
        with kept([receive(name, [body])], organisation_id=organisation_id, uploaded_by_id=None,
                  at=local("2020-01-01 00:00")) as stored:  # fmt: skip
            return stored[0]

    yield make
