"""Transactions: what each sale waits for before it is billed."""

from typing import Any, Literal

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field
from typing_extensions import TypedDict

from opengallery.doors.api.v1.bodies import Paged
from opengallery.doors.api.v1.calls import call
from opengallery.doors.api.v1.shapes.billing import TransactionShape, transaction_shape
from opengallery.doors.pages import actor_of, find, now_of
from opengallery.kit.paging import page_of
from opengallery.market.billing.models import Transaction
from opengallery.market.supervision.explanations import explain_all

router = Router(tags=["Settlement"])
SEE = ("money:view", "operations:view")


class TransactionFilters(Paged):
    """Which transactions."""

    billed: Literal["", "true", "false"] = Field("", description="true: on a bill; false: not yet")
    order_no: str = Field("", description="The whole order number")


class TransactionPage(TypedDict):
    """A page of transactions, newest first."""

    items: list[TransactionShape]
    next: str | None


@router.get("/transactions", response=TransactionPage)
@call(*SEE)
def list_transactions(request: HttpRequest, filters: Query[TransactionFilters]) -> Any:
    """The organisation's sales: billed or not, and each condition, met or not."""
    rows = seen(request)
    if filters.billed:
        rows = rows.filter(bill__isnull=filters.billed == "false")
    if filters.order_no:
        rows = rows.filter(order_number=filters.order_no.strip())
    page = page_of(rows, order=("-opened_at", "-id"), limit=filters.limit, cursor=filters.cursor)
    return {"items": explained(request, page.items), "next": page.next}


@router.get("/transactions/{transaction}", response=TransactionShape)
@call(*SEE)
def get_transaction(request: HttpRequest, transaction: str) -> Any:
    """One sale; it is found by its id or by its order line."""
    by = "public_id" if transaction.startswith("txn_") else "key"
    [shape] = explained(request, [find(seen(request), **{by: transaction})])
    return shape


def seen(request: HttpRequest) -> "QuerySet[Transaction]":
    """The transactions that the actor may see, each with its bill."""
    return Transaction.objects.visible_to(actor_of(request)).select_related("bill")


def explained(request: HttpRequest, rows: list[Transaction]) -> list[TransactionShape]:
    """With why each is not billed yet, in a fixed number of statements."""
    whys = explain_all(rows, at=now_of(request)) if rows else []
    return [transaction_shape(row, why) for row, why in zip(rows, whys, strict=True)]
