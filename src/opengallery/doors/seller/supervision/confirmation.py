"""Confirm the request: read what the customer asks for, accept it, or send it back with a reason (spec S-3)."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.flows import requests_of
from opengallery.doors.forms import TypedForm, ask, confirmed, typed
from opengallery.doors.pages import actor_of, now_of, page, show_refusal
from opengallery.doors.seller.own import own_flow
from opengallery.doors.seller.supervision.operations import may, nothing_to_do
from opengallery.doors.trail import trail
from opengallery.kit.problems import Problem
from opengallery.market.supervision import rules
from opengallery.market.supervision.actions import accept_request, reject_request
from opengallery.market.supervision.models import Flow


class RejectionForm(TypedForm):
    """Why the request is sent back: the customer must know what to correct (Q10)."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), widget=forms.Textarea({"rows": 4, "maxlength": rules.REASON_MAX}),
        help_text=gettext_lazy("What the customer has to correct. 1 to 1,000 characters."),
    )  # fmt: skip


@page(right="sales:deliver")
def confirmation(request: HttpRequest, line: str) -> HttpResponse:
    """The request, and the two answers to it."""
    flow = own_flow(request, line)
    if not may(flow, actor_of(request), "accept_request"):
        return nothing_to_do(request, flow)
    return shown(request, flow, RejectionForm())


@page(right="sales:deliver")
def acceptance(request: HttpRequest, line: str) -> HttpResponse:
    """Accept the request."""
    return answered(
        request, line, title=_("Accept the request?"), text=when_accepted,
        take=lambda flow: accept_request(flow, by=actor_of(request), at=now_of(request)),
        done=_("Accepted. Deliver the service next."),
    )  # fmt: skip


@page(right="sales:deliver")
def rejection(request: HttpRequest, line: str) -> HttpResponse:
    """Send the request back, with the reason."""
    return answered(
        request, line, title=_("Reject the request?"), text=when_rejected,
        take=lambda flow: reject_request(
            flow, reason=typed(request, "reason"), by=actor_of(request), at=now_of(request)
        ),
        done=_("Sent back. The customer is asked to correct the request."),
    )  # fmt: skip


def answered(request: HttpRequest, line: str, *, title: str, text: Callable[[Flow], str],
             take: Callable[[Flow], None], done: str) -> HttpResponse:  # fmt: skip
    """Ask once more, take the step, and go on to the flow; a refusal is said on the request's page."""
    flow = own_flow(request, line)
    here = reverse("seller:request", args=[line])
    if request.method != "POST":
        return redirect(here)
    if not confirmed(request):
        return ask(request, title=title, text=text(flow), cancel_url=here)
    try:
        take(flow)
    except Problem as problem:
        form = RejectionForm(request.POST)
        show_refusal(form, problem)
        return shown(request, own_flow(request, line), form, status=problem.status)
    messages.success(request, done)
    return redirect("seller:flow", line)


def shown(request: HttpRequest, flow: Flow, form: RejectionForm, *, status: int = 200) -> HttpResponse:
    """The page; when there is nothing to answer (any more) it says so and offers no button."""
    versions = requests_of(flow, lambda key: reverse("seller:file", args=[flow.number, key]))
    context = {
        "flow": flow,
        "order": flow.line.order,
        "terms": flow.line.terms,
        "requests": versions,
        "open": may(flow, actor_of(request), "accept_request"),
        "form": form,
        "when_accepted": when_accepted(flow),
        "when_rejected": when_rejected(flow),
        "breadcrumbs": trail(
            (_("Service Supervision"), "seller:supervision"),
            (flow.number, reverse("seller:flow", args=[flow.number])),
            here=_("Confirm the request"),
        ),
    }
    return render(request, "seller/supervision/confirmation.html", context, status=status)


def when_accepted(flow: Flow) -> str:
    """What accepting does, in the dialog's words."""
    return _("%(customer)s is told that you do what is asked for. You have %(days)s days from now to deliver it.") % {
        "customer": flow.line.order.customer_name, "days": flow.line.terms.delivery_days,
    }  # fmt: skip


def when_rejected(flow: Flow) -> str:
    """What rejecting does, in the dialog's words."""
    return _("%(customer)s reads your reason and is asked to correct the request and to submit it again.") % {
        "customer": flow.line.order.customer_name
    }
