"""Events: one fact, one event."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from typing_extensions import TypedDict

from opengallery.doors.api.v1.shapes.common import BASE, Instant, WhoShape, utc, who
from opengallery.doors.api.v1.shapes.facts import event_name
from opengallery.market.journal.models import Fact, Publication

# verb → who has to act after it
ASKS = {"place_order": "buyer", "start_flow": "seller", "deliver_service": "buyer", "reject_delivery": "seller",
        "remind_seller": "seller", "submit_request": "seller", "accept_request": "seller", "reject_request": "buyer",
        "withdraw_request": "buyer", "ship_goods": "buyer", "collect_code": "seller", "activate_code": "seller",
        "approve_delivery": "buyer", "send_back_delivery": "seller", "accept_first": "buyer", "warn_buyer": "buyer",
        "note_overdue": "seller", "return_to_seller": "seller", "file_appeal": "operator",
        "request_unsubscription": "seller", "pass_to_operator": "operator", "agree_with_return": "buyer",
        "remind_review": "seller", "send_return": "seller", "refuse_return": "buyer",
        "retract_acceptance": "buyer", "approve_order": "buyer", "expire_resource": "buyer",
        "freeze_resource": "buyer"}  # fmt: skip
PLACES = {"order": "orders", "flow": "flows", "resource": "resources", "bill": "bills", "product": "products",
          "appeal": "appeals", "unsubscription": "unsubscriptions", "ticket": "tickets", "rating": "ratings",
          "cost_centre": "cost-centres", "stand_in": "stand-ins"}  # fmt: skip
# These happen within an order; their streams are named by it.
OF_ORDERS = ("order", "flow", "resource", "appeal", "unsubscription", "ticket", "rating", "exchange")


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
        "order": fact.stream if fact.kind in OF_ORDERS else None,
        "sequence": fact.sequence,
        "action": fact.verb,
        "by": who(said["by"]),
        "from_state": said["from"] or None,
        "to_state": said["to"] or None,
        "note": said["note"],
        "data": said["data"],
        "action_required": {"by": asked, "until": limit} if asked else None,
        "href": place_of(fact),
    }


def place_of(fact: Fact) -> str:
    """Where a subject can be read: a call to the seller's system in its order; an organisation has one set of rules."""
    if fact.kind == "exchange":
        return f"{BASE}/orders/{fact.stream}"
    return f"{BASE}/purchasing" if fact.kind == "purchasing_rules" else f"{BASE}/{PLACES[fact.kind]}/{fact.subject}"
