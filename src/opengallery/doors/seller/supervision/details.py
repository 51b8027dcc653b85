"""Service supervision details (spec S-5): where it stands, what was asked, delivered and said, when it is paid."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from opengallery.doors import flows
from opengallery.doors.pages import actor_of, now_of, page
from opengallery.doors.seller.own import own_flow
from opengallery.doors.seller.supervision.operations import operation_of
from opengallery.doors.trail import trail
from opengallery.kit.uploads import serve
from opengallery.market.billing.models import Transaction
from opengallery.market.journal.models import Fact
from opengallery.market.orders.models import DeliveryAddress
from opengallery.market.supervision import states
from opengallery.market.supervision.explanations import explain_all
from opengallery.market.supervision.models import AuthorizationCode, Flow


@page(right="sales:view")
def details(request: HttpRequest, line: str) -> HttpResponse:
    """One flow at a glance."""
    actor, now = actor_of(request), now_of(request)
    flow = own_flow(request, line)
    context = {
        "flow": flow,
        "order": flow.line.order,
        "terms": flow.line.terms,
        "criteria": flow.line.terms.criteria,
        "resource": flow.line.resource,
        "steps": flows.steps_of(flow),
        "turn": flows.turn_of(flow, side="seller", now=now),
        "operation": operation_of(flow, actor),
        "appeal": actor.may("sales:deliver") and flow.may_appeal(actor, now),
        "events": flows.log_of(flow.line.order, Fact.objects.visible_to(actor).of(flow.stream), line=line),
        "dossier_url": reverse("seller:dossier", args=[line]),
        "breadcrumbs": trail((_("Service Supervision"), "seller:supervision"), here=line),
        **history_of(flow),
        **customer_of(flow),
    }
    if actor.may("money:view"):
        sale = Transaction.objects.visible_to(actor).select_related("bill").filter(key=line).first()
        context |= {"sale": sale, "explanation": explain_all([sale], at=now)[0] if sale else None}
    return render(request, "seller/supervision/details.html", context)


def history_of(flow: Flow) -> dict[str, Any]:
    """What was asked, delivered, appealed and undone; the newest shipment's hint, and the request to review."""

    def address(key: str) -> str:
        return reverse("seller:file", args=[flow.number, key])

    deliveries = flows.deliveries_of(flow, address)
    undone = flows.unsubscriptions_of(flow, address)
    return {
        "requests": flows.requests_of(flow, address),
        "deliveries": deliveries,
        "appeals": flows.appeals_of(flow, address),
        "unsubscriptions": undone,
        "review": next((entry["row"] for entry in undone if entry["row"].turn), None),
        "ask_by_hand": flow.state == states.WAIT_ACCEPTANCE and signed_by_another_phone(deliveries),
    }


def signed_by_another_phone(deliveries: list[dict[str, Any]]) -> bool:
    """Whether the newest parcel was signed for, and its carrier knows the recipient by another phone (AT-50)."""
    found = deliveries[0]["shipment"] if deliveries else None
    return bool(found and found["shipment"].signed_at and found["shipment"].phone_matches is False)


def customer_of(flow: Flow) -> dict[str, Any]:
    """Where goods go, the code that was issued, and the customer's contact only if it was shared (AT-75)."""
    goods, by_code = flow.template == "hardware", flow.template == "license_code"
    return {
        "address": DeliveryAddress.objects.filter(pk=flow.line.order_id).first() if goods else None,
        "code": AuthorizationCode.objects.filter(flow=flow).first() if by_code else None,
        "contact": flow.unsubscriptions.filter(share_contact=True).order_by("-requested_at", "-pk").first(),
    }


@page(right="sales:view")
def file(request: HttpRequest, line: str, key: str) -> HttpResponseBase:
    """Download a file of the flow; only the two parties ever find it."""
    return serve(flows.file_of(own_flow(request, line), key))


@page(right="sales:view")
def dossier(request: HttpRequest, line: str) -> HttpResponseBase:
    """Download the evidence."""
    return flows.dossier_of(own_flow(request, line), by=actor_of(request), at=now_of(request))
