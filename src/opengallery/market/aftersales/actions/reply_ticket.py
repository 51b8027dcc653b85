"""The buyer says more: an answer to a question, or what has come up since."""

from collections.abc import Sequence
from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.models import StoredFile
from opengallery.kit.verbs import atomic
from opengallery.market.aftersales.actions.messages import take_step
from opengallery.market.aftersales.models import Ticket


@atomic
def reply_ticket(ticket: Ticket, *, text: str, files: Sequence[StoredFile] = (), by: Actor, at: datetime) -> None:
    """Add to a ticket; after an answer it goes back to whoever gave it.

    InvalidInput at text; MoveRefused, NotYourTurn.
    """
    take_step(ticket, "reply_ticket", text=text, files=files, by=by, at=at)
