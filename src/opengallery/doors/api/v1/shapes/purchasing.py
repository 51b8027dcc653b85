"""Purchasing: an organisation's rules, its cost centres, its stand-ins."""

from datetime import datetime

from typing_extensions import TypedDict

from opengallery.doors.api.v1.shapes.common import BASE, Instant, MoneyShape, money, utc
from opengallery.kit.money import Money
from opengallery.market.identity.models import Membership, StandIn
from opengallery.market.purchasing.models import CostCentre, Rule


class RulesShape(TypedDict):
    """What the organisation demands of its own purchases; null: one person is always enough."""

    approval_above: MoneyShape | None
    acceptance_above: MoneyShape | None
    purchase_order_required: bool
    cost_centre_required: bool
    href: str


class CostCentreShape(TypedDict):
    """A cost centre. `reserved`: what orders took of the budget, paid or not; `left`: what can still be bought."""

    code: str
    name: str
    state: str
    label: str
    budget: MoneyShape
    reserved: MoneyShape
    left: MoneyShape
    opened_at: Instant
    href: str


class MemberShape(TypedDict):
    """A person of the organisation."""

    username: str
    name: str
    role: str


class StandInShape(TypedDict):
    """Who stands in for whom. `phase`: coming, in_force, over or dismissed."""

    id: str
    member: MemberShape
    stand_in: MemberShape
    starts_at: Instant
    ends_at: Instant
    reason: str
    state: str
    label: str
    phase: str
    href: str


def rules_shape(rule: Rule) -> RulesShape:
    """The rules in force."""
    return {
        "approval_above": limit(rule.approval_above),
        "acceptance_above": limit(rule.acceptance_above),
        "purchase_order_required": rule.purchase_order_required,
        "cost_centre_required": rule.cost_centre_required,
        "href": f"{BASE}/purchasing",
    }


def limit(amount: Money | None) -> MoneyShape | None:
    """An amount, or null."""
    return None if amount is None else money(amount)


def cost_centre_shape(centre: CostCentre) -> CostCentreShape:
    """A cost centre with its budget."""
    return {
        "code": centre.code,
        "name": centre.name,
        "state": centre.state,
        "label": centre.label,
        "budget": money(centre.budget),
        "reserved": money(centre.reserved),
        "left": money(centre.left),
        "opened_at": utc(centre.opened_at) or "",
        "href": f"{BASE}/cost-centres/{centre.code}",
    }


def stand_in_shape(row: StandIn, *, at: datetime) -> StandInShape:
    """A stand-in as it stands at an instant."""
    return {
        "id": row.public_id,
        "member": member_shape(row.member),
        "stand_in": member_shape(row.stand_in),
        "starts_at": utc(row.starts_at) or "",
        "ends_at": utc(row.ends_at) or "",
        "reason": row.reason,
        "state": row.state,
        "label": row.label,
        "phase": row.phase(at),
        "href": f"{BASE}/stand-ins/{row.public_id}",
    }


def member_shape(member: Membership) -> MemberShape:
    """A member of the organisation."""
    return {"username": member.user.username, "name": str(member.user), "role": member.role}
