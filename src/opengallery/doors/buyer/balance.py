"""The prepaid balance and every top-up and payment behind it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from opengallery.doors.listing import pager
from opengallery.doors.pages import actor_of, now_of, page
from opengallery.kit.money import Money
from opengallery.kit.paging import page_of
from opengallery.market.billing.queries import statement, ways_to_pay
from opengallery.market.policy.models import Policy

EVENTS = {"balance_topped_up": _("Top-up"), "order_paid": _("Payment of an order")}


@page(right="orders:view")
def balance(request: HttpRequest) -> HttpResponse:
    """What can be spent, and the statement, newest first."""
    organisation = actor_of(request).organisation_id or 0
    currency = Policy.at(now_of(request))["settlement_currency"]
    cursor = request.GET.get("cursor")
    found = page_of(statement(organisation, currency), order=("-at", "-id"), cursor=cursor)
    context = {
        "ways": ways_to_pay(organisation, currency),
        "rows": [
            {"at": row.at, "label": EVENTS.get(row.event, row.event), "amount": Money(row.signed_units, currency),
             "order": row.key if row.event == "order_paid" else ""}
            for row in found.items
        ],
        "pager": pager(request, cursor=cursor, following=found.next, shown=len(found.items)),
    }  # fmt: skip
    return render(request, "buyer/balance.html", context)
