"""What a seller's system is told, what it must answer, and when it is asked again (D10); pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from opengallery.kit.texts import is_text

MOST_CALLS = 4  # at once, then for three hours once an hour
BETWEEN = timedelta(hours=1)
MOST_ENTRIES, LONGEST_NAME, LONGEST_VALUE = 20, 60, 1000


def next_call(called_at: datetime) -> datetime:
    """When the system is asked again if there is no usable answer."""
    return called_at + BETWEEN


def read_application(answer: Mapping[str, Any]) -> dict[str, str]:
    """The application information of an answer: {"application": {"Address": "https://…", "User name": "…"}}.

    ValueError with a sentence for the seller if it is anything else.
    """
    given = answer.get("application")
    if not isinstance(given, dict) or not 1 <= len(given) <= MOST_ENTRIES:
        raise ValueError(f"The answer has no “application” with 1 to {MOST_ENTRIES} entries.")
    return {read_text(name, LONGEST_NAME): read_text(value, LONGEST_VALUE) for name, value in given.items()}


def read_text(value: Any, most: int) -> str:
    """A name or value of the application: text, or a number or yes and no in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value).strip() if isinstance(value, str | int | float) else ""
    if not text or len(text) > most or not is_text(text):
        raise ValueError(f"Each entry of the “application” is a text of 1 to {most:,} characters.")
    return text
