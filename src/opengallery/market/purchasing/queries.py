"""What an organisation demands of a purchase, asked by whoever places orders and accepts deliveries."""

from opengallery.kit.bulk import run_sql
from opengallery.kit.money import Money
from opengallery.kit.texts import is_text
from opengallery.market.purchasing import states
from opengallery.market.purchasing.models import CostCentre, CostCentreQuery, Rule
from opengallery.market.purchasing.rules import code_of

NO_PURCHASE_ORDER = "Your organisation requires a purchase order number."
NO_COST_CENTRE = "Your organisation requires a cost centre."
UNKNOWN_COST_CENTRE = "Your organisation has no open cost centre of this code."


def rules_of(organisation_id: int) -> Rule:
    """The organisation's rules; an unsaved row that demands nothing if it has none."""
    return Rule.objects.filter(organisation=organisation_id).first() or Rule(organisation_id=organisation_id)


# Asked by every purchase and every acceptance, so past the ORM.
DEMANDS = """
    SELECT currency, approval_units, acceptance_units, purchase_order_required, cost_centre_required
    FROM purchasing_rule WHERE organisation_id = %s
"""


def demands_of(organisation_id: int) -> Rule:
    """The organisation's rules, only to be looked at."""
    names = ("currency", "approval_units", "acceptance_units", "purchase_order_required", "cost_centre_required")
    rows = run_sql(DEMANDS, [organisation_id])
    return Rule(organisation_id=organisation_id, **dict(zip(names, rows[0], strict=True)) if rows else {})


def needs_second_acceptance(organisation_id: int, net: Money) -> bool:
    """Tell whether the organisation wants two people to accept a delivery of that price."""
    return demands_of(organisation_id).needs_second_acceptance(net)


def purchase_faults(rule: Rule, *, purchase_order: str, cost_centre: str) -> dict[str, list[str]]:
    """What an order lacks that its organisation demands, by field; or names a cost centre that it does not have."""
    errors: dict[str, list[str]] = {}
    if rule.purchase_order_required and not purchase_order.strip():
        errors["purchase_order"] = [NO_PURCHASE_ORDER]
    code = code_of(cost_centre)
    if not code:
        if rule.cost_centre_required:
            errors["cost_centre"] = [NO_COST_CENTRE]
    elif not is_text(code) or not open_centres(rule.organisation_id).filter(code=code).exists():
        errors["cost_centre"] = [UNKNOWN_COST_CENTRE]
    return errors


def open_centres(organisation_id: int) -> CostCentreQuery:
    """The cost centres for which the organisation can buy."""
    return CostCentre.objects.filter(organisation=organisation_id, state=states.OPEN)
