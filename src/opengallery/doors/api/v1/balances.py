"""Prepaid balances: buyers look, operations credit."""

from typing import Any

from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from opengallery.doors.api.v1.answers import Created
from opengallery.doors.api.v1.calls import call
from opengallery.doors.api.v1.shapes.common import BASE, MoneyShape, money
from opengallery.doors.pages import actor_of, find, now_of
from opengallery.kit.money import Money
from opengallery.kit.problems import InvalidInput
from opengallery.market.billing.actions import balance_of, top_up_balance
from opengallery.market.identity.models import Organisation
from opengallery.market.policy.models import Policy

router = Router(tags=["Balances"])


class Credit(BaseModel):
    """Money received from a customer."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"amount": "500.00", "currency": "USD"}]})

    amount: str = Field(max_length=30, description="A decimal amount")
    currency: str = Field(pattern="^[A-Z]{3}$", description="ISO 4217")


class BalanceShape(TypedDict):
    """What an organisation can spend."""

    organisation: str
    name: str
    balance: MoneyShape
    href: str


@router.get("/balance", response=BalanceShape)
@call("orders:view")
def get_balance(request: HttpRequest) -> Any:
    """The organisation's own prepaid balance."""
    return shown(request, find(Organisation.objects.all(), pk=actor_of(request).organisation_id))


@router.get("/balances/{organisation}", response=BalanceShape)
@call("operations:view")
def get_balance_of(request: HttpRequest, organisation: str) -> Any:
    """Any organisation's prepaid balance."""
    return shown(request, find(Organisation.objects.all(), public_id=organisation))


@router.post("/balances/{organisation}/credits", response={201: BalanceShape})
@call("operations:balance")
def post_credit(request: HttpRequest, organisation: str, credit: Credit) -> Any:
    """Credit a balance with money received. Send an idempotency key: the same credit twice is two credits without."""
    owner = find(Organisation.objects.all(), public_id=organisation)
    if credit.currency != currency_of(request):
        raise InvalidInput({"currency": [f"Balances are kept in {currency_of(request)}."]})
    try:
        amount = Money.of(credit.amount, credit.currency)
    except ValueError as error:
        raise InvalidInput({"amount": ["Write an amount as 500.00."]}) from error
    top_up_balance(owner, amount=amount, at=now_of(request))
    body = shown(request, owner)
    return Created(body, body["href"])


def currency_of(request: HttpRequest) -> str:
    """The currency of this marketplace."""
    return str(Policy.at(now_of(request))["settlement_currency"])


def shown(request: HttpRequest, owner: Organisation) -> BalanceShape:
    """A balance."""
    return {
        "organisation": owner.public_id,
        "name": owner.name,
        "balance": money(balance_of(owner.pk, currency_of(request))),
        "href": f"{BASE}/balances/{owner.public_id}",
    }
