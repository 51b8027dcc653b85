"""Export History: ask for an Excel file of the order list, fetch it when it is made (spec S-6, AT-87)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from opengallery.doors.exports import download, history, request_export
from opengallery.doors.lists import ORDER_FILTERS, order_rows
from opengallery.doors.models import Export
from opengallery.doors.pages import actor_of, find, now_of, page
from opengallery.doors.trail import trail

LATEST = 50


@page(right="sales:view")
def exports(request: HttpRequest) -> HttpResponse:
    """The exports of the organisation, newest first; a POST asks for another one with the list's search criteria."""
    actor = actor_of(request)
    if request.method == "POST":
        filters = {name: value for name in ORDER_FILTERS if (value := request.POST.get(name, "").strip())}
        order_rows(actor, "seller", filters)  # refuses what the file could not be made with
        request_export("orders", side="seller", filters=filters, by=actor, at=now_of(request))
        messages.success(request, _("The file is being made. It appears here in a moment and is kept for some days."))
        return redirect("seller:exports")
    rows = Export.objects.visible_to(actor).filter(side="seller").order_by("-requested_at", "-id")[:LATEST]
    context = {
        "exports": history(rows, lambda public_id: reverse("seller:export", args=[public_id])),
        "breadcrumbs": trail((_("Orders"), "seller:orders"), here=_("Export History")),
    }
    return render(request, "seller/orders/exports.html", context)


@page(right="sales:view")
def export(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Download an export's file."""
    found = find(Export.objects.visible_to(actor_of(request)).filter(side="seller"), public_id=public_id)
    return download(found)
