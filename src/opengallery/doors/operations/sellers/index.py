"""Sellers, and whether their business information is certified: the first condition of every bill."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from opengallery.doors.forms import TypedForm
from opengallery.doors.listing import show_list, text_field
from opengallery.doors.lists import known
from opengallery.doors.pages import actor_of, page
from opengallery.market.billing.models import Payee
from opengallery.market.sellers.models import Seller


class SellerFilters(TypedForm):
    """The search criteria of the list."""

    name = text_field(_("Seller"))


@page(right="operations:view")
def index(request: HttpRequest) -> HttpResponse:
    """The list, newest first."""
    actor = actor_of(request)

    def admitted(filters: dict[str, str]) -> QuerySet[Seller]:
        known(filters, ("name",))
        name = filters.get("name", "").strip().replace("\0", "")
        return Seller.objects.filter(name__icontains=name).select_related("organisation")

    def with_payees(sellers: list[Seller]) -> dict[str, Any]:
        payees = {payee.pk: payee for payee in Payee.objects.filter(pk__in=[seller.pk for seller in sellers])}
        return {
            "rows": [{"seller": seller, "payee": payees.get(seller.pk)} for seller in sellers],
            "may_certify": actor.may("operations:certify"),
        }

    return show_list(request, "operations/sellers/index.html", rows=admitted, filters=SellerFilters(request.GET),
                     order=("-admitted_at", "-organisation_id"), shown=with_payees)  # fmt: skip
