"""The platform decides an escalated ticket; both sides read the decision."""

from collections.abc import Sequence
from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.models import StoredFile
from opengallery.kit.verbs import atomic
from opengallery.market.aftersales.actions.messages import take_step
from opengallery.market.aftersales.models import Ticket


@atomic
def decide_ticket(ticket: Ticket, *, text: str, files: Sequence[StoredFile] = (), by: Actor, at: datetime) -> None:
    """Decide a ticket; the buyer can still open it again until it is closed.

    InvalidInput at text; MoveRefused, NotYourTurn.
    """
    take_step(ticket, "decide_ticket", text=text, files=files, by=by, at=at)
