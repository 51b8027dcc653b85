"""One organisation's money: its balance, its credit, and the statement of its balance."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from opengallery.doors.forms import TypedForm
from opengallery.doors.listing import show_list
from opengallery.doors.operations.console import customer
from opengallery.doors.pages import actor_of, now_of, page
from opengallery.doors.trail import trail
from opengallery.kit.money import Money
from opengallery.market.billing.actions import balance_of
from opengallery.market.billing.models import CreditLine
from opengallery.market.billing.queries import statement
from opengallery.market.ledger.queries import balance
from opengallery.market.policy.models import Policy


@page(right="operations:view")
def account(request: HttpRequest, public_id: str) -> HttpResponse:
    """The figures and the statement, newest first."""
    organisation = customer(public_id)
    currency = Policy.at(now_of(request))["settlement_currency"]
    line = CreditLine.objects.filter(pk=organisation.pk).first()
    used = balance("customer_credit", organisation.pk, line.currency) if line else None

    def around(transfers: list[Any]) -> dict[str, Any]:
        return {
            "organisation": organisation,
            "balance": balance_of(organisation.pk, currency),
            "limit": Money(line.limit_units, line.currency) if line else None,
            "used": used,
            "may_book": actor_of(request).may("operations:balance"),
            "rows": [
                {
                    "transfer": row,
                    # A credited payment's key is the organisation, then the note that was typed.
                    "reference": row.key.removeprefix(f"{organisation.public_id} "),
                    "change": Money(row.signed_units, currency),
                }
                for row in transfers
            ],
            "breadcrumbs": trail((_("Balances"), "operations:balances"), here=organisation.name),
        }

    return show_list(
        request, "operations/balances/account.html", rows=lambda filters: statement(organisation.pk, currency),
        filters=TypedForm(request.GET), order=("-at", "-id"), shown=around,
    )  # fmt: skip
