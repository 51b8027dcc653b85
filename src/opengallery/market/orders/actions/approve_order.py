"""A second person approves or declines an order above the organisation's limit (beyond 10)."""

from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.problems import InvalidInput
from opengallery.kit.verbs import atomic
from opengallery.market.journal.chain import utc_text
from opengallery.market.orders.actions.cancel_order import return_all
from opengallery.market.orders.models import Order
from opengallery.market.orders.problems import OrderExpired
from opengallery.market.purchasing.problems import FourEyes
from opengallery.market.purchasing.rules import text_error

REASON_MAX = 1000


@atomic
def approve_order(order: Order, *, by: Actor, at: datetime) -> None:
    """The order can be paid now, for as long as any other order can.

    MoveRefused unless it is Pending approval, NotYourTurn for another organisation, FourEyes for whoever placed it,
    OrderExpired at or after its due time.
    """
    check_second(order, "approve_order", by)
    due_at = order.due_at or at
    if due_at <= at:
        raise OrderExpired(f"It could be approved until {due_at:%Y-%m-%d %H:%M} UTC.")
    pay_until = at + (due_at - order.placed_at)
    order.move("approve_order", by=by, at=at, also={"due_at": pay_until}, only_if=("due_at > %s", at),
               data={"pay_until": utc_text(pay_until)})  # fmt: skip


@atomic
def decline_order(order: Order, *, reason: str, by: Actor, at: datetime) -> None:
    """The order ends unpaid, for good; its budget is free again.

    InvalidInput at reason; else as approve_order, whatever the time.
    """
    check_second(order, "decline_order", by)
    found = text_error(reason, most=REASON_MAX, what="A reason")
    if found:
        raise InvalidInput({"reason": [found]})
    order.move("decline_order", by=by, at=at, also={"canceled_at": at, "due_at": None}, note=reason.strip())
    return_all(order)


def check_second(order: Order, verb: str, by: Actor) -> None:
    """Refuse whoever may not decide now: the wrong state or side, or the person who placed the order."""
    order.life.find(order.state, verb, order.parties_of(by))
    if not is_second(order, by):
        raise FourEyes("Whoever placed the order cannot decide on it, in whatever role.")


def is_second(order: Order, by: Actor) -> bool:
    """Tell whether somebody is a second person: two roles of one person are still one person."""
    return by.user_id is not None and by.user_id != order.placed_by_id


def moves_of(order: Order, by: Actor) -> list[str]:
    """The verbs that are open to somebody, as `moves_for` has them, without what needs a second person."""
    deciding = () if is_second(order, by) else ("approve_order", "decline_order")
    return [move.verb for move in order.moves_for(by) if move.verb not in deciding]
