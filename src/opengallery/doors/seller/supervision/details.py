"""Service supervision details (spec S-5): where it stands, what was delivered and said, when it is paid."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from opengallery.doors.flows import deliveries_of, dossier_of, file_of, log_of, steps_of, turn_of
from opengallery.doors.pages import actor_of, now_of, page
from opengallery.doors.seller.own import own_flow
from opengallery.doors.seller.supervision.index import may_deliver
from opengallery.doors.trail import trail
from opengallery.kit.uploads import serve
from opengallery.market.billing.models import Transaction
from opengallery.market.journal.models import Fact
from opengallery.market.supervision.explanations import explain_all


@page(right="sales:view")
def details(request: HttpRequest, line: str) -> HttpResponse:
    """One flow at a glance."""
    actor, now = actor_of(request), now_of(request)
    flow = own_flow(request, line)
    order = flow.line.order
    context = {
        "flow": flow,
        "order": order,
        "terms": flow.line.terms,
        "resource": flow.line.resource,
        "steps": steps_of(flow),
        "turn": turn_of(flow, side="seller", now=now),
        "deliver": actor.may("sales:deliver") and may_deliver(flow.moves_for(actor)),
        "deliveries": deliveries_of(flow, lambda key: reverse("seller:file", args=[line, key])),
        "dossier_url": reverse("seller:dossier", args=[line]),
        "events": log_of(order, Fact.objects.visible_to(actor).of(flow.stream), line=line),
        "breadcrumbs": trail((_("Service Supervision"), "seller:supervision"), here=line),
    }
    if actor.may("money:view"):
        sale = Transaction.objects.visible_to(actor).select_related("bill").filter(key=line).first()
        context |= {"sale": sale, "explanation": explain_all([sale], at=now)[0] if sale else None}
    return render(request, "seller/supervision/details.html", context)


@page(right="sales:view")
def file(request: HttpRequest, line: str, key: str) -> HttpResponseBase:
    """Download a deliverable; only the two parties ever find it."""
    return serve(file_of(own_flow(request, line), key))


@page(right="sales:view")
def dossier(request: HttpRequest, line: str) -> HttpResponseBase:
    """Download the evidence."""
    return dossier_of(own_flow(request, line), by=actor_of(request), at=now_of(request))
