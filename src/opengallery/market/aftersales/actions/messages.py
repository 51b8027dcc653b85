"""A step of a ticket with what is said in it: the words, the files, the new deadline."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from opengallery.kit.actor import Actor
from opengallery.kit.models import StoredFile
from opengallery.kit.problems import InvalidInput
from opengallery.market.aftersales import rules, states
from opengallery.market.aftersales.models import Message, MessageFile, Ticket
from opengallery.market.journal.models import Fact
from opengallery.market.policy.models import Policy, holidays
from opengallery.market.sellers.models import Seller


def take_step(ticket: Ticket, verb: str, *, by: Actor, at: datetime, text: str = "", files: Sequence[StoredFile] = (),
              may_be_silent: bool = False) -> Fact:  # fmt: skip
    """Make a move of a ticket with its message.

    Refused before the words are looked at: MoveRefused, NotYourTurn; then InvalidInput at text. What comes in while it
    is somebody else's turn moves no deadline. The clock acts only if the timer is still the one that it saw.
    """
    step = ticket.life.find(ticket.state, verb, ticket.parties_of(by))
    if text.strip() or files or not may_be_silent:
        check_text(text)
    said = bool(text.strip())
    added = step.source == step.target != states.WAIT_BUYER
    also = {"state_since": ticket.state_since} if added else waits(ticket, verb, step.target, at)
    fact = ticket.move(
        verb, by=by, at=at, note=text.strip() or silence(by, step.source),
        data={"files": written(files)} if said else None,
        also=also, count="messages_count" if said else "",
        only_if=("due_at = %s", ticket.due_at) if by.is_clock else None,
    )  # fmt: skip
    if said:
        keep_message(ticket, side=step.who.value, verb=verb, text=text, files=files, by=by, at=at)
    return fact


def waits(ticket: Ticket, verb: str, target: str, at: datetime) -> dict[str, Any]:
    """The columns of where the ticket is from now on, and until when."""
    route = states.LEADS_TO.get(verb, ticket.route)
    columns = {"route": route, **timers(ticket.seller_id, target, at)}
    return columns | ({"escalated_at": at} if verb == "escalate_ticket" else {})


def timers(seller_id: int, state: str, at: datetime) -> dict[str, datetime | None]:
    """When the clock acts in a state that begins now, and when the operator should have decided."""
    policy = Policy.at(at)
    if state in (states.OPEN, states.ANSWERING):
        seller = Seller.objects.filter(pk=seller_id).first()
        allowed = timedelta(hours=policy["ticket_answer_hours"])
        return {"due_at": rules.answer_by(at, allowed, seller.hours if seller else None), "decide_by": None}
    if state in (states.WAIT_BUYER, states.RESOLVED):
        return {"due_at": at + timedelta(days=policy["ticket_close_days"]), "decide_by": None}
    days = policy["ticket_decision_days"]
    return {"due_at": None, "decide_by": rules.decide_by(at, days, holidays()) if state == states.ESCALATED else None}


def check_text(text: str) -> None:
    """InvalidInput at text unless it is 1 to 2,000 characters."""
    error = rules.text_error(text, most=rules.TEXT_MAX, what="A message")
    if error:
        raise InvalidInput({"text": [error]})


def silence(by: Actor, state: str) -> str:
    """Why the clock acts."""
    if not by.is_clock:
        return ""
    return {
        states.OPEN: "The seller has not accepted it in time.",
        states.ANSWERING: "The seller has not answered in time.",
        states.WAIT_BUYER: "The customer has not come back to it.",
    }.get(state, "")


def written(files: Sequence[StoredFile]) -> list[dict[str, Any]]:
    """The files as a fact keeps them."""
    return [{"file": file.key, "name": file.name, "size": file.size, "sha256": file.sha256} for file in files]


def keep_message(ticket: Ticket, *, side: str, verb: str, text: str, files: Sequence[StoredFile], by: Actor,
                 at: datetime) -> Message:  # fmt: skip
    """Write the message under the number that the guarded update gave it."""
    message = Message.objects.create(
        ticket=ticket,
        version=ticket.messages_count,
        side=side,
        author=by.name,
        verb=verb,
        text=text.strip(),
        sent_at=at,
    )
    MessageFile.objects.bulk_create(MessageFile(message=message, file=file) for file in files)
    return message
