"""The buyer corrects the address, until the seller ships (C05)."""

from datetime import datetime

from opengallery.kit.actor import Actor, Party
from opengallery.kit.problems import MoveRefused, NotYourTurn
from opengallery.kit.verbs import atomic
from opengallery.market.journal.models import record
from opengallery.market.orders import states
from opengallery.market.orders.actions.place_order import Address, checked_address
from opengallery.market.orders.models import DeliveryAddress, Order


@atomic
def change_address(order: Order, address: Address, *, by: Actor, at: datetime) -> None:
    """Replace the address of an order of goods. NotYourTurn for anybody but the buyer; MoveRefused once it is shipped,
    canceled or completed, or if nothing is shipped; InvalidInput at recipient, phone, address.

    Shipping locks the address first (supervision.ship_goods), so that of two at once one is told.
    """
    if Party.BUYER not in order.parties_of(by):
        raise NotYourTurn
    held = DeliveryAddress.objects.select_for_update().filter(pk=order.pk).first()
    now = Order.objects.get(pk=order.pk)
    if held is None or held.locked_at is not None or now.state not in states.UNFINISHED:
        raise MoveRefused("The address can no longer be changed.", state=now.state, label=now.label)
    place = checked_address(address)
    DeliveryAddress.objects.filter(pk=order.pk).update(
        recipient=place.recipient, phone=place.phone, address=place.address
    )
    record(order, "change_address", by=by, at=at, was=now.state, to=now.state)
