"""Ratings: what waits for a review first of all."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from opengallery.doors.forms import TypedForm
from opengallery.doors.listing import choice_field, show_list
from opengallery.doors.lists import known, one_of
from opengallery.doors.pages import actor_of, page
from opengallery.market.aftersales.models import Rating
from opengallery.market.aftersales.states import RATING


class RatingFilters(TypedForm):
    """The search criteria of the list."""

    status = choice_field(_("Status"), RATING.labels)


@page(right="operations:view")
def index(request: HttpRequest) -> HttpResponse:
    """The list, newest first."""
    actor = actor_of(request)

    def rows(filters: dict[str, str]) -> QuerySet[Rating]:
        known(filters, ("status",))
        found = Rating.objects.visible_to(actor).select_related("order")
        return found.filter(state=one_of(filters["status"], RATING.labels, "status")) if filters else found

    return show_list(request, "operations/ratings/index.html", rows=rows, filters=RatingFilters(request.GET),
                     order=("-submitted_at", "-id"))  # fmt: skip
