"""My Products: what the organisation offers, with specifications, prices and state; to be read."""

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse

from opengallery.doors.forms import TypedForm
from opengallery.doors.listing import show_list
from opengallery.doors.lists import known
from opengallery.doors.pages import actor_of, page
from opengallery.market.catalog.models import PriceLine, Product


@page(right="sales:view")
def index(request: HttpRequest) -> HttpResponse:
    """The list, newest first."""
    actor = actor_of(request)

    def own(filters: dict[str, str]) -> QuerySet[Product]:
        known(filters, ())
        prices = Prefetch("specifications__skus__prices", PriceLine.objects.order_by("amount_units"))
        return Product.objects.visible_to(actor).filter(seller=actor.organisation_id).prefetch_related(prices)

    return show_list(request, "seller/products/index.html", rows=own, filters=TypedForm(request.GET), order=("-id",))
