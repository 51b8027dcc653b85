"""Events: one fact, one event."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from typing_extensions import TypedDict

from opengallery.doors.api.v1.shapes.common import BASE, Instant, WhoShape, utc, who
from opengallery.doors.api.v1.shapes.facts import event_name
from opengallery.market.journal.models import Publication

# verb → who has to act after it
ASKS = {"place_order": "buyer", "start_flow": "seller", "deliver_service": "buyer", "reject_delivery": "seller",
        "remind_seller": "seller", "retract_acceptance": "buyer", "expire_resource": "buyer",
        "freeze_resource": "buyer"}  # fmt: skip
PLACES = {"order": "orders", "flow": "flows", "resource": "resources", "bill": "bills", "product": "products"}


class RequiredShape(TypedDict):
    """That somebody has to act, who, and until when if there is a limit."""

    by: str
    until: Instant | None


class EventShape(TypedDict):
    """What happened, to what, by whom, and who has to act now. `sequence` counts an order's events without gaps."""

    id: str
    position: str
    event: str
    at: Instant
    kind: str
    subject: str
    order: str | None
    sequence: int
    action: str
    by: WhoShape
    from_state: str | None
    to_state: str | None
    note: str
    data: dict[str, Any]
    action_required: RequiredShape | None
    href: str


def event_shape(row: Publication, *, until: Mapping[str, datetime | None]) -> EventShape:
    """A published fact; `until`: the delivery dates that were promised for flows, by number."""
    fact = row.fact
    said = json.loads(fact.body)
    asked = ASKS.get(fact.verb)
    limit = utc(until.get(fact.subject)) if asked == "seller" else said["data"].get("pay_until")
    return {
        "id": f"evt_{fact.pk}",
        "position": str(row.pk),
        "event": event_name(said),
        "at": said["at"],
        "kind": fact.kind,
        "subject": fact.subject,
        "order": fact.stream if fact.kind in ("order", "flow", "resource") else None,
        "sequence": fact.sequence,
        "action": fact.verb,
        "by": who(said["by"]),
        "from_state": said["from"] or None,
        "to_state": said["to"] or None,
        "note": said["note"],
        "data": said["data"],
        "action_required": {"by": asked, "until": limit} if asked else None,
        "href": f"{BASE}/{PLACES[fact.kind]}/{fact.subject}",
    }
