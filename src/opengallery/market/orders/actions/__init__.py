"""The verbs of orders and resources."""

from opengallery.market.orders.actions.approve_order import approve_order, decline_order
from opengallery.market.orders.actions.cancel_order import cancel_order
from opengallery.market.orders.actions.change_address import change_address
from opengallery.market.orders.actions.complete_order import complete_orders
from opengallery.market.orders.actions.fulfil_line import (
    begin_grace,
    fulfil_line,
    hold_grace,
    lock_order,
    unfulfil_line,
)
from opengallery.market.orders.actions.pay_order import pay_order
from opengallery.market.orders.actions.place_order import LineChoice, place_order
from opengallery.market.orders.actions.refund_line import refund_line
from opengallery.market.orders.actions.renew_resource import extend_resource, renew_resource
from opengallery.market.orders.actions.resources import age_resource, start_resource, withdraw_start

__all__ = [
    "LineChoice", "age_resource", "approve_order", "begin_grace", "cancel_order", "change_address",
    "complete_orders", "decline_order", "extend_resource", "fulfil_line", "hold_grace", "lock_order", "pay_order",
    "place_order", "refund_line", "renew_resource", "start_resource", "unfulfil_line", "withdraw_start",
]  # fmt: skip
