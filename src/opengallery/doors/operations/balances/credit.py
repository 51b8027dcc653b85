"""Let an organisation buy on credit, up to a limit."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from opengallery.doors.operations.balances.booking import Booking, booking_page
from opengallery.kit.money import Money
from opengallery.market.billing.actions import grant_credit
from opengallery.market.identity.models import Organisation


def book(request: HttpRequest, organisation: Organisation, amount: Money) -> None:
    """Set the limit."""
    grant_credit(organisation, limit=amount)


credit = booking_page(
    Booking(
        title=gettext_lazy("Grant credit"),
        button=gettext_lazy("Set the limit"),
        effect=gettext_lazy(
            "%(name)s can buy on credit up to this limit; it replaces an earlier one, and 0.00 ends the agreement. "
            "Sellers are billed for such sales only once the credit is repaid."
        ),
        done=gettext_lazy("Credit limit of %(name)s: %(amount)s."),
        book=book,
    )
)
