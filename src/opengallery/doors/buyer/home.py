"""My Gallery's overview: what needs somebody now."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from opengallery.doors.listing import capped
from opengallery.doors.lists import on_side
from opengallery.doors.pages import actor_of, now_of, page
from opengallery.kit.actor import Party
from opengallery.market.billing.actions import balance_of
from opengallery.market.orders import states as order_states
from opengallery.market.orders.models import Order, Resource
from opengallery.market.policy.models import Policy
from opengallery.market.supervision import states as flow_states
from opengallery.market.supervision.models import Flow

SHOWN = 5
SOON = timedelta(days=30)
YOURS = [state for state, who in flow_states.TURN.items() if who == Party.BUYER]
RUNNING_OUT = (order_states.ACTIVE, order_states.GRACE, order_states.FROZEN)


@page(right="orders:view")
def home(request: HttpRequest) -> HttpResponse:
    """What waits for the buyer, orders to pay, licences that end soon, the balance; the first few of each."""
    actor, now = actor_of(request), now_of(request)
    flows = on_side(Flow.objects.with_order(), actor, "buyer")
    waiting = flows.filter(state__in=YOURS, held_by="")
    coming = flows.filter(state=flow_states.WAIT_DELIVERY)
    unpaid = on_side(Order.objects.all(), actor, "buyer").filter(state=order_states.PENDING_PAYMENT)
    ending = on_side(Resource.objects.all(), actor, "buyer").filter(state__in=RUNNING_OUT, due_at__lte=now + SOON)
    context = {
        "waiting": waiting.order_by("-placed_at", "-id")[:SHOWN],
        "unpaid": unpaid.prefetch_related("lines").order_by("-placed_at", "-id")[:SHOWN],
        "ending": ending.select_related("order").order_by("end", "id")[:SHOWN],
        "counts": {"waiting": capped(waiting), "coming": capped(coming), "unpaid": capped(unpaid)},
        "balance": balance_of(actor.organisation_id or 0, Policy.at(now)["settlement_currency"]),
        "organisation": actor.organisation_name,
    }  # fmt: skip
    return render(request, "buyer/home.html", context)
