"""The programs that the API's tests speak through, and the sandbox clock they stand under."""

from types import SimpleNamespace
from typing import Any

import pytest
from program import Program, told

from opengallery.kit.models import SandboxClock


class Programs(SimpleNamespace):
    """One program for each of the people of the world, a visitor, and the clock."""

    def stands(self, when: str) -> None:
        """Put the sandbox clock to a time on the platform's wall clock, without running what is due by then."""
        SandboxClock.objects.update_or_create(pk=1, defaults={"at": self.at(when)})

    def goes(self, when: str) -> Any:
        """Move the sandbox clock, as operations do."""
        return told(self.operator.post("/clock", {"to": self.at(when).isoformat()}))

    def bought(self, key: str = "license_yearly", *, count: int = 1) -> str:
        """The buyer buys and pays; return the line's number."""
        return str(self.buyer.buys(self.world.choice(key, count=count))["lines"][0]["number"])

    def delivered(self, key: str = "license_yearly", **fields: Any) -> str:
        """Bought, and delivered by the seller; return the line's number."""
        line = self.bought(key)
        told(self.seller.delivers(line, **fields))
        return line

    def flow(self, line: str, by: str = "buyer") -> Any:
        """A flow, as somebody sees it."""
        return told(getattr(self, by).get(f"/flows/{line}"))

    def order(self, line: str, by: str = "buyer") -> Any:
        """A line's order, as somebody sees it."""
        return told(getattr(self, by).get(f"/orders/{line.rpartition('-')[0]}"))


@pytest.fixture
def api(world: Any, at: Any) -> Programs:
    """The world's people as programs; the clock stands at 1 January 2020, 10:00."""
    people = {name: Program(token) for name, token in world.tokens.items()}
    programs = Programs(world=world, at=at, visitor=Program(), **people)
    programs.stands("2020-01-01 10:00")
    return programs
