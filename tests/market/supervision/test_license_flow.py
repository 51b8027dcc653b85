"""The seed: a yearly licence from purchase to bill."""

from datetime import date

import pytest

from opengallery.kit.actor import CLOCK
from opengallery.market.billing.models import Bill
from opengallery.market.orders.actions import pay_order, place_order
from opengallery.market.orders.models import Order
from opengallery.market.supervision.actions import accept_delivery, deliver_service
from opengallery.market.supervision.models import Flow
from opengallery.market.timetable.actions import press_due


@pytest.mark.spec("AT-07")
def test_the_seed_example(world, at, proof):
    buyer, seller = world.actor("buyer"), world.actor("seller")
    order = place_order([world.choice("license_yearly")], by=buyer, at=at("2020-01-01 09:50"))
    pay_order(order, method="balance", by=buyer, at=at("2020-01-01 10:00"))
    flow = Flow.objects.get(line__order=order)
    deliver_service(flow, service_result="Key file sent", files=[proof()], by=seller, at=at("2020-02-20 12:00"))
    accept_delivery(flow, by=buyer, at=at("2020-03-01 10:00"))
    press_due(until=at("2020-03-01 12:59:59"))
    order = Order.objects.get(pk=order.pk)
    assert order.label == "Processing"
    press_due(until=at("2020-03-01 15:00"))
    order = Order.objects.get(pk=order.pk)
    assert (order.label, order.completed_at) == ("Completed", at("2020-03-01 13:00"))
    resource = order.resources.get()
    assert (resource.start_at, resource.end) == (at("2020-03-01 10:00"), date(2021, 3, 1))
    press_due(until=at("2020-04-30 00:00"))
    [bill] = Bill.objects.all()
    assert (bill.cycle, bill.drawn_at, str(bill.total)) == ("202003", at("2020-04-07 02:00"), "850.00 USD")
