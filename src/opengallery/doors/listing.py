"""A list page: its filter bar, one page of rows, and the links to the next ones; the state lives in the address."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from opengallery.doors.forms import TypedForm
from opengallery.doors.lists import ORDER_STATUSES
from opengallery.doors.pages import show_refusal
from opengallery.kit.paging import page_of
from opengallery.kit.problems import InvalidInput
from opengallery.market.orders import states as order_states
from opengallery.market.supervision import states as flow_states

ANY = ("", _("Any"))
BY_PLACEMENT = ("-placed_at", "-id")
PAGING = ("cursor",)


def day_field(label: Any) -> forms.CharField:
    """A filter for a day; what is no day is refused by the list, in its own words."""
    return forms.CharField(label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}))


def choice_field(label: Any, choices: Mapping[str, Any]) -> forms.CharField:
    """A filter by one of some values."""
    return forms.CharField(label=label, required=False, widget=forms.Select(choices=[ANY, *choices.items()]))


def text_field(label: Any) -> forms.CharField:
    """A filter by words."""
    return forms.CharField(label=label, required=False)


class OrderFilters(TypedForm):
    """The search criteria of an order list (spec S-6); the names are those of doors.lists.ORDER_FILTERS."""

    order_no = text_field(_("Order No."))
    product = text_field(_("Product name"))
    full_name = text_field(_("Customer full name"))
    username = text_field(_("Username"))
    customer = text_field(_("Customer"))
    placed_from = day_field(_("Placed from"))
    placed_to = day_field(_("Placed to"))
    status = choice_field(_("Order status"), ORDER_STATUSES)


class FlowFilters(TypedForm):
    """The search criteria of a supervision list (spec S-1); the names are those of doors.lists.FLOW_FILTERS."""

    order_no = text_field(_("Order No."))
    product = text_field(_("Product name"))
    customer = text_field(_("Customer"))
    placed_from = day_field(_("Placed from"))
    placed_to = day_field(_("Placed to"))
    flow_status = choice_field(_("Flow status"), flow_states.LABELS)
    order_status = choice_field(_("Order status"), order_states.ORDER.labels)


ROWS = 20  # of a page: what one looks at; programs take more at once


def asked(request: HttpRequest) -> dict[str, str]:
    """The filters in the address that say something."""
    return {name: str(value) for name, value in request.GET.items() if name not in PAGING and str(value).strip()}


def show_list(request: HttpRequest, template: str, *, rows: Callable[[dict[str, str]], QuerySet[Any, Any]],
              filters: forms.Form, order: Sequence[str] = BY_PLACEMENT,
              shown: Callable[[list[Any]], Mapping[str, Any]] | None = None) -> HttpResponse:  # fmt: skip
    """Render a list page: `rows` applies the filters, `shown` makes the page's context of one page of rows.

    What the filters do not understand is said at the filter, with status 422, above an empty list.
    """
    cursor = request.GET.get("cursor")
    items: list[Any] = []
    following, status = None, 200
    try:
        page = page_of(rows(asked(request)), order=order, limit=ROWS, cursor=cursor)
        items, following = page.items, page.next
    except InvalidInput as problem:
        show_refusal(filters, problem)
        status = 422
    context = {
        "filters": filters,
        "filtered": bool(asked(request)),
        "rows": items,
        "pager": pager(request, cursor=cursor, following=following, shown=len(items)),
        **(shown(items) if shown else {}),
    }
    return render(request, template, context, status=status)


def pager(request: HttpRequest, *, cursor: str | None, following: str | None, shown: int) -> dict[str, Any]:
    """The links of components/pager.html."""

    def address(to: str | None) -> str:
        query = request.GET.copy()
        query.pop("cursor", None)
        if to:
            query["cursor"] = to
        return f"{request.path}?{query.urlencode()}" if query else request.path

    return {
        "first_url": address(None) if cursor else "",
        "next_url": address(following) if following else "",
        "shown": shown,
    }


def capped(rows: "QuerySet[Model]", most: int = 999) -> str:
    """How many rows there are, "999+" beyond: an overview never counts a large table."""
    count = rows.order_by()[: most + 1].count()
    return f"{most}+" if count > most else str(count)
