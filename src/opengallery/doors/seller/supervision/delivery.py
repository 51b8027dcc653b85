"""Deliver service: the service result, the deliverables, the actual enabling time, and the dialog (spec S-2)."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.forms import FilesInput, TypedForm, confirmed, typed
from opengallery.doors.pages import actor_of, now_of, page, show_refusal
from opengallery.doors.seller.own import own_flow
from opengallery.doors.seller.supervision.index import may_deliver
from opengallery.doors.trail import trail
from opengallery.doors.uploads import rules_of
from opengallery.kit.calendar import instant, local, local_date
from opengallery.kit.problems import InvalidInput, Problem
from opengallery.kit.uploads import IncomingFile, UploadRules, check_daily, check_files, kept
from opengallery.kit.uploads.rules import size_in_words
from opengallery.market.policy.models import Policy
from opengallery.market.supervision import states
from opengallery.market.supervision.actions import deliver_service
from opengallery.market.supervision.models import Flow

FIELDS = {"kinds": "deliverables_kind"}  # the verb's names that are not the form's


class DeliveryForm(TypedForm):
    """The form of S-2."""

    service_result = forms.CharField(
        label=gettext_lazy("Service result"), widget=forms.Textarea({"rows": 5}),
        help_text=gettext_lazy("What the customer has received, and how to use it. 1 to 1,000 characters."),
    )  # fmt: skip
    deliverables = forms.FileField(label=gettext_lazy("Deliverables"), widget=FilesInput())
    deliverables_kind = forms.ChoiceField(
        label=gettext_lazy("Kind of the files"), choices=list(states.FILE_KINDS.items()), initial="other"
    )
    enabling_time = forms.CharField(
        label=gettext_lazy("Actual enabling time"), required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}),
    )  # fmt: skip


def form_for(flow: Flow, *, rules: UploadRules, now: Any, data: Any = None) -> DeliveryForm:
    """The form with the limits and dates of this flow; without the enabling time where the terms have none (Q1)."""
    form = DeliveryForm(data)
    files, time = form.fields["deliverables"], form.fields["enabling_time"]
    files.help_text = _("At least one, at most %(most)d files of up to %(size)s each: %(kinds)s.") % {
        "most": rules.max_files, "size": size_in_words(rules.max_bytes), "kinds": ", ".join(rules.extensions),
    }  # fmt: skip
    files.widget.attrs |= {
        "accept": ",".join(rules.extensions), "data-max-bytes": rules.max_bytes, "data-max-files": rules.max_files,
    }  # fmt: skip
    if not flow.line.terms.enabling_time_field:
        del form.fields["enabling_time"]
        return form
    paid = local_date(flow.line.order.paid_at or now)
    time.widget.attrs |= {"min": f"{paid}T00:00", "max": f"{local(now):%Y-%m-%dT%H:%M}"}
    time.help_text = _(
        "From the day of payment (%(paid)s) to now, on the platform's clock. Left empty, the validity period starts "
        "with the acceptance."
    ) % {"paid": paid}
    return form


@page(right="sales:deliver")
def delivery(request: HttpRequest, line: str) -> HttpResponse:
    """Show the form; on "OK" hand in the delivery."""
    now = now_of(request)
    flow = own_flow(request, line)
    if request.method != "POST" and not may_deliver(flow.moves_for(actor_of(request))):
        messages.info(request, _("There is nothing to deliver now: it stands at “%(state)s”.") % {"state": flow.label})
        return redirect("seller:flow", line)
    rules = rules_of(Policy.at(now))
    form = form_for(flow, rules=rules, now=now, data=request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        try:
            hand_in(request, flow, rules)
        except Problem as problem:
            show_refusal(form, renamed(problem))
            status = problem.status
        else:
            customer = flow.line.order.customer_name
            messages.success(request, _("Delivered. %(customer)s is asked to accept it.") % {"customer": customer})
            return redirect("seller:flow", line)
    context = {
        "flow": flow,
        "order": flow.line.order,
        "terms": flow.line.terms,
        "form": form,
        "rejected": flow.deliveries.filter(outcome="rejected").order_by("-version").first(),
        "breadcrumbs": trail(
            (_("Service Supervision"), "seller:supervision"), (line, reverse("seller:flow", args=[line])),
            here=_("Deliver service"),
        ),
    }  # fmt: skip
    return render(request, "seller/supervision/delivery.html", context, status=status)


def hand_in(request: HttpRequest, flow: Flow, rules: UploadRules) -> None:
    """Read the form, keep the files, call the verb; nothing is kept of what is refused."""
    actor, now = actor_of(request), now_of(request)
    files = cast("list[IncomingFile]", request.FILES.getlist("deliverables"))
    check_files(files, rules)
    check_daily(actor.organisation_id or 0, files, rules, instant(local_date(now)))
    if not confirmed(request):
        raise InvalidInput({"": [_("Tick the box above the button: it says what will happen.")]})
    with kept(files, organisation_id=actor.organisation_id or 0, uploaded_by_id=actor.user_id, at=now) as stored:
        deliver_service(
            flow, service_result=typed(request, "service_result"), files=stored,
            kinds=kinds_of(request.POST.getlist("deliverables_kind"), len(files)),
            enabling_time=typed(request, "enabling_time"), by=actor, at=now,
        )  # fmt: skip


def kinds_of(said: list[str], files: int) -> list[str]:
    """The kind of each file: one for each, or, from a form without script, one for all of them."""
    return said * files if len(said) == 1 else said[:files]


def renamed(problem: Problem) -> Problem:
    """A refusal of fields under the form's own names."""
    if not isinstance(problem, InvalidInput):
        return problem
    return InvalidInput({FIELDS.get(field, field): messages for field, messages in problem.errors.items()})
