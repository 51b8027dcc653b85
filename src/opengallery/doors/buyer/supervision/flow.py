"""One delivery under supervision: whose turn it is, what was asked, delivered and said by each side."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.buyer.own import own_flow
from opengallery.doors.buyer.supervision.index import accept_label, may, may_accept
from opengallery.doors.flows import (
    appeals_of,
    deliveries_of,
    dossier_of,
    file_of,
    log_of,
    requests_of,
    steps_of,
    template_of,
    turn_of,
    unsubscriptions_of,
)
from opengallery.doors.forms import TypedForm
from opengallery.doors.pages import actor_of, now_of, page
from opengallery.doors.trail import trail
from opengallery.doors.validity import term_if_accepted
from opengallery.kit.actor import Actor, Party
from opengallery.kit.problems import Problem
from opengallery.kit.uploads import serve
from opengallery.market.identity.models import User
from opengallery.market.journal.models import Fact
from opengallery.market.orders import states as order_states
from opengallery.market.provisioning.models import application_of
from opengallery.market.sellers.models import Seller
from opengallery.market.supervision import rules, states
from opengallery.market.supervision.models import AuthorizationCode, Delivery, Flow
from opengallery.market.unsubscription.actions import possible, refusal_of

# What happens if nobody acts, by the deadline's outcome or the flow's state, said to the customer, who is "you" here.
YOU = {
    ("overdue", states.WAIT_DELIVERY): gettext_lazy(
        "If it is not delivered by then it is overdue. You can remind the seller at any time."
    ),
    ("completed", states.WAIT_ACCEPTANCE): gettext_lazy(
        "If you neither accept nor reject by then, the delivery is accepted automatically."
    ),
    ("completed", states.COMPLETED): gettext_lazy("Until then you can take the acceptance back."),
    ("waits", states.WAIT_REQUEST): gettext_lazy("It waits for you: the seller begins when the request is there."),
    ("waits", states.WAIT_REQUEST_CONFIRM): gettext_lazy(
        "It waits until the seller answers. You can remind the seller, or withdraw the request."
    ),
    ("waits", states.WAIT_CODE_PICKUP): gettext_lazy("It waits until you collect the code."),
    ("waits", states.WAIT_CODE_ACTIVATION): gettext_lazy(
        "It waits until your software has activated the code and the seller has uploaded the proof."
    ),
    ("waits", states.WAIT_PLATFORM_REVIEW): gettext_lazy(
        "It waits until the platform has looked at the delivery; then it is your turn."
    ),
    ("waits", states.WAIT_ACCEPTANCE): gettext_lazy(
        "Nothing is accepted automatically: it waits until you accept or reject it."
    ),
}


class ReasonForm(TypedForm):
    """Why: the other side must know what to do."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("The seller reads it. At most 1,000 characters."),
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": rules.REASON_MAX}),
    )


@page(right="orders:view")
def flow(request: HttpRequest, line: str) -> HttpResponse:
    """The flow's page."""
    return show_flow(request, own_flow(request, line), reason=ReasonForm())


def refused(request: HttpRequest, line: str, problem: Problem) -> HttpResponse:
    """The flow's page, which says why a step was refused."""
    return show_flow(request, own_flow(request, line), reason=ReasonForm(), problem=problem, status=problem.status)


def show_flow(request: HttpRequest, row: Flow, *, reason: ReasonForm, problem: Problem | None = None,
              status: int = 200) -> HttpResponse:  # fmt: skip
    """Render the page, with the form that takes an acceptance back, and with the problem of a refused step."""
    actor, now = actor_of(request), now_of(request)
    order, address = row.line.order, file_address(row)
    deliveries = deliveries_of(row, address)
    template = template_of(row, "request", address) if row.state == states.WAIT_REQUEST else None
    context: dict[str, Any] = {
        "flow": row,
        "order": order,
        "terms": row.line.terms,
        "resource": row.line.resource,
        "steps": steps_of(row),
        "turn": to_the_buyer(row, turn_of(row, side="buyer", now=now), actor),
        "requests": requests_of(row, address),
        "template": [template] if template else [],
        "criteria": row.line.terms.criteria,
        "deliveries": deliveries,
        "appeals": appeals_of(row, address),
        "unsubscriptions": unsubscriptions_of(row, address),
        "code": AuthorizationCode.objects.filter(flow=row, collected_at__isnull=False).first(),
        **open_steps(row, actor, now),
        "remind_again": row.reminded_at + row.line.terms.reminder_cooldown if row.reminded_at else None,
        "form": reason,
        "seller": Seller.objects.filter(pk=row.seller_id).first(),
        "application": application_of(row.line.resource_id, actor),
        "events": log_of(order, Fact.objects.visible_to(actor).of(row.stream), line=row.number),
        "breadcrumbs": trail((_("Service Supervision"), "buyer:supervision"), here=row.number),
        "problem": problem,
    }
    if context["accept"]:
        context |= validity(row, deliveries[0]["delivery"] if deliveries else None, now)
    return render(request, "buyer/supervision/flow.html", context, status=status)


def open_steps(row: Flow, actor: Actor, now: Any) -> dict[str, Any]:
    """Which steps the page offers to this person now; for those that are not open and could be, why or from when."""
    verbs = {move.verb for move in row.steps_for(actor, now)} if actor.may("orders:accept") else set()
    gate = row.appeal_possible_from(Party.BUYER) if row.turn and row.held_by != states.APPEAL else None
    appeal = actor.may("orders:accept") and row.may_appeal(actor, now)
    unsubscribe = actor.may("orders:buy") and possible(row, now)
    return {
        "submit": "submit_request" in verbs,
        "withdraw": "withdraw_request" in verbs,
        "collect": "collect_code" in verbs,
        "accept": may_accept(row, actor),
        "accept_label": accept_label(row),
        "reject": may(row, "reject_delivery", actor),
        "remind": actor.may("orders:accept") and row.may_remind(now),
        "retract": "retract_acceptance" in verbs,
        "appeal": appeal,
        "appeal_from": gate if gate and gate >= now else None,
        "unsubscribe": unsubscribe,
        "why_not_unsubscribe": refusal_of(row, now) if not unsubscribe and row.turn and not row.held_by else "",
    }


def to_the_buyer(row: Flow, turn: dict[str, Any] | None, actor: Actor) -> dict[str, Any] | None:
    """Whose turn it is, said to the customer, who is "you" here."""
    if turn is None or turn.get("outcome", "held") == "held":
        return turn
    if turn["overdue"]:
        return turn | {"text": _("The delivery is overdue. You can remind the seller.")}
    text = str(YOU[turn["outcome"], row.state])
    if row.state == states.WAIT_ACCEPTANCE and row.accepted_first_by:
        first = User.objects.filter(pk=row.accepted_first_by).first()
        name = first.full_name if first else ""
        text = _("%(name)s has accepted. Your organisation wants two people for this amount.") % {"name": name}
        return turn | {"text": text, "mine": row.accepted_first_by != actor.user_id}
    return turn | {"text": text}


@page(right="orders:view")
def file(request: HttpRequest, line: str, key: str) -> HttpResponseBase:
    """Download a file of the flow, whoever sent it; only the two parties ever find it."""
    return serve(file_of(own_flow(request, line), key))


@page(right="orders:view")
def dossier(request: HttpRequest, line: str) -> HttpResponseBase:
    """Download the evidence."""
    return dossier_of(own_flow(request, line), by=actor_of(request), at=now_of(request))


def above(row: Flow, *, here: str) -> list[dict[str, Any]]:
    """The breadcrumb of a page below the flow's."""
    flow_url = reverse("buyer:flow", args=[row.number])
    return trail((_("Service Supervision"), "buyer:supervision"), (row.number, flow_url), here=here)


def file_address(row: Flow) -> Any:
    """This door's address of a file of the flow, by its key."""
    return lambda key: reverse("buyer:file", args=[row.number, key])


def delivered(row: Flow) -> list[dict[str, Any]]:
    """The deliveries with this door's addresses of their files, newest first."""
    return deliveries_of(row, file_address(row))


def validity(row: Flow, delivery: Delivery | None, now: Any) -> dict[str, Any]:
    """What accepting this delivery now would begin: `term`, and `over` if it would be over already (V8).

    A software package is there to be downloaded: it is accepted without a delivery (T6).
    """
    enabling_time = delivery.enabling_time if delivery else None
    term, state = term_if_accepted(row.line, enabling_time, at=now)
    return {
        "term": term,
        "given": enabling_time is not None,
        "over": state != order_states.ACTIVE,
        "state_then": order_states.RESOURCE.labels[state],
    }
