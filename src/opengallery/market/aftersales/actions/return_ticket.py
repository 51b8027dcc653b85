"""The platform gives a ticket back to the seller, and says what it expects."""

from collections.abc import Sequence
from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.models import StoredFile
from opengallery.kit.verbs import atomic
from opengallery.market.aftersales.actions.messages import take_step
from opengallery.market.aftersales.models import Ticket


@atomic
def return_ticket(ticket: Ticket, *, text: str, files: Sequence[StoredFile] = (), by: Actor, at: datetime) -> None:
    """Return a ticket to the seller, whose time to answer begins again.

    InvalidInput at text; MoveRefused, NotYourTurn.
    """
    take_step(ticket, "return_ticket", text=text, files=files, by=by, at=at)
