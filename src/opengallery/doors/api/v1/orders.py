"""Orders: place, pay, cancel, correct the address, look."""

from collections.abc import Sequence
from typing import Annotated, Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field, StrictInt
from typing_extensions import TypedDict

from opengallery.doors.api.v1.answers import Created
from opengallery.doors.api.v1.bodies import Paged
from opengallery.doors.api.v1.calls import call, find_for_change
from opengallery.doors.api.v1.lists import given, items
from opengallery.doors.api.v1.refreshed import fresh_refusals
from opengallery.doors.api.v1.shapes.orders import OrderRowShape, OrderShape, freshen, lines_of, order_row, order_shape
from opengallery.doors.api.v1.sides import page_of_sides, seen_by
from opengallery.doors.lists import ORDER_FILTERS, order_rows
from opengallery.doors.pages import actor_of, find, now_of
from opengallery.kit.problems import InvalidInput
from opengallery.market.catalog.models import Sku
from opengallery.market.catalog.rules import ONE_TIME
from opengallery.market.orders.actions import LineChoice, cancel_order, change_address, pay_order, place_order
from opengallery.market.orders.actions.place_order import MOST_LINES, Address
from opengallery.market.orders.models import Order

router = Router(tags=["Orders"])
SEE = ("orders:view", "sales:view", "operations:view")
PLACE = ("recipient", "phone", "address")  # of an order's address; the verb names them so


class PeriodChoice(BaseModel):
    """For how long: years, months, or one_time."""

    unit: str = Field(max_length=20)
    count: StrictInt = 1


class LineOrder(BaseModel):
    """What to buy. The SKU may be left out where the specification has only one; no period is one_time."""

    specification: str = Field(max_length=100)
    sku: Annotated[str, Field(max_length=100)] | None = None
    quantity: StrictInt = 1
    period: PeriodChoice | None = None


class AddressOrder(BaseModel):
    """Where goods go; the carrier gets the phone number."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"recipient": "Lin Wei", "phone": "+65 6123 4567", "address": "8 Marina View, Singapore"}]
        }
    )

    recipient: str = Field("", description="1 to 120 characters")
    phone: str = ""
    address: str = Field("", description="1 to 500 characters")

    def said(self) -> Address:
        """The address as the verbs take it."""
        return Address(self.recipient, self.phone, self.address)


class OrderPlacement(BaseModel):
    """A new order of one seller's products; by placing it the buyer agrees to their EULAs and refund policies."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "lines": [
                        {
                            "specification": "spec_06f1c3a7kz4m9v2x8n5b7q3w1t",
                            "sku": "sku_06f1c3a7kz8s2d4f6g8h1j3k5m",
                            "quantity": 1,
                            "period": {"unit": "year", "count": 1},
                        }
                    ],
                    "purchase_order": "PO-2020-0117",
                    "cost_centre": "IT-OPERATIONS",
                }
            ]
        }
    )

    lines: list[LineOrder] = Field(min_length=1, max_length=MOST_LINES)
    purchase_order: str | None = None
    cost_centre: str | None = Field(None, max_length=200, description="The code of one of your own cost centres")
    address: AddressOrder | None = Field(None, description="Where goods go; needed if something is shipped")


class PaymentOrder(BaseModel):
    """How to pay."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"method": "balance"}]})

    method: str = Field(description="balance, or credit where it has been agreed")


class OrderFilters(Paged):
    """The criteria of the order list; words find what begins with them."""

    order_no: str = ""
    product: str = ""
    customer: str = ""
    full_name: str = ""
    username: str = ""
    placed_from: str = Field("", description="First day of placement, YYYY-MM-DD")
    placed_to: str = Field("", description="Last day of placement, YYYY-MM-DD")
    status: str = Field("", description="A state's code or label, such as processing; unsubscribed: what was undone")
    side: str = Field("", description="buyer: what was bought; seller: what was sold; both unless told")


class OrderPage(TypedDict):
    """A page of orders, newest first."""

    items: list[OrderRowShape]
    next: str | None


@router.get("/orders", response=OrderPage)
@call(*SEE)
def list_orders(request: HttpRequest, filters: Query[OrderFilters]) -> Any:
    """The organisation's orders, as buyer and as seller; the operator sees all."""
    actor, at = actor_of(request), now_of(request)
    asked = given(filters.model_dump(include=set(ORDER_FILTERS)))
    page = page_of_sides(
        actor, filters.side, lambda side: with_lines(order_rows(actor, side, asked)), limit=filters.limit,
        cursor=filters.cursor,
    )  # fmt: skip
    return items(page, lambda order: order_row(order, actor=actor, at=at))


@router.get("/orders/{number}", response=OrderShape)
@call(*SEE)
def get_order(request: HttpRequest, number: str) -> Any:
    """One order, with its operation log."""
    return shown(request, find_order(request, number))


@router.post("/orders", response={201: OrderShape})
@call("orders:buy")
def post_order(request: HttpRequest, order: OrderPlacement) -> Any:
    """Place an order; it waits for payment."""
    try:
        placed = place_order(
            choices(order.lines), purchase_order=order.purchase_order or "", cost_centre=order.cost_centre or "",
            address=order.address.said() if order.address else None, by=actor_of(request), at=now_of(request),
        )  # fmt: skip
    except InvalidInput as problem:
        raise InvalidInput({f"address.{name}" if name in PLACE else name: said
                            for name, said in problem.errors.items()}) from problem  # fmt: skip
    body = shown(request, freshen(placed))
    return Created(body, body["href"])


@router.post("/orders/{number}/payment", response=OrderShape)
@call("orders:pay")
def post_payment(request: HttpRequest, number: str, payment: PaymentOrder) -> Any:
    """Pay the order; supervised lines get their flows at once."""
    order = order_to_change(request, number)
    with fresh_refusals(request, order, find_order):
        pay_order(order, method=payment.method, by=actor_of(request), at=now_of(request))
    return shown(request, freshen(order))


@router.post("/orders/{number}/cancellation", response=OrderShape)
@call("orders:buy")
def post_cancellation(request: HttpRequest, number: str) -> Any:
    """Cancel an unpaid order, for good."""
    order = order_to_change(request, number)
    with fresh_refusals(request, order, find_order):
        cancel_order(order, by=actor_of(request), at=now_of(request))
    return shown(request, freshen(order))


@router.put("/orders/{number}/address", response=OrderShape)
@call("orders:buy")
def put_address(request: HttpRequest, number: str, place: AddressOrder) -> Any:
    """Correct the address of goods, until the seller ships."""
    order = order_to_change(request, number)
    with fresh_refusals(request, order, find_order):
        change_address(order, place.said(), by=actor_of(request), at=now_of(request))
    return shown(request, find_order(request, number))


def choices(lines: Sequence[LineOrder]) -> list[LineChoice]:
    """The lines as the verb takes them."""
    skus = only_skus([line.specification for line in lines if line.sku is None])
    chosen, errors = [], {}
    for index, line in enumerate(lines):
        sku = line.sku or skus.get(line.specification)
        if sku is None:
            errors[f"lines.{index}.sku"] = ["Name the SKU: this specification has not exactly one."]
        period = line.period or PeriodChoice(unit=ONE_TIME)
        chosen.append(LineChoice(line.specification, sku or "", line.quantity, period.unit, period.count))
    if errors:
        raise InvalidInput(errors)
    return chosen


def only_skus(specifications: Sequence[str]) -> dict[str, str]:
    """The SKU of each specification that has exactly one."""
    if not specifications:
        return {}
    rows = Sku.objects.filter(specification__public_id__in=specifications, on_sale=True)
    found: dict[str, list[str]] = {}
    for specification, code in rows.values_list("specification__public_id", "code"):
        found.setdefault(specification, []).append(code)
    return {specification: codes[0] for specification, codes in found.items() if len(codes) == 1}


def with_lines(rows: "QuerySet[Order]") -> "QuerySet[Order]":
    """With the address of goods, and with the lines, in one more statement."""
    return rows.select_related("delivery_address").prefetch_related(Prefetch("lines", queryset=lines_of()))


def find_order(request: HttpRequest, number: str) -> Order:
    """The order, if the actor may see it."""
    rows: QuerySet[Order] = with_lines(seen_by(actor_of(request), Order.objects.all()))
    return find(rows, number=number)


def order_to_change(request: HttpRequest, number: str) -> Order:
    """The order, locked and compared if the caller says which version it has."""
    return find_for_change(request, find_order, lambda order: shown(request, order), number, lock=lock_order_row)


def lock_order_row(order: Order) -> None:
    """Take the lock that the order's verbs take first."""
    Order.objects.select_for_update(no_key=True).get(pk=order.pk)


def shown(request: HttpRequest, order: Order) -> OrderShape:
    """The order as this caller sees it now."""
    return order_shape(order, actor=actor_of(request), at=now_of(request))
