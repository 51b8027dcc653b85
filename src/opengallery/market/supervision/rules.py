"""What a delivery, a reason, an enabling time must look like (spec S-2, Q9, Q10, V4); pure."""

from collections.abc import Sequence
from datetime import UTC, datetime

from opengallery.kit.calendar import ZONE
from opengallery.kit.texts import is_text

RESULT_MAX = 1000
REASON_MAX = 1000
EARLIEST_YEAR, LATEST_YEAR = 1970, 9998  # what every time zone can still tell


def text_error(text: str, *, most: int, what: str) -> str:
    """Why a text is not accepted, or "": 1 to `most` characters that are not only spaces, and all of which are text."""
    if not text.strip():
        return f"{what} is needed."
    if len(text.strip()) > most:
        return f"{what} has at most {most:,} characters; this one has {len(text.strip()):,}."
    if not is_text(text):
        return f"{what} contains a character that is not text."
    return ""


def read_instant(text: str) -> datetime | None:
    """Read a day or a day with a time, on the platform's clock unless it names its offset; "" is not given.

    ValueError for anything else, such as "2025-02-30" or "tomorrow".
    """
    if not text.strip():
        return None
    value = datetime.fromisoformat(text.strip())
    if not EARLIEST_YEAR <= value.year <= LATEST_YEAR:
        raise ValueError(f"no year of ours: {value.year}")
    return (value if value.tzinfo else value.replace(tzinfo=ZONE)).astimezone(UTC)


def kinds_error(kinds: Sequence[str], *, known: Sequence[str], need_sow_and_acceptance: bool) -> str:
    """Why the kinds of a delivery's files do not do, or ""."""
    for kind in kinds:
        if kind not in known:
            return f"“{kind[:40]}” is not one of: {', '.join(known)}."
    if need_sow_and_acceptance and not {"sow", "acceptance"} <= set(kinds):
        return "A SOW and an acceptance document are both needed."
    return ""
