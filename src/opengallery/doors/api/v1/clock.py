"""The sandbox's clock."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from opengallery.doors.api.v1.calls import call
from opengallery.doors.api.v1.shapes.common import Instant, utc
from opengallery.doors.pages import now_of
from opengallery.kit.calendar import add_months, instant, local
from opengallery.kit.env import env
from opengallery.kit.problems import InvalidInput, NotFound
from opengallery.market.timetable.actions import move_clock

router = Router(tags=["Sandbox"])
LAST_YEAR = 2199
DURATION = re.compile(
    r"P(?!$)(?:(?P<years>\d{1,3})Y)?(?:(?P<months>\d{1,4})M)?(?:(?P<weeks>\d{1,4})W)?(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?!$)(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,7})M)?(?:(?P<seconds>\d{1,9})S)?)?",
    re.ASCII,
)


class ClockMove(BaseModel):
    """How far, or where to: one of the two."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"advance": "PT3H"}, {"to": "2020-03-01T10:00:00Z"}]})

    advance: str | None = Field(None, description="An ISO 8601 duration, such as PT3H, P1D, P1M, P1Y")
    to: str | None = Field(None, description="An instant, RFC 3339")


class ClockShape(TypedDict):
    """The instant now in force."""

    now: Instant
    sandbox: bool


@router.get("/clock", response=ClockShape)
@call("operations:clock", "operations:view")
def get_clock(request: HttpRequest) -> Any:
    """Where the clock stands. In an ordinary installation there is no such page."""
    only_in_a_sandbox()
    return clock_shape(now_of(request))


@router.post("/clock", response=ClockShape)
@call("operations:clock")
def post_clock(request: HttpRequest, move: ClockMove) -> Any:
    """Move the clock forward; the answer comes when everything due by then has run, each at its own due instant."""
    only_in_a_sandbox()
    return clock_shape(move_clock(target(move, now_of(request))))


def only_in_a_sandbox() -> None:
    """An ordinary installation knows no clock."""
    if not env.sandbox:
        raise NotFound


def clock_shape(now: datetime) -> ClockShape:
    """The clock."""
    return {"now": utc(now) or "", "sandbox": True}


def target(move: ClockMove, now: datetime) -> datetime:
    """Where the clock is to go; InvalidInput unless exactly one of the two says so."""
    if (move.advance is None) == (move.to is None):
        raise InvalidInput({"advance": ["Say either “advance” or “to”."]})
    to = later(now, move.advance) if move.advance is not None else moment(move.to or "")
    if to.year > LAST_YEAR:
        raise InvalidInput({"to" if move.to else "advance": [f"The clock goes no further than the year {LAST_YEAR}."]})
    return to


def later(now: datetime, duration: str) -> datetime:
    """The instant after a duration; years and months go by the platform's calendar, like every validity."""
    found = DURATION.fullmatch(duration)
    if found is None:
        raise InvalidInput({"advance": ["Write a duration as PT3H, P1D or P1M."]})
    part = {name: int(text or 0) for name, text in found.groupdict().items()}
    here = local(now)
    months = part["years"] * 12 + part["months"]
    try:
        moved = instant(add_months(here.date(), months), here.time()) if months else now
        return moved + timedelta(
            weeks=part["weeks"], days=part["days"], hours=part["hours"], minutes=part["minutes"],
            seconds=part["seconds"],
        )  # fmt: skip
    except (OverflowError, ValueError) as error:
        raise InvalidInput({"advance": [f"The clock goes no further than the year {LAST_YEAR}."]}) from error


def moment(text: str) -> datetime:
    """An instant with its offset."""
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise ValueError(text)
        return at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInput({"to": ["Write an instant as 2020-03-01T10:00:00Z."]}) from error
