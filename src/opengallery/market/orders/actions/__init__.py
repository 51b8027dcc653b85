"""The verbs of orders and resources."""

from opengallery.market.orders.actions.cancel_order import cancel_order
from opengallery.market.orders.actions.complete_order import complete_orders
from opengallery.market.orders.actions.fulfil_line import fulfil_line, lock_order, unfulfil_line
from opengallery.market.orders.actions.pay_order import pay_order
from opengallery.market.orders.actions.place_order import LineChoice, place_order
from opengallery.market.orders.actions.renew_resource import extend_resource, renew_resource
from opengallery.market.orders.actions.resources import age_resource, start_resource, withdraw_start

__all__ = [
    "LineChoice", "age_resource", "cancel_order", "complete_orders", "extend_resource", "fulfil_line", "lock_order",
    "pay_order", "place_order", "renew_resource", "start_resource", "unfulfil_line", "withdraw_start",
]  # fmt: skip
