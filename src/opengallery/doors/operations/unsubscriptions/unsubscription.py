"""One request to undo a purchase; the operator agrees or rejects in the seller's place (U3, U4, money spec 12.3)."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.flows import deliveries_of, log_of, requests_of, unsubscription_row, unsubscription_turn
from opengallery.doors.forms import FilesInput, TypedForm, confirmed, typed
from opengallery.doors.operations.contacts import contacts_of
from opengallery.doors.pages import actor_of, find, now_of, page, show_refusal
from opengallery.doors.trail import trail
from opengallery.doors.uploads import kept_files, rules_of, say_limits
from opengallery.kit.problems import InvalidInput, Problem
from opengallery.market.journal.models import Fact
from opengallery.market.policy.models import Policy
from opengallery.market.supervision.models import Flow
from opengallery.market.unsubscription import rules, states
from opengallery.market.unsubscription.actions import agree_unsubscription, reject_unsubscription
from opengallery.market.unsubscription.models import Unsubscription

NEEDED = gettext_lazy(
    "To agree: the agreed communication, or for a part of the amount the acceptance document of what is kept."
)


class ReviewForm(TypedForm):
    """What the operator says of the request, and the proofs of an agreement."""

    comments = forms.CharField(
        label=gettext_lazy("Review comments"), widget=forms.Textarea({"rows": 5, "maxlength": rules.TEXT_MAX}),
        help_text=gettext_lazy("Both sides read them. 1 to 1,000 characters."),
    )  # fmt: skip
    files = forms.FileField(  # type: ignore[assignment]  # Django takes the field away; the name is the verb's
        label=gettext_lazy("Files"), required=False, widget=FilesInput()
    )


@page(right="operations:view")
def unsubscription(request: HttpRequest, public_id: str) -> HttpResponse:
    """The request with what was delivered and said, beside the form of the decision."""
    return shown(request, found(request, public_id), ReviewForm())


@page(right="operations:decide")
def agreement(request: HttpRequest, public_id: str) -> HttpResponse:
    """On "OK" agree: the money goes back, or the goods come back first."""

    def agree(row: Unsubscription) -> None:
        with kept_files(request, "files") as stored:
            agree_unsubscription(row, comments=typed(request, "comments"), files=stored, by=actor_of(request),
                                 at=now_of(request))  # fmt: skip

    return decided(request, public_id, agree, _("Agreed. Both sides are told."))


@page(right="operations:decide")
def rejection(request: HttpRequest, public_id: str) -> HttpResponse:
    """On "OK" reject: the request ends, the delivery goes on."""

    def reject(row: Unsubscription) -> None:
        reject_unsubscription(row, comments=typed(request, "comments"), by=actor_of(request), at=now_of(request))

    return decided(request, public_id, reject, _("Rejected. Both sides are told; the delivery goes on."))


def decided(request: HttpRequest, public_id: str, decide: Callable[[Unsubscription], None], said: str) -> HttpResponse:
    """Call the verb, or show why not: of two who decide at once, the second one is told."""
    row = found(request, public_id)
    if request.method != "POST":
        return redirect("operations:unsubscription", public_id)
    try:
        if not confirmed(request):
            raise InvalidInput({"": [_("Tick the box above the buttons: it says what will happen.")]})
        decide(row)
    except Problem as problem:
        form = ReviewForm(request.POST)
        show_refusal(form, problem)
        return shown(request, found(request, public_id), form, status=problem.status)
    messages.success(request, said)
    return redirect("operations:unsubscription", public_id)


def found(request: HttpRequest, public_id: str) -> Unsubscription:
    """Any request; NotFound for what is none."""
    rows = Unsubscription.objects.visible_to(actor_of(request))
    return find(rows.select_related("flow__line__order", "return_carrier", "refund_order"), public_id=public_id)


def agreeing(row: Unsubscription) -> str:
    """What the dialog says of an agreement."""
    customer = row.flow.line.order.customer_name
    if row.goods_are_out:
        return _("%(customer)s is asked to send the goods back; then %(amount)s go back the way they came.") % {
            "customer": customer, "amount": row.amount,
        }  # fmt: skip
    return _("%(amount)s go back to %(customer)s the way they came. The delivery ends. It cannot be taken back.") % {
        "customer": customer, "amount": row.amount,
    }  # fmt: skip


def shown(request: HttpRequest, row: Unsubscription, form: ReviewForm, *, status: int = 200) -> HttpResponse:
    """The page; a refused step is said above the form, and what was typed stays."""
    actor, now = actor_of(request), now_of(request)
    flow: Flow = row.flow
    order = flow.line.order

    def address(key: str) -> str:
        return reverse("operations:file", args=[flow.number, key])

    say_limits(form.fields["files"], rules_of(Policy.at(now)), needed=False)
    form.fields["files"].help_text = f"{NEEDED} {form.fields['files'].help_text}"
    context = {
        "row": row,
        "flow": flow,
        "order": order,
        "terms": flow.line.terms,
        "turn": unsubscription_turn(row, side="operator"),
        "unsubscriptions": [unsubscription_row(row, address)],
        "deliveries": deliveries_of(flow, address),
        "requests": requests_of(flow, address),
        "events": log_of(order, Fact.objects.visible_to(actor).of(flow.stream), line=flow.number),
        "contacts": contacts_of(order),
        "form": form,
        "may_decide": row.state == states.WAIT_OPERATOR and not row.held_by and actor.may("operations:decide"),
        "agreeing": agreeing(row),
        "rejecting": _("The request ends and the delivery goes on; %(customer)s can ask again or appeal.") % {
            "customer": order.customer_name
        },
        "breadcrumbs": trail((_("Unsubscriptions"), "operations:unsubscriptions"), here=flow.number),
    }  # fmt: skip
    return render(request, "operations/unsubscriptions/unsubscription.html", context, status=status)
