"""Unsubscriptions Details: the request, the seller's review, and the check of goods that came back (spec S-7)."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.flows import events_of, file_of, unsubscription_row, unsubscription_turn
from opengallery.doors.forms import FilesInput, TypedForm, ask, confirmed, typed
from opengallery.doors.pages import actor_of, find, now_of, page, show_refusal
from opengallery.doors.trail import trail
from opengallery.doors.uploads import kept_files, rules_of, say_limits
from opengallery.kit.problems import InvalidInput, NotFound, Problem
from opengallery.kit.uploads import serve
from opengallery.market.journal.models import Fact
from opengallery.market.policy.models import Policy
from opengallery.market.unsubscription import rules
from opengallery.market.unsubscription.actions import (
    accept_return,
    agree_unsubscription,
    refuse_return,
    reject_unsubscription,
)
from opengallery.market.unsubscription.models import Unsubscription


class ReviewForm(TypedForm):
    """What the seller says to the request, and the agreed communication."""

    comments = forms.CharField(
        label=gettext_lazy("Review comments"), widget=forms.Textarea({"rows": 4, "maxlength": rules.TEXT_MAX}),
        help_text=gettext_lazy("The customer reads them. 1 to 1,000 characters."),
    )  # fmt: skip
    files = forms.FileField(  # type: ignore[assignment]  # Django takes the field away; the name is the verb's
        label=gettext_lazy("Agreed communication or confirmation"), required=False, widget=FilesInput()
    )


class RefusalForm(TypedForm):
    """Why returned goods are refused."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), widget=forms.Textarea({"rows": 4, "maxlength": rules.TEXT_MAX}),
        help_text=gettext_lazy("What is wrong with the returned goods. 1 to 1,000 characters."),
    )  # fmt: skip


@page(right="sales:view")
def details(request: HttpRequest, public_id: str) -> HttpResponse:
    """The request at a glance, with the form of whatever is the seller's turn."""
    return shown(request, own(request, public_id))


@page(right="sales:deliver")
def review(request: HttpRequest, public_id: str) -> HttpResponse:
    """Agree or reject, whichever button was pressed."""
    row = own(request, public_id)
    if request.method != "POST":
        return redirect("seller:unsubscription", public_id)
    form = ReviewForm(request.POST)
    try:
        said = decide(request, row)
    except Problem as problem:
        show_refusal(form, problem)
        return shown(request, own(request, public_id), review_form=form, status=problem.status)
    messages.success(request, said)
    return redirect("seller:unsubscription", public_id)


def decide(request: HttpRequest, row: Unsubscription) -> str:
    """Read the form, keep the files of an agreement, call the verb; return what is said afterwards."""
    actor, now, comments = actor_of(request), now_of(request), typed(request, "comments")
    decision = typed(request, "decision")
    if decision not in ("agree", "reject"):
        raise InvalidInput({"": [_("Press Agree or Reject.")]})
    if decision == "reject":
        refuse_unconfirmed(request)
        reject_unsubscription(row, comments=comments, by=actor, at=now)
        return _("Rejected. The delivery goes on where it was.")
    with kept_files(request, "files") as stored:
        refuse_unconfirmed(request)
        agree_unsubscription(row, comments=comments, files=stored, by=actor, at=now)
    return _("Agreed. %(then)s") % {"then": when_agreed(row)}


def refuse_unconfirmed(request: HttpRequest) -> None:
    """A form with files, sent by a browser without script, is confirmed by a tick."""
    if not confirmed(request):
        raise InvalidInput({"": [_("Tick the box above the buttons: it says what will happen.")]})


@page(right="sales:deliver")
def return_acceptance(request: HttpRequest, public_id: str) -> HttpResponse:
    """The goods are back and in order."""
    return checked(
        request, public_id, title=_("Accept the returned goods?"), text=when_accepted,
        take=lambda row: accept_return(row, by=actor_of(request), at=now_of(request)),
        done=_("Accepted. The money is given back."),
    )  # fmt: skip


@page(right="sales:deliver")
def return_refusal(request: HttpRequest, public_id: str) -> HttpResponse:
    """The goods are not what was sent."""
    return checked(
        request, public_id, title=_("Refuse the returned goods?"), text=when_refused,
        take=lambda row: refuse_return(row, reason=typed(request, "reason"), by=actor_of(request), at=now_of(request)),
        done=_("Refused. The customer reads your reason."),
    )  # fmt: skip


def checked(request: HttpRequest, public_id: str, *, title: str, text: Callable[[Unsubscription], str],
            take: Callable[[Unsubscription], None], done: str) -> HttpResponse:  # fmt: skip
    """Ask once more, take the step, and back to the request, which says why when it is refused."""
    row = own(request, public_id)
    here = reverse("seller:unsubscription", args=[public_id])
    if request.method != "POST":
        return redirect(here)
    if not confirmed(request):
        return ask(request, title=title, text=text(row), cancel_url=here)
    try:
        take(row)
    except Problem as problem:
        form = RefusalForm(request.POST)
        show_refusal(form, problem)
        return shown(request, own(request, public_id), refusal_form=form, status=problem.status)
    messages.success(request, done)
    return redirect(here)


@page(right="sales:view")
def file(request: HttpRequest, public_id: str, key: str) -> HttpResponseBase:
    """Download a file of the review; only the two parties ever find it."""
    row = own(request, public_id)
    if not row.files.filter(file=key).exists():
        raise NotFound
    return serve(file_of(row.flow, key))


def own(request: HttpRequest, public_id: str) -> Unsubscription:
    """A request about what the organisation sold, with its order; NotFound otherwise."""
    rows = Unsubscription.objects.filter(flow__seller=actor_of(request).organisation_id)
    return find(
        rows.select_related("flow__line__order", "return_carrier", "refund_order").defer("flow__line__words"),
        public_id=public_id,
    )


def shown(request: HttpRequest, row: Unsubscription, *, review_form: ReviewForm | None = None,
          refusal_form: RefusalForm | None = None, status: int = 200) -> HttpResponse:  # fmt: skip
    """The page; a refused step is said above, and what was typed stays."""
    actor, now = actor_of(request), now_of(request)
    form = review_form or ReviewForm()
    say_limits(form.fields["files"], rules_of(Policy.at(now)), needed=False)
    needed = (
        _("Needed to agree: the acceptance document of the part that is kept.")
        if row.amount < row.flow.line.net
        else _("Needed to agree.")
    )
    form.fields["files"].help_text = f"{needed} {form.fields['files'].help_text}"
    verbs = {move.verb for move in row.moves_for(actor)} if actor.may("sales:deliver") else set()
    context: dict[str, Any] = {
        "row": row,
        "flow": row.flow,
        "order": row.flow.line.order,
        "terms": row.flow.line.terms,
        "unsubscriptions": [
            unsubscription_row(row, lambda key: reverse("seller:unsubscription-file", args=[row.public_id, key]))
        ],
        "turn": unsubscription_turn(row, side="seller"),
        "may_review": "reject_unsubscription" in verbs,
        "may_check": "accept_return" in verbs,
        "form": form,
        "refusal_form": refusal_form or RefusalForm(),
        "when_agreed": when_agreed(row),
        "when_rejected": _("This request ends, and the delivery goes on. The customer may ask again."),
        "when_accepted": when_accepted(row),
        "when_refused": when_refused(row),
        "events": events_of(Fact.objects.visible_to(actor).of(row.stream).filter(subject=row.subject)),
        "breadcrumbs": trail((_("Unsubscriptions"), "seller:unsubscriptions"), here=row.flow.number),
    }
    return render(request, "seller/unsubscriptions/details.html", context, status=status)


def when_agreed(row: Unsubscription) -> str:
    """What agreeing does: the refund at once, or the return of goods first."""
    words = {
        "customer": row.flow.line.order.customer_name, "amount": row.amount.print(),
        "days": row.flow.line.terms.return_shipping_days,
    }  # fmt: skip
    if row.goods_are_out:
        return _(
            "%(customer)s has %(days)s days to send the goods back. When you have accepted them, %(amount)s is given "
            "back."
        ) % words  # fmt: skip
    return _("%(customer)s gets %(amount)s back within three hours, and the delivery is terminated.") % words


def when_accepted(row: Unsubscription) -> str:
    """What accepting returned goods does."""
    return _("%(customer)s gets %(amount)s back within three hours, and the delivery is terminated.") % {
        "customer": row.flow.line.order.customer_name, "amount": row.amount.print(),
    }  # fmt: skip


def when_refused(row: Unsubscription) -> str:
    """What refusing returned goods does."""
    return _(
        "%(customer)s reads your reason, and may send the goods again within %(days)s days, withdraw the request, or "
        "appeal."
    ) % {
        "customer": row.flow.line.order.customer_name, "days": row.flow.line.terms.return_shipping_days,
    }  # fmt: skip
