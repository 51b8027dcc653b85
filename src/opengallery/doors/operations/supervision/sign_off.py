"""Note by hand that a parcel was signed for, where its carrier does not tell (S-4, F10)."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.flows import tracking_url
from opengallery.doors.forms import TypedForm, ask, confirmed, typed
from opengallery.doors.operations.supervision.flow import any_flow, unsigned
from opengallery.doors.pages import actor_of, now_of, page, show_refusal
from opengallery.doors.trail import trail
from opengallery.kit.calendar import local
from opengallery.kit.problems import InvalidInput, Problem
from opengallery.market.supervision.actions import note_sign_off
from opengallery.market.supervision.models import Flow, Shipment
from opengallery.market.supervision.rules import read_instant


class SignOffForm(TypedForm):
    """When somebody signed."""

    signed_at = forms.CharField(
        label=gettext_lazy("Signed for"), widget=forms.DateTimeInput({"type": "datetime-local"}),
        help_text=gettext_lazy("On the platform's clock, between the shipment and now."),
    )  # fmt: skip


@page(right="operations:decide")
def sign_off(request: HttpRequest, line: str) -> HttpResponse:
    """Ask for the time; on "OK" note it. You vouch for the recipient."""
    flow, now = any_flow(request, line), now_of(request)
    shipment = unsigned(flow)
    if shipment is None:
        messages.info(request, _("There is no parcel that nobody has signed for."))
        return redirect("operations:flow", line)
    form = SignOffForm(request.POST if request.method == "POST" else None)
    shipped_at = shipment.delivery.submitted_at
    form.fields["signed_at"].widget.attrs |= {
        "min": f"{local(shipped_at):%Y-%m-%dT%H:%M}", "max": f"{local(now):%Y-%m-%dT%H:%M}",
    }  # fmt: skip
    status = 200
    if request.method == "POST":
        if not confirmed(request):
            return ask(request, title=_("Note the sign-off?"), text=effect(flow),
                       cancel_url=reverse("operations:flow", args=[line]))  # fmt: skip
        try:
            was_news = note(request, shipment)
        except Problem as problem:
            show_refusal(form, problem)
            status = problem.status
        else:
            said = _("Noted.") if was_news else _("Somebody else has noted it meanwhile; that stands.")
            messages.success(request, said)
            return redirect("operations:flow", line)
    context = {
        "flow": flow, "order": flow.line.order, "terms": flow.line.terms, "form": form, "effect": effect(flow),
        "shipment": {"shipment": shipment, "carrier": shipment.carrier.name,
                     "url": tracking_url(shipment.carrier.tracking_url, shipment.number)},
        "breadcrumbs": trail((_("Service Supervision"), "operations:supervision"),
                             (line, reverse("operations:flow", args=[line])), here=_("Note the sign-off")),
    }  # fmt: skip
    return render(request, "operations/supervision/sign_off.html", context, status=status)


def note(request: HttpRequest, shipment: Shipment) -> bool:
    """Read the time and note it; say whether that was news."""
    try:
        signed_at = read_instant(typed(request, "signed_at"))
    except ValueError:
        signed_at = None
    if signed_at is None:
        raise InvalidInput({"signed_at": [_("Write a date and time such as 2025-06-20 14:00.")]})
    return note_sign_off(shipment, signed_at=signed_at, by=actor_of(request), at=now_of(request))


def effect(flow: Flow) -> str:
    """What the dialog says."""
    return _(
        "You vouch that the recipient of the order has signed. If %(customer)s does nothing, the delivery counts as "
        "accepted %(days)s days after that. It cannot be changed afterwards."
    ) % {"customer": flow.line.order.customer_name, "days": flow.line.terms.hardware_auto_accept_days}
