"""Open a cost centre, change its name and budget, close it and open it again."""

from datetime import datetime

from django.db import IntegrityError, transaction

from opengallery.kit.actor import Actor
from opengallery.kit.money import Money
from opengallery.kit.problems import InvalidInput, NotAllowed
from opengallery.kit.verbs import atomic
from opengallery.market.journal.models import record
from opengallery.market.policy.models import Policy
from opengallery.market.purchasing import states
from opengallery.market.purchasing.models import CostCentre
from opengallery.market.purchasing.problems import BudgetReserved
from opengallery.market.purchasing.rules import NAME_MAX, code_error, code_of, currency_error, read_amount, text_error


@atomic
def open_cost_centre(*, code: str, name: str, budget: str, by: Actor, at: datetime, currency: str = "") -> CostCentre:
    """Open a cost centre of the actor's organisation; its code is for ever, in capitals, and so is its currency.

    InvalidInput at code (also when it is taken), name, budget, currency.
    """
    if by.organisation_id is None:
        raise NotAllowed
    code, currency = code_of(code), currency.strip() or str(Policy.at(at)["settlement_currency"])
    amount, errors = read_both(name, budget, currency)
    for field, found in (("code", code_error(code)), ("currency", currency_error(currency))):
        if found:
            errors[field] = [found]
    if "code" not in errors and CostCentre.objects.filter(organisation=by.organisation_id, code=code).exists():
        errors["code"] = [taken(code)]
    if errors or amount is None:
        raise InvalidInput(errors)
    try:
        with transaction.atomic():
            centre = CostCentre.objects.create(
                organisation_id=by.organisation_id, code=code, name=name.strip(), currency=currency,
                budget_units=amount.units, opened_at=at, state=states.OPEN, state_since=at,
            )  # fmt: skip
    except IntegrityError as error:  # opened by a colleague at the same moment
        raise InvalidInput({"code": [taken(code)]}) from error
    record(centre, "open_cost_centre", by=by, at=at, to=centre.state, data=told(centre.name, amount))
    return centre


@atomic
def change_cost_centre(centre: CostCentre, *, name: str, budget: str, by: Actor, at: datetime) -> None:
    """Change the name and the budget of an open cost centre. InvalidInput at name and budget, MoveRefused if closed.

    BudgetReserved for a budget below what orders have reserved, or are reserving at this moment.
    """
    amount, errors = read_both(name, budget, centre.currency)
    if errors or amount is None:
        raise InvalidInput(errors)
    reserved = lock(centre).reserved
    centre.life.find(centre.state, "change_cost_centre", centre.parties_of(by))
    if amount < reserved:
        raise BudgetReserved(f"{reserved} are reserved.", reserved=reserved.amount(), currency=reserved.currency)
    centre.move("change_cost_centre", by=by, at=at, also={"name": name.strip(), "budget_units": amount.units},
                data=told(name.strip(), amount))  # fmt: skip


@atomic
def close_cost_centre(centre: CostCentre, *, by: Actor, at: datetime) -> None:
    """Nothing more can be bought for it; what is reserved stays so until it is paid, canceled or refunded."""
    centre.move("close_cost_centre", by=by, at=at)


@atomic
def reopen_cost_centre(centre: CostCentre, *, by: Actor, at: datetime) -> None:
    """It can be bought for again."""
    centre.move("reopen_cost_centre", by=by, at=at)


def read_both(name: str, budget: str, currency: str) -> tuple[Money | None, dict[str, list[str]]]:
    """Read the budget, and find what is wrong with it and with the name."""
    errors: dict[str, list[str]] = {}
    amount = None
    try:
        amount = read_amount(budget, currency)
    except ValueError as error:
        errors["budget"] = [str(error)]
    found = text_error(name, most=NAME_MAX, what="A name")
    if found:
        errors["name"] = [found]
    return amount, errors


def lock(centre: CostCentre) -> CostCentre:
    """Read the row anew and keep it, so that no order reserves meanwhile; `centre` is fresh then."""
    locked = CostCentre.objects.select_for_update(no_key=True).get(pk=centre.pk)
    centre.state, centre.reserved_units = locked.state, locked.reserved_units
    return locked


def taken(code: str) -> str:
    """Why a code cannot be used again."""
    return f"There is a cost centre {code} already."


def told(name: str, amount: Money) -> dict[str, str]:
    """What the fact tells."""
    return {"name": name, "budget": amount.amount(), "currency": amount.currency}
