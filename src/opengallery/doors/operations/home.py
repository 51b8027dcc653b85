"""The operator's overview: how the marketplace stands, and what needs somebody's care."""

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from opengallery.doors.listing import capped
from opengallery.doors.operations.supervision.index import running, seen
from opengallery.doors.pages import now_of, page
from opengallery.market.billing.models import Payee, Run, Transaction
from opengallery.market.sellers.models import Seller
from opengallery.market.supervision import states
from opengallery.market.supervision.models import Appeal, Flow
from opengallery.market.unsubscription import states as unsubscription_states
from opengallery.market.unsubscription.models import Unsubscription

FIRST = 8


@page(right="operations:view")
def home(request: HttpRequest) -> HttpResponse:
    """Figures, and the deliveries that are overdue longest."""
    now = now_of(request)
    overdue = seen("overdue", Flow.objects.all(), now)
    appeals = Appeal.objects.filter(state=states.OPEN)
    certified = Payee.objects.filter(pk=OuterRef("pk"), certified_at__isnull=False)
    unpaid = Transaction.objects.filter(seller=OuterRef("pk"), bill=None)
    context = {
        "running": capped(running()),
        "overdue": capped(overdue),
        "old": capped(seen("old", Flow.objects.all(), now)),
        "appeals": capped(appeals),
        "late_appeals": capped(appeals.filter(due_at__lt=now)),
        "review": capped(seen("review", Flow.objects.all(), now)),
        "unsubscriptions": capped(Unsubscription.objects.filter(state=unsubscription_states.WAIT_OPERATOR)),
        "next_run": Run.objects.filter(due_at__isnull=False).order_by("due_at").first(),
        "last_run": Run.objects.filter(finished_at__isnull=False).order_by("-finished_at").first(),
        "first": overdue.with_order().order_by("promised_at", "pk")[:FIRST],
        "uncertified": Seller.objects.filter(~Exists(certified), Exists(unpaid)).select_related("organisation")[:FIRST],
    }
    return render(request, "operations/home.html", context)
