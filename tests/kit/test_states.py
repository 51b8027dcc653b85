"""A life is a table; what is not in it cannot be done."""

import pytest

from opengallery.kit.actor import Party
from opengallery.kit.problems import MoveRefused, NotYourTurn
from opengallery.kit.states import Life, Move

DOOR = Life(
    Move("open", "shut", Party.BUYER, "closed"),
    Move("open", "shut", Party.CLOCK, "locked"),
    Move("closed", "lock", Party.SELLER, "locked"),
    born="open",
    labels={"open": "Open", "closed": "Closed", "locked": "Locked"},
)


def test_a_move_depends_on_who_makes_it():
    assert DOOR.find("open", "shut", {Party.BUYER}).target == "closed"
    assert DOOR.find("open", "shut", {Party.CLOCK}).target == "locked"


def test_the_others_are_told_that_it_is_not_their_turn():
    with pytest.raises(NotYourTurn) as refusal:
        DOOR.find("open", "shut", {Party.SELLER, Party.OPERATOR})
    assert refusal.value.document() == {
        "type": "/problems/not-your-turn", "title": "This step belongs to the other party.", "status": 403,
        "detail": "It stands at “Open”.", "state": "open", "label": "Open", "verb": "shut",
    }  # fmt: skip


def test_what_is_not_in_the_table_is_refused():
    with pytest.raises(MoveRefused) as refusal:
        DOOR.find("locked", "shut", set(Party))
    assert refusal.value.document() == {
        "type": "/problems/move-refused", "title": "That step is not open now.", "status": 409,
        "detail": "It stands at “Locked”.", "state": "locked", "label": "Locked", "verb": "shut",
    }  # fmt: skip


def test_buttons_and_ends():
    assert [move.who for move in DOOR.moves_from("open")] == [Party.BUYER, Party.CLOCK]
    assert DOOR.moves_from("open", {Party.SELLER}) == []
    assert [state for state in DOOR.states if DOOR.is_final(state)] == ["locked"]


def test_every_state_has_a_label():
    with pytest.raises(ValueError, match="without a label"):
        Life(Move("open", "shut", Party.BUYER, "closed"), born="open", labels={"open": "Open"})
