"""The statement of one account: its transfers, newest first, each with the account on the other side."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from opengallery.doors.forms import TypedForm
from opengallery.doors.listing import show_list
from opengallery.doors.pages import find, page
from opengallery.doors.trail import trail
from opengallery.kit.money import Money
from opengallery.market.identity.models import Organisation
from opengallery.market.ledger.chart import CHART
from opengallery.market.ledger.models import Account, Transfer


@page(right="operations:view")
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    """The transfers, page by page."""
    account = find(Account.objects.all(), pk=pk)
    kind = CHART[account.code]

    def transfers(_filters: dict[str, str]) -> QuerySet[Transfer]:
        return Transfer.objects.filter(Q(debit=account) | Q(credit=account)).select_related("debit", "credit")

    def around(rows: list[Transfer]) -> dict[str, Any]:
        owners = {side.owner_id for row in rows for side in (row.debit, row.credit)} | {account.owner_id}
        names = dict(Organisation.objects.filter(pk__in=owners).values_list("pk", "name"))
        above = reverse("operations:accounts", args=[account.code, account.currency])
        owner = names.get(account.owner_id, _("The platform"))
        return {
            "kind": kind,
            "owner": owner,
            "rows": [line(row, account, names) for row in rows],
            "breadcrumbs": trail((_("Ledger"), "operations:ledger"), (kind.name, above), here=owner),
        }

    return show_list(request, "operations/ledger/statement.html", rows=transfers, filters=TypedForm(request.GET),
                     order=("-at", "-id"), shown=around)  # fmt: skip


def line(transfer: Transfer, account: Account, names: dict[int, str]) -> dict[str, Any]:
    """One transfer as the account sees it."""
    is_debit = transfer.debit_id == account.pk
    other = transfer.credit if is_debit else transfer.debit
    amount = Money(transfer.units, account.currency)
    return {
        "transfer": transfer,
        "other": CHART[other.code].name,
        "other_pk": other.pk,
        "other_owner": names.get(other.owner_id, ""),
        "debit": amount if is_debit else None,
        "credit": None if is_debit else amount,
    }
