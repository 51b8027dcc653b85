"""The reference says what the code says."""

from pathlib import Path

import pytest

from opengallery.project.reference import PAGES

FOLDER = Path(__file__).parent.parent / "docs" / "reference"


@pytest.mark.parametrize("name", PAGES)
def test_the_reference_is_fresh(name):
    """Run `make docs` when this fails."""
    assert (FOLDER / f"{name}.md").read_text() == PAGES[name]()
