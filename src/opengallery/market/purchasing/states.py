"""Two lives: an organisation's purchasing rules, which are only ever changed, and a cost centre."""

from opengallery.kit.actor import Party
from opengallery.kit.states import Life, Move

IN_FORCE = "in_force"
RULE = Life(
    Move(IN_FORCE, "change_purchasing_rules", Party.BUYER, IN_FORCE),
    born=IN_FORCE,
    labels={IN_FORCE: "In force"},
)

OPEN, CLOSED = "open", "closed"
COST_CENTRE = Life(
    Move(OPEN, "change_cost_centre", Party.BUYER, OPEN),
    Move(OPEN, "close_cost_centre", Party.BUYER, CLOSED),
    Move(CLOSED, "reopen_cost_centre", Party.BUYER, OPEN),
    born=OPEN,
    labels={OPEN: "Open", CLOSED: "Closed"},
)
