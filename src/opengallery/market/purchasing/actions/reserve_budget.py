"""Take an order's total from a budget, and give it back; never more than the budget, whoever asks at once."""

from django.db.models import F

from opengallery.kit.money import Money
from opengallery.kit.problems import InvalidInput
from opengallery.kit.verbs import atomic
from opengallery.market.purchasing.models import CostCentre
from opengallery.market.purchasing.problems import BudgetExceeded
from opengallery.market.purchasing.queries import UNKNOWN_COST_CENTRE, open_centres


@atomic
def reserve_budget(organisation_id: int, code: str, amount: Money) -> None:
    """Reserve what an order costs; nothing without a code.

    InvalidInput at cost_centre: unknown, closed, or of another currency. BudgetExceeded says what is left.
    """
    if not code:
        return
    # The check and the change are one statement: of two orders for the last of a budget, one gets it.
    fits = open_centres(organisation_id).filter(
        code=code, currency=amount.currency, reserved_units__lte=F("budget_units") - amount.units
    )
    if fits.update(reserved_units=F("reserved_units") + amount.units):
        return
    centre = open_centres(organisation_id).filter(code=code).first()
    if centre is None:
        raise InvalidInput({"cost_centre": [UNKNOWN_COST_CENTRE]})
    if centre.currency != amount.currency:
        raise InvalidInput({"cost_centre": [f"Its budget is in {centre.currency}; the order is in {amount.currency}."]})
    raise BudgetExceeded(f"Of {centre.code} {centre.left} are left; the order costs {amount}.",
                         left=centre.left.amount(), currency=centre.currency)  # fmt: skip


@atomic
def release_budget(organisation_id: int, code: str, amount: Money) -> None:
    """Give back what an order reserved: when it ends unpaid, or when money is refunded. Nothing without a code.

    Also of a closed cost centre. More than is reserved is a fault, which the database refuses.
    """
    if code and amount.units:
        CostCentre.objects.filter(organisation=organisation_id, code=code, currency=amount.currency).update(
            reserved_units=F("reserved_units") - amount.units
        )
