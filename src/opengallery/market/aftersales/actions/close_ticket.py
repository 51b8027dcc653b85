"""A ticket ends for good: by the clock when nobody comes back to it, or by the platform."""

from collections.abc import Sequence
from datetime import datetime

from opengallery.kit.actor import CLOCK, Actor
from opengallery.kit.models import StoredFile
from opengallery.kit.verbs import PUT_OFF, atomic, press_each
from opengallery.market.aftersales.actions.escalate_ticket import escalate_ticket
from opengallery.market.aftersales.actions.messages import take_step
from opengallery.market.aftersales.models import Ticket


@atomic
def close_ticket(ticket: Ticket, *, text: str = "", files: Sequence[StoredFile] = (), by: Actor,
                 at: datetime) -> None:  # fmt: skip
    """Close a ticket; the platform says why: InvalidInput at text. MoveRefused, NotYourTurn."""
    take_step(ticket, "close_ticket", text=text, files=files, may_be_silent=by.is_clock, by=by, at=at)


BY_CLOCK = {"escalate_ticket": escalate_ticket, "close_ticket": close_ticket}


def press_due_tickets(*, until: datetime) -> int:
    """Let the clock escalate or close each ticket whose time is over, at its own due instant; return how many."""
    due = Ticket.objects.filter(due_at__lte=until).order_by("due_at", "pk")
    return press_each(
        list(due.select_related("order")[:500]),
        press,
        put_off=lambda ticket: due.filter(pk=ticket.pk).update(due_at=until + PUT_OFF),
    )


def press(ticket: Ticket) -> None:
    """The one thing that the clock may do to a ticket in its state."""
    [step] = ticket.moves_for(CLOCK)
    assert ticket.due_at is not None
    BY_CLOCK[step.verb](ticket, by=CLOCK, at=ticket.due_at)
