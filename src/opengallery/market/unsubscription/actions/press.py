"""The clock's hand on requests: reminders, the operator's turn, returns that lapse or count, the refund."""

from datetime import datetime, timedelta

from opengallery.kit.actor import CLOCK
from opengallery.kit.problems import MoveRefused
from opengallery.kit.verbs import PUT_OFF, atomic, press_each
from opengallery.market.journal.models import record
from opengallery.market.unsubscription import states
from opengallery.market.unsubscription.actions.closing import lapse_unsubscription, refund_unsubscription
from opengallery.market.unsubscription.actions.request_unsubscription import REMINDERS
from opengallery.market.unsubscription.actions.review_unsubscription import accept_return
from opengallery.market.unsubscription.models import Unsubscription


@atomic
def remind_review(row: Unsubscription, *, at: datetime) -> None:
    """Remind the silent seller: 3 and 7 days after the request."""
    count = row.reminders + 1
    following = row.requested_at + timedelta(days=REMINDERS[count]) if count < len(REMINDERS) else None
    same = Unsubscription.objects.filter(pk=row.pk, state=row.state, remind_due_at=row.remind_due_at, held_by="")
    if not same.update(reminders=count, remind_due_at=following):
        raise MoveRefused
    record(row, "remind_review", by=CLOCK, at=at, was=row.state, to=row.state)


@atomic
def pass_to_operator(row: Unsubscription, *, at: datetime) -> None:
    """The seller has not answered in 15 days: the operator decides."""
    row.move("pass_to_operator", by=CLOCK, at=at, only_if=("due_at = %s", row.due_at),
             also={"due_at": None, "remind_due_at": None})  # fmt: skip


def step(row: Unsubscription, at: datetime) -> None:
    """Do what the row's due time brings in its state."""
    if row.state == states.PENDING_REVIEW:
        pass_to_operator(row, at=at)
    elif row.state == states.WAIT_RETURN:
        lapse_unsubscription(row, at=at)
    elif row.state == states.WAIT_RETURN_CHECK:
        accept_return(row, by=CLOCK, at=at)
    elif row.state == states.REFUNDING:
        refund_unsubscription(row, at=at)


def press_unsubscriptions(*, until: datetime) -> int:
    """Do what is due for each request, at its own due instant; return how many."""
    due = Unsubscription.objects.filter(due_at__lte=until, held_by="")
    return press_each(
        list(due.select_related("flow__line__order").order_by("due_at", "pk")[:500]),
        lambda row: step(row, at=row.due_at or until),
        put_off=lambda row: due.filter(pk=row.pk).update(due_at=until + PUT_OFF),
    )


def press_reminders(*, until: datetime) -> int:
    """Remind each seller whose time has come; return how many."""
    due = Unsubscription.objects.filter(remind_due_at__lte=until, held_by="")
    return press_each(
        list(due.select_related("flow__line__order").order_by("remind_due_at", "pk")[:500]),
        lambda row: remind_review(row, at=row.remind_due_at or until),
        put_off=lambda row: due.filter(pk=row.pk).update(remind_due_at=until + PUT_OFF),
    )
