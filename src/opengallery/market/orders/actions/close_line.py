"""A line becomes final before its order: its grace is over while others are open, or it was undone."""

from datetime import datetime

from opengallery.kit.actor import CLOCK
from opengallery.kit.problems import MoveRefused
from opengallery.kit.verbs import PUT_OFF, atomic, press_each
from opengallery.market.billing.actions import complete_line
from opengallery.market.journal.models import record
from opengallery.market.orders.actions.fulfil_line import lock_order
from opengallery.market.orders.models import OrderLine


@atomic
def close_line(line: OrderLine, *, at: datetime) -> None:
    """What it earned is final now, although others are open (beyond 8). MoveRefused if it changed meanwhile."""
    lock_order(line)
    same = OrderLine.objects.filter(pk=line.pk, due_at=line.due_at, closed_at=None)
    if not same.update(due_at=None, closed_at=at):
        raise MoveRefused
    record(line.order, "close_line", by=CLOCK, at=at, was=line.order.state, to=line.order.state,
           data={"line": line.number})  # fmt: skip
    complete_line(line.number, at=at)


def close_due_lines(*, until: datetime) -> int:
    """Let the clock close each line whose grace is over, at its own due instant; return how many."""
    due = OrderLine.objects.filter(due_at__lte=until)
    return press_each(
        list(due.select_related("order").order_by("due_at", "pk")[:500]),
        lambda line: close_line(line, at=line.due_at or until),
        put_off=lambda line: due.filter(pk=line.pk).update(due_at=until + PUT_OFF),
    )
