"""A bill as the consoles show it: its figures and its lines, page by page."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from opengallery.doors.flows import events_of
from opengallery.doors.forms import TypedForm
from opengallery.doors.listing import show_list
from opengallery.doors.pages import actor_of
from opengallery.kit.money import Money
from opengallery.market.billing.models import Bill, Transaction
from opengallery.market.billing.rules import crumbs
from opengallery.market.journal.models import Fact


def show_bill(request: HttpRequest, template: str, bill: Bill, breadcrumbs: list[dict[str, Any]]) -> HttpResponse:
    """Render a bill the actor may see: each line with its derivation, the exact sum, the one rounding."""
    actor = actor_of(request)
    rounding: Money = crumbs(bill.exact)
    return show_list(
        request,
        template,
        rows=lambda filters: Transaction.objects.visible_to(actor).filter(bill=bill),
        filters=TypedForm(request.GET),
        order=("id",),
        shown=lambda lines: {
            "bill": bill,
            "rounding": rounding,
            "events": events_of(Fact.objects.visible_to(actor).of(bill.stream)),
            "breadcrumbs": breadcrumbs,
        },
    )
