"""Admit a company as a seller. Registration and its checks are a life of their own that ends in this verb."""

from datetime import datetime

from opengallery.kit.verbs import atomic
from opengallery.market.identity.actions import open_selling
from opengallery.market.identity.models import Organisation
from opengallery.market.sellers.models import Seller


@atomic
def admit_seller(organisation: Organisation, *, store: str, at: datetime, about: str = "", support_email: str = "",
                 support_phone: str = "", support_hours: str = "") -> Seller:  # fmt: skip
    """Let an organisation sell; its store's address is `store`."""
    open_selling(organisation)
    return Seller.objects.create(
        organisation=organisation, store=store, name=organisation.name, about=about, support_email=support_email,
        support_phone=support_phone, support_hours=support_hours, admitted_at=at,
    )  # fmt: skip
