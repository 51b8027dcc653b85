"""Initiate an appeal, from the customer's side (B-4)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from opengallery.doors.appeals import appeal_form, file_it, named_as_in_the_form, what_happens
from opengallery.doors.buyer.own import own_flow
from opengallery.doors.buyer.supervision.flow import above
from opengallery.doors.pages import actor_of, now_of, page, show_refusal
from opengallery.kit.actor import Party
from opengallery.kit.problems import Problem


@page(right="orders:accept")
def appeal(request: HttpRequest, line: str) -> HttpResponse:
    """Show the form; on "OK" file the appeal."""
    row = own_flow(request, line)
    form = appeal_form(request, Party.BUYER)
    status = 200
    if request.method == "POST":
        try:
            file_it(request, row)
        except Problem as problem:
            show_refusal(form, named_as_in_the_form(problem))
            status = problem.status
            row = own_flow(request, line)
        else:
            messages.success(request, _("The appeal is open. The operator gets in touch with both sides."))
            return redirect("buyer:flow", line)
    context = {
        "flow": row,
        "order": row.line.order,
        "terms": row.line.terms,
        "form": form,
        "open": row.may_appeal(actor_of(request), now_of(request)),
        "what_happens": what_happens(row, Party.BUYER, now_of(request)),
        "cancel_url": reverse("buyer:flow", args=[line]),
        "breadcrumbs": above(row, here=_("Initiate Appeal")),
    }
    return render(request, "buyer/supervision/appeal.html", context, status=status)
