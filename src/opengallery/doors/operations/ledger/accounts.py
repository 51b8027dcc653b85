"""The accounts of one kind and currency, one for each owner where the chart says so."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from opengallery.doors.forms import TypedForm
from opengallery.doors.listing import show_list
from opengallery.doors.pages import page
from opengallery.doors.trail import trail
from opengallery.kit.money import Money
from opengallery.kit.problems import NotFound
from opengallery.market.identity.models import Organisation
from opengallery.market.ledger.chart import CHART
from opengallery.market.ledger.queries import trial_balance


@page(right="operations:view")
def accounts(request: HttpRequest, code: str, currency: str) -> HttpResponse:
    """The list, with each account's debits, credits and balance."""
    if code not in CHART:
        raise NotFound

    sign = 1 if CHART[code].side == "debit" else -1

    def named(rows: list[Any]) -> dict[str, Any]:
        names = dict(Organisation.objects.filter(pk__in=[row.owner_id for row in rows]).values_list("pk", "name"))
        return {
            "kind": CHART[code],
            "rows": [
                {
                    "account": row, "name": names.get(row.owner_id, _("The platform")),
                    "debits": Money(row.debited, currency), "credits": Money(row.credited, currency),
                    "balance": Money((row.debited - row.credited) * sign, currency),
                }
                for row in rows
            ],
            "breadcrumbs": trail((_("Ledger"), "operations:ledger"), here=CHART[code].name),
        }  # fmt: skip

    return show_list(
        request, "operations/ledger/accounts.html",
        rows=lambda filters: trial_balance().filter(code=code, currency=currency),
        filters=TypedForm(request.GET), order=("id",), shown=named,
    )  # fmt: skip
