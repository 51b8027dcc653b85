"""Remind the seller."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from opengallery.doors.buyer.own import own_flow
from opengallery.doors.buyer.supervision.flow import refused
from opengallery.doors.pages import actor_of, now_of, page
from opengallery.kit.problems import Problem
from opengallery.market.supervision.actions import remind_seller


@page(right="orders:accept")
def reminder(request: HttpRequest, line: str) -> HttpResponse:
    """Send a reminder; back to the flow, which says why when it is refused."""
    row = own_flow(request, line)
    if request.method != "POST":
        return redirect("buyer:flow", line)
    try:
        remind_seller(row, by=actor_of(request), at=now_of(request))
    except Problem as problem:
        return refused(request, line, problem)
    messages.success(request, _("%(seller)s is reminded.") % {"seller": row.line.order.seller_name})
    return redirect("buyer:flow", line)
