"""One transaction: the four conditions as a checklist, and how its amount came about."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from opengallery.doors.pages import actor_of, find, now_of, page
from opengallery.doors.trail import trail
from opengallery.market.billing.models import Transaction
from opengallery.market.supervision.explanations import explain_all
from opengallery.market.supervision.models import Flow


@page(right="money:view")
def transaction(request: HttpRequest, public_id: str) -> HttpResponse:
    """Why it is billed or not, and its derivation."""
    actor, now = actor_of(request), now_of(request)
    own = Transaction.objects.visible_to(actor).filter(seller=actor.organisation_id).select_related("bill")
    sale = find(own, public_id=public_id)
    context = {
        "sale": sale,
        "explanation": explain_all([sale], at=now)[0],
        "flow": Flow.objects.visible_to(actor).filter(number=sale.key).first(),
        "breadcrumbs": trail((_("Transaction Details"), "seller:transactions"), here=sale.key),
    }
    return render(request, "seller/transactions/transaction.html", context)
