"""The seller has seen a ticket and works on it (L33)."""

from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.verbs import atomic
from opengallery.market.aftersales.actions.messages import take_step
from opengallery.market.aftersales.models import Ticket


@atomic
def accept_ticket(ticket: Ticket, *, by: Actor, at: datetime) -> None:
    """Accept a ticket; the time to answer it begins. MoveRefused, NotYourTurn."""
    take_step(ticket, "accept_ticket", may_be_silent=True, by=by, at=at)
