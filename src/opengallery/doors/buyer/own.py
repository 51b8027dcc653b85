"""What the acting organisation has bought: an organisation that also sells does not see its sales here."""

from django.http import HttpRequest

from opengallery.doors.lists import on_side
from opengallery.doors.pages import actor_of, find
from opengallery.market.orders.models import Order, Resource
from opengallery.market.supervision.models import Flow
from opengallery.market.unsubscription.models import Unsubscription


def own_order(request: HttpRequest, number: str) -> Order:
    """An order that the organisation placed; NotFound otherwise."""
    actor = actor_of(request)
    order: Order = find(on_side(Order.objects.all(), actor, "buyer"), number=number)
    return order


def own_flow(request: HttpRequest, line: str) -> Flow:
    """The flow of a line that the organisation bought, with its order and resource; NotFound otherwise."""
    actor = actor_of(request)
    rows = Flow.objects.visible_to(actor).select_related("line__order", "line__resource")
    flow: Flow = find(on_side(rows, actor, "buyer"), number=line)
    return flow


def own_resource(request: HttpRequest, public_id: str) -> Resource:
    """A resource that the organisation has, with the order that brought it; NotFound otherwise."""
    actor = actor_of(request)
    rows = Resource.objects.visible_to(actor).select_related("order")
    resource: Resource = find(on_side(rows, actor, "buyer"), public_id=public_id)
    return resource


def own_unsubscription(request: HttpRequest, public_id: str) -> Unsubscription:
    """A request of the organisation to undo a purchase, with its flow; NotFound otherwise."""
    rows = Unsubscription.objects.select_related("flow__line__order", "return_carrier", "refund_order")
    row: Unsubscription = find(
        rows.filter(flow__in=on_side(Flow.objects.all(), actor_of(request), "buyer")), public_id=public_id
    )
    return row
