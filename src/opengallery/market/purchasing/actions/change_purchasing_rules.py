"""Say from which amounts two people are needed, and what every order must name."""

from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.money import Money
from opengallery.kit.problems import InvalidInput, NotAllowed
from opengallery.kit.verbs import atomic
from opengallery.market.policy.models import Policy
from opengallery.market.purchasing import states
from opengallery.market.purchasing.models import Rule
from opengallery.market.purchasing.rules import currency_error, read_amount


@atomic
def change_purchasing_rules(
    *, approval_above: str, acceptance_above: str, purchase_order_required: bool, cost_centre_required: bool,
    by: Actor, at: datetime, currency: str = "",
) -> Rule:  # fmt: skip
    """Set all of the organisation's rules at once; they hold for orders and acceptances from now on.

    An empty amount: one person is always enough. The currency is the marketplace's unless told. InvalidInput at
    approval_above, acceptance_above, currency.
    """
    if by.organisation_id is None:
        raise NotAllowed
    currency = currency.strip() or str(Policy.at(at)["settlement_currency"])
    found = currency_error(currency)
    errors = {"currency": [found]} if found else {}
    limits: dict[str, Money | None] = {}
    for field, text in (("approval_above", approval_above), ("acceptance_above", acceptance_above)):
        try:
            limits[field] = read_amount(text, currency) if text.strip() else None
        except ValueError as error:
            errors[field] = [str(error)]
    if errors:
        raise InvalidInput(errors)
    Rule.objects.get_or_create(
        organisation_id=by.organisation_id, defaults={"currency": currency, "state": states.IN_FORCE, "state_since": at}
    )
    rule = Rule.objects.select_related("organisation").get(organisation=by.organisation_id)
    rule.move("change_purchasing_rules", by=by, at=at, also={
        "currency": currency, "approval_units": units_of(limits["approval_above"]),
        "acceptance_units": units_of(limits["acceptance_above"]), "purchase_order_required": purchase_order_required,
        "cost_centre_required": cost_centre_required,
    }, data={
        "currency": currency, "approval_above": text_of(limits["approval_above"]),
        "acceptance_above": text_of(limits["acceptance_above"]), "purchase_order_required": purchase_order_required,
        "cost_centre_required": cost_centre_required,
    })  # fmt: skip
    return rule


def units_of(limit: Money | None) -> int | None:
    """A limit as it is stored."""
    return None if limit is None else limit.units


def text_of(limit: Money | None) -> str | None:
    """A limit as the fact tells it."""
    return None if limit is None else limit.amount()
