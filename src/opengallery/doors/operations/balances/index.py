"""Balances: what each organisation can spend, and its credit limit."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from opengallery.doors.forms import TypedForm
from opengallery.doors.listing import show_list, text_field
from opengallery.doors.lists import known
from opengallery.doors.pages import page
from opengallery.kit.money import Money
from opengallery.market.billing.models import CreditLine
from opengallery.market.identity.models import Organisation
from opengallery.market.ledger.models import Account


class OrganisationFilters(TypedForm):
    """The search criteria of the list."""

    name = text_field(_("Organisation"))


@page(right="operations:view")
def index(request: HttpRequest) -> HttpResponse:
    """Every organisation but the operator's, newest first."""

    def customers(filters: dict[str, str]) -> QuerySet[Organisation]:
        known(filters, ("name",))
        name = filters.get("name", "").strip().replace("\0", "")
        return Organisation.objects.filter(is_operator=False, name__icontains=name)

    return show_list(request, "operations/balances/index.html", rows=customers,
                     filters=OrganisationFilters(request.GET), order=("-id",), shown=with_balances)  # fmt: skip


def with_balances(organisations: list[Organisation]) -> dict[str, Any]:
    """The rows with balances and limits, in two statements for all of them."""
    keys = [organisation.pk for organisation in organisations]
    balances: dict[int, list[Money]] = {}
    for account in Account.objects.filter(code="customer_balance", owner_id__in=keys).order_by("currency"):
        balances.setdefault(account.owner_id, []).append(Money(account.balance_units, account.currency))
    limits = {line.pk: Money(line.limit_units, line.currency) for line in CreditLine.objects.filter(pk__in=keys)}
    return {
        "rows": [
            {"organisation": row, "balances": balances.get(row.pk, []), "limit": limits.get(row.pk)}
            for row in organisations
        ]
    }
