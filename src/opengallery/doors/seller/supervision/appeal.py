"""Initiate an appeal: everything stands still until the operator decides (spec 2.4, P1, P9, P10)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from opengallery.doors.appeals import appeal_form, file_it, named_as_in_the_form, what_happens
from opengallery.doors.pages import actor_of, now_of, page, show_refusal
from opengallery.doors.seller.own import own_flow
from opengallery.doors.trail import trail
from opengallery.kit.actor import Party
from opengallery.kit.problems import Problem


@page(right="sales:deliver")
def appeal(request: HttpRequest, line: str) -> HttpResponse:
    """Show the form; on "OK" file the appeal. Where none is possible now, back to the flow."""
    flow, now = own_flow(request, line), now_of(request)
    if request.method != "POST" and not flow.may_appeal(actor_of(request), now):
        messages.info(request, _("An appeal is not possible now."))
        return redirect("seller:flow", line)
    form = appeal_form(request, Party.SELLER)
    status = 200
    if request.method == "POST":
        try:
            file_it(request, flow)
        except Problem as problem:
            show_refusal(form, named_as_in_the_form(problem))
            status = problem.status
        else:
            messages.success(request, _("The appeal is filed. Everything stands still until the operator decides."))
            return redirect("seller:flow", line)
    context = {
        "form": form,
        "flow": flow,
        "terms": flow.line.terms,
        "order": flow.line.order,
        "what_happens": what_happens(flow, Party.SELLER, now),
        "cancel_url": reverse("seller:flow", args=[line]),
        "breadcrumbs": trail(
            (_("Service Supervision"), "seller:supervision"), (line, reverse("seller:flow", args=[line])),
            here=_("Initiate Appeal"),
        ),
    }  # fmt: skip
    return render(request, "seller/supervision/appeal.html", context, status=status)
