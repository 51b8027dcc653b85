"""The verbs of supervision."""

from opengallery.market.supervision.actions.accept_delivery import accept_delivery
from opengallery.market.supervision.actions.deliver_service import deliver_service
from opengallery.market.supervision.actions.reject_delivery import reject_delivery
from opengallery.market.supervision.actions.remind_seller import remind_seller
from opengallery.market.supervision.actions.retract_acceptance import retract_acceptance
from opengallery.market.supervision.actions.start_fulfilment import start_fulfilment

__all__ = [
    "accept_delivery", "deliver_service", "reject_delivery", "remind_seller", "retract_acceptance", "start_fulfilment",
]  # fmt: skip
