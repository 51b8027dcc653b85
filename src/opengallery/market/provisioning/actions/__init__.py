"""The verbs of provisioning."""

from opengallery.market.provisioning.actions.call_endpoints import call_due_endpoints
from opengallery.market.provisioning.actions.restart_provisioning import restart_provisioning
from opengallery.market.provisioning.actions.start_provisioning import start_provisioning

__all__ = ["call_due_endpoints", "restart_provisioning", "start_provisioning"]
