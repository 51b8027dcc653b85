"""What people and the clock do to tickets and ratings."""

from opengallery.market.aftersales.actions.accept_ticket import accept_ticket
from opengallery.market.aftersales.actions.answer_ticket import answer_ticket
from opengallery.market.aftersales.actions.change_rating import change_rating
from opengallery.market.aftersales.actions.close_ticket import close_ticket, press_due_tickets
from opengallery.market.aftersales.actions.decide_ticket import decide_ticket
from opengallery.market.aftersales.actions.escalate_ticket import escalate_ticket
from opengallery.market.aftersales.actions.open_ticket import open_ticket
from opengallery.market.aftersales.actions.publish_rating import publish_rating
from opengallery.market.aftersales.actions.rate_order import may_be_rated, rate_order
from opengallery.market.aftersales.actions.refuse_rating import refuse_rating
from opengallery.market.aftersales.actions.reopen_ticket import reopen_ticket
from opengallery.market.aftersales.actions.reply_rating import reply_rating
from opengallery.market.aftersales.actions.reply_ticket import reply_ticket
from opengallery.market.aftersales.actions.resolve_ticket import resolve_ticket
from opengallery.market.aftersales.actions.return_ticket import return_ticket
from opengallery.market.aftersales.actions.withdraw_rating import withdraw_rating

__all__ = [
    "accept_ticket",
    "answer_ticket",
    "change_rating",
    "close_ticket",
    "decide_ticket",
    "escalate_ticket",
    "may_be_rated",
    "open_ticket",
    "press_due_tickets",
    "publish_rating",
    "rate_order",
    "refuse_rating",
    "reopen_ticket",
    "reply_rating",
    "reply_ticket",
    "resolve_ticket",
    "return_ticket",
    "withdraw_rating",
]
