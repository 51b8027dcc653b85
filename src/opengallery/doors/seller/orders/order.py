"""Order details: product, order and customer information, and everything that happened to it (spec S-6)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from opengallery.doors.flows import log_of
from opengallery.doors.pages import actor_of, page
from opengallery.doors.seller.own import own_order
from opengallery.doors.trail import trail
from opengallery.market.journal.models import Fact
from opengallery.market.orders.models import DeliveryAddress
from opengallery.market.supervision.models import Flow


@page(right="sales:view")
def order(request: HttpRequest, number: str) -> HttpResponse:
    """One order with its lines."""
    actor = actor_of(request)
    found = own_order(request, number)
    flows = {flow.line_id: flow for flow in Flow.objects.visible_to(actor).filter(line__order=found)}
    context = {
        "order": found,
        "lines": [
            {"line": line, "flow": flows.get(line.pk)} for line in found.lines.select_related("resource")
        ],
        "address": DeliveryAddress.objects.filter(pk=found.pk).first(),
        "events": log_of(found, Fact.objects.visible_to(actor).of(found.stream)),
        "breadcrumbs": trail((_("Orders"), "seller:orders"), here=number),
    }  # fmt: skip
    return render(request, "seller/orders/order.html", context)
