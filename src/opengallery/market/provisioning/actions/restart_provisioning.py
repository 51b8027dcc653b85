"""The seller has mended the system: it is asked again, at once (S-9)."""

from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.verbs import atomic
from opengallery.market.provisioning.models import Exchange


@atomic
def restart_provisioning(exchange: Exchange, *, by: Actor, at: datetime) -> None:
    """Begin the calls anew. MoveRefused unless one failed; NotYourTurn for anybody but the seller."""
    exchange.move("restart_provisioning", by=by, at=at, also={"due_at": at, "tries": 0})
