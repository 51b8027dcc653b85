"""Record that a customer has repaid credit."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from opengallery.doors.operations.balances.booking import Booking, booking_page
from opengallery.doors.pages import now_of
from opengallery.kit.money import Money
from opengallery.market.billing.actions import repay_credit
from opengallery.market.identity.models import Organisation


def book(request: HttpRequest, organisation: Organisation, amount: Money) -> None:
    """Book the repayment; the oldest cycles count as paid first."""
    repay_credit(organisation, amount=amount, at=now_of(request))


repayment = booking_page(
    Booking(
        title=gettext_lazy("Record a repayment"),
        button=gettext_lazy("Record the repayment"),
        effect=gettext_lazy(
            "The amount is taken off what %(name)s owes. Sales of a cycle count as paid for their sellers as soon as "
            "all credit used up to that cycle is repaid."
        ),
        done=gettext_lazy("Repayment of %(amount)s by %(name)s recorded."),
        book=book,
    )
)
