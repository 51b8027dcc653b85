"""Export History: the order list as Excel files, made in the background and kept for some days."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from opengallery.doors.exports import download, history, request_export
from opengallery.doors.forms import typed
from opengallery.doors.listing import pager
from opengallery.doors.lists import order_rows
from opengallery.doors.models import Export
from opengallery.doors.pages import actor_of, find, now_of, page
from opengallery.doors.trail import trail
from opengallery.kit.paging import page_of

NOT_FILTERS = ("csrfmiddlewaretoken", "confirmed")


@page(right="orders:view")
def exports(request: HttpRequest) -> HttpResponse:
    """The organisation's exports; POST asks for one of the order list as it is filtered."""
    actor = actor_of(request)
    if request.method == "POST":
        filters = {
            name: typed(request, name)
            for name in request.POST
            if name not in NOT_FILTERS and typed(request, name).strip()
        }
        order_rows(actor, "buyer", filters)  # refuses here and now what the worker would have to refuse later
        request_export("orders", side="buyer", filters=filters, by=actor, at=now_of(request))
        return redirect("buyer:exports")
    cursor = request.GET.get("cursor")
    rows = Export.objects.visible_to(actor).filter(side="buyer")
    found = page_of(rows, order=("-requested_at", "-id"), cursor=cursor)
    context = {
        "exports": history(found.items, lambda public_id: reverse("buyer:export", args=[public_id])),
        "pager": pager(request, cursor=cursor, following=found.next, shown=len(found.items)),
        "breadcrumbs": trail((_("My Orders"), "buyer:orders"), here=_("Export History")),
    }
    return render(request, "buyer/orders/exports.html", context)


@page(right="orders:view")
def export(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Download a file; NotFound for another organisation's, and when it is not made yet or gone."""
    rows = Export.objects.visible_to(actor_of(request)).filter(side="buyer")
    return download(find(rows, public_id=public_id))
