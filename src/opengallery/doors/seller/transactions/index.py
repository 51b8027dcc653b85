"""Transaction Details: every sale, what is owed for it, which condition keeps it off the bill (money spec 2.3)."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from opengallery.doors.forms import TypedForm
from opengallery.doors.listing import choice_field, show_list, text_field
from opengallery.doors.lists import known
from opengallery.doors.pages import actor_of, now_of, page
from opengallery.kit.actor import Actor
from opengallery.kit.calendar import cycle_bounds
from opengallery.kit.problems import InvalidInput
from opengallery.market.billing import states
from opengallery.market.billing.models import Transaction
from opengallery.market.supervision.explanations import explain_all

BILL_STATUS = {"unbilled": _("Unbilled"), "billed": _("Billed")}
FILTERS = ("order_no", "customer", "bill_status", "supervision", "cycle")


class TransactionFilters(TypedForm):
    """The search criteria of the list."""

    order_no = text_field(_("Order No."))
    customer = text_field(_("Customer"))
    bill_status = choice_field(_("Bill status"), BILL_STATUS)
    supervision = choice_field(_("Supervision status"), states.SUPERVISION)
    cycle = forms.CharField(
        label=_("Billing cycle"), required=False,
        widget=forms.TextInput({"placeholder": "YYYYMM", "inputmode": "numeric"}),
    )  # fmt: skip


def transaction_rows(actor: Actor, filters: dict[str, str]) -> QuerySet[Transaction]:
    """The organisation's own transactions, filtered; InvalidInput for what is no filter, status or cycle."""
    known(filters, FILTERS)
    said = {name: value.strip().replace("\0", "") for name, value in filters.items()}
    rows = Transaction.objects.visible_to(actor).filter(seller=actor.organisation_id).select_related("bill")
    if said.get("order_no"):
        rows = rows.filter(order_number__startswith=said["order_no"].upper())
    if said.get("customer"):
        rows = rows.filter(customer__icontains=said["customer"])
    if said.get("bill_status"):
        one_of(said, "bill_status", BILL_STATUS)
        rows = rows.filter(bill__isnull=said["bill_status"] == "unbilled")
    if said.get("supervision"):
        one_of(said, "supervision", states.SUPERVISION)
        rows = rows.filter(supervision=said["supervision"])
    return rows.filter(in_cycle(said["cycle"])) if said.get("cycle") else rows


def one_of(said: dict[str, str], name: str, values: Any) -> None:
    """Refuse a status that there is not."""
    if said[name] not in values:
        raise InvalidInput({name: [f"There is no status “{said[name][:60]}”; there are: {', '.join(values)}."]})


def in_cycle(cycle: str) -> Q:
    """Of a cycle: what its bill holds, and what has become ready in its month but is not billed yet."""
    try:
        start, end = cycle_bounds(cycle)
    except ValueError as error:
        raise InvalidInput({"cycle": [f"{error}."]}) from error
    return Q(bill__cycle=cycle) | Q(bill=None, ready_at__gte=start, ready_at__lt=end)


@page(right="money:view")
def index(request: HttpRequest) -> HttpResponse:
    """The list, newest first."""
    actor, now = actor_of(request), now_of(request)

    def explained(rows: list[Transaction]) -> dict[str, Any]:
        open_rows = [row for row in rows if row.bill_id is None]
        reasons = {row.pk: why for row, why in zip(open_rows, explain_all(open_rows, at=now), strict=True)}
        return {"rows": [{"sale": row, "explanation": reasons.get(row.pk)} for row in rows]}

    return show_list(
        request, "seller/transactions/index.html", rows=lambda filters: transaction_rows(actor, filters),
        filters=TransactionFilters(request.GET), order=("-opened_at", "-id"), shown=explained,
    )  # fmt: skip
