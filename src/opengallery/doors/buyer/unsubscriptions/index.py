"""My Unsubscriptions: what can be undone now, and every request, running or closed."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from opengallery.doors.listing import ROWS, pager
from opengallery.doors.lists import on_side
from opengallery.doors.pages import actor_of, now_of, page
from opengallery.kit.actor import Actor
from opengallery.kit.paging import page_of
from opengallery.market.billing.models import Transaction
from opengallery.market.orders import states as order_states
from opengallery.market.supervision import states
from opengallery.market.supervision.models import Flow
from opengallery.market.unsubscription.actions import refusal_of
from opengallery.market.unsubscription.models import Unsubscription

LOOKED_AT = 100  # of the newest flows that are not over; what is older is undone from its own page


@page(right="orders:view")
def index(request: HttpRequest) -> HttpResponse:
    """Both lists."""
    actor, now = actor_of(request), now_of(request)
    cursor = request.GET.get("cursor")
    mine = Unsubscription.objects.filter(flow__buyer=actor.organisation_id or 0).select_related("flow__line__order")
    found = page_of(mine, order=("-requested_at", "-id"), limit=ROWS, cursor=cursor)
    context = {
        "undoable": [] if cursor else undoable(actor, now),
        "may_buy": actor.may("orders:buy"),
        "rows": found.items,
        "pager": pager(request, cursor=cursor, following=found.next, shown=len(found.items)),
    }
    return render(request, "buyer/unsubscriptions/index.html", context)


def undoable(actor: Actor, now: Any) -> list[Flow]:
    """The flows whose purchase can be undone now, newest first."""
    running = on_side(Flow.objects.with_order(), actor, "buyer").exclude(state=states.TERMINATED)
    running = running.filter(line__order__state=order_states.PROCESSING, held_by="")
    flows = list(running.order_by("-placed_at", "-id")[:LOOKED_AT])
    invoiced = set(
        Transaction.objects.filter(key__in=[flow.number for flow in flows], invoiced_at__isnull=False).values_list(
            "key", flat=True
        )
    )
    return [flow for flow in flows if not refusal_of(flow, now, invoiced=flow.number in invoiced)]
