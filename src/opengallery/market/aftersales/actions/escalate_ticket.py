"""The seller does not help: the platform steps in (L01), asked by the buyer, by itself, or by the clock."""

from collections.abc import Sequence
from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.models import StoredFile
from opengallery.kit.verbs import atomic
from opengallery.market.aftersales.actions.messages import take_step
from opengallery.market.aftersales.models import Ticket


@atomic
def escalate_ticket(ticket: Ticket, *, text: str = "", files: Sequence[StoredFile] = (), by: Actor,
                    at: datetime) -> None:  # fmt: skip
    """Take a ticket to the platform, which is to decide within its working days.

    A person says why: InvalidInput at text. MoveRefused, NotYourTurn.
    """
    take_step(ticket, "escalate_ticket", text=text, files=files, may_be_silent=by.is_clock, by=by, at=at)
