"""The verbs of unsubscription."""

from opengallery.market.unsubscription.actions.closing import follow_appeal, stop_for_appeal
from opengallery.market.unsubscription.actions.press import press_reminders, press_unsubscriptions
from opengallery.market.unsubscription.actions.request_unsubscription import (
    possible,
    refusal_of,
    request_unsubscription,
    withdraw_unsubscription,
)
from opengallery.market.unsubscription.actions.review_unsubscription import (
    accept_return,
    agree_unsubscription,
    refuse_return,
    reject_unsubscription,
    send_return,
)

__all__ = [
    "accept_return", "agree_unsubscription", "follow_appeal", "possible", "press_reminders", "press_unsubscriptions",
    "refusal_of", "refuse_return", "reject_unsubscription", "request_unsubscription", "send_return", "stop_for_appeal",
    "withdraw_unsubscription",
]  # fmt: skip
