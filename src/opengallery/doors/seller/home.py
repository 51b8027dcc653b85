"""The seller's overview: what needs me now, what I am waiting for, what I am owed."""

from datetime import datetime
from typing import Any

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from opengallery.doors.charts import bars_of
from opengallery.doors.listing import capped
from opengallery.doors.lists import flow_rows
from opengallery.doors.pages import actor_of, now_of, page
from opengallery.doors.seller.own import is_certified
from opengallery.doors.seller.supervision.operations import is_overdue, operation_of
from opengallery.kit.actor import Actor, Party
from opengallery.kit.money import Money
from opengallery.market.billing.models import Bill, Transaction
from opengallery.market.supervision import states
from opengallery.market.unsubscription import states as unsubscription_states
from opengallery.market.unsubscription.models import Unsubscription

FIRST = 8
MINE = [state for state, turn in states.TURN.items() if turn == Party.SELLER]
TO_REVIEW = [state for state, turn in unsubscription_states.TURN.items() if turn == Party.SELLER]


@page(right="sales:view")
def home(request: HttpRequest) -> HttpResponse:
    """What waits for the seller, earliest promise first; figures; the latest bills as bars."""
    actor, now = actor_of(request), now_of(request)
    to_deliver = flow_rows(actor, "seller", {"flow_status": states.WAIT_DELIVERY})
    mine = flow_rows(actor, "seller", {}).filter(state__in=MINE, held_by="")
    to_review = Unsubscription.objects.filter(flow__seller=actor.organisation_id, state__in=TO_REVIEW, held_by="")
    context = {
        "to_deliver": capped(to_deliver),
        "overdue": capped(to_deliver.filter(promised_at__lt=now, held_by="")),
        "to_accept": capped(flow_rows(actor, "seller", {"flow_status": states.WAIT_ACCEPTANCE})),
        "to_review": capped(to_review),
        "first": [
            {"flow": flow, "operation": operation_of(flow, actor), "overdue": is_overdue(flow, now)}
            for flow in mine.order_by("promised_at", "pk")[:FIRST]
        ],
        "delivery_state": states.WAIT_DELIVERY,
        "acceptance_state": states.WAIT_ACCEPTANCE,
    }
    if actor.may("money:view"):
        context |= money_of(actor, now) | {"certified": is_certified(request)}
    return render(request, "seller/home.html", context)


def money_of(actor: Actor, now: datetime) -> dict[str, Any]:
    """What is not billed yet, by currency, and the latest bills."""
    unbilled = (
        Transaction.objects.visible_to(actor).filter(bill=None).values("currency").annotate(units=Sum("seller_units"))
    )
    bills = list(Bill.objects.visible_to(actor).order_by("-drawn_at", "-id")[:12])
    main = [bill for bill in reversed(bills) if bill.currency == bills[0].currency]
    return {
        "unbilled": [Money(row["units"], row["currency"]) for row in unbilled.order_by("currency")],
        "bill": bills[0] if bills else None,
        "bars": bars_of([(bill.cycle, bill.total) for bill in main]) if len(main) > 1 else None,
    }
