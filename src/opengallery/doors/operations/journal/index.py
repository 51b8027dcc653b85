"""Journal: every fact, newest first."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from opengallery.doors.flows import WORDS, event
from opengallery.doors.forms import TypedForm
from opengallery.doors.listing import choice_field, show_list, text_field
from opengallery.doors.lists import known, one_of
from opengallery.doors.pages import actor_of, page
from opengallery.kit.actor import Actor
from opengallery.market.journal.models import Fact


class FactFilters(TypedForm):
    """The search criteria of the list."""

    stream = text_field(_("Stream"))
    verb = choice_field(_("Verb"), WORDS)


def fact_rows(actor: Actor, filters: dict[str, str]) -> QuerySet[Fact]:
    """The facts that match. InvalidInput for what is no filter or verb."""
    known(filters, ("stream", "verb"))
    rows: QuerySet[Fact] = Fact.objects.visible_to(actor)
    if filters.get("stream"):
        rows = rows.filter(stream=filters["stream"].strip().replace("\0", ""))
    if filters.get("verb"):
        rows = rows.filter(verb=one_of(filters["verb"], {verb: str(words) for verb, words in WORDS.items()}, "verb"))
    return rows


@page(right="operations:view")
def index(request: HttpRequest) -> HttpResponse:
    """The list, by key."""
    actor = actor_of(request)

    def told(facts: list[Fact]) -> dict[str, Any]:
        return {"rows": [{"fact": fact, "event": event(fact)} for fact in facts]}

    return show_list(
        request, "operations/journal/index.html", rows=lambda filters: fact_rows(actor, filters),
        filters=FactFilters(request.GET), order=("-id",), shown=told,
    )  # fmt: skip
