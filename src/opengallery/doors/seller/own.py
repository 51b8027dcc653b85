"""What the acting organisation has sold: an organisation that also buys does not see its purchases here."""

from django.http import HttpRequest

from opengallery.doors.lists import on_side
from opengallery.doors.pages import actor_of, find
from opengallery.market.billing.models import Payee
from opengallery.market.orders.models import Order
from opengallery.market.supervision.models import Flow


def own_flow(request: HttpRequest, line: str) -> Flow:
    """The flow of a line that the organisation sold, with its order; NotFound otherwise."""
    actor = actor_of(request)
    flow: Flow = find(on_side(Flow.objects.with_order(), actor, "seller"), number=line)
    return flow


def own_order(request: HttpRequest, number: str) -> Order:
    """An order that the organisation sold; NotFound otherwise."""
    actor = actor_of(request)
    order: Order = find(on_side(Order.objects.all(), actor, "seller"), number=number)
    return order


def is_certified(request: HttpRequest) -> bool:
    """Whether the organisation's business information is certified: the first condition of every bill."""
    return Payee.objects.filter(pk=actor_of(request).organisation_id, certified_at__isnull=False).exists()
