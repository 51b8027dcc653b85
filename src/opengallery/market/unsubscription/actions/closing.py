"""A request is over: the flow goes on, or ends with the refund (U5, U7, Q23)."""

from datetime import datetime, timedelta

from django.db.models import F

from opengallery.kit.actor import CLOCK, Actor
from opengallery.kit.verbs import atomic
from opengallery.market.orders.actions import begin_grace, lock_order
from opengallery.market.orders.models import OrderLine
from opengallery.market.supervision import states as flow_states
from opengallery.market.supervision.actions import end_flow, release_flow
from opengallery.market.supervision.models import Appeal, Flow
from opengallery.market.unsubscription.models import Unsubscription


def take_flow(row: Unsubscription) -> Flow:
    """Read the request's flow under its order's lock, which comes before the request's own row: whoever appeals, or
    accepts, or asks, takes the same way, so that no two of them ever wait for each other.
    """
    line = OrderLine.objects.get(flow=row.flow_id)
    lock_order(line)
    return Flow.objects.with_order().get(pk=row.flow_id)


def let_flow_go(row: Unsubscription, flow: Flow, *, at: datetime) -> None:
    """The flow that `take_flow` has read goes on where it was, its clocks and its grace too."""
    if flow.state == flow_states.COMPLETED:
        left = timedelta(microseconds=row.grace_left_us or 0)
        begin_grace(flow.line, until=at + left, at=at)
    release_flow(flow, at=at)


@atomic
def lapse_unsubscription(row: Unsubscription, *, at: datetime) -> None:
    """No return shipment was entered in time: treated as withdrawn (U7)."""
    flow = take_flow(row)
    row.move("lapse_unsubscription", by=CLOCK, at=at, only_if=("due_at = %s", row.due_at), also={"due_at": None})
    let_flow_go(row, flow, at=at)


@atomic
def refund_unsubscription(row: Unsubscription, *, at: datetime) -> None:
    """Give the money back the way it came; the flow is terminated, what was kept is final (U5, O8)."""
    flow = row.flow = take_flow(row)
    row.move("refund_unsubscription", by=CLOCK, at=at, only_if=("due_at = %s", row.due_at),
             also={"due_at": None, "refunded_at": at}, data={"line": flow.number})  # fmt: skip
    release_flow(flow, at=at)
    undone = end_flow(flow, amount=row.amount, by=CLOCK, at=at)
    Unsubscription.objects.filter(pk=row.pk).update(refund_order=undone)
    row.refund_order = undone


def stop_for_appeal(appeal: Appeal, *, by: Actor, at: datetime) -> None:
    """An appeal was filed: the review stands still too (Q23). Called in the appeal's transaction."""
    running = Unsubscription.objects.running().filter(flow=appeal.flow_id)
    running.update(held_by=flow_states.APPEAL, held_at=at)


def follow_appeal(appeal: Appeal, *, by: Actor, at: datetime) -> None:
    """The appeal is decided: the review goes on where it was, or ends with the flow's own decision (Q23)."""
    row = Unsubscription.objects.running().select_related("flow").filter(flow=appeal.flow_id).first()
    if row is None:
        return
    stood = at - (row.held_at or at)
    Unsubscription.objects.filter(pk=row.pk).update(
        held_by="", held_at=None, due_at=F("due_at") + stood, remind_due_at=F("remind_due_at") + stood
    )
    row.held_by = ""
    if appeal.decision != "resume":
        row.move("end_unsubscription", by=by, at=at, also={"due_at": None, "remind_due_at": None},
                 note="Decided with the appeal.")  # fmt: skip
