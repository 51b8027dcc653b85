"""Certify a seller's business information: from then on its sales may be billed."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.forms import TypedForm, ask, confirmed
from opengallery.doors.pages import find, now_of, page, show_refusal
from opengallery.doors.trail import trail
from opengallery.kit.problems import Problem
from opengallery.market.billing.actions import certify_payee
from opengallery.market.sellers.models import Seller


class CertificationForm(TypedForm):
    """To whom the money goes."""

    beneficiary = forms.CharField(
        label=gettext_lazy("Beneficiary"), help_text=gettext_lazy("The name on the seller's bank account.")
    )


@page(right="operations:certify")
def certification(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask for the beneficiary; on "OK" certify."""
    seller = find(Seller.objects.select_related("organisation"), organisation__public_id=public_id)
    form = CertificationForm(request.POST if request.method == "POST" else None, initial={"beneficiary": seller.name})
    effect = _("From now on the sales of %(name)s are billed, also those made before.") % {"name": seller.name}
    status = 200
    if request.method == "POST":
        if not confirmed(request):
            return ask(request, title=_("Certify the seller?"), text=effect, cancel_url=reverse("operations:sellers"))
        try:
            certify_payee(seller.organisation, beneficiary=request.POST.get("beneficiary", ""), at=now_of(request))
        except Problem as problem:
            show_refusal(form, problem)
            status = problem.status
        else:
            messages.success(request, _("%(name)s is certified.") % {"name": seller.name})
            return redirect("operations:sellers")
    context = {
        "seller": seller,
        "form": form,
        "effect": effect,
        "breadcrumbs": trail((_("Sellers"), "operations:sellers"), here=seller.name),
    }
    return render(request, "operations/sellers/certification.html", context, status=status)
