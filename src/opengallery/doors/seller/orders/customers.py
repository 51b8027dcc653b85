"""Customers: who has ordered, how often and when last; no contact data (spec S-11, Q25)."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from opengallery.doors.forms import TypedForm
from opengallery.doors.listing import show_list, text_field
from opengallery.doors.lists import known, on_side
from opengallery.doors.pages import actor_of, page
from opengallery.kit.actor import Actor
from opengallery.market.orders.models import Order

BY_LAST_ORDER = ("-last_at", "-buyer_id")


class CustomerFilters(TypedForm):
    """The one search criterion of the list."""

    customer = text_field(gettext_lazy("Customer"))


@page(right="sales:view")
def customers(request: HttpRequest) -> HttpResponse:
    """The list, whoever ordered last first."""
    actor = actor_of(request)
    return show_list(
        request, "seller/orders/customers.html", rows=lambda filters: customer_rows(actor, filters),
        filters=CustomerFilters(request.GET), order=BY_LAST_ORDER,
        shown=lambda rows: {"rows": named(actor, rows)},
    )  # fmt: skip


def customer_rows(actor: Actor, filters: Mapping[str, str]) -> "QuerySet[Order, dict[str, Any]]":
    """The organisations that have ordered from this one, filtered: how many orders, and when the last was placed."""
    known(filters, ("customer",))
    sold = on_side(Order.objects.all(), actor, "seller")
    if name := filters.get("customer", "").strip().replace("\0", ""):
        sold = sold.filter(customer_name__icontains=name)
    grouped: QuerySet[Order, dict[str, Any]] = sold.order_by().values("buyer_id")
    return grouped.annotate(orders=Count("pk"), last_at=Max("placed_at"))


def named(actor: Actor, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with the names that the customers' last orders carry, in one statement."""
    last = on_side(Order.objects.all(), actor, "seller").filter(buyer__in=[row["buyer_id"] for row in rows])
    newest = {order.buyer_id: order for order in last.order_by("buyer", "-placed_at", "-id").distinct("buyer")}
    return [row | {"order": newest[row["buyer_id"]]} for row in rows]
