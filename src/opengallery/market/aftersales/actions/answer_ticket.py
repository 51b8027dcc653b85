"""The seller answers, or the platform once it has the ticket; then it is the buyer's turn."""

from collections.abc import Sequence
from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.models import StoredFile
from opengallery.kit.verbs import atomic
from opengallery.market.aftersales.actions.messages import take_step
from opengallery.market.aftersales.models import Ticket


@atomic
def answer_ticket(ticket: Ticket, *, text: str, files: Sequence[StoredFile] = (), by: Actor, at: datetime) -> None:
    """Answer a ticket. From the seller while the platform has it: its side of it, and the platform still decides.

    InvalidInput at text; MoveRefused, NotYourTurn.
    """
    take_step(ticket, "answer_ticket", text=text, files=files, by=by, at=at)
