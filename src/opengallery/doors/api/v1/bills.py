"""Bills."""

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field
from typing_extensions import TypedDict

from opengallery.doors.api.v1.bodies import Paged
from opengallery.doors.api.v1.calls import call
from opengallery.doors.api.v1.lists import items
from opengallery.doors.api.v1.shapes.billing import BillRowShape, BillShape, bill_row, sale
from opengallery.doors.pages import actor_of, find
from opengallery.kit.paging import page_of
from opengallery.market.billing.models import Bill

router = Router(tags=["Settlement"])
SEE = ("money:view", "operations:view")


class BillFilters(Paged):
    """Which bills."""

    cycle: str = Field("", description="The billing cycle, YYYYMM")


class BillPage(TypedDict):
    """A page of bills, newest first."""

    items: list[BillRowShape]
    next: str | None


@router.get("/bills", response=BillPage)
@call(*SEE)
def list_bills(request: HttpRequest, filters: Query[BillFilters]) -> Any:
    """The seller's bills; the operator sees all."""
    rows = Bill.objects.visible_to(actor_of(request)).select_related("seller")
    if filters.cycle:
        rows = rows.filter(cycle=filters.cycle)
    page = page_of(rows, order=("-drawn_at", "-id"), limit=filters.limit, cursor=filters.cursor)
    return items(page, bill_row)


@router.get("/bills/{bill}", response=BillShape)
@call(*SEE)
def get_bill(request: HttpRequest, bill: str, paging: Query[Paged]) -> Any:
    """One bill, with a page of its lines and how each was calculated."""
    row = find(Bill.objects.visible_to(actor_of(request)).select_related("seller"), public_id=bill)
    page = page_of(row.transactions.all(), order=("id",), limit=paging.limit, cursor=paging.cursor)
    return {**bill_row(row), "lines": [sale(line) for line in page.items], "next": page.next}
