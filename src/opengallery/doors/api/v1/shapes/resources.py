"""Resources: what a customer has, and how long."""

from datetime import date, datetime

from typing_extensions import TypedDict

from opengallery.doors.api.v1.shapes.common import BASE, ActionShape, Day, DeadlineShape, Instant, utc
from opengallery.kit.actor import Actor
from opengallery.kit.calendar import end_of_day, local_date
from opengallery.market.orders import states
from opengallery.market.orders.actions.renew_resource import renewal_refusal
from opengallery.market.orders.models import Resource
from opengallery.market.provisioning.models import application_of


class ValidityShape(TypedDict):
    """From which day to which day, both included; one-time licences have no end."""

    start: Day
    end: Day | None
    start_at: Instant
    expires_at: Instant | None


class ResourceShape(TypedDict):
    """What was bought."""

    id: str
    state: str
    label: str
    status: str
    order: str
    product: str
    product_name: str
    specification_name: str
    sku: str
    quantity: int
    unit: str
    validity: ValidityShape | None
    deadline: DeadlineShape | None
    renewable: bool
    not_renewable_because: str | None
    next_actions: list[ActionShape]
    href: str


class WholeResourceShape(ResourceShape):
    """With what its use needs, as the seller's system answered: for the buyer alone, {} while there is nothing."""

    application: dict[str, str]


# What the resource's due time brings in each state.
OUTCOMES = {
    states.ACTIVE: ("grace", "Then the grace period begins: it stays usable until it is frozen."),
    states.GRACE: ("frozen", "Then it is frozen; renew it before."),
    states.FROZEN: ("released", "Then it is released and cannot be renewed any more."),
}


def validity(start_at: datetime | None, end: date | None) -> ValidityShape | None:
    """The validity, once it is known."""
    if start_at is None:
        return None
    return {
        "start": local_date(start_at).isoformat(),
        "end": end.isoformat() if end else None,
        "start_at": utc(start_at) or "",
        "expires_at": utc(end_of_day(end)) if end else None,
    }


def resource_shape(resource: Resource, *, actor: Actor, at: datetime) -> ResourceShape:
    """A resource from a query with its order and product."""
    place = f"{BASE}/resources/{resource.public_id}"
    refusal = renewal_refusal(resource)
    renewal: ActionShape = {"action": "renew_resource", "method": "POST", "href": f"{place}/renewal"}
    mine = actor.organisation_id == resource.buyer_id and actor.may("orders:buy")
    return {
        "id": resource.public_id,
        "state": resource.state,
        "label": resource.label,
        "status": resource.label,
        "order": resource.order.number,
        "product": resource.product.public_id,
        "product_name": resource.product_name,
        "specification_name": resource.specification_name,
        "sku": resource.sku,
        "quantity": resource.quantity,
        "unit": resource.unit,
        "validity": validity(resource.start_at, resource.end),
        "deadline": deadline(resource),
        "renewable": not refusal,
        "not_renewable_because": refusal or None,
        "next_actions": [renewal] if mine and not refusal else [],
        "href": place,
    }


def whole_resource_shape(resource: Resource, *, actor: Actor, at: datetime) -> WholeResourceShape:
    """A resource with its application information."""
    return {
        **resource_shape(resource, actor=actor, at=at),
        "application": application_of(resource.pk, actor) if actor.may("orders:view") else {},
    }


def deadline(resource: Resource) -> DeadlineShape | None:
    """When it ages next, and what it is then."""
    if resource.due_at is None or resource.state not in OUTCOMES:
        return None
    outcome, sentence = OUTCOMES[resource.state]
    return {"at": utc(resource.due_at), "outcome": outcome, "turn": "buyer", "sentence": sentence}
