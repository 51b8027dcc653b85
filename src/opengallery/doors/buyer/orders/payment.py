"""Pay an order."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from opengallery.doors.buyer.orders.order import show_order
from opengallery.doors.buyer.own import own_order
from opengallery.doors.forms import ask, confirmed
from opengallery.doors.pages import actor_of, now_of, page
from opengallery.kit.problems import Problem
from opengallery.market.orders.actions import pay_order


@page(right="orders:pay")
def payment(request: HttpRequest, number: str) -> HttpResponse:
    """Pay with the chosen `method`; back to the order, which says why when it is refused."""
    row = own_order(request, number)
    if request.method != "POST":
        return redirect("buyer:order", number)
    if not confirmed(request):
        text = _("%(total)s will be taken in the way you chose.") % {"total": row.total}
        return ask(request, title=_("Pay this order?"), text=text, cancel_url=reverse("buyer:order", args=[number]))
    try:
        pay_order(row, method=request.POST.get("method", "balance"), by=actor_of(request), at=now_of(request))
    except Problem as problem:
        return show_order(request, own_order(request, number), problem=problem)
    return redirect("buyer:order", number)
