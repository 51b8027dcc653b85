"""The lives of a service flow, put together from shared rows (spec 2.1 to 2.3)."""

from opengallery.kit.actor import Party
from opengallery.kit.states import Life, Move

WAIT_REQUEST, WAIT_REQUEST_CONFIRM = "wait_request", "wait_request_confirm"
WAIT_DELIVERY, WAIT_ACCEPTANCE = "wait_delivery", "wait_acceptance"
WAIT_CODE_PICKUP, WAIT_CODE_ACTIVATION = "wait_code_pickup", "wait_code_activation"
WAIT_PLATFORM_REVIEW = "wait_platform_review"
COMPLETED, TERMINATED = "completed", "terminated"

LABELS = {
    WAIT_REQUEST: "Waiting for the user to submit a request",
    WAIT_REQUEST_CONFIRM: "Waiting for the seller to confirm the request",
    WAIT_DELIVERY: "Waiting for the seller to provide the service",
    WAIT_CODE_PICKUP: "Waiting for the user to collect the authorization code",
    WAIT_CODE_ACTIVATION: "Authorization code activation",
    WAIT_PLATFORM_REVIEW: "Platform review",
    WAIT_ACCEPTANCE: "Waiting for the user to confirm acceptance",
    COMPLETED: "Completed",
    TERMINATED: "Terminated (unsubscribed)",
}

#        in                    may                   who           leads to
REQUEST = (
    Move(WAIT_REQUEST,         "submit_request",     Party.BUYER,  WAIT_REQUEST_CONFIRM),
    Move(WAIT_REQUEST_CONFIRM, "accept_request",     Party.SELLER, WAIT_DELIVERY),
    Move(WAIT_REQUEST_CONFIRM, "reject_request",     Party.SELLER, WAIT_REQUEST),
    Move(WAIT_REQUEST_CONFIRM, "withdraw_request",   Party.BUYER,  WAIT_REQUEST),  # Q30
)  # fmt: skip
CODE_REQUEST = (
    Move(WAIT_REQUEST,         "submit_request",     Party.BUYER,  WAIT_DELIVERY),  # the code of a machine: no answer
)  # fmt: skip
DELIVERY = (
    Move(WAIT_DELIVERY,        "deliver_service",    Party.SELLER, WAIT_ACCEPTANCE),
)  # fmt: skip
REVIEWED_DELIVERY = (
    Move(WAIT_DELIVERY,        "deliver_service",    Party.SELLER, WAIT_PLATFORM_REVIEW),
    Move(WAIT_PLATFORM_REVIEW, "approve_delivery",   Party.OPERATOR, WAIT_ACCEPTANCE),
    Move(WAIT_PLATFORM_REVIEW, "send_back_delivery", Party.OPERATOR, WAIT_DELIVERY),
)  # fmt: skip
SHIPPING = (
    Move(WAIT_DELIVERY,        "ship_goods",         Party.SELLER, WAIT_ACCEPTANCE),
)  # fmt: skip
CODE = (
    Move(WAIT_DELIVERY,        "deliver_service",    Party.SELLER, WAIT_CODE_PICKUP),
    Move(WAIT_CODE_PICKUP,     "collect_code",       Party.BUYER,  WAIT_CODE_ACTIVATION),
    Move(WAIT_CODE_ACTIVATION, "activate_code",      Party.SELLER, WAIT_CODE_ACTIVATION),  # by the seller's software
    Move(WAIT_CODE_ACTIVATION, "prove_activation",   Party.SELLER, COMPLETED),
)  # fmt: skip
ACCEPTANCE = (
    Move(WAIT_ACCEPTANCE,      "accept_delivery",    Party.BUYER,  COMPLETED),
    Move(WAIT_ACCEPTANCE,      "accept_delivery",    Party.CLOCK,  COMPLETED),  # signed for, or switched on
    Move(WAIT_ACCEPTANCE,      "reject_delivery",    Party.BUYER,  WAIT_DELIVERY),
    Move(COMPLETED,            "retract_acceptance", Party.BUYER,  WAIT_ACCEPTANCE),  # until its grace is over
)  # fmt: skip


def ends(*states: str) -> tuple[Move, ...]:
    """What the operator may decide in these states (2.4, beyond 13); what a refund or the cap leads to (F16, F17)."""
    return (
        *(Move(state, "return_to_seller", Party.OPERATOR, WAIT_DELIVERY) for state in states if state != WAIT_DELIVERY),
        *(Move(state, "accept_for_buyer", Party.OPERATOR, COMPLETED) for state in states),
        *(Move(state, "end_flow", Party.OPERATOR, TERMINATED) for state in states),
        *(Move(state, "end_flow", Party.CLOCK, TERMINATED) for state in states),
        *(Move(state, "close_flow", Party.CLOCK, COMPLETED) for state in states),
    )


def life(*parts: tuple[Move, ...]) -> Life:
    """Put the parts of one template together; it is born where the first part begins."""
    rows = [row for part in parts for row in part]
    reached = {state for row in rows for state in (row.source, row.target)} | {TERMINATED}
    running = [state for state in LABELS if state in reached - {COMPLETED, TERMINATED}]
    return Life(
        *rows,
        *ends(*running),
        Move(COMPLETED, "end_flow", Party.CLOCK, TERMINATED),  # undone by agreement inside the grace (Q12)
        born=rows[0].source,
        labels={state: label for state, label in LABELS.items() if state in reached},
    )


def both(template: str, before: tuple[tuple[Move, ...], ...] = ()) -> dict[str, Life]:
    """A template without the platform's review, and with it: "standard", "standard_reviewed"."""
    return {
        template: life(*before, DELIVERY, ACCEPTANCE),
        f"{template}_reviewed": life(*before, REVIEWED_DELIVERY, ACCEPTANCE),
    }


LIVES = {
    **both("license"),
    **both("standard", (REQUEST,)),
    **both("license_idcode", (CODE_REQUEST,)),
    "hardware": life(SHIPPING, ACCEPTANCE),
    "license_code": life(CODE),
    # The package lies ready to download: the customer's turn is first; after a rejection the seller mends it.
    "license_package": Life(
        *(package := life(DELIVERY, ACCEPTANCE)).moves, born=WAIT_ACCEPTANCE, labels=package.labels
    ),
}


def life_of(template: str, *, reviewed: bool) -> str:
    """The name of the life that a new flow gets."""
    return f"{template}_reviewed" if reviewed and f"{template}_reviewed" in LIVES else template


# Whose turn it is in a state.
TURN = {
    WAIT_REQUEST: Party.BUYER,
    WAIT_REQUEST_CONFIRM: Party.SELLER,
    WAIT_DELIVERY: Party.SELLER,
    WAIT_CODE_PICKUP: Party.BUYER,
    WAIT_CODE_ACTIVATION: Party.SELLER,
    WAIT_PLATFORM_REVIEW: Party.OPERATOR,
    WAIT_ACCEPTANCE: Party.BUYER,
}

# What stops a flow, and how people read it.
APPEAL, UNSUBSCRIPTION = "appeal", "unsubscription"
HOLDS = {
    APPEAL: "An appeal is open: nobody can act until the operator has decided it.",
    UNSUBSCRIPTION: "An unsubscription is under review: the flow waits until it is closed.",
}

OPEN, DECIDED = "open", "decided"
APPEAL_LIFE = Life(
    Move(OPEN, "decide_appeal", Party.OPERATOR, DECIDED),
    born=OPEN,
    labels={OPEN: "Open", DECIDED: "Decided"},
)

FILE_KINDS = {
    "sow": "SOW / request document",
    "acceptance": "Acceptance document",
    "validity_screenshot": "Screenshot of the authorization validity",
    "deployment_proof": "Proof of the deployment scenario",
    "other": "Other proof",
}

# What an appeal is about: who may say so, how people read it, and which file it needs (P9, P10).
APPEAL_GROUNDS = {
    "customer_unreachable": (Party.SELLER, "The customer cannot be reached after the delivery", "letter_of_commitment"),
    "customer_does_not_accept": (Party.SELLER, "The customer has not accepted for a long time", "delivery_proof"),
    "customer_rejects_wrongly": (Party.SELLER, "The customer rejects what was agreed", ""),
    "seller_does_not_deliver": (Party.BUYER, "The seller does not deliver", ""),
    "delivery_not_as_agreed": (Party.BUYER, "The delivery is not what was agreed", ""),
    "seller_rejects_requests": (Party.BUYER, "The seller rejects the requests", ""),
    "other_buyer": (Party.BUYER, "Another reason", ""),
    "other_seller": (Party.SELLER, "Another reason", ""),
}
APPEAL_FILE_KINDS = {
    "letter_of_commitment": "Letter of Commitment on Requesting Appeal Handling",
    "delivery_proof": "Proof of the delivery",
    "other": "Other proof",
}
DECISIONS = {
    "resume": "Resume: the flow goes on where it stood",
    "return_to_seller": "Return to the seller: the service is to be delivered again",
    "accept_for_buyer": "Accept for the customer: the delivery counts as accepted",
    "terminate_and_refund": "Terminate and refund",
}
