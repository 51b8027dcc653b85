"""The verbs of supervision."""

from opengallery.market.supervision.actions.accept_delivery import accept_delivery
from opengallery.market.supervision.actions.appeals import decide_appeal, file_appeal
from opengallery.market.supervision.actions.codes import activate_code, collect_code, prove_activation
from opengallery.market.supervision.actions.decisions import override_flow
from opengallery.market.supervision.actions.deliver_service import deliver_service
from opengallery.market.supervision.actions.end_flow import end_flow
from opengallery.market.supervision.actions.holding import hold_flow, release_flow
from opengallery.market.supervision.actions.press import press_flows
from opengallery.market.supervision.actions.reject_delivery import reject_delivery
from opengallery.market.supervision.actions.remind_seller import remind_seller
from opengallery.market.supervision.actions.requests import (
    accept_request,
    reject_request,
    submit_request,
    withdraw_request,
)
from opengallery.market.supervision.actions.retract_acceptance import retract_acceptance
from opengallery.market.supervision.actions.review_delivery import approve_delivery, send_back_delivery
from opengallery.market.supervision.actions.ship_goods import note_sign_off, ship_goods
from opengallery.market.supervision.actions.start_fulfilment import start_fulfilment

__all__ = [
    "accept_delivery", "accept_request", "activate_code", "approve_delivery", "collect_code", "decide_appeal",
    "deliver_service", "end_flow", "file_appeal", "hold_flow", "note_sign_off", "override_flow", "press_flows",
    "prove_activation", "reject_delivery", "reject_request", "release_flow", "remind_seller", "retract_acceptance",
    "send_back_delivery", "ship_goods", "start_fulfilment", "submit_request", "withdraw_request",
]  # fmt: skip
