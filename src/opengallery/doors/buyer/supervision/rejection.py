"""Reject a delivery, with the reason."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from opengallery.doors.buyer.own import own_flow
from opengallery.doors.buyer.supervision.flow import ReasonForm, delivered
from opengallery.doors.buyer.supervision.index import may
from opengallery.doors.forms import ask, confirmed, typed
from opengallery.doors.pages import actor_of, now_of, page, show_refusal
from opengallery.doors.trail import trail
from opengallery.kit.problems import Problem
from opengallery.market.supervision.actions import reject_delivery
from opengallery.market.supervision.models import Flow


@page(right="orders:accept")
def rejection(request: HttpRequest, line: str) -> HttpResponse:
    """Ask for the reason, and reject."""
    row = own_flow(request, line)
    if request.method != "POST":
        return shown(request, row, ReasonForm())
    if not confirmed(request):
        back = reverse("buyer:rejection", args=[line])
        return ask(request, title=_("Reject the delivery?"), text=what_happens(row), cancel_url=back, danger=True)
    form = ReasonForm(request.POST)
    try:
        reject_delivery(row, reason=typed(request, "reason"), by=actor_of(request), at=now_of(request))
    except Problem as problem:
        show_refusal(form, problem)
        return shown(request, own_flow(request, line), form, status=problem.status)
    return redirect("buyer:flow", line)


def shown(request: HttpRequest, row: Flow, form: ReasonForm, *, status: int = 200) -> HttpResponse:
    """The page; when there is nothing to reject (any more) it says so and offers no button."""
    context = {
        "flow": row,
        "order": row.line.order,
        "terms": row.line.terms,
        "deliveries": delivered(row)[:1],
        "reject": may(row, "reject_delivery", actor_of(request)),
        "form": form,
        "what_happens": what_happens(row),
        "breadcrumbs": trail(
            (_("Service Supervision"), "buyer:supervision"),
            (row.number, reverse("buyer:flow", args=[row.number])),
            here=_("Rejection"),
        ),
    }
    return render(request, "buyer/supervision/rejection.html", context, status=status)


def what_happens(row: Flow) -> str:
    """What rejecting does, in the dialog's words."""
    return _("%(seller)s reads your reason and is asked to deliver again. The validity does not start.") % {
        "seller": row.line.order.seller_name
    }
