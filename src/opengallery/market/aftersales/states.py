"""The lives of a ticket and of a rating (money spec 15.1, supervision spec 5.4, 5.6, S-11)."""

from opengallery.kit.actor import Party
from opengallery.kit.states import Life, Move

OPEN, ANSWERING, WAIT_BUYER = "open", "answering", "wait_buyer"
ESCALATED, RESOLVED, CLOSED = "escalated", "resolved", "closed"

LABELS = {
    OPEN: "Open",
    ANSWERING: "Seller answering",
    WAIT_BUYER: "Waiting for buyer",
    ESCALATED: "Escalated",
    RESOLVED: "Resolved",
    CLOSED: "Closed",
}
# How the seller's own list calls them: accept, processing, waiting for customer feedback (L33).
SELLER_LABELS = LABELS | {
    OPEN: "To be accepted",
    ANSWERING: "Processing",
    WAIT_BUYER: "Waiting for customer feedback",
}

#        in             may                who              leads to
AT_THE_SELLER = (
    Move(OPEN,          "accept_ticket",   Party.SELLER,    ANSWERING),
    Move(ANSWERING,     "answer_ticket",   Party.SELLER,    WAIT_BUYER),
    Move(WAIT_BUYER,    "answer_ticket",   Party.SELLER,    WAIT_BUYER),  # one thing more
    Move(OPEN,          "reply_ticket",    Party.BUYER,     OPEN),
    Move(ANSWERING,     "reply_ticket",    Party.BUYER,     ANSWERING),
    Move(WAIT_BUYER,    "reply_ticket",    Party.BUYER,     ANSWERING),
    *(
        Move(state,     "escalate_ticket", who,             ESCALATED)
        for state in (OPEN, ANSWERING, WAIT_BUYER) for who in (Party.BUYER, Party.OPERATOR)
    ),
    Move(OPEN,          "escalate_ticket", Party.CLOCK,     ESCALATED),  # the seller cannot be reached
    Move(ANSWERING,     "escalate_ticket", Party.CLOCK,     ESCALATED),
    Move(OPEN,          "resolve_ticket",  Party.BUYER,     RESOLVED),
    Move(ANSWERING,     "resolve_ticket",  Party.BUYER,     RESOLVED),
    Move(RESOLVED,      "reopen_ticket",   Party.BUYER,     ANSWERING),
)  # fmt: skip
AT_THE_PLATFORM = (
    Move(WAIT_BUYER,    "answer_ticket",   Party.OPERATOR,  WAIT_BUYER),
    Move(WAIT_BUYER,    "reply_ticket",    Party.BUYER,     ESCALATED),
    Move(WAIT_BUYER,    "close_ticket",    Party.OPERATOR,  CLOSED),
    Move(RESOLVED,      "reopen_ticket",   Party.BUYER,     ESCALATED),
    Move(RESOLVED,      "close_ticket",    Party.OPERATOR,  CLOSED),
)  # fmt: skip
ESCALATION = (
    Move(ESCALATED,     "answer_ticket",   Party.OPERATOR,  WAIT_BUYER),
    Move(ESCALATED,     "answer_ticket",   Party.SELLER,    ESCALATED),  # its side of it
    Move(ESCALATED,     "reply_ticket",    Party.BUYER,     ESCALATED),
    Move(ESCALATED,     "return_ticket",   Party.OPERATOR,  ANSWERING),
    Move(ESCALATED,     "decide_ticket",   Party.OPERATOR,  RESOLVED),
    Move(ESCALATED,     "close_ticket",    Party.OPERATOR,  CLOSED),
    Move(ESCALATED,     "resolve_ticket",  Party.BUYER,     RESOLVED),
)  # fmt: skip
ENDING = (
    Move(WAIT_BUYER,    "resolve_ticket",  Party.BUYER,     RESOLVED),
    Move(WAIT_BUYER,    "close_ticket",    Party.CLOCK,     CLOSED),
    Move(RESOLVED,      "close_ticket",    Party.CLOCK,     CLOSED),
)  # fmt: skip

# With whom a ticket is: escalating takes it to the platform, returning it to the seller.
SELLER, PLATFORM = "seller", "platform"
TICKETS = {
    SELLER: Life(*AT_THE_SELLER, *ESCALATION, *ENDING, born=OPEN, labels=LABELS),
    PLATFORM: Life(
        *AT_THE_PLATFORM, *ESCALATION, *ENDING, born=ESCALATED,
        labels={state: label for state, label in LABELS.items() if state != OPEN},
    ),
}  # fmt: skip
ROUTES = {SELLER: "The seller", PLATFORM: "The platform"}
# What a step does to where the ticket is.
LEADS_TO = {"escalate_ticket": PLATFORM, "return_ticket": SELLER}

TURN = {OPEN: Party.SELLER, ANSWERING: Party.SELLER, WAIT_BUYER: Party.BUYER, ESCALATED: Party.OPERATOR}

UNDER_REVIEW, PUBLISHED, REFUSED, WITHDRAWN = "under_review", "published", "refused", "withdrawn"
RATING = Life(
    Move(UNDER_REVIEW, "publish_rating",  Party.OPERATOR, PUBLISHED),
    Move(UNDER_REVIEW, "refuse_rating",   Party.OPERATOR, REFUSED),
    Move(UNDER_REVIEW, "change_rating",   Party.BUYER,    UNDER_REVIEW),
    Move(UNDER_REVIEW, "withdraw_rating", Party.BUYER,    WITHDRAWN),
    Move(PUBLISHED,    "change_rating",   Party.BUYER,    UNDER_REVIEW),
    Move(PUBLISHED,    "reply_rating",    Party.SELLER,   PUBLISHED),
    Move(PUBLISHED,    "refuse_rating",   Party.OPERATOR, REFUSED),  # taken down again
    Move(REFUSED,      "change_rating",   Party.BUYER,    UNDER_REVIEW),
    Move(REFUSED,      "withdraw_rating", Party.BUYER,    WITHDRAWN),
    born=UNDER_REVIEW,
    labels={UNDER_REVIEW: "Under review", PUBLISHED: "Published", REFUSED: "Refused", WITHDRAWN: "Withdrawn"},
)  # fmt: skip

SCALES = {
    "product_quality": "Product quality",
    "delivery_speed": "Delivery speed",
    "service_attitude": "Service attitude",
}
