"""Admit a company as a seller, and let it state its after-sales support.

Registration and its checks are a life of their own that ends in the first verb.
"""

from datetime import datetime

from opengallery.kit.problems import InvalidInput
from opengallery.kit.verbs import atomic
from opengallery.market.identity.actions import open_selling
from opengallery.market.identity.models import Organisation
from opengallery.market.sellers.models import Seller
from opengallery.market.sellers.rules import Support, support_errors


@atomic
def admit_seller(organisation: Organisation, *, store: str, at: datetime, about: str = "",
                 support: Support | None = None) -> Seller:  # fmt: skip
    """Let an organisation sell; its store's address is `store`. InvalidInput as `state_support`."""
    open_selling(organisation)
    seller = Seller.objects.create(
        organisation=organisation, store=store, name=organisation.name, about=about, admitted_at=at
    )
    if support:
        state_support(seller, support, takes_tickets=True)
    return seller


@atomic
def state_support(seller: Seller, support: Support, *, takes_tickets: bool) -> None:
    """Say when, how and in which languages customers are helped (S35).

    InvalidInput at days, end, offset, languages, content, phone, email: at least 8 hours on 5 days a week.
    """
    errors = support_errors(support)
    if errors:
        raise InvalidInput(errors)
    hours = support.hours
    seller.support_days, seller.support_offset = sorted(set(hours.days)), hours.offset
    seller.support_start, seller.support_end = hours.start, hours.end
    seller.support_languages, seller.support_content = support.languages.strip(), support.content.strip()
    seller.support_phone, seller.support_email = support.phone.strip(), support.email.strip()
    seller.takes_tickets = takes_tickets
    seller.save(update_fields=[field.name for field in Seller._meta.fields
                               if field.name.startswith(("support_", "takes_"))])  # fmt: skip
