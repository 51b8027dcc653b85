"""Bills: what the platform owes the seller, cycle by cycle (money spec 6.3)."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from opengallery.doors.forms import TypedForm
from opengallery.doors.listing import show_list
from opengallery.doors.lists import known
from opengallery.doors.pages import actor_of, page
from opengallery.doors.seller.own import is_certified
from opengallery.market.billing.models import Bill, Run


@page(right="money:view")
def index(request: HttpRequest) -> HttpResponse:
    """The list, newest first; when it is empty, why."""
    actor = actor_of(request)

    def own(filters: dict[str, str]) -> QuerySet[Bill]:
        known(filters, ())
        return Bill.objects.visible_to(actor).filter(seller=actor.organisation_id)

    def around(rows: list[Bill]) -> dict[str, Any]:
        return {
            "certified": is_certified(request),
            "next_run": Run.objects.filter(due_at__isnull=False).order_by("due_at").first(),
        }

    return show_list(request, "seller/bills/index.html", rows=own, filters=TypedForm(request.GET),
                     order=("-drawn_at", "-id"), shown=around)  # fmt: skip
