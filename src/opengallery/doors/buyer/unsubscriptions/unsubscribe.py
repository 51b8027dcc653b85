"""Ask the seller for money back: how much, why, and whether the seller may get in touch (U1)."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.buyer.own import own_flow
from opengallery.doors.buyer.supervision.flow import above
from opengallery.doors.forms import TypedForm, ask, confirmed, typed
from opengallery.doors.pages import actor_of, now_of, page, show_refusal
from opengallery.kit.problems import Problem
from opengallery.market.supervision.models import Flow
from opengallery.market.unsubscription import rules, states
from opengallery.market.unsubscription.actions import possible, refusal_of, request_unsubscription


class UnsubscriptionForm(TypedForm):
    """The form of a request."""

    amount = forms.CharField(
        label=gettext_lazy("Amount"), widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"), choices=[("", gettext_lazy("Choose a reason")), *states.REASONS.items()]
    )
    words = forms.CharField(
        label=gettext_lazy("Explanation"), required=False,
        widget=forms.Textarea({"rows": 5, "maxlength": rules.TEXT_MAX}),
        help_text=gettext_lazy("What the seller should know. At most 1,000 characters."),
    )  # fmt: skip
    share_contact = forms.BooleanField(label=gettext_lazy("Give my contact details to the seller"), required=False)


@page(right="orders:buy")
def unsubscribe(request: HttpRequest, line: str) -> HttpResponse:
    """Show the form; after the dialog's "Refund" send the request."""
    row = own_flow(request, line)
    if request.method != "POST":
        return shown(request, row, UnsubscriptionForm(initial={"amount": row.line.net.amount()}))
    form = UnsubscriptionForm(request.POST)
    if not confirmed(request):
        return ask(
            request, title=_("Ask for a refund?"), text=what_happens(row), danger=True, ok=_("Refund"),
            cancel_url=reverse("buyer:unsubscribe", args=[line]),
        )  # fmt: skip
    try:
        made = request_unsubscription(
            row, amount=typed(request, "amount"), reason=typed(request, "reason"), words=typed(request, "words"),
            share_contact="share_contact" in request.POST, by=actor_of(request), at=now_of(request),
        )  # fmt: skip
    except Problem as problem:
        show_refusal(form, problem)
        return shown(request, own_flow(request, line), form, status=problem.status)
    messages.success(request, _("%(seller)s is asked to agree.") % {"seller": row.line.order.seller_name})
    return redirect("buyer:unsubscription", made.public_id)


def shown(request: HttpRequest, row: Flow, form: UnsubscriptionForm, *, status: int = 200) -> HttpResponse:
    """The page; when the purchase cannot be undone (any more) it says why and offers no button."""
    now = now_of(request)
    form.fields["amount"].help_text = rules.amount_error(row.line.net)
    context = {
        "flow": row,
        "order": row.line.order,
        "terms": row.line.terms,
        "form": form,
        "open": possible(row, now),
        "why_not": row.hold_label if row.held_by else refusal_of(row, now),
        "what_happens": what_happens(row),
        "breadcrumbs": above(row, here=_("Unsubscribe")),
    }
    return render(request, "buyer/unsubscriptions/unsubscribe.html", context, status=status)


def what_happens(row: Flow) -> str:
    """What asking does, in the dialog's words."""
    words = {"seller": row.line.order.seller_name, "days": row.line.terms.unsubscription_review_days}
    sentences = [
        _("%(seller)s reads your request and agrees or rejects within %(days)s days; then the operator decides.")
        % words,
        _("Until then the delivery stands still: nobody can deliver, accept or reject."),
        _("If it is agreed the money goes back the way it came, and what you bought ends for good."),
    ]
    if row.template == "hardware":
        sentences.append(_("Goods that have been shipped have to be sent back first."))
    return " ".join(sentences)
