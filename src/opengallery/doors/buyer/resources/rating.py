"""Rate the order behind a resource, change the rating, withdraw it (spec 5.6)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from opengallery.doors.buyer.own import own_resource
from opengallery.doors.buyer.resources.resource import RenewalForm, shown
from opengallery.doors.buyer.resources.standing import rating_of, what_happens
from opengallery.doors.forms import ask, confirmed, typed
from opengallery.doors.pages import actor_of, find, now_of, page, show_refusal
from opengallery.doors.ratings import RatingForm, scores_in
from opengallery.kit.problems import Problem
from opengallery.market.aftersales.actions import change_rating, rate_order, withdraw_rating
from opengallery.market.aftersales.models import Rating


@page(right="orders:buy")
def rating(request: HttpRequest, public_id: str) -> HttpResponse:
    """Store what was chosen: a first rating, or the next version of the one that stands."""
    row = own_resource(request, public_id)
    if request.method != "POST":
        return redirect("buyer:resource", public_id)
    said: dict[str, Any] = {"scores": scores_in(request), "comment": typed(request, "comment")}
    said |= {"by": actor_of(request), "at": now_of(request)}
    standing = rating_of(row.order)
    try:
        if standing:
            change_rating(standing, **said)
        else:
            rate_order(row.order, **said)
    except Problem as problem:
        form = RatingForm(request.POST)
        show_refusal(form, problem)
        return shown(request, row, RenewalForm(row), rating_form=form, status=problem.status)
    messages.success(request, _("Thank you. The rating is published after a review."))
    return redirect("buyer:resource", public_id)


@page(right="orders:buy")
def withdrawal(request: HttpRequest, public_id: str) -> HttpResponse:
    """Withdraw the rating; on "OK"."""
    row = own_resource(request, public_id)
    back = reverse("buyer:resource", args=[public_id])
    if request.method != "POST":
        return redirect(back)
    standing = find(Rating.objects.standing().select_related("order"), order=row.order)
    if not confirmed(request):
        return ask(request, title=_("Withdraw the rating?"), text=what_happens(), cancel_url=back, danger=True)
    withdraw_rating(standing, by=actor_of(request), at=now_of(request))
    messages.success(request, _("The rating is withdrawn."))
    return redirect(back)
