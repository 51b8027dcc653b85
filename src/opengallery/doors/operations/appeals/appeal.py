"""One appeal with the facts and files of both sides, and the operator's decision (spec 2.4, AT-59, AT-60)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from opengallery.doors.flows import appeal_row, deliveries_of, log_of, requests_of, steps_of, unsubscriptions_of
from opengallery.doors.forms import ask, confirmed, typed
from opengallery.doors.operations.contacts import contacts_of
from opengallery.doors.operations.decisions import (
    DecisionForm,
    decision_form,
    possible_decisions,
    refund_in,
    said_in,
)
from opengallery.doors.pages import actor_of, find, now_of, page, show_refusal
from opengallery.doors.trail import trail
from opengallery.kit.problems import Problem
from opengallery.market.journal.models import Fact
from opengallery.market.supervision import states
from opengallery.market.supervision.actions import decide_appeal
from opengallery.market.supervision.models import Appeal, Flow


@page(right="operations:view")
def appeal(request: HttpRequest, public_id: str) -> HttpResponse:
    """Everything that both sides have said, shown and done, beside the form of the decision."""
    row, flow = found(request, public_id)
    return shown(request, row, flow, form_for(request, flow))


@page(right="operations:decide")
def decision(request: HttpRequest, public_id: str) -> HttpResponse:
    """On "OK" decide. Of two operators who decide at once, the second one is told."""
    row, flow = found(request, public_id)
    back = reverse("operations:appeal", args=[public_id])
    if request.method != "POST":
        return redirect(back)
    if not confirmed(request):
        return ask(request, title=_("Decide the appeal?"), text=f"{said_in(request, flow)}\n\n{effect()}",
                   cancel_url=back)  # fmt: skip
    form = form_for(request, flow)
    try:
        decide_appeal(row, decision=request.POST.get("decision", ""), note=typed(request, "note"),
                      amount=refund_in(request, flow), by=actor_of(request), at=now_of(request))  # fmt: skip
    except Problem as problem:
        show_refusal(form, problem)
        return shown(request, *found(request, public_id), form, status=problem.status)
    messages.success(request, _("Decided. Both sides are told."))
    return redirect(back)


def found(request: HttpRequest, public_id: str) -> tuple[Appeal, Flow]:
    """Any appeal with its flow; NotFound for what is none."""
    actor = actor_of(request)
    row = find(Appeal.objects.visible_to(actor).prefetch_related("files__file"), public_id=public_id)
    return row, find(Flow.objects.visible_to(actor).with_order(), pk=row.flow_id)


def form_for(request: HttpRequest, flow: Flow) -> DecisionForm:
    """The form with what can be decided here."""
    return decision_form(request, flow, ["resume", *possible_decisions(flow, actor_of(request))])


def effect() -> str:
    """What the dialog says."""
    return _(
        "The delivery goes on, or ends, as you have chosen, at once; both sides are told and read your reason. "
        "The decision cannot be taken back."
    )


def shown(request: HttpRequest, row: Appeal, flow: Flow, form: DecisionForm, *, status: int = 200) -> HttpResponse:
    """The page; a refused decision is said above the form, and what was typed stays."""
    actor, now = actor_of(request), now_of(request)
    order = flow.line.order

    def address(key: str) -> str:
        return reverse("operations:file", args=[flow.number, key])

    context = {
        "appeal": row,
        "flow": flow,
        "order": order,
        "terms": flow.line.terms,
        "overdue": row.state == states.OPEN and row.due_at < now,
        "steps": steps_of(flow),
        "appeals": [appeal_row(row, address)],
        "requests": requests_of(flow, address),
        "deliveries": deliveries_of(flow, address),
        "unsubscriptions": unsubscriptions_of(flow, address),
        "criteria": flow.line.terms.criteria,
        "events": log_of(order, Fact.objects.visible_to(actor).of(flow.stream), line=flow.number),
        "contacts": contacts_of(order),
        "form": form,
        "effect": effect(),
        "may_decide": row.state == states.OPEN and actor.may("operations:decide"),
        "breadcrumbs": trail((_("Appeals"), "operations:appeals"), here=flow.number),
    }
    return render(request, "operations/appeals/appeal.html", context, status=status)
