"""A purchase is undone, in whole or in part: money goes back the way it came, what is kept is final (O8, Q14)."""

from datetime import datetime

from django.db.models import Max
from django.db.models.functions import Greatest

from opengallery.kit.actor import Actor
from opengallery.kit.ids import line_number, order_number
from opengallery.kit.money import Money
from opengallery.kit.problems import InvalidInput
from opengallery.kit.verbs import atomic
from opengallery.kit.words import Words
from opengallery.market.billing.actions import refund_transaction
from opengallery.market.billing.gateways import Refund, gateway
from opengallery.market.journal.models import record
from opengallery.market.orders import states
from opengallery.market.orders.actions.complete_order import complete_order
from opengallery.market.orders.actions.fulfil_line import locked_resource, open_lines
from opengallery.market.orders.actions.resources import end_resource
from opengallery.market.orders.models import Order, OrderLine
from opengallery.market.orders.search import tokens_of
from opengallery.market.purchasing.actions import release_budget


@atomic
def refund_line(line: OrderLine, *, amount: Money, by: Actor, at: datetime) -> Order:
    """Give `amount` of the line's price back, end its resource, and return the UNSUBSCRIBE order.

    0 gives nothing back: the line is ended and all of it kept. InvalidInput for more than was paid, or less than 0; the
    caller has called `lock_order`. The order completes with its last open line.
    """
    order = line.order
    if not 0 <= amount.units <= line.net_units or amount.currency != order.currency or not amount.is_payable():
        raise InvalidInput({"amount": [f"From 0 to {line.net}, with at most 2 decimals."]})
    if amount.units:
        gateway(order.payment_method).give_back(Refund(line.number, order.buyer_id, amount, at))
    refund_transaction(line.charge(), refunded=amount, at=at)
    OrderLine.objects.filter(pk=line.pk).update(
        refunded_units=amount.units, closed_at=at, grace_until=None, due_at=None
    )
    end_resource(locked_resource(line), at=at)
    Order.objects.filter(pk=order.pk).update(unsubscribed=True)
    if order.cost_centre and amount.units:
        release_budget(order.buyer_id, order.cost_centre, amount)
    undone = write_undoing(line, amount, by=by, at=at)
    complete_if_last(order, at=at)
    return undone


def write_undoing(line: OrderLine, amount: Money, *, by: Actor, at: datetime) -> Order:
    """The order that undoes: a number of its own, completed at once."""
    order = line.order
    undone = Order.objects.create(
        number=order_number(at), type=states.UNSUBSCRIBE, buyer_id=order.buyer_id, seller_id=order.seller_id,
        customer_name=order.customer_name, customer_full_name=order.customer_full_name,
        customer_username=order.customer_username, seller_name=order.seller_name, currency=order.currency,
        total_units=amount.units, placed_at=at, placed_by_id=by.user_id, paid_at=at, completed_at=at,
        payment_method=order.payment_method, state=states.COMPLETED, state_since=at,
    )  # fmt: skip
    OrderLine.objects.create(
        order=undone, number=line_number(undone.number, 1), product_id=line.product_id,
        price_line_id=line.price_line_id, resource_id=line.resource_id, net_units=amount.units,
        stored_terms=line.stored_terms, fulfilled_at=at, grace_until=at, closed_at=at,
        words=Words(*tokens_of(undone, line.terms)),
    )  # fmt: skip
    record(undone, "place_order", by=by, at=at, to=states.COMPLETED,
           data={"type": states.UNSUBSCRIBE, "undoes": line.number, "total": amount.amount(),
                 "currency": amount.currency})  # fmt: skip
    record(order, "refund_line", by=by, at=at, was=order.state, to=order.state,
           data={"line": line.number, "refunded": amount.amount(), "kept": (line.net - amount).amount(),
                 "currency": amount.currency, "order": undone.number})  # fmt: skip
    return undone


def complete_if_last(order: Order, *, at: datetime) -> None:
    """The order completes when no line is open: at once, or when the last line is final."""
    if open_lines(order):
        return
    now = Order.objects.get(pk=order.pk)
    due = OrderLine.objects.filter(order=order).aggregate(latest=Max(Greatest("grace_until", "closed_at")))["latest"]
    if due is not None and due > at:
        Order.objects.filter(pk=order.pk, state=states.PROCESSING).update(due_at=due)
    elif now.state == states.PROCESSING:
        OrderLine.objects.filter(order=order, due_at__isnull=False).update(due_at=None)  # a late clock's: it is here
        complete_order(now, at=at)
    order.refresh_from_db(fields=["state", "state_since", "completed_at", "due_at", "unsubscribed"])
