"""The lives of a service flow, put together from shared rows (spec 2.1 to 2.3)."""

from opengallery.kit.actor import Party
from opengallery.kit.states import Life, Move

WAIT_DELIVERY, WAIT_ACCEPTANCE, COMPLETED = "wait_delivery", "wait_acceptance", "completed"

LABELS = {
    WAIT_DELIVERY: "Waiting for the seller to provide the service",
    WAIT_ACCEPTANCE: "Waiting for the user to confirm acceptance",
    COMPLETED: "Completed",
}

#        in               may                   who           leads to
DELIVERY = (
    Move(WAIT_DELIVERY,   "deliver_service",    Party.SELLER, WAIT_ACCEPTANCE),
)  # fmt: skip
ACCEPTANCE = (
    Move(WAIT_ACCEPTANCE, "accept_delivery",    Party.BUYER,  COMPLETED),
    Move(WAIT_ACCEPTANCE, "reject_delivery",    Party.BUYER,  WAIT_DELIVERY),
    Move(COMPLETED,       "retract_acceptance", Party.BUYER,  WAIT_ACCEPTANCE),  # until the order completes
)  # fmt: skip
LIVES = {
    "license": Life(*DELIVERY, *ACCEPTANCE, born=WAIT_DELIVERY, labels=LABELS),
}

# Whose turn it is in a state.
TURN = {WAIT_DELIVERY: Party.SELLER, WAIT_ACCEPTANCE: Party.BUYER}

FILE_KINDS = {
    "sow": "SOW / request document",
    "acceptance": "Acceptance document",
    "validity_screenshot": "Screenshot of the authorization validity",
    "deployment_proof": "Proof of the deployment scenario",
    "other": "Other proof",
}
