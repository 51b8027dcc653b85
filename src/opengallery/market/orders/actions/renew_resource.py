"""Renew a resource: a new order of its own number, which appends to the term and needs no delivery."""

from datetime import datetime

from opengallery.kit.actor import CLOCK, Actor, Party
from opengallery.kit.calendar import end_of_day
from opengallery.kit.problems import InvalidInput, MoveRefused, NotYourTurn
from opengallery.kit.verbs import atomic
from opengallery.market.catalog.models import PriceLine
from opengallery.market.orders import rules, states
from opengallery.market.orders.actions.place_order import LineChoice, check_shape, find_price, freeze, write_order
from opengallery.market.orders.actions.resources import age_while_due
from opengallery.market.orders.models import Order, OrderLine, Resource
from opengallery.market.orders.problems import NotRenewable
from opengallery.market.policy.models import Policy
from opengallery.market.purchasing.queries import demands_of, purchase_faults
from opengallery.market.purchasing.rules import code_of

RENEWABLE = (states.ACTIVE, states.GRACE, states.FROZEN)


@atomic
def renew_resource(resource: Resource, *, unit: str, count: int, by: Actor, at: datetime,
                   purchase_order: str | None = None, cost_centre: str | None = None) -> Order:  # fmt: skip
    """Place the renewal order; paying it extends the term. Price and terms are today's, for the same SKU.

    Unless told, the purchase order number and the cost centre are those of the order that brought the resource; the
    buyer's own rules hold as for any order.

    NotRenewable: never ends, still under supervision (V11), released. NotOnSale if the product is gone. NotYourTurn
    for anybody but the buyer.
    """
    if Party.BUYER not in resource.parties_of(by):
        raise NotYourTurn
    why_not = renewal_refusal(resource)
    if why_not:
        raise NotRenewable(why_not)
    price = PriceLine.objects.filter(sku__code=resource.sku).select_related("sku__specification").first()
    if price is None:
        raise NotRenewable("Its specification is no longer offered.")
    choice = LineChoice(price.sku.specification.public_id, resource.sku, resource.quantity, unit, count)
    if unit not in rules.MONTHS:
        raise InvalidInput({"period": ["A renewal is for years or months."]})
    number = resource.order.purchase_order if purchase_order is None else purchase_order.strip()
    centre = resource.order.cost_centre if cost_centre is None else code_of(cost_centre)
    rule = demands_of(resource.buyer_id)
    check_shape([choice], number, purchase_faults(rule, purchase_order=number, cost_centre=centre))
    found = find_price(0, choice)
    policy = Policy.at(at)
    return write_order([found], [freeze(found, choice, policy)], type=states.RENEW, purchase_order=number,
                       cost_centre=centre, rule=rule, policy=policy, by=by, at=at, resource=resource)  # fmt: skip


def renewal_refusal(resource: Resource) -> str:
    """Why a resource cannot be renewed now, or ""."""
    if resource.unit not in rules.MONTHS:
        return "A one-time licence never ends."
    if resource.state == states.PENDING or resource.order.state != states.COMPLETED:
        return "Its first order is still under supervision."
    if resource.state == states.RELEASED:
        return "It has been released."
    return ""


def extend_resource(line: OrderLine, *, at: datetime) -> datetime:
    """Append a paid renewal's periods to the term (V9); return when they begin: at the end they are appended to."""
    resource = Resource.objects.select_related("order").select_for_update(of=("self",)).get(lines=line)
    age_while_due(resource, at=at)
    if resource.state not in RENEWABLE or resource.end is None:
        raise MoveRefused(f"The resource is “{resource.label}”.", state=resource.state)
    begins = end_of_day(resource.end)
    terms = line.terms
    end = rules.renewed_end(resource.end, resource.anchor, terms.unit, terms.count)
    due = rules.due_of(states.ACTIVE, end, grace_days=resource.grace_days, retention_days=resource.retention_days)
    resource.move("renew_resource", by=CLOCK, at=at, also={"end": end, "due_at": due},
                  data={"end": end.isoformat(), "order": line.order.number})  # fmt: skip
    age_while_due(resource, at=at)
    return begins
