"""The buyer reminds the seller, at most once a day (B-3, Q11)."""

from datetime import datetime

from opengallery.kit.actor import Actor, Party
from opengallery.kit.problems import MoveRefused, NotYourTurn, OnHold
from opengallery.kit.verbs import atomic
from opengallery.market.journal.models import record
from opengallery.market.supervision import states
from opengallery.market.supervision.models import Flow
from opengallery.market.supervision.problems import TooSoonToRemind


@atomic
def remind_seller(flow: Flow, *, by: Actor, at: datetime) -> None:
    """Send the seller a reminder. Only while the seller is to act (MoveRefused); not again within the cool-down.

    OnHold while an appeal is open; the review of an unsubscription stops no reminder (Q6).
    """
    if Party.BUYER not in flow.parties_of(by):
        raise NotYourTurn
    now = Flow.objects.with_order().select_for_update(of=("self",)).get(pk=flow.pk)
    if now.turn != Party.SELLER:
        raise MoveRefused(f"It stands at “{now.label}”.", state=now.state, label=now.label, verb="remind_seller")
    if now.held_by == states.APPEAL:
        raise OnHold(now.hold_label, state=now.state, label=now.label, verb="remind_seller")
    if not now.may_remind(at) and now.reminded_at:
        again = now.reminded_at + now.line.terms.reminder_cooldown
        raise TooSoonToRemind(f"The next reminder is possible from {again:%Y-%m-%d %H:%M} UTC.")
    Flow.objects.filter(pk=flow.pk).update(reminded_at=at)
    flow.reminded_at = at
    record(flow, "remind_seller", by=by, at=at)
