"""`opengallery story`: the guide's example in a throw-away sandbox, and the exit code when it goes otherwise."""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from rich.console import Console

from opengallery.kit.money import Money
from opengallery.project.story import Story, on

CHAPTERS = [
    ("2020-01-01 10:00:00", "the order is paid: Processing, 2020-01-01 10:00:00"),
    ("2020-02-20 15:00:00", "the customer is to accept: Waiting for the user to confirm acceptance"),
    ("2020-03-01 12:59:59", "the order waits: Processing"),
    ("2020-03-01 13:00:00", "the order completes: Completed, 2020-03-01 13:00:00"),
    ("2020-03-01 13:00:00", "the licence began with the acceptance: 2020-03-01 10:00:00"),
    ("2020-03-01 13:00:00", "the licence lasts a year: 2021-03-01"),
    ("2020-04-07 23:59:59", "the bill is drawn on the 7th: 2020-04-07"),
    ("2020-04-07 23:59:59", "the seller gets the price without the fee of 15 %: 850.00 USD"),
    ("2021-02-01 09:00:00", "the renewal has no service flow"),
    ("2021-02-01 09:00:00", "the licence lasts a year longer: 2022-03-01"),
    ("2021-04-07 23:59:59", "the bill is that of the renewed year's first month: 202103"),
    ("2021-04-07 23:59:59", "the bill is drawn on the 7th: 2021-04-07"),
    ("2021-04-07 23:59:59", "with one word changed it is refused: True"),
]


def by_chapter(said: str) -> list[tuple[str, str]]:
    """Each comparison with the instant under which it stands."""
    rows, instant = [], ""
    for line in said.splitlines():
        headed = re.match(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)  ", line)
        instant = headed[1] if headed else instant
        if line.startswith("  "):
            rows.append((instant, line.strip()))
    return rows


@pytest.mark.spec("AT-05", "AT-07", "AT-08", "AT-09")
def test_the_story_goes_as_documented_and_leaves_nothing_behind(tmp_path):
    own = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    # What is set for another installation must not reach the sandbox.
    other = {"OPENGALLERY_DATA": str(tmp_path / "mine"), "OPENGALLERY_TIMEZONE": "UTC"}
    before = set(Path(tempfile.gettempdir()).glob("opengallery-story-*"))
    began = time.monotonic()
    command = [sys.executable, "-m", "opengallery.project.cli", "story"]
    run = subprocess.run(command, capture_output=True, text=True, env=own | other, cwd=tmp_path, timeout=120)
    took = time.monotonic() - began
    assert run.returncode == 0, run.stdout + run.stderr
    rows = by_chapter(run.stdout)
    assert all(text.startswith("✓ ") for _, text in rows)
    assert [chapter for chapter in CHAPTERS if (chapter[0], f"✓ {chapter[1]}") not in rows] == []
    assert f"All {len(rows)} checks are as documented. Fifteen months took " in run.stdout
    assert took < 30
    assert list(tmp_path.iterdir()) == []
    assert set(Path(tempfile.gettempdir()).glob("opengallery-story-*")) <= before


def story_in(folder: Path) -> Story:
    return Story(Console(file=(folder / "said").open("w"), width=200))


def test_what_is_not_as_documented_is_shown_and_counts(tmp_path):
    story = story_in(tmp_path)
    story.compare("the fee", Money.of("850.00", "USD"), Money.of("850.00", "USD"))
    story.compare("the end [of it]", on("2022-03-02 00:00"), on("2022-03-01 00:00"))
    assert story.end(1.25) == 1
    story.console.file.close()
    said = (tmp_path / "said").read_text()
    assert "✓ the fee: 850.00 USD" in said
    assert "✗ the end [of it]: 2022-03-02 00:00:00\n    documented: 2022-03-01 00:00:00" in said
    assert "1 of 2 checks are not as documented. Fifteen months took 1.2 seconds." in said
