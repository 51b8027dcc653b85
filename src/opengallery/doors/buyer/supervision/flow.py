"""One delivery under supervision: whose turn it is, what was delivered, what each side said."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.buyer.own import own_flow
from opengallery.doors.buyer.supervision.index import may
from opengallery.doors.flows import deliveries_of, dossier_of, file_of, log_of, steps_of, turn_of
from opengallery.doors.forms import TypedForm
from opengallery.doors.pages import actor_of, now_of, page
from opengallery.doors.trail import trail
from opengallery.doors.validity import term_if_accepted
from opengallery.kit.problems import Problem
from opengallery.kit.uploads import serve
from opengallery.market.journal.models import Fact
from opengallery.market.orders import states as order_states
from opengallery.market.provisioning.models import application_of
from opengallery.market.sellers.models import Seller
from opengallery.market.supervision import rules, states
from opengallery.market.supervision.models import Delivery, Flow

# What happens if nobody acts, by the flow's state.
YOU = {
    states.WAIT_DELIVERY: gettext_lazy(
        "If it is not delivered by then it is overdue. You can remind the seller at any time."
    ),
    states.WAIT_ACCEPTANCE: gettext_lazy("Nothing is accepted automatically: it waits until you accept or reject it."),
    states.COMPLETED: gettext_lazy("Until then you can take the acceptance back."),
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


def show_flow(request: HttpRequest, row: Flow, *, reason: ReasonForm, problem: Problem | None = None,
              status: int = 200) -> HttpResponse:  # fmt: skip
    """Render the page, with the form that takes an acceptance back, and with the problem of a refused step."""
    actor, now = actor_of(request), now_of(request)
    order = row.line.order
    deliveries = delivered(row)
    verbs = {move.verb for move in row.steps_for(actor, now)} if actor.may("orders:accept") else set()
    context: dict[str, Any] = {
        "flow": row,
        "order": order,
        "terms": row.line.terms,
        "resource": row.line.resource,
        "steps": steps_of(row),
        "turn": to_the_buyer(row, turn_of(row, side="buyer", now=now)),
        "deliveries": deliveries,
        "accept": may(row, "accept_delivery", actor),
        "remind": actor.may("orders:accept") and row.may_remind(now),
        "remind_again": row.reminded_at + row.line.terms.reminder_cooldown if row.reminded_at else None,
        "retract": "retract_acceptance" in verbs,
        "form": reason,
        "seller": Seller.objects.filter(pk=row.seller_id).first(),
        "application": application_of(row.line.resource_id, actor),
        "events": log_of(order, Fact.objects.visible_to(actor).of(row.stream), line=row.number),
        "breadcrumbs": trail((_("Service Supervision"), "buyer:supervision"), here=row.number),
        "problem": problem,
    }
    if context["accept"]:
        context |= validity(row, deliveries[0]["delivery"], now)
    return render(request, "buyer/supervision/flow.html", context, status=status)


def to_the_buyer(row: Flow, turn: dict[str, Any] | None) -> dict[str, Any] | None:
    """Whose turn it is, said to the customer, who is "you" here."""
    if turn is None:
        return None
    if turn["overdue"]:
        return turn | {"text": _("The delivery is overdue. You can remind the seller.")}
    return turn | {"text": YOU[row.state]}


@page(right="orders:view")
def file(request: HttpRequest, line: str, key: str) -> HttpResponseBase:
    """Download a deliverable; only the two parties ever find it."""
    return serve(file_of(own_flow(request, line), key))


@page(right="orders:view")
def dossier(request: HttpRequest, line: str) -> HttpResponseBase:
    """Download the evidence."""
    return dossier_of(own_flow(request, line), by=actor_of(request), at=now_of(request))


def delivered(row: Flow) -> list[dict[str, Any]]:
    """The deliveries with this door's addresses of their files, newest first."""
    return deliveries_of(row, lambda key: reverse("buyer:file", args=[row.number, key]))


def validity(row: Flow, delivery: Delivery, now: Any) -> dict[str, Any]:
    """What accepting this delivery now would begin: `term`, and `over` if it would be over already (V8)."""
    term, state = term_if_accepted(row.line, delivery.enabling_time, at=now)
    return {"term": term, "over": state != order_states.ACTIVE, "state_then": order_states.RESOURCE.labels[state]}
