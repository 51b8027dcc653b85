"""Prove an activation: the code was activated by the seller's software, and this shows it (F14)."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.forms import typed
from opengallery.doors.pages import actor_of, now_of, page, show_refusal
from opengallery.doors.seller.own import own_flow
from opengallery.doors.seller.supervision import proof
from opengallery.doors.seller.supervision.operations import may, nothing_to_do
from opengallery.doors.uploads import kept_files, kinds_of, rules_of, say_limits
from opengallery.kit.problems import Problem
from opengallery.market.policy.models import Policy
from opengallery.market.supervision.actions import prove_activation
from opengallery.market.supervision.models import AuthorizationCode, Flow


class ActivationForm(proof.ProofForm):
    """What the activation is proven with."""

    service_result = forms.CharField(
        label=gettext_lazy("Service result"), widget=forms.Textarea({"rows": 5}),
        help_text=gettext_lazy("What was activated, and where. 1 to 1,000 characters."),
    )  # fmt: skip
    field_order = ("service_result",)


@page(right="sales:deliver")
def activation(request: HttpRequest, line: str) -> HttpResponse:
    """Show the form; on "OK" hand in the proof. Without an activation there is nothing to prove yet."""
    flow, now = own_flow(request, line), now_of(request)
    if request.method != "POST" and not may(flow, actor_of(request), "prove_activation"):
        return nothing_to_do(request, flow)
    form = ActivationForm(request.POST if request.method == "POST" else None)
    say_limits(form.fields["deliverables"], rules_of(Policy.at(now)), needed=True)
    status = 200
    if request.method == "POST":
        try:
            hand_in(request, flow)
        except Problem as problem:
            show_refusal(form, proof.named_as_in_the_form(problem))
            status = problem.status
        else:
            messages.success(request, _("Proven: the licence is accepted, and its validity has started."))
            return redirect("seller:flow", line)
    context = proof.page_of(flow, form, now, _("Proof of activation")) | {
        "code": AuthorizationCode.objects.filter(flow=flow).first(),
        "what_happens": what_happens(flow),
    }
    return render(request, "seller/supervision/activation.html", context, status=status)


def what_happens(flow: Flow) -> str:
    """What proving does, in the dialog's words."""
    return _(
        "The licence counts as accepted at once, and %(customer)s is told. Its validity starts with the activation."
    ) % {"customer": flow.line.order.customer_name}


def hand_in(request: HttpRequest, flow: Flow) -> None:
    """Read the form, keep the files, call the verb; nothing is kept of what is refused."""
    with kept_files(request, "deliverables") as stored:
        proof.refuse_unconfirmed(request)
        prove_activation(
            flow, service_result=typed(request, "service_result"), files=stored,
            kinds=kinds_of(request, "deliverables"), by=actor_of(request), at=now_of(request),
        )  # fmt: skip
