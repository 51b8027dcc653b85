"""One rating: publish it, or refuse it with the reason."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.flows import events_of
from opengallery.doors.forms import TypedForm, typed
from opengallery.doors.pages import actor_of, find, now_of, page, show_refusal
from opengallery.doors.trail import trail
from opengallery.kit.problems import Problem
from opengallery.market.aftersales import rules
from opengallery.market.aftersales.actions import publish_rating, refuse_rating
from opengallery.market.aftersales.models import Rating
from opengallery.market.journal.models import Fact


class RefusalForm(TypedForm):
    """Why it is not published."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), required=False,
        help_text=gettext_lazy("Needed to refuse it; the customer reads it. At most 500 characters."),
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": rules.REASON_MAX}),
    )  # fmt: skip


@page(right="operations:view")
def rating(request: HttpRequest, public_id: str) -> HttpResponse:
    """The rating, with what can be decided about it."""
    return shown(request, found(request, public_id), RefusalForm())


@page(right="operations:support")
def publication(request: HttpRequest, public_id: str) -> HttpResponse:
    """Publish the version that was read."""
    row = found(request, public_id)
    if request.method != "POST":
        return redirect("operations:rating", public_id)
    try:
        publish_rating(row, version=version_in(request), by=actor_of(request), at=now_of(request))
    except Problem as problem:
        return refused(request, public_id, RefusalForm(), problem)
    messages.success(request, _("Published: everybody can read it."))
    return redirect("operations:rating", public_id)


@page(right="operations:support")
def refusal(request: HttpRequest, public_id: str) -> HttpResponse:
    """Refuse the version that was read, or take it down again."""
    row = found(request, public_id)
    if request.method != "POST":
        return redirect("operations:rating", public_id)
    said: dict[str, Any] = {"reason": typed(request, "reason"), "version": version_in(request)}
    try:
        refuse_rating(row, **said, by=actor_of(request), at=now_of(request))
    except Problem as problem:
        return refused(request, public_id, RefusalForm(request.POST), problem)
    messages.success(request, _("Refused: the customer reads why."))
    return redirect("operations:rating", public_id)


def found(request: HttpRequest, public_id: str) -> Rating:
    """Any rating; NotFound for what is none."""
    return find(Rating.objects.visible_to(actor_of(request)).select_related("order"), public_id=public_id)


def version_in(request: HttpRequest) -> int:
    """Which version the moderator has read; 0, which there never is, when the form does not say."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def refused(request: HttpRequest, public_id: str, form: RefusalForm, problem: Problem) -> HttpResponse:
    """The page as it stands now, saying why the step was refused."""
    show_refusal(form, problem)
    return shown(request, found(request, public_id), form, status=problem.status)


def shown(request: HttpRequest, row: Rating, form: RefusalForm, *, status: int = 200) -> HttpResponse:
    """The page."""
    actor = actor_of(request)
    verbs = {move.verb for move in row.moves_for(actor)} if actor.may("operations:support") else set()
    facts = Fact.objects.visible_to(actor).of(row.stream).filter(subject=row.subject)
    context = {
        "rating": row,
        "form": form,
        "publish": "publish_rating" in verbs,
        "refuse": "refuse_rating" in verbs,
        "events": events_of(facts),
        "breadcrumbs": trail((_("Ratings"), "operations:ratings"), here=row.order.number),
    }
    return render(request, "operations/ratings/rating.html", context, status=status)
