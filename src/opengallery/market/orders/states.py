"""Two lives: an order (spec 2.6) and a resource (spec 2.8)."""

from opengallery.kit.actor import Party
from opengallery.kit.states import Life, Move

PENDING_PAYMENT, PROCESSING, COMPLETED, CANCELED = "pending_payment", "processing", "completed", "canceled"
PENDING_APPROVAL = "pending_approval"

ORDER = Life(
    Move(PENDING_APPROVAL, "approve_order", Party.BUYER, PENDING_PAYMENT),
    Move(PENDING_APPROVAL, "decline_order", Party.BUYER, CANCELED),
    Move(PENDING_APPROVAL, "cancel_order", Party.BUYER, CANCELED),
    Move(PENDING_APPROVAL, "cancel_order", Party.CLOCK, CANCELED),
    Move(PENDING_PAYMENT, "pay_order", Party.BUYER, PROCESSING),
    Move(PENDING_PAYMENT, "cancel_order", Party.BUYER, CANCELED),
    Move(PENDING_PAYMENT, "cancel_order", Party.CLOCK, CANCELED),
    Move(PROCESSING, "complete_order", Party.CLOCK, COMPLETED),
    born=PENDING_PAYMENT,
    labels={
        PENDING_APPROVAL: "Pending approval",
        PENDING_PAYMENT: "Pending payment",
        PROCESSING: "Processing",
        COMPLETED: "Completed",
        CANCELED: "Canceled",
    },
)

UNFINISHED = (PENDING_APPROVAL, PENDING_PAYMENT, PROCESSING)

PENDING, ACTIVE, GRACE, FROZEN, RELEASED = "pending", "active", "grace", "frozen", "released"

# What the clock does to a resource follows from an acceptance, a retraction, a paid renewal, a refund, or a date.
RESOURCE = Life(
    Move(PENDING, "start_resource", Party.CLOCK, ACTIVE),
    Move(ACTIVE, "expire_resource", Party.CLOCK, GRACE),
    Move(GRACE, "freeze_resource", Party.CLOCK, FROZEN),
    Move(FROZEN, "release_resource", Party.CLOCK, RELEASED),
    *(Move(state, "end_resource", Party.CLOCK, RELEASED) for state in (PENDING, ACTIVE, GRACE, FROZEN)),
    *(Move(state, "withdraw_start", Party.CLOCK, PENDING) for state in (ACTIVE, GRACE, FROZEN, RELEASED)),
    *(Move(state, "renew_resource", Party.CLOCK, ACTIVE) for state in (ACTIVE, GRACE, FROZEN)),
    born=PENDING,
    labels={
        PENDING: "Pending",
        ACTIVE: "Active",
        GRACE: "Grace period",
        FROZEN: "Frozen",
        RELEASED: "Released",
    },
)
# The step that each state's due time brings.
AGEING = {ACTIVE: "expire_resource", GRACE: "freeze_resource", FROZEN: "release_resource"}

NEW, RENEW, UNSUBSCRIBE = "new", "renew", "unsubscribe"
ORDER_TYPES = {NEW: "New", RENEW: "Renewal", UNSUBSCRIBE: "Unsubscription"}
