"""Customer Ratings: what customers have published, and the seller's reply to each."""

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.forms import TypedForm, typed
from opengallery.doors.listing import show_list, text_field
from opengallery.doors.lists import known, on_side
from opengallery.doors.pages import actor_of, find, now_of, page, show_refusal
from opengallery.doors.trail import trail
from opengallery.kit.problems import Problem
from opengallery.market.aftersales import rules, states
from opengallery.market.aftersales.actions import reply_rating
from opengallery.market.aftersales.models import Rating


class RatingFilters(TypedForm):
    """The search criteria of the list."""

    order_no = text_field(gettext_lazy("Order No."))


class ReplyForm(TypedForm):
    """The one reply; it can be edited."""

    reply = forms.CharField(
        label=gettext_lazy("Reply"), help_text=gettext_lazy("Everybody may read it. At most 500 characters."),
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": rules.REPLY_MAX}),
    )  # fmt: skip


def sold(request: HttpRequest) -> "QuerySet[Rating]":
    """The published ratings of what the organisation sold."""
    rows: QuerySet[Rating] = on_side(Rating.objects.select_related("order"), actor_of(request), "seller")
    return rows.filter(state=states.PUBLISHED)


@page(right="sales:view")
def ratings(request: HttpRequest) -> HttpResponse:
    """The list, newest first."""

    def rows(filters: dict[str, str]) -> "QuerySet[Rating]":
        known(filters, ("order_no",))
        return sold(request).filter(order__number__istartswith=filters.get("order_no", "").strip().replace("\0", ""))

    return show_list(request, "seller/tickets/ratings.html", rows=rows, filters=RatingFilters(request.GET),
                     order=("-submitted_at", "-id"))  # fmt: skip


@page(right="sales:view")
def rating(request: HttpRequest, public_id: str) -> HttpResponse:
    """One rating, with the reply."""
    row = find(sold(request), public_id=public_id)
    return shown(request, row, ReplyForm(initial={"reply": row.reply}))


@page(right="sales:deliver")
def reply(request: HttpRequest, public_id: str) -> HttpResponse:
    """Reply, or replace the reply."""
    row = find(sold(request), public_id=public_id)
    if request.method != "POST":
        return redirect("seller:rating", public_id)
    try:
        reply_rating(row, reply=typed(request, "reply"), by=actor_of(request), at=now_of(request))
    except Problem as problem:
        form = ReplyForm(request.POST)
        show_refusal(form, problem)
        return shown(request, row, form, status=problem.status)
    messages.success(request, _("The reply is published."))
    return redirect("seller:rating", public_id)


def shown(request: HttpRequest, row: Rating, form: ReplyForm, *, status: int = 200) -> HttpResponse:
    """The page."""
    context = {
        "rating": row,
        "form": form,
        "may_reply": actor_of(request).may("sales:deliver"),
        "breadcrumbs": trail((_("Customer Ratings"), "seller:ratings"), here=row.order.number),
    }
    return render(request, "seller/tickets/rating.html", context, status=status)
