"""Purchased Apps: what the organisation has, newest first."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from opengallery.doors.listing import pager
from opengallery.doors.lists import on_side
from opengallery.doors.pages import actor_of, page
from opengallery.kit.paging import page_of
from opengallery.market.orders.models import Resource


@page(right="orders:view")
def index(request: HttpRequest) -> HttpResponse:
    """The list."""
    actor = actor_of(request)
    cursor = request.GET.get("cursor")
    rows = on_side(Resource.objects.select_related("order"), actor, "buyer")
    found = page_of(rows, order=("-id",), cursor=cursor)
    context = {
        "rows": found.items,
        "pager": pager(request, cursor=cursor, following=found.next, shown=len(found.items)),
    }
    return render(request, "buyer/resources/index.html", context)
