"""One supervised delivery with both parties, and the ways to what the operator can do about it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from opengallery.doors.flows import (
    appeals_of,
    deliveries_of,
    file_of,
    log_of,
    requests_of,
    steps_of,
    turn_of,
    unsubscriptions_of,
)
from opengallery.doors.operations.decisions import possible_decisions
from opengallery.doors.pages import actor_of, find, now_of, page
from opengallery.doors.trail import trail
from opengallery.kit.actor import Actor
from opengallery.kit.uploads import serve
from opengallery.market.billing.models import Transaction
from opengallery.market.journal.models import Fact
from opengallery.market.supervision import states
from opengallery.market.supervision.explanations import explain_all
from opengallery.market.supervision.models import Flow, Shipment
from opengallery.market.unsubscription import states as unsubscription_states


@page(right="operations:view")
def flow(request: HttpRequest, line: str) -> HttpResponse:
    """Where it stands, what was delivered, what happened, why it is not billed yet."""
    actor, now = actor_of(request), now_of(request)
    found = any_flow(request, line)
    order = found.line.order
    sale = Transaction.objects.visible_to(actor).select_related("bill").filter(key=line).first()

    def address(key: str) -> str:
        return reverse("operations:file", args=[line, key])

    context = {
        "flow": found,
        "order": order,
        "terms": found.line.terms,
        "resource": found.line.resource,
        "steps": steps_of(found),
        "turn": turn_of(found, side="operator", now=now),
        "links": links_of(found, actor) if actor.may("operations:decide") else [],
        "appeals": appeals_of(found, address),
        "unsubscriptions": unsubscriptions_of(found, address),
        "requests": requests_of(found, address),
        "deliveries": deliveries_of(found, address),
        "criteria": found.line.terms.criteria,
        "events": log_of(order, Fact.objects.visible_to(actor).of(found.stream), line=line),
        "sale": sale,
        "explanation": explain_all([sale], at=now)[0] if sale else None,
        "breadcrumbs": trail((_("Service Supervision"), "operations:supervision"), here=line),
    }
    return render(request, "operations/supervision/flow.html", context)


@page(right="operations:view")
def file(request: HttpRequest, line: str, key: str) -> HttpResponseBase:
    """Download a file of either side, as evidence."""
    return serve(file_of(any_flow(request, line), key))


def any_flow(request: HttpRequest, line: str) -> Flow:
    """Any flow, with its order; NotFound for what is none."""
    return find(Flow.objects.visible_to(actor_of(request)).with_order(), number=line)


def unsigned(flow: Flow) -> Shipment | None:
    """The newest shipment, if it is not signed for yet."""
    shipment = Shipment.objects.filter(delivery__flow=flow).select_related("carrier", "delivery")
    newest = shipment.order_by("-delivery__version").first()
    return newest if newest is not None and newest.signed_at is None else None


def links_of(flow: Flow, actor: Actor) -> list[dict[str, Any]]:
    """What the operator can do now: the pages of it, the most urgent one first."""
    appeal = flow.appeals.filter(state=states.OPEN).first()
    request = flow.unsubscriptions.filter(state=unsubscription_states.WAIT_OPERATOR, held_by="").first()
    shipment = unsigned(flow) if flow.state not in (states.COMPLETED, states.TERMINATED) else None
    rows: list[tuple[bool, Any, str, str]] = [
        (appeal is not None, _("Decide the appeal"), "operations:appeal", appeal.public_id if appeal else ""),
        (request is not None, _("Decide the unsubscription"), "operations:unsubscription",
         request.public_id if request else ""),
        (flow.state == states.WAIT_PLATFORM_REVIEW and not flow.held_by, _("Review"), "operations:review", flow.number),
        (shipment is not None, _("Note the sign-off"), "operations:sign-off", flow.number),
        (not flow.held_by and bool(possible_decisions(flow, actor)), _("Override"), "operations:override", flow.number),
    ]  # fmt: skip
    return [{"label": label, "url": reverse(name, args=[key])} for shown, label, name, key in rows if shown]
