"""Purchasing: the organisation's rules, cost centres and stand-ins, and the second person's word on an order."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field, StrictBool
from typing_extensions import TypedDict

from opengallery.doors.api.v1.answers import Created
from opengallery.doors.api.v1.bodies import Paged, storable
from opengallery.doors.api.v1.calls import call
from opengallery.doors.api.v1.lists import items
from opengallery.doors.api.v1.orders import find_order, order_to_change, shown
from opengallery.doors.api.v1.refreshed import fresh_refusals
from opengallery.doors.api.v1.shapes.orders import OrderShape, freshen
from opengallery.doors.api.v1.shapes.purchasing import (
    CostCentreShape,
    RulesShape,
    StandInShape,
    cost_centre_shape,
    rules_shape,
    stand_in_shape,
)
from opengallery.doors.pages import actor_of, find, now_of
from opengallery.kit.paging import page_of
from opengallery.kit.problems import InvalidInput
from opengallery.market.identity.models import StandIn
from opengallery.market.orders.actions import approve_order, decline_order
from opengallery.market.purchasing.actions import (
    appoint_stand_in,
    change_cost_centre,
    change_purchasing_rules,
    close_cost_centre,
    dismiss_stand_in,
    open_cost_centre,
    reopen_cost_centre,
)
from opengallery.market.purchasing.models import CostCentre
from opengallery.market.purchasing.queries import rules_of

router = Router(tags=["Purchasing"])
LONG = 1000  # the verbs say what is too long, in words


class Amount(BaseModel):
    """An amount of money."""

    amount: str = Field(max_length=30, description="A decimal amount")
    currency: str = Field(pattern="^[A-Z]{3}$", description="ISO 4217")


class Rules(BaseModel):
    """All of the organisation's rules; what is left out is not demanded."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "approval_above": {"amount": "5000.00", "currency": "USD"},
                    "acceptance_above": None,
                    "purchase_order_required": True,
                    "cost_centre_required": False,
                }
            ]
        }
    )

    approval_above: Amount | None = None
    acceptance_above: Amount | None = None
    purchase_order_required: StrictBool = False
    cost_centre_required: StrictBool = False


class NewCostCentre(BaseModel):
    """A new cost centre; its code and currency are for ever."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"code": "IT-OPS", "name": "IT operations", "budget": {"amount": "50000.00", "currency": "USD"}}
            ]
        }
    )

    code: str = Field(max_length=LONG)
    name: str = Field(max_length=LONG)
    budget: Amount


class CostCentreChange(BaseModel):
    """What is to be different; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"budget": {"amount": "60000.00", "currency": "USD"}}]})

    name: str | None = Field(None, max_length=LONG)
    budget: Amount | None = None


class Appointment(BaseModel):
    """Who stands in for whom, by their usernames; without `from` it begins now."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "member": "linwei",
                    "stand_in": "mtan",
                    "from": "2020-03-02T00:00:00Z",
                    "until": "2020-03-16T00:00:00Z",
                    "reason": "Annual leave",
                }
            ]
        },
        populate_by_name=True,
    )

    member: str = Field(max_length=LONG)
    stand_in: str = Field(max_length=LONG)
    starts: str | None = Field(None, alias="from", max_length=60)
    until: str = Field(max_length=60, description="ISO 8601; the platform's clock unless it says")
    reason: str = Field(max_length=LONG)


class Refusal(BaseModel):
    """Why an order is declined."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The budget is for next year."}]})

    reason: str


class CostCentrePage(TypedDict):
    """A page of cost centres, newest first."""

    items: list[CostCentreShape]
    next: str | None


class StandInPage(TypedDict):
    """A page of stand-ins, newest first."""

    items: list[StandInShape]
    next: str | None


@router.get("/purchasing", response=RulesShape)
@call("orders:view")
def get_purchasing(request: HttpRequest) -> Any:
    """The rules in force."""
    return rules_shape(rules_of(actor_of(request).organisation_id or 0))


@router.put("/purchasing", response=RulesShape)
@call("purchasing:manage")
def put_purchasing(request: HttpRequest, rules: Rules) -> Any:
    """Set all rules at once; orders placed before are not touched."""
    given = [amount for amount in (rules.approval_above, rules.acceptance_above) if amount]
    if len({amount.currency for amount in given}) > 1:
        raise InvalidInput({"acceptance_above.currency": ["Both amounts are in one currency."]})
    rule = change_purchasing_rules(
        approval_above=text(rules.approval_above), acceptance_above=text(rules.acceptance_above),
        currency=given[0].currency if given else "", purchase_order_required=rules.purchase_order_required,
        cost_centre_required=rules.cost_centre_required, by=actor_of(request), at=now_of(request),
    )  # fmt: skip
    return rules_shape(rule)


@router.get("/cost-centres", response=CostCentrePage)
@call("orders:view")
def list_cost_centres(request: HttpRequest, paging: Query[Paged]) -> Any:
    """The organisation's cost centres, closed ones too."""
    return items(page_of(centres(request), order=("-id",), limit=paging.limit, cursor=paging.cursor), cost_centre_shape)


@router.post("/cost-centres", response={201: CostCentreShape})
@call("purchasing:manage")
def post_cost_centre(request: HttpRequest, centre: NewCostCentre) -> Any:
    """Open a cost centre; orders that name it reserve from its budget."""
    opened = open_cost_centre(
        code=centre.code, name=centre.name, budget=centre.budget.amount, currency=centre.budget.currency,
        by=actor_of(request), at=now_of(request),
    )  # fmt: skip
    body = cost_centre_shape(opened)
    return Created(body, body["href"])


@router.get("/cost-centres/{code}", response=CostCentreShape)
@call("orders:view")
def get_cost_centre(request: HttpRequest, code: str) -> Any:
    """One cost centre."""
    return cost_centre_shape(find_centre(request, code))


@router.patch("/cost-centres/{code}", response=CostCentreShape)
@call("purchasing:manage")
def patch_cost_centre(request: HttpRequest, code: str, change: CostCentreChange) -> Any:
    """Change its name or budget; never below what is reserved."""
    row = find_centre(request, code)
    if change.budget and change.budget.currency != row.currency:
        raise InvalidInput({"budget.currency": [f"Its budget is in {row.currency}, for ever."]})
    change_cost_centre(
        row, name=row.name if change.name is None else change.name,
        budget=text(change.budget) if change.budget else row.budget.amount(), by=actor_of(request), at=now_of(request),
    )  # fmt: skip
    return cost_centre_shape(row)


@router.post("/cost-centres/{code}/closing", response=CostCentreShape)
@call("purchasing:manage")
def post_closing(request: HttpRequest, code: str) -> Any:
    """Close it: nothing more can be bought for it."""
    row = find_centre(request, code)
    close_cost_centre(row, by=actor_of(request), at=now_of(request))
    return cost_centre_shape(row)


@router.post("/cost-centres/{code}/reopening", response=CostCentreShape)
@call("purchasing:manage")
def post_reopening(request: HttpRequest, code: str) -> Any:
    """Open it again."""
    row = find_centre(request, code)
    reopen_cost_centre(row, by=actor_of(request), at=now_of(request))
    return cost_centre_shape(row)


@router.get("/stand-ins", response=StandInPage)
@call("orders:view")
def list_stand_ins(request: HttpRequest, paging: Query[Paged]) -> Any:
    """Who stood, stands and will stand in for whom."""
    page = page_of(appointed(request), order=("-id",), limit=paging.limit, cursor=paging.cursor)
    return items(page, lambda row: stand_in_shape(row, at=now_of(request)))


@router.post("/stand-ins", response={201: StandInShape})
@call("purchasing:manage")
def post_stand_in(request: HttpRequest, appointment: Appointment) -> Any:
    """Appoint a stand-in; for that time the person may do what both of them may."""
    row = appoint_stand_in(
        member=appointment.member, stand_in=appointment.stand_in, starts=appointment.starts or "",
        ends=appointment.until, reason=appointment.reason, by=actor_of(request), at=now_of(request),
    )  # fmt: skip
    body = stand_in_shape(row, at=now_of(request))
    return Created(body, body["href"])


@router.get("/stand-ins/{stand_in}", response=StandInShape)
@call("orders:view")
def get_stand_in(request: HttpRequest, stand_in: str) -> Any:
    """One stand-in."""
    return stand_in_shape(find(appointed(request), public_id=stand_in), at=now_of(request))


@router.delete("/stand-ins/{stand_in}", response=StandInShape)
@call("purchasing:manage")
def delete_stand_in(request: HttpRequest, stand_in: str) -> Any:
    """End a stand-in at once."""
    row = find(appointed(request), public_id=stand_in)
    dismiss_stand_in(row, by=actor_of(request), at=now_of(request))
    return stand_in_shape(row, at=now_of(request))


@router.post("/orders/{number}/approval", response=OrderShape)
@call("orders:approve")
def post_approval(request: HttpRequest, number: str) -> Any:
    """Approve a colleague's order; then it can be paid."""
    order = order_to_change(request, number)
    with fresh_refusals(request, order, find_order):
        approve_order(order, by=actor_of(request), at=now_of(request))
    return shown(request, freshen(order))


@router.post("/orders/{number}/refusal", response=OrderShape)
@call("orders:approve")
def post_refusal(request: HttpRequest, number: str, refusal: Refusal) -> Any:
    """Decline a colleague's order, for good; its budget is free again."""
    order = order_to_change(request, number)
    with fresh_refusals(request, order, find_order):
        decline_order(order, reason=refusal.reason, by=actor_of(request), at=now_of(request))
    return shown(request, freshen(order))


def text(amount: Amount | None) -> str:
    """An amount as the verbs take it; none is empty, and an empty one is none of theirs."""
    return "" if amount is None else amount.amount.strip() or "–"


def centres(request: HttpRequest) -> "QuerySet[CostCentre]":
    """The organisation's own cost centres."""
    return CostCentre.objects.visible_to(actor_of(request)).select_related("organisation")


def find_centre(request: HttpRequest, code: str) -> CostCentre:
    """A cost centre of the organisation, or NotFound."""
    return find(centres(request), code=code if storable(code) else "")


def appointed(request: HttpRequest) -> "QuerySet[StandIn]":
    """The organisation's own stand-ins."""
    rows = StandIn.objects.visible_to(actor_of(request))
    return rows.select_related("organisation", "member__user", "stand_in__user")
