"""A life as a table of moves: guard, buttons, allowed actions, documentation and tests read the same rows."""

from collections.abc import Iterable
from dataclasses import dataclass

from opengallery.kit.actor import Party
from opengallery.kit.problems import MoveRefused, NotYourTurn


@dataclass(frozen=True, slots=True)
class Move:
    """In `source`, the party `who` may call `verb`, which leads to `target`."""

    source: str
    verb: str
    who: Party
    target: str


class Life:
    """The moves of one kind of thing, with the label of each state and the state in which it is born."""

    def __init__(self, *moves: Move, born: str, labels: dict[str, str]) -> None:
        self.moves = moves
        self.born = born
        self.labels = labels
        self.states = tuple(labels)
        strangers = {s for m in moves for s in (m.source, m.target)} - set(labels)
        if strangers:
            raise ValueError(f"states without a label: {strangers}")

    def find(self, state: str, verb: str, who: Iterable[Party]) -> Move:
        """Return the move that one of the parties may make; MoveRefused (409) or NotYourTurn (403) if there is none."""
        rows = [m for m in self.moves if m.source == state and m.verb == verb]
        if not rows:
            raise MoveRefused(f"It stands at “{self.labels[state]}”.", state=state, label=self.labels[state], verb=verb)
        parties = set(who)
        for row in rows:
            if row.who in parties:
                return row
        raise NotYourTurn(f"It stands at “{self.labels[state]}”.", state=state, label=self.labels[state], verb=verb)

    def moves_from(self, state: str, who: Iterable[Party] | None = None) -> list[Move]:
        """Return the moves out of a state, of some parties or of all."""
        parties = None if who is None else set(who)
        return [m for m in self.moves if m.source == state and (parties is None or m.who in parties)]

    def is_final(self, state: str) -> bool:
        """Tell whether nothing leads out of the state."""
        return not self.moves_from(state)
