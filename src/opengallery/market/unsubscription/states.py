"""The life of a request to undo a purchase, with the return journey of goods (spec 2.7, money spec 12.3)."""

from opengallery.kit.actor import Party
from opengallery.kit.states import Life, Move

PENDING_REVIEW, WAIT_OPERATOR = "pending_review", "wait_operator"
WAIT_RETURN, WAIT_RETURN_CHECK = "wait_return", "wait_return_check"
REFUNDING, REFUNDED, REJECTED, WITHDRAWN = "refunding", "refunded", "rejected", "withdrawn"

LABELS = {
    PENDING_REVIEW: "Pending the seller's review",
    WAIT_OPERATOR: "Pending the operator's decision",
    WAIT_RETURN: "Waiting for the return shipment",
    WAIT_RETURN_CHECK: "Waiting for the check of the returned goods",
    REFUNDING: "Refunding",
    REFUNDED: "Refunded",
    REJECTED: "Rejected",
    WITHDRAWN: "Withdrawn",
}

UNSUBSCRIPTION = Life(
    #    in                 may                       who             leads to
    *(
        Move(state, verb, who, target)
        for state, reviewer in ((PENDING_REVIEW, Party.SELLER), (WAIT_OPERATOR, Party.OPERATOR))
        for verb, who, target in (
            ("withdraw_unsubscription", Party.BUYER, WITHDRAWN),
            ("agree_unsubscription", reviewer, REFUNDING),
            ("agree_with_return", reviewer, WAIT_RETURN),  # goods that have been shipped come back first
            ("reject_unsubscription", reviewer, REJECTED),
        )
    ),
    Move(PENDING_REVIEW, "pass_to_operator", Party.CLOCK, WAIT_OPERATOR),
    Move(WAIT_RETURN, "send_return", Party.BUYER, WAIT_RETURN_CHECK),
    Move(WAIT_RETURN, "withdraw_unsubscription", Party.BUYER, WITHDRAWN),
    Move(WAIT_RETURN, "lapse_unsubscription", Party.CLOCK, WITHDRAWN),
    Move(WAIT_RETURN_CHECK, "accept_return", Party.SELLER, REFUNDING),
    Move(WAIT_RETURN_CHECK, "accept_return", Party.CLOCK, REFUNDING),
    Move(WAIT_RETURN_CHECK, "refuse_return", Party.SELLER, WAIT_RETURN),
    Move(REFUNDING, "refund_unsubscription", Party.CLOCK, REFUNDED),
    # The operator's decision of an appeal ends the request, whatever its state (Q23).
    *(
        Move(state, "end_unsubscription", Party.OPERATOR, WITHDRAWN)
        for state in (PENDING_REVIEW, WAIT_OPERATOR, WAIT_RETURN, WAIT_RETURN_CHECK, REFUNDING)
    ),
    born=PENDING_REVIEW,
    labels=LABELS,
)

TURN = {
    PENDING_REVIEW: Party.SELLER,
    WAIT_OPERATOR: Party.OPERATOR,
    WAIT_RETURN: Party.BUYER,
    WAIT_RETURN_CHECK: Party.SELLER,
    REFUNDING: Party.CLOCK,
}

REASONS = {
    "no_longer_needed": "No longer needed",
    "not_delivered": "Not delivered in time",
    "not_as_described": "Not as described",
    "bought_by_mistake": "Bought by mistake",
    "other_product": "Another product is used instead",
    "agreed_with_seller": "Agreed with the seller",
    "other": "Another reason",
}
