"""Submit a request: words and files for the seller; for a licence by identification code, the code (B-1)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.buyer.own import own_flow
from opengallery.doors.buyer.supervision.flow import above, file_address, refused
from opengallery.doors.buyer.supervision.index import may
from opengallery.doors.flows import template_of
from opengallery.doors.forms import FilesInput, TypedForm, ask, confirmed, typed
from opengallery.doors.pages import actor_of, now_of, page, show_refusal
from opengallery.doors.uploads import kept_files, rules_of, say_limits
from opengallery.kit.problems import InvalidInput, Problem
from opengallery.market.policy.models import Policy
from opengallery.market.supervision import rules
from opengallery.market.supervision.actions import submit_request, withdraw_request
from opengallery.market.supervision.models import Flow


class RequestForm(TypedForm):
    """The form of B-1."""

    code = forms.CharField(
        label=gettext_lazy("Identification code"), required=False, max_length=200,
        help_text=gettext_lazy("The code of the machine or system that the licence is for. Left empty, you get one."),
    )  # fmt: skip
    text = forms.CharField(
        label=gettext_lazy("Request"), widget=forms.Textarea({"rows": 8, "maxlength": rules.REQUEST_MAX}),
        help_text=gettext_lazy("What you need, from when, and whom to ask. 1 to 2,000 characters."),
    )  # fmt: skip
    attachments = forms.FileField(label=gettext_lazy("Files"), required=False, widget=FilesInput())


@page(right="orders:accept")
def submission(request: HttpRequest, line: str) -> HttpResponse:
    """Show the form; on "OK" hand in the request."""
    row = own_flow(request, line)
    if request.method != "POST":
        last = row.requests.last()
        return shown(request, row, RequestForm(initial={"text": last.text, "code": last.code} if last else None))
    form = RequestForm(request.POST)
    try:
        hand_in(request, row)
    except Problem as problem:
        show_refusal(form, problem)
        return shown(request, own_flow(request, line), form, status=problem.status)
    messages.success(request, _("Submitted. %(seller)s has got it.") % {"seller": row.line.order.seller_name})
    return redirect("buyer:flow", line)


def hand_in(request: HttpRequest, row: Flow) -> None:
    """Read the form, keep the files, call the verb; nothing is kept of what is refused."""
    if not confirmed(request):
        raise InvalidInput({"": [_("Tick the box above the button: it says what will happen.")]})
    with kept_files(request, "attachments") as stored:
        submit_request(
            row, text=typed(request, "text"), files=stored, code=typed(request, "code") if by_code(row) else "",
            by=actor_of(request), at=now_of(request),
        )  # fmt: skip


def by_code(row: Flow) -> bool:
    """Whether the request is the code of a machine: nobody has to answer it (T5)."""
    return row.template.startswith("license_idcode")


def shown(request: HttpRequest, row: Flow, form: RequestForm, *, status: int = 200) -> HttpResponse:
    """The page; when nothing can be asked for (any more) it says so and offers no button."""
    say_limits(form.fields["attachments"], rules_of(Policy.at(now_of(request))), needed=False)
    if by_code(row):
        form.fields["text"].required = False
    else:
        del form.fields["code"]
    template = template_of(row, "request", file_address(row))
    context: dict[str, Any] = {
        "flow": row,
        "order": row.line.order,
        "terms": row.line.terms,
        "form": form,
        "open": may(row, "submit_request", actor_of(request)),
        "template": [template] if template else [],
        "criteria": row.line.terms.criteria,
        "rejected": row.requests.filter(outcome="rejected", version=row.requests_count).first(),
        "what_happens": what_happens(row),
        "breadcrumbs": above(row, here=_("Submit Request")),
    }
    return render(request, "buyer/supervision/submission.html", context, status=status)


def what_happens(row: Flow) -> str:
    """What submitting does, in the dialog's words."""
    words = {"seller": row.line.order.seller_name}
    if by_code(row):
        return (
            _("%(seller)s gets the code and makes your licence for it. The code cannot be changed afterwards.") % words
        )
    return (
        _("%(seller)s reads your text and your files, and accepts the request or says what to correct. Until then you "
          "can withdraw it.") % words
    )  # fmt: skip


@page(right="orders:accept")
def withdrawal(request: HttpRequest, line: str) -> HttpResponse:
    """Take the request back before the seller has answered; back to the flow, which says why when it is refused."""
    row = own_flow(request, line)
    if request.method != "POST":
        return redirect("buyer:flow", line)
    if not confirmed(request):
        back = reverse("buyer:flow", args=[line])
        return ask(request, title=_("Withdraw the request?"), text=withdrawing(), cancel_url=back)
    try:
        withdraw_request(row, by=actor_of(request), at=now_of(request))
    except Problem as problem:
        return refused(request, line, problem)
    messages.success(request, _("Withdrawn. Submit the request anew when it is ready."))
    return redirect("buyer:flow", line)


def withdrawing() -> str:
    """What withdrawing does, in the dialog's words."""
    return _("It stays on record, and it is your turn again: you can correct it and submit it anew.")
