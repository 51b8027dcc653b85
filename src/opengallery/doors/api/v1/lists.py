"""The frame of every list's answer."""

from collections.abc import Callable
from typing import Any, TypeVar

from opengallery.kit.paging import Page

Row = TypeVar("Row")


def items(page: Page[Row], shape: Callable[[Row], Any]) -> dict[str, Any]:
    """One page: its items, and the cursor of the next or null."""
    return {"items": [shape(row) for row in page.items], "next": page.next}


def given(filters: dict[str, str]) -> dict[str, str]:
    """The filters that say something."""
    return {name: value for name, value in filters.items() if value.strip()}
