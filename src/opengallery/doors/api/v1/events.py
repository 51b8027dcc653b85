"""The feed: an organisation's facts in order, for ever."""

from typing import Annotated, Any

from django.db.models import Q
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field
from typing_extensions import TypedDict

from opengallery.doors.api.v1.bodies import Asked
from opengallery.doors.api.v1.calls import call
from opengallery.doors.api.v1.shapes.events import EventShape, event_shape
from opengallery.doors.pages import MEMBER, actor_of
from opengallery.kit.actor import Actor
from opengallery.kit.paging import DEFAULT_LIMIT, MAX_LIMIT
from opengallery.market.journal.models import Publication
from opengallery.market.supervision.models import Flow

router = Router(tags=["Events"])
LAST_BIGINT = 2**63 - 1


class EventQuery(Asked):
    """From where to read on."""

    after: int = Field(0, ge=0, le=LAST_BIGINT, description="The position of the last event that you have; 0: all.")
    limit: int = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="How many at most")


class EventPage(TypedDict):
    """Some events, oldest first. `next` is null when there are no more yet; go on later with `after` = `last`."""

    items: list[EventShape]
    next: Annotated[str | None, Field(description="The `after` of the next page, or null")]
    last: Annotated[str, Field(description="The position reached: always good as the next `after`")]


@router.get("/events", response=EventPage)
@call(MEMBER)
def list_events(request: HttpRequest, query: Query[EventQuery]) -> Any:
    """What happened since; nothing is ever missing or out of order, and each can be fetched again."""
    rows = Publication.objects.filter(concerning(actor_of(request)), pk__gt=query.after).select_related("fact")
    found = list(rows.defer("fact__previous", "fact__hash").order_by("pk")[: query.limit + 1])
    events, more = found[: query.limit], len(found) > query.limit
    asked = {row.fact.subject for row in events if row.fact.kind == "flow"}
    until = dict(Flow.objects.filter(number__in=asked).values_list("number", "promised_at")) if asked else {}
    last = str(events[-1].pk if events else query.after)
    return {"items": [event_shape(row, until=until) for row in events], "next": last if more else None, "last": last}


def concerning(actor: Actor) -> Q:
    """Facts in which the actor's organisation is a side that the role may see; all of them for the operator."""
    if actor.is_operator:
        return Q() if actor.may("operations:view") else Q(pk=None)
    mine = actor.organisation_id
    condition = Q(pk=None)
    if mine and actor.may("orders:view"):
        condition |= Q(fact__buyer_id=mine)
    if mine and actor.may("sales:view"):
        condition |= Q(fact__seller_id=mine)
    return condition
