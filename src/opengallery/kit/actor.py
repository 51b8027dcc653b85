"""Who is acting, for which organisation, with which rights."""

from dataclasses import dataclass
from enum import StrEnum


class Party(StrEnum):
    """The side from which somebody acts on one subject; a life's table names it beside each move."""

    BUYER = "buyer"
    SELLER = "seller"
    OPERATOR = "operator"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Actor:
    """One person, program or clock, acting for one organisation (none for the clock and for visitors)."""

    organisation_id: int | None = None
    user_id: int | None = None
    name: str = ""
    full_name: str = ""
    username: str = ""
    organisation_name: str = ""
    rights: frozenset[str] = frozenset()
    is_operator: bool = False
    is_seller: bool = False
    is_clock: bool = False

    def may(self, right: str) -> bool:
        """Tell whether the actor holds a right such as "orders:pay"; the clock holds them all."""
        return self.is_clock or right in self.rights


CLOCK = Actor(name="System", organisation_name="System", is_clock=True)
VISITOR = Actor()
