"""The platform's own look at a delivery: the customer sees it next, or it goes back to the seller (F11)."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.flows import deliveries_of, requests_of
from opengallery.doors.forms import TypedForm, ask, confirmed, typed
from opengallery.doors.operations.supervision.flow import any_flow
from opengallery.doors.pages import actor_of, now_of, page, show_refusal
from opengallery.doors.trail import trail
from opengallery.kit.problems import Problem
from opengallery.market.supervision import rules, states
from opengallery.market.supervision.actions import approve_delivery, send_back_delivery
from opengallery.market.supervision.models import Flow


class ReviewForm(TypedForm):
    """Why the delivery goes back."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), required=False,
        widget=forms.Textarea({"rows": 4, "maxlength": rules.REASON_MAX}),
        help_text=gettext_lazy("Needed to send it back: what the seller is to mend. 1 to 1,000 characters."),
    )  # fmt: skip


@page(right="operations:decide")
def review(request: HttpRequest, line: str) -> HttpResponse:
    """The newest delivery, and what can be said of it."""
    flow = any_flow(request, line)
    if flow.state != states.WAIT_PLATFORM_REVIEW or flow.held_by:
        messages.info(request, _("There is nothing to review now: it stands at “%(state)s”.") % {"state": flow.label})
        return redirect("operations:flow", line)
    return shown(request, flow, ReviewForm())


@page(right="operations:decide")
def approval(request: HttpRequest, line: str) -> HttpResponse:
    """On "OK" let the customer look at it."""
    flow = any_flow(request, line)
    if request.method != "POST":
        return redirect("operations:review", line)
    if not confirmed(request):
        return ask(request, title=_("Approve the delivery?"), text=approving(flow),
                   cancel_url=reverse("operations:review", args=[line]))  # fmt: skip
    try:
        approve_delivery(flow, by=actor_of(request), at=now_of(request))
    except Problem as problem:
        return refused(request, line, problem)
    messages.success(request, _("Approved. %(customer)s is asked to accept it.") % {
        "customer": flow.line.order.customer_name})  # fmt: skip
    return redirect("operations:flow", line)


@page(right="operations:decide")
def sending_back(request: HttpRequest, line: str) -> HttpResponse:
    """On "OK" send it back to the seller, with the reason."""
    flow = any_flow(request, line)
    if request.method != "POST":
        return redirect("operations:review", line)
    if not confirmed(request):
        return ask(request, title=_("Send the delivery back?"), text=sending(flow),
                   cancel_url=reverse("operations:review", args=[line]))  # fmt: skip
    try:
        send_back_delivery(flow, reason=typed(request, "reason"), by=actor_of(request), at=now_of(request))
    except Problem as problem:
        return refused(request, line, problem)
    messages.success(request, _("Sent back. %(seller)s reads your reason.") % {"seller": flow.line.order.seller_name})
    return redirect("operations:flow", line)


def approving(flow: Flow) -> str:
    """What the dialog says of an approval."""
    return _("%(customer)s sees the delivery at once and is asked to accept or reject it.") % {
        "customer": flow.line.order.customer_name
    }


def sending(flow: Flow) -> str:
    """What the dialog says of sending back."""
    return _("%(seller)s reads your reason and has to deliver again; the promised time begins anew.") % {
        "seller": flow.line.order.seller_name
    }


def refused(request: HttpRequest, line: str, problem: Problem) -> HttpResponse:
    """The page as it stands now, saying why; what was typed stays."""
    form = ReviewForm(request.POST)
    show_refusal(form, problem)
    return shown(request, any_flow(request, line), form, status=problem.status)


def shown(request: HttpRequest, flow: Flow, form: ReviewForm, *, status: int = 200) -> HttpResponse:
    """The page."""

    def address(key: str) -> str:
        return reverse("operations:file", args=[flow.number, key])

    context = {
        "flow": flow,
        "order": flow.line.order,
        "terms": flow.line.terms,
        "deliveries": deliveries_of(flow, address),
        "requests": requests_of(flow, address),
        "form": form,
        "open": flow.state == states.WAIT_PLATFORM_REVIEW and not flow.held_by,
        "approving": approving(flow),
        "sending": sending(flow),
        "breadcrumbs": trail(
            (_("Service Supervision"), "operations:supervision"),
            (flow.number, reverse("operations:flow", args=[flow.number])), here=_("Review"),
        ),
    }  # fmt: skip
    return render(request, "operations/supervision/review.html", context, status=status)
