"""One supervised delivery with both parties; to be read."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from opengallery.doors.flows import deliveries_of, file_of, log_of, steps_of, turn_of
from opengallery.doors.pages import actor_of, find, now_of, page
from opengallery.doors.trail import trail
from opengallery.kit.uploads import serve
from opengallery.market.billing.models import Transaction
from opengallery.market.journal.models import Fact
from opengallery.market.supervision.explanations import explain_all
from opengallery.market.supervision.models import Flow


@page(right="operations:view")
def flow(request: HttpRequest, line: str) -> HttpResponse:
    """Where it stands, what was delivered, what happened, why it is not billed yet."""
    actor, now = actor_of(request), now_of(request)
    found = find(Flow.objects.visible_to(actor).with_order(), number=line)
    order = found.line.order
    sale = Transaction.objects.visible_to(actor).select_related("bill").filter(key=line).first()
    context = {
        "flow": found,
        "order": order,
        "terms": found.line.terms,
        "resource": found.line.resource,
        "steps": steps_of(found),
        "turn": turn_of(found, side="operator", now=now),
        "deliveries": deliveries_of(found, lambda key: reverse("operations:file", args=[line, key])),
        "events": log_of(order, Fact.objects.visible_to(actor).of(found.stream), line=line),
        "sale": sale,
        "explanation": explain_all([sale], at=now)[0] if sale else None,
        "breadcrumbs": trail((_("Service Supervision"), "operations:supervision"), here=line),
    }
    return render(request, "operations/supervision/flow.html", context)


@page(right="operations:view")
def file(request: HttpRequest, line: str, key: str) -> HttpResponseBase:
    """Download a deliverable, as evidence."""
    found = find(Flow.objects.visible_to(actor_of(request)), number=line)
    return serve(file_of(found, key))
