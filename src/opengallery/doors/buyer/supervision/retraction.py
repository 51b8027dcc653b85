"""Take an acceptance back, before the order completes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from opengallery.doors.buyer.own import own_flow
from opengallery.doors.buyer.supervision.flow import ReasonForm, show_flow
from opengallery.doors.forms import ask, confirmed, typed
from opengallery.doors.pages import actor_of, now_of, page, show_refusal
from opengallery.kit.problems import InvalidInput, Problem
from opengallery.market.supervision.actions import retract_acceptance


@page(right="orders:accept")
def retraction(request: HttpRequest, line: str) -> HttpResponse:
    """Retract with a reason; back to the flow, which says why when it is refused."""
    row = own_flow(request, line)
    if request.method != "POST":
        return redirect("buyer:flow", line)
    if not confirmed(request):
        text = _(
            "The start of the validity is withdrawn, the order does not complete, and the seller is told your reason."
        )
        back = reverse("buyer:flow", args=[line])
        return ask(request, title=_("Take the acceptance back?"), text=text, cancel_url=back, danger=True)
    form = ReasonForm(request.POST)
    try:
        retract_acceptance(row, reason=typed(request, "reason"), by=actor_of(request), at=now_of(request))
    except InvalidInput as problem:
        show_refusal(form, problem)
        return show_flow(request, own_flow(request, line), reason=form, status=problem.status)
    except Problem as problem:
        return show_flow(request, own_flow(request, line), reason=form, problem=problem, status=problem.status)
    return redirect("buyer:flow", line)
