"""The buyer has been helped."""

from collections.abc import Sequence
from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.models import StoredFile
from opengallery.kit.verbs import atomic
from opengallery.market.aftersales.actions.messages import take_step
from opengallery.market.aftersales.models import Ticket


@atomic
def resolve_ticket(ticket: Ticket, *, text: str = "", files: Sequence[StoredFile] = (), by: Actor,
                   at: datetime) -> None:  # fmt: skip
    """Mark a ticket as resolved, with a last word if wished; it closes by itself. MoveRefused, NotYourTurn."""
    take_step(ticket, "resolve_ticket", text=text, files=files, may_be_silent=True, by=by, at=at)
