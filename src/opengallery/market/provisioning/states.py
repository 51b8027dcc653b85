"""The life of an exchange with a seller's system: asked, asked again each hour, given up, begun again (D10, AT-43)."""

from opengallery.kit.actor import Party
from opengallery.kit.states import Life, Move

WAITING, RETRYING, STOPPED = "provisioning_waiting", "provisioning_retrying", "provisioning_stopped"
PROVISIONED, ENDED = "provisioned", "provisioning_ended"

#        in         may                      who           leads to
EXCHANGE = Life(
    Move(WAITING,  "complete_provisioning", Party.CLOCK,  PROVISIONED),
    Move(WAITING,  "fail_provisioning",     Party.CLOCK,  RETRYING),
    Move(WAITING,  "stop_provisioning",     Party.CLOCK,  STOPPED),  # no outcome was ever written: crashes
    Move(RETRYING, "complete_provisioning", Party.CLOCK,  PROVISIONED),
    Move(RETRYING, "repeat_failure",        Party.CLOCK,  RETRYING),
    Move(RETRYING, "stop_provisioning",     Party.CLOCK,  STOPPED),
    Move(RETRYING, "restart_provisioning",  Party.SELLER, WAITING),
    Move(STOPPED,  "restart_provisioning",  Party.SELLER, WAITING),
    *(Move(state,  "end_provisioning",      Party.CLOCK,  ENDED) for state in (WAITING, RETRYING)),
    born=WAITING,
    labels={
        WAITING: "Waiting for the seller's system",
        RETRYING: "Failed; tried again each hour",
        STOPPED: "Failed; no further automatic call",
        PROVISIONED: "Provisioned",
        ENDED: "No longer needed",
    },
)  # fmt: skip
FAILED = (RETRYING, STOPPED)
OPEN = (WAITING, RETRYING)
