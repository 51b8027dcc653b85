"""Decide for the parties without an appeal: it needs a reason, which stands in both timelines (beyond 13)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from opengallery.doors.forms import ask, confirmed, typed
from opengallery.doors.operations.decisions import (
    DecisionForm,
    decision_form,
    possible_decisions,
    refund_in,
    said_in,
)
from opengallery.doors.operations.supervision.flow import any_flow
from opengallery.doors.pages import actor_of, now_of, page, show_refusal
from opengallery.doors.trail import trail
from opengallery.kit.problems import InvalidInput, Problem
from opengallery.market.supervision.actions import override_flow
from opengallery.market.supervision.models import Flow


@page(right="operations:decide")
def override(request: HttpRequest, line: str) -> HttpResponse:
    """Ask for the decision and the reason; on "OK" carry it out."""
    flow, actor = any_flow(request, line), actor_of(request)
    decisions = possible_decisions(flow, actor)
    if request.method != "POST" and (flow.held_by or not decisions):
        why = flow.hold_label if flow.held_by else _("There is nothing left to decide: it stands at “%(state)s”.") % {
            "state": flow.label
        }  # fmt: skip
        messages.info(request, why)
        return redirect("operations:flow", line)
    form = decision_form(request, flow, decisions)
    status = 200
    if request.method == "POST":
        if not confirmed(request):
            return ask(request, title=_("Override the flow?"), text=f"{said_in(request, flow)}\n\n{effect(flow)}",
                       cancel_url=reverse("operations:flow", args=[line]), danger=True)  # fmt: skip
        try:
            override_flow(flow, decision=request.POST.get("decision", ""), reason=typed(request, "note"),
                          amount=refund_in(request, flow), by=actor, at=now_of(request))  # fmt: skip
        except Problem as problem:
            show_refusal(form, renamed(problem))
            status = problem.status
        else:
            messages.success(request, _("Done. Both sides are told and read your reason."))
            return redirect("operations:flow", line)
    return shown(request, flow, form, status=status)


def renamed(problem: Problem) -> Problem:
    """A refusal of fields under the form's own names."""
    if not isinstance(problem, InvalidInput):
        return problem
    return InvalidInput({"note" if name == "reason" else name: texts for name, texts in problem.errors.items()})


def effect(flow: Flow) -> str:
    """What the dialog says."""
    order = flow.line.order
    return _(
        "You decide in the place of %(customer)s and %(seller)s, who have not asked for it. Both are told; your name "
        "and your reason stand in their operation logs. It cannot be taken back."
    ) % {"customer": order.customer_name, "seller": order.seller_name}


def shown(request: HttpRequest, flow: Flow, form: DecisionForm, *, status: int) -> HttpResponse:
    """The page."""
    context = {
        "flow": flow, "order": flow.line.order, "terms": flow.line.terms, "form": form, "effect": effect(flow),
        "breadcrumbs": trail((_("Service Supervision"), "operations:supervision"),
                             (flow.number, reverse("operations:flow", args=[flow.number])), here=_("Override")),
    }  # fmt: skip
    return render(request, "operations/supervision/override.html", context, status=status)
