"""Customers: who has ordered, how often and when last; no contact data (spec S-11, Q25)."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from opengallery.doors.forms import TypedForm
from opengallery.doors.listing import show_list, text_field
from opengallery.doors.lists import known, on_side
from opengallery.doors.pages import actor_of, page
from opengallery.kit.actor import Actor
from opengallery.market.orders.models import Order


class CustomerFilters(TypedForm):
    """The one search criterion of the list."""

    customer = text_field(gettext_lazy("Customer"))


@page(right="sales:view")
def customers(request: HttpRequest) -> HttpResponse:
    """The list, whoever ordered last first."""
    actor = actor_of(request)
    return show_list(
        request, "seller/orders/customers.html", rows=lambda filters: last_orders(actor, filters),
        filters=CustomerFilters(request.GET), shown=lambda rows: {"rows": counted(actor, rows)},
    )  # fmt: skip


def last_orders(actor: Actor, filters: Mapping[str, str]) -> "QuerySet[Order]":
    """The last order of each customer, filtered by the name that it carries."""
    known(filters, ("customer",))
    sold: QuerySet[Order] = on_side(Order.objects.all(), actor, "seller")
    rows = sold.filter(pk__in=sold.order_by("buyer", "-placed_at", "-id").distinct("buyer").values("pk"))
    name = filters.get("customer", "").strip().replace("\0", "")
    return rows.filter(customer_name__icontains=name) if name else rows


def counted(actor: Actor, rows: list[Order]) -> list[dict[str, Any]]:
    """The customers of these orders, and how often each has ordered, in one statement."""
    theirs = on_side(Order.objects.all(), actor, "seller").filter(buyer__in=[order.buyer_id for order in rows])
    counts = dict(theirs.order_by().values_list("buyer").annotate(Count("pk")))
    return [{"order": order, "orders": counts[order.buyer_id]} for order in rows]
