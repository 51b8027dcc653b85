"""The life of a stand-in: appointed for a time, or dismissed before it is over."""

from opengallery.kit.actor import Party
from opengallery.kit.states import Life, Move

APPOINTED, DISMISSED = "appointed", "dismissed"
STAND_IN = Life(
    Move(APPOINTED, "dismiss_stand_in", Party.BUYER, DISMISSED),
    born=APPOINTED,
    labels={APPOINTED: "Appointed", DISMISSED: "Dismissed"},
)
