"""Pay an order: the money moves, each line becomes a transaction, fulfilment begins."""

from datetime import datetime

from django.db.models import prefetch_related_objects

from opengallery.kit.actor import Actor
from opengallery.kit.bulk import run_sql
from opengallery.kit.problems import MoveRefused
from opengallery.kit.verbs import atomic
from opengallery.market.billing.actions import complete_line, open_transaction, take_effect
from opengallery.market.billing.gateways import Payment, gateway
from opengallery.market.orders import states
from opengallery.market.orders.actions.complete_order import complete_order
from opengallery.market.orders.actions.fulfil_line import lock_order, locked_resource
from opengallery.market.orders.actions.refund_line import complete_if_last
from opengallery.market.orders.actions.renew_resource import extend_resource
from opengallery.market.orders.actions.resources import start_resource
from opengallery.market.orders.models import Order, OrderLine, Resource
from opengallery.market.orders.problems import OrderExpired


@atomic
def pay_order(order: Order, *, method: str, by: Actor, at: datetime) -> None:
    """Pay with a gateway's name ("balance", "credit"): O2, F1, F2.

    MoveRefused unless it is Pending payment, OrderExpired at or after its due time, UnknownMethod, BalanceTooLow.
    A supervised line gets its flow in the same transaction (project.reactions); a renewal completes at once, without.
    What is neither supervised nor provisioned is there at once (O5).
    """
    way = gateway(method)
    if order.state == states.PENDING_PAYMENT and order.due_at is not None and order.due_at <= at:
        raise OrderExpired(f"It could be paid until {order.due_at:%Y-%m-%d %H:%M} UTC.")
    prefetch_related_objects([order], "lines")  # read once, for all who act on this payment
    order.move("pay_order", by=by, at=at, only_if=("due_at > %s", at),
               also={"paid_at": at, "payment_method": method, "due_at": None}, data={"method": method})  # fmt: skip
    if order.total_units:
        way.collect(Payment(key=order.number, buyer_id=order.buyer_id, amount=order.total, at=at))
    on_credit = bool(order.total_units) and not way.settles_at_once
    lines = order.lines.all()
    if order.type == states.RENEW:
        for line in lines:
            renew(line, order, on_credit=on_credit, at=at)
        complete_order(order, at=at)
    else:
        for line in lines:
            open_line(line, order, on_credit=on_credit, at=at)
        for line in lines:
            if line.terms.flow is None and not line.terms.provisioned:
                fulfil_unsupervised(line, at=at)


def open_line(line: OrderLine, order: Order, *, on_credit: bool, at: datetime) -> None:
    """A line of a new order: a resource whose validity is not known yet, and a transaction that waits."""
    terms = line.terms
    line.order = order
    line.resource = Resource.objects.create(
        public_id=f"res_{line.number}", order=order, product_id=line.product_id, product_name=terms.product_name,
        specification_name=terms.specification_name, sku=terms.sku, unit=terms.unit, quantity=terms.quantity,
        buyer_id=order.buyer_id, seller_id=order.seller_id, grace_days=terms.grace_days,
        retention_days=terms.retention_days, state=states.PENDING, state_since=at,
    )  # fmt: skip
    run_sql("UPDATE orders_orderline SET resource_id = %s WHERE id = %s", [line.resource.pk, line.pk])
    open_transaction(
        line.charge(), order_number=order.number, title=line.title, customer=order.customer_name,
        fee_rule=terms.fee_rule, at=at, on_credit=on_credit, supervised=terms.flow is not None, effective_at=None,
    )  # fmt: skip


@atomic
def fulfil_unsupervised(line: OrderLine, *, at: datetime) -> None:
    """What needs no supervision is there: its validity starts, its money is final, its order may be complete (O5)."""
    lock_order(line)
    terms = line.terms
    changed = OrderLine.objects.filter(pk=line.pk, fulfilled_at=None, closed_at=None).update(
        fulfilled_at=at, grace_until=at, closed_at=at
    )
    if not changed:
        raise MoveRefused
    start_resource(locked_resource(line), unit=terms.unit, count=terms.count, start=at, at=at)
    take_effect(line.number, at=at)
    complete_line(line.number, at=at)
    complete_if_last(line.order, at=at)


def renew(line: OrderLine, order: Order, *, on_credit: bool, at: datetime) -> None:
    """A renewal's line: no flow (V10); it takes effect when the renewed period begins (spec 4.1)."""
    line.order = order
    effective_at = extend_resource(line, at=at)
    OrderLine.objects.filter(pk=line.pk).update(fulfilled_at=at, grace_until=at)
    open_transaction(
        line.charge(), order_number=order.number, title=line.title, customer=order.customer_name,
        fee_rule=line.terms.fee_rule, at=at, on_credit=on_credit, supervised=False, effective_at=effective_at,
    )  # fmt: skip
