"""Deliver service: the service result, the deliverables, what they prove, the enabling time, and the dialog (S-2)."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.flows import requests_of, template_of
from opengallery.doors.forms import typed
from opengallery.doors.pages import actor_of, now_of, page, show_refusal
from opengallery.doors.seller.own import own_flow
from opengallery.doors.seller.supervision import proof
from opengallery.doors.seller.supervision.operations import may, nothing_to_do
from opengallery.doors.uploads import kept_files, kinds_of
from opengallery.kit.calendar import local, local_date
from opengallery.kit.problems import Problem
from opengallery.market.supervision import states
from opengallery.market.supervision.actions import deliver_service
from opengallery.market.supervision.models import Flow


class DeliveryForm(proof.ProofForm):
    """The form of S-2."""

    service_result = forms.CharField(
        label=gettext_lazy("Service result"), widget=forms.Textarea({"rows": 5}),
        help_text=gettext_lazy("What the customer has received, and how to use it. 1 to 1,000 characters."),
    )  # fmt: skip
    code = forms.CharField(
        label=gettext_lazy("Authorization code"), widget=forms.TextInput({"maxlength": 200, "autocomplete": "off"}),
        help_text=gettext_lazy("The customer sees it only after having collected it. Each code is issued once."),
    )  # fmt: skip
    enabling_time = forms.CharField(
        label=gettext_lazy("Actual enabling time"), required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}),
    )  # fmt: skip
    field_order = ("service_result", "code")


def form_for(request: HttpRequest, flow: Flow) -> DeliveryForm:
    """The form with the limits, dates and criteria of this flow; only the fields that its terms have (Q1, T4)."""
    form, now = DeliveryForm(request.POST if request.method == "POST" else None), now_of(request)
    by_code = flow.template == "license_code"
    proof.prepared(form, request, flow, files_needed=not by_code)
    if not by_code:
        del form.fields["code"]
    # The validity of a licence by code starts with its activation.
    if by_code or not flow.line.terms.enabling_time_field:
        del form.fields["enabling_time"]
        return form
    paid = local_date(flow.line.order.paid_at or now)
    time = form.fields["enabling_time"]
    time.widget.attrs |= {"min": f"{paid}T00:00", "max": f"{local(now):%Y-%m-%dT%H:%M}"}
    time.help_text = _(
        "From the day of payment (%(paid)s) to now, on the platform's clock. Left empty, the validity period starts "
        "with the acceptance."
    ) % {"paid": paid}
    return form


@page(right="sales:deliver")
def delivery(request: HttpRequest, line: str) -> HttpResponse:
    """Show the form; on "OK" hand in the delivery."""
    flow = own_flow(request, line)
    if request.method != "POST" and not may(flow, actor_of(request), "deliver_service"):
        return nothing_to_do(request, flow)
    form = form_for(request, flow)
    status = 200
    if request.method == "POST":
        try:
            hand_in(request, flow)
        except Problem as problem:
            show_refusal(form, proof.named_as_in_the_form(problem))
            status = problem.status
        else:
            customer = flow.line.order.customer_name
            messages.success(request, str(SAID[flow.state]) % {"customer": customer})
            return redirect("seller:flow", line)
    context = proof.page_of(flow, form, now_of(request), _("Deliver service")) | {
        "requests": requests_of(flow, lambda key: reverse("seller:file", args=[line, key]))[:1],
        "template": template_of(flow, "delivery", lambda key: reverse("seller:file", args=[line, key])),
        "what_happens": what_happens(flow),
    }
    return render(request, "seller/supervision/delivery.html", context, status=status)


# What is said after a delivery, by the state that it led to.
SAID = {
    states.WAIT_ACCEPTANCE: gettext_lazy("Delivered. %(customer)s is asked to accept it."),
    states.WAIT_PLATFORM_REVIEW: gettext_lazy("Delivered. The platform reviews it before %(customer)s does."),
    states.WAIT_CODE_PICKUP: gettext_lazy("Delivered. %(customer)s is asked to collect the code."),
}


def what_happens(flow: Flow) -> str:
    """What delivering does, in the dialog's words."""
    words = {"customer": flow.line.order.customer_name, "number": flow.line.order.number}
    if flow.template == "license_code":
        return _(
            "%(customer)s is told that the code of order %(number)s can be collected, and sees it only then. Once it "
            "is collected, the purchase can no longer be undone by agreement. Afterwards you upload the proof of the "
            "activation."
        ) % words  # fmt: skip
    sentences = [
        _(
            "%(customer)s is told that order %(number)s is delivered, sees your text and your files, and is asked to "
            "accept or reject them. What you have delivered cannot be changed afterwards; if it is rejected, you "
            "deliver again."
        ) % words
    ]  # fmt: skip
    if flow.template.endswith("_reviewed"):
        sentences.insert(0, _("The platform reviews it first."))
    return " ".join(sentences)


def hand_in(request: HttpRequest, flow: Flow) -> None:
    """Read the form, keep the files, call the verb; nothing is kept of what is refused."""
    with kept_files(request, "deliverables") as stored:
        proof.refuse_unconfirmed(request)
        deliver_service(
            flow, service_result=typed(request, "service_result"), files=stored,
            kinds=kinds_of(request, "deliverables"), proves=proof.proves_of(request),
            answers=proof.answers_of(request, flow), code=typed(request, "code"),
            enabling_time=typed(request, "enabling_time"), by=actor_of(request), at=now_of(request),
        )  # fmt: skip
