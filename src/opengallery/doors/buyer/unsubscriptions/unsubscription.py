"""One request to undo a purchase: its progress, withdrawing it, sending the goods back."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.buyer.own import own_unsubscription
from opengallery.doors.buyer.supervision.flow import file_address
from opengallery.doors.flows import events_of, unsubscription_row, unsubscription_turn
from opengallery.doors.forms import TypedForm, ask, confirmed, typed
from opengallery.doors.pages import actor_of, now_of, page, show_refusal
from opengallery.doors.trail import trail
from opengallery.kit.problems import Problem
from opengallery.market.journal.models import Fact
from opengallery.market.supervision.models import Carrier
from opengallery.market.unsubscription.actions import send_return, withdraw_unsubscription
from opengallery.market.unsubscription.models import Unsubscription


class ReturnForm(TypedForm):
    """How the goods travel back."""

    carrier = forms.CharField(label=gettext_lazy("Logistics company"), widget=forms.Select)
    number = forms.CharField(label=gettext_lazy("Tracking number"), max_length=60)


@page(right="orders:view")
def unsubscription(request: HttpRequest, public_id: str) -> HttpResponse:
    """The page."""
    return shown(request, own_unsubscription(request, public_id), ReturnForm())


@page(right="orders:buy")
def withdrawal(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take the request back; the delivery goes on."""
    row = own_unsubscription(request, public_id)
    back = reverse("buyer:unsubscription", args=[public_id])
    if request.method != "POST":
        return redirect(back)
    if not confirmed(request):
        return ask(request, title=_("Withdraw the request?"), text=withdrawing(), cancel_url=back)
    try:
        withdraw_unsubscription(row, by=actor_of(request), at=now_of(request))
    except Problem as problem:
        return shown(request, own_unsubscription(request, public_id), ReturnForm(), problem=problem)
    messages.success(request, _("Withdrawn. The delivery goes on where it was."))
    return redirect(back)


@page(right="orders:buy")
def sending_back(request: HttpRequest, public_id: str) -> HttpResponse:
    """Enter how the goods travel back to the seller."""
    row = own_unsubscription(request, public_id)
    back = reverse("buyer:unsubscription", args=[public_id])
    if request.method != "POST":
        return redirect(back)
    if not confirmed(request):
        return ask(request, title=_("Have you sent the goods back?"), text=sending(row), cancel_url=back)
    form = ReturnForm(request.POST)
    carrier, number = typed(request, "carrier"), typed(request, "number")
    try:
        send_return(row, carrier=carrier, number=number, by=actor_of(request), at=now_of(request))
    except Problem as problem:
        show_refusal(form, problem)
        return shown(request, own_unsubscription(request, public_id), form, status=problem.status)
    messages.success(request, _("Noted. The seller is asked to check the goods."))
    return redirect(back)


def shown(request: HttpRequest, row: Unsubscription, form: ReturnForm, *, problem: Problem | None = None,
          status: int = 200) -> HttpResponse:  # fmt: skip
    """The page, with the form of the return shipment while one is expected."""
    actor, now = actor_of(request), now_of(request)
    verbs = {move.verb for move in row.moves_for(actor)} if actor.may("orders:buy") else set()
    carriers = Carrier.objects.filter(offered=True).values_list("code", "name") if "send_return" in verbs else ()
    form.fields["carrier"].widget.choices = [("", _("Choose a carrier")), *carriers]
    facts = Fact.objects.visible_to(actor).of(row.stream).filter(subject=row.subject)
    context = {
        "row": row,
        "flow": row.flow,
        "order": row.flow.line.order,
        "terms": row.flow.line.terms,
        "turn": unsubscription_turn(row, side="buyer"),
        "unsubscriptions": [unsubscription_row(row, file_address(row.flow))],
        "withdraw": "withdraw_unsubscription" in verbs,
        "send": "send_return" in verbs,
        "appeal": actor.may("orders:accept") and row.flow.may_appeal(actor, now),
        "withdraw_text": withdrawing(),
        "send_text": sending(row),
        "form": form,
        "events": events_of(facts),
        "breadcrumbs": trail((_("My Unsubscriptions"), "buyer:unsubscriptions"), here=row.flow.number),
        "problem": problem,
    }
    return render(
        request, "buyer/unsubscriptions/unsubscription.html", context, status=problem.status if problem else status
    )


def withdrawing() -> str:
    """What withdrawing does, in the dialog's words."""
    return _("The request ends, and the delivery goes on where it was. You can ask again as long as it is possible.")


def sending(row: Unsubscription) -> str:
    """What entering the return shipment does, in the dialog's words."""
    return _(
        "%(seller)s is told the tracking number and checks the goods, within %(days)s days after today. You cannot "
        "change it afterwards."
    ) % {"seller": row.flow.line.order.seller_name, "days": row.flow.line.terms.return_check_days}
