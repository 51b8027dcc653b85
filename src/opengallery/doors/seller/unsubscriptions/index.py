"""Unsubscriptions: what customers ask to undo, newest first, found by search criteria (spec S-7)."""

from collections.abc import Mapping

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from opengallery.doors.forms import TypedForm
from opengallery.doors.listing import choice_field, day_field, show_list, text_field
from opengallery.doors.lists import known, on_side, one_of, placed
from opengallery.doors.pages import actor_of, page
from opengallery.kit.actor import Actor
from opengallery.market.orders.models import Order
from opengallery.market.unsubscription import states
from opengallery.market.unsubscription.models import Unsubscription

BY_REQUEST = ("-requested_at", "-id")
FILTERS = ("order_no", "customer", "placed_from", "placed_to", "status")


class UnsubscriptionFilters(TypedForm):
    """The search criteria of the list."""

    order_no = text_field(gettext_lazy("Order No."))
    customer = text_field(gettext_lazy("Customer"))
    placed_from = day_field(gettext_lazy("Requested from"))
    placed_to = day_field(gettext_lazy("Requested to"))
    status = choice_field(gettext_lazy("Status"), states.LABELS)


@page(right="sales:view")
def index(request: HttpRequest) -> HttpResponse:
    """The list; a row that waits for the seller offers its review."""
    actor = actor_of(request)
    return show_list(
        request, "seller/unsubscriptions/index.html", rows=lambda filters: rows_of(actor, filters),
        filters=UnsubscriptionFilters(request.GET), order=BY_REQUEST,
        shown=lambda rows: {"may_review": actor.may("sales:deliver")},
    )  # fmt: skip


def rows_of(actor: Actor, filters: Mapping[str, str]) -> "QuerySet[Unsubscription]":
    """Requests about what the organisation sold, filtered, each with its order in the same statement."""
    known(filters, FILTERS)
    sold = on_side(Order.objects.all(), actor, "seller")
    if filters.get("order_no", "").strip():
        sold = sold.filter(number__istartswith=said(filters["order_no"]))
    if filters.get("customer", "").strip():
        sold = sold.filter(customer_name__icontains=said(filters["customer"]))
    rows = Unsubscription.objects.filter(placed(filters, "requested_at"), flow__line__order__in=sold)
    if filters.get("status"):
        rows = rows.filter(state=one_of(filters["status"], states.LABELS, "status"))
    return rows.select_related("flow__line__order").defer("flow__line__words")


def said(text: str) -> str:
    """What is searched for; no text holds the character NUL."""
    return text.strip().replace("\0", "")
