"""The buyer is not content with how a ticket was resolved."""

from collections.abc import Sequence
from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.models import StoredFile
from opengallery.kit.verbs import atomic
from opengallery.market.aftersales.actions.messages import take_step
from opengallery.market.aftersales.models import Ticket


@atomic
def reopen_ticket(ticket: Ticket, *, text: str, files: Sequence[StoredFile] = (), by: Actor, at: datetime) -> None:
    """Open a resolved ticket again: back to whoever had it.

    InvalidInput at text; MoveRefused, NotYourTurn.
    """
    take_step(ticket, "reopen_ticket", text=text, files=files, by=by, at=at)
