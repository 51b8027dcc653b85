"""One bill of the seller."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from opengallery.doors.bills import show_bill
from opengallery.doors.pages import actor_of, find, page
from opengallery.doors.trail import trail
from opengallery.market.billing.models import Bill


@page(right="money:view")
def bill(request: HttpRequest, public_id: str) -> HttpResponse:
    """The bill with its lines."""
    actor = actor_of(request)
    found = find(Bill.objects.visible_to(actor).filter(seller=actor.organisation_id), public_id=public_id)
    return show_bill(request, "seller/bills/bill.html", found,
                     trail((_("Bills"), "seller:bills"), here=found.cycle))  # fmt: skip
