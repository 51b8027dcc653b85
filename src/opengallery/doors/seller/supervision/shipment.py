"""Ship goods: the logistics company, the express number, remarks, other proof, the criteria, and the dialog (S-4)."""

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
from opengallery.doors.uploads import kept_files, kinds_of
from opengallery.kit.problems import Problem
from opengallery.market.orders.models import DeliveryAddress
from opengallery.market.supervision import rules
from opengallery.market.supervision.actions import ship_goods
from opengallery.market.supervision.models import Carrier, Flow


class ShipmentForm(proof.ProofForm):
    """The form of S-4."""

    carrier = forms.ChoiceField(
        label=gettext_lazy("Logistics company"),
        help_text=gettext_lazy("Is yours missing? Write to the operator, who answers within 3 working days."),
    )  # fmt: skip
    number = forms.CharField(
        label=gettext_lazy("Express number"), widget=forms.TextInput({"maxlength": 60, "autocomplete": "off"})
    )
    remarks = forms.CharField(
        label=gettext_lazy("Remarks"), required=False,
        widget=forms.Textarea({"rows": 3, "maxlength": rules.RESULT_MAX}),
        help_text=gettext_lazy("The customer reads them. At most 1,000 characters."),
    )  # fmt: skip
    field_order = ("carrier", "number", "remarks")


def form_for(request: HttpRequest, flow: Flow) -> ShipmentForm:
    """The form with the operator's list of carriers and the flow's criteria."""
    form = ShipmentForm(request.POST if request.method == "POST" else None)
    carriers = Carrier.objects.filter(offered=True).values_list("code", "name")
    form.fields["carrier"].widget = forms.Select(choices=[("", _("Choose")), *carriers])
    proof.prepared(form, request, flow, files_needed=False)
    form.fields["deliverables"].label = _("Other proof")
    return form


@page(right="sales:deliver")
def shipment(request: HttpRequest, line: str) -> HttpResponse:
    """Show the form; on "OK" hand in the shipment."""
    flow = own_flow(request, line)
    if request.method != "POST" and not may(flow, actor_of(request), "ship_goods"):
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
            messages.success(request, _("Shipped. %(customer)s can follow the parcel.") % {"customer": customer})
            return redirect("seller:flow", line)
    context = proof.page_of(flow, form, now_of(request), _("Ship the goods")) | {
        "address": DeliveryAddress.objects.filter(pk=flow.line.order_id).first(),
        "what_happens": what_happens(flow),
    }
    return render(request, "seller/supervision/shipment.html", context, status=status)


def what_happens(flow: Flow) -> str:
    """What shipping does, in the dialog's words."""
    return _(
        "%(customer)s is told that order %(number)s is on its way, with the carrier and the number, and can no longer "
        "change the address. %(days)s days after the parcel was signed for it counts as accepted, unless "
        "%(customer)s accepts or rejects it before."
    ) % {
        "customer": flow.line.order.customer_name, "number": flow.line.order.number,
        "days": flow.line.terms.hardware_auto_accept_days,
    }  # fmt: skip


def hand_in(request: HttpRequest, flow: Flow) -> None:
    """Read the form, keep the files, call the verb; nothing is kept of what is refused."""
    with kept_files(request, "deliverables") as stored:
        proof.refuse_unconfirmed(request)
        ship_goods(
            flow, carrier=typed(request, "carrier"), number=typed(request, "number"), remarks=typed(request, "remarks"),
            files=stored, kinds=kinds_of(request, "deliverables"), proves=proof.proves_of(request),
            answers=proof.answers_of(request, flow), by=actor_of(request), at=now_of(request),
        )  # fmt: skip
