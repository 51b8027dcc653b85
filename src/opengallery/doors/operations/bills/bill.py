"""One bill of any seller."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from opengallery.doors.bills import show_bill
from opengallery.doors.pages import actor_of, find, page
from opengallery.doors.trail import trail
from opengallery.market.billing.models import Bill


@page(right="operations:view")
def bill(request: HttpRequest, public_id: str) -> HttpResponse:
    """The bill with its lines."""
    found = find(Bill.objects.visible_to(actor_of(request)).select_related("seller"), public_id=public_id)
    here = f"{found.seller.name} {found.cycle}"
    return show_bill(request, "operations/bills/bill.html", found,
                     trail((_("Bills"), "operations:bills"), here=here))  # fmt: skip
