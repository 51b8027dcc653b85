"""Appoint and dismiss stand-ins."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from opengallery.doors.buyer.purchasing.forms import StandInForm
from opengallery.doors.buyer.purchasing.index import members_of, show_purchasing
from opengallery.doors.forms import ask, confirmed, typed
from opengallery.doors.pages import actor_of, find, now_of, page, show_refusal
from opengallery.kit.problems import Problem
from opengallery.market.identity.models import StandIn
from opengallery.market.purchasing.actions import appoint_stand_in, dismiss_stand_in


@page(right="purchasing:manage")
def stand_ins(request: HttpRequest) -> HttpResponse:
    """Appoint a stand-in."""
    if request.method != "POST":
        return redirect("buyer:purchasing")
    form = StandInForm(members_of(request), request.POST)
    try:
        row = appoint_stand_in(
            member=typed(request, "member"), stand_in=typed(request, "stand_in"), starts=typed(request, "from"),
            ends=typed(request, "until"), reason=typed(request, "reason"), by=actor_of(request), at=now_of(request),
        )  # fmt: skip
    except Problem as problem:
        show_refusal(form, problem)
        return show_purchasing(request, stand_in=form, status=problem.status)
    messages.success(request, _("%(name)s is appointed.") % {"name": row.stand_in.user})
    return redirect("buyer:purchasing")


@page(right="purchasing:manage")
def dismissal(request: HttpRequest, public_id: str) -> HttpResponse:
    """End a stand-in at once."""
    rows = StandIn.objects.visible_to(actor_of(request)).select_related("organisation", "stand_in__user")
    row = find(rows, public_id=public_id)
    if request.method == "POST":
        if not confirmed(request):
            text = _("%(name)s has only the own rights from now on.") % {"name": row.stand_in.user}
            back = reverse("buyer:purchasing")
            return ask(request, title=_("End this stand-in?"), text=text, cancel_url=back, danger=True)
        dismiss_stand_in(row, by=actor_of(request), at=now_of(request))
    return redirect("buyer:purchasing")
