"""One order with both parties and everything that happened to it; to be read."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from opengallery.doors.flows import log_of
from opengallery.doors.pages import actor_of, find, page
from opengallery.doors.trail import trail
from opengallery.market.journal.models import Fact
from opengallery.market.orders.models import Order
from opengallery.market.supervision.models import Flow


@page(right="operations:view")
def order(request: HttpRequest, number: str) -> HttpResponse:
    """The order, its lines, its log."""
    actor = actor_of(request)
    found = find(Order.objects.visible_to(actor), number=number)
    flows = {flow.line_id: flow for flow in Flow.objects.visible_to(actor).filter(line__order=found)}
    context = {
        "order": found,
        "lines": [{"line": line, "flow": flows.get(line.pk)} for line in found.lines.select_related("resource")],
        "events": log_of(found, Fact.objects.visible_to(actor).of(found.stream)),
        "breadcrumbs": trail((_("Orders"), "operations:orders"), here=number),
    }
    return render(request, "operations/orders/order.html", context)
