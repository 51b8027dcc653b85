"""The operator's overview: how the marketplace stands, and what needs somebody's care."""

from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from opengallery.doors.listing import capped
from opengallery.doors.pages import now_of, page
from opengallery.market.billing.models import Payee, Run, Transaction
from opengallery.market.sellers.models import Seller
from opengallery.market.supervision import states
from opengallery.market.supervision.models import Flow

OLD = timedelta(days=90)
FIRST = 8


@page(right="operations:view")
def home(request: HttpRequest) -> HttpResponse:
    """Figures, and the deliveries that are overdue longest."""
    now = now_of(request)
    running = Flow.objects.filter(state__in=[states.WAIT_DELIVERY, states.WAIT_ACCEPTANCE])
    overdue = running.filter(state=states.WAIT_DELIVERY, promised_at__lt=now)
    certified = Payee.objects.filter(pk=OuterRef("pk"), certified_at__isnull=False)
    unpaid = Transaction.objects.filter(seller=OuterRef("pk"), bill=None)
    context = {
        "running": capped(running),
        "overdue": capped(overdue),
        "old": capped(running.filter(placed_at__lt=now - OLD)),
        "next_run": Run.objects.filter(due_at__isnull=False).order_by("due_at").first(),
        "last_run": Run.objects.filter(finished_at__isnull=False).order_by("-finished_at").first(),
        "first": overdue.with_order().order_by("promised_at", "pk")[:FIRST],
        "uncertified": Seller.objects.filter(~Exists(certified), Exists(unpaid)).select_related("organisation")[:FIRST],
    }
    return render(request, "operations/home.html", context)
