"""What a delivery, a reason, an enabling time must look like (spec S-2, Q9, Q10, V4); pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from opengallery.kit.calendar import ZONE
from opengallery.kit.texts import is_text

RESULT_MAX = 1000
REASON_MAX = 1000
REQUEST_MAX = 2000
APPEAL_MAX = 2000
ANSWER_MAX = 500
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


def unknown_error(numbers: Iterable[int], *, criteria: Sequence[Mapping[str, Any]]) -> str:
    """Why these are not numbers of acceptance criteria, or ""."""
    known = {item["number"] for item in criteria}
    strangers = sorted(set(numbers) - known)
    return f"There is no acceptance criterion {strangers[0]}." if strangers else ""


def cited_error(cited: Mapping[int, str], *, criteria: Sequence[Mapping[str, Any]]) -> str:
    """Why a rejection's citations do not do, or "": at least one where criteria exist, each with what would satisfy."""
    unknown = unknown_error(cited, criteria=criteria)
    if unknown:
        return unknown
    if criteria and not cited:
        return "Name at least one acceptance criterion that is not met."
    for number, text in sorted(cited.items()):
        error = text_error(text, most=ANSWER_MAX, what=f"What would satisfy criterion {number}")
        if error:
            return error
    return ""


def answers_error(answers: Mapping[int, str], *, proven: Collection[int], cited: Collection[int],
                  criteria: Sequence[Mapping[str, Any]]) -> str:  # fmt: skip
    """Why a delivery's answers to the criteria do not do, or "".

    Each mandatory criterion is proven by a file or answered; each that the last rejection cited is answered in words.
    """
    given = {number: text for number, text in answers.items() if text.strip()}
    unknown = unknown_error(answers, criteria=criteria)
    if unknown:
        return unknown
    for number, text in sorted(given.items()):
        error = text_error(text, most=ANSWER_MAX, what=f"The answer to criterion {number}")
        if error:
            return error
    for item in criteria:
        if item["number"] in cited and item["number"] not in given:
            return f"Criterion {item['number']} was cited in the last rejection: say what has changed."
        if item["mandatory"] and item["number"] not in given and item["number"] not in proven:
            return f"Criterion {item['number']} is mandatory: answer it, or name a file that proves it."
    return ""


def appeal_possible_from(
    gate: str, *, turn: str, side: str, since: datetime, stall_days: int, rejections: Sequence[int], enough: int
) -> datetime | None:
    """After which instant a side may appeal (P2 to P4, Q7); None: not while things stand so.

    "any_time": at once. "classic": strictly later than `stall_days` × 24 h since the other side's step began, or at
    once when one of the counters of `rejections` has come to `enough`.
    """
    at_once = datetime.min.replace(tzinfo=UTC)
    if gate == "any_time" or any(count >= enough for count in rejections):
        return at_once
    return since + timedelta(days=stall_days) if turn and turn != side else None
