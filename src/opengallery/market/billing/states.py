"""The life of a bill. The run draws it straight into approval; invoice and payout follow in rows of their own."""

from opengallery.kit.actor import Party
from opengallery.kit.states import Life, Move

PENDING_APPROVAL, SETTLED_ZERO = "pending_approval", "settled_zero"

BILL = Life(
    Move(PENDING_APPROVAL, "settle_zero", Party.CLOCK, SETTLED_ZERO),
    born=PENDING_APPROVAL,
    labels={PENDING_APPROVAL: "Pending approval", SETTLED_ZERO: "Settled (zero)"},
)

# How far a line's service supervision is, as billing sees it (spec 2.1).
NOT_SUPERVISED, IN_PROGRESS, SUPERVISED, TERMINATED = "na", "in_progress", "completed", "terminated"
SUPERVISION = {
    NOT_SUPERVISED: "N/A",
    IN_PROGRESS: "In progress",
    SUPERVISED: "Completed",
    TERMINATED: "Terminated",
}
