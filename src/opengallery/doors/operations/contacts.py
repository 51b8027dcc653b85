"""Whom the operator can ask: the people of both organisations of an order, and the seller's support."""

from typing import Any

from opengallery.market.identity.models import Membership
from opengallery.market.identity.rights import ROLES
from opengallery.market.orders.models import Order
from opengallery.market.sellers.models import Seller

MOST = 10


def contacts_of(order: Order) -> list[dict[str, Any]]:
    """Both sides (operations/contacts.html): the organisation, its people, how its support is reached.

    Whoever placed the order comes first, then the owners.
    """
    return [
        {"side": side, "organisation": organisation, "people": people_of(organisation.pk, order.placed_by_id),
         "seller": Seller.objects.filter(pk=organisation.pk).first() if side == "seller" else None}
        for side, organisation in (("buyer", order.buyer), ("seller", order.seller))
    ]  # fmt: skip


def people_of(organisation_id: int, placed_by_id: int | None) -> list[dict[str, Any]]:
    """Some people of an organisation, those first who can say most."""
    rows = Membership.objects.filter(organisation=organisation_id, user__is_active=True).select_related("user")
    weight = {role: place for place, role in enumerate(ROLES)}
    ordered = sorted(rows, key=lambda row: (row.user_id != placed_by_id, weight[row.role], row.pk))
    return [
        {"user": row.user, "role": row.get_role_display(), "placed": row.user_id == placed_by_id}
        for row in ordered[:MOST]
    ]
