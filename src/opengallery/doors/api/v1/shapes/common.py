"""Shapes that many nouns share: money, instants, actions, deadlines, who did it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from opengallery.kit.money import Money
from opengallery.market.journal.chain import utc_text

BASE = "/api/v1"
Instant = Annotated[str, Field(description="RFC 3339, in UTC", examples=["2020-03-01T02:00:00Z"])]
Day = Annotated[str, Field(description="A day on the platform's calendar", examples=["2020-03-01"])]


class MoneyShape(TypedDict):
    """An exact decimal amount and its ISO 4217 currency."""

    amount: Annotated[str, Field(examples=["850.00"])]
    currency: Annotated[str, Field(examples=["USD"])]


class ActionShape(TypedDict):
    """Something you may do now: which verb, and the call that does it."""

    action: str
    method: str
    href: str


class DeadlineShape(TypedDict):
    """Until when it is whose turn, and what happens then; without a limit `at` is null."""

    at: Instant | None
    outcome: str
    turn: str | None
    sentence: str


class PartyShape(TypedDict):
    """A company, and the person who acted for it."""

    name: str
    full_name: str | None
    username: str | None


class PeriodShape(TypedDict):
    """For how long it was bought."""

    unit: Annotated[str, Field(description="year, month or one_time")]
    count: int
    text: Annotated[str, Field(examples=["1 year"])]


class WhoShape(TypedDict):
    """Who did something; the clock acts as System."""

    name: str
    organisation: str
    operator: bool
    clock: bool


def money(amount: Money) -> MoneyShape:
    """An amount with all the decimals that it has."""
    return {"amount": amount.amount(), "currency": amount.currency}


def utc(at: datetime | None) -> str | None:
    """An instant, or null."""
    return utc_text(at) if at else None


def actions(verbs: Iterable[str], calls: Mapping[str, tuple[str, str, str]], place: str,
            rights: frozenset[str]) -> list[ActionShape]:  # fmt: skip
    """The open verbs that the actor's role includes. `calls`: verb → (method, sub-noun, right)."""
    rows = [(verb, *calls[verb]) for verb in verbs if verb in calls]
    return [
        {"action": verb, "method": method, "href": f"{BASE}{place}/{noun}"}
        for verb, method, noun, right in rows
        if right in rights
    ]


def who(said: Mapping[str, Any]) -> WhoShape:
    """The author of a fact."""
    return {"name": said["name"], "organisation": said["organisation"], "operator": said["operator"],
            "clock": said["clock"]}  # fmt: skip
