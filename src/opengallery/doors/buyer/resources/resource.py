"""Resource Details: the validity, the orders behind it, the seller, and renewing it."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.buyer.own import own_resource
from opengallery.doors.buyer.resources.standing import rating_context
from opengallery.doors.flows import events_of
from opengallery.doors.forms import TypedForm, typed
from opengallery.doors.pages import actor_of, now_of, page, show_refusal
from opengallery.doors.ratings import RatingForm
from opengallery.doors.trail import trail
from opengallery.kit.calendar import end_of_day
from opengallery.kit.problems import NotAllowed, Problem
from opengallery.market.catalog.models import PriceLine
from opengallery.market.catalog.rules import period_text, price_of
from opengallery.market.journal.models import Fact
from opengallery.market.orders import rules
from opengallery.market.orders.actions import renew_resource
from opengallery.market.orders.actions.renew_resource import renewal_refusal
from opengallery.market.orders.models import OrderLine, Resource
from opengallery.market.provisioning.models import application_of
from opengallery.market.purchasing.queries import open_centres, rules_of
from opengallery.market.sellers.models import Seller


class RenewalForm(TypedForm):
    """For how long: the periods that the specification is sold for, each with what it costs today."""

    period = forms.CharField(label=gettext_lazy("Period"), widget=forms.Select)
    purchase_order = forms.CharField(label=gettext_lazy("Purchase order number"), required=False, max_length=60)
    cost_centre = forms.CharField(label=gettext_lazy("Cost centre"), required=False, widget=forms.Select)

    def __init__(self, resource: Resource, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period"].widget.choices = periods_of(resource)
        rule = rules_of(resource.buyer_id)
        self.fields["purchase_order"].required = rule.purchase_order_required
        self.fields["cost_centre"].required = rule.cost_centre_required
        # Those of the order that brought it are offered; the renewal may be another department's.
        first = resource.order
        self.initial = {"purchase_order": first.purchase_order, "cost_centre": first.cost_centre, **self.initial}
        centres = [(row.code, f"{row.code} – {row.name} ({row.left})") for row in open_centres(resource.buyer_id)]
        self.fields["cost_centre"].widget.choices = [("", "–"), *centres]
        if not centres and not rule.cost_centre_required:
            del self.fields["cost_centre"]


@page(right="orders:view")
def resource(request: HttpRequest, public_id: str) -> HttpResponse:
    """The page; POST places the renewal order, which is then to be paid."""
    row = own_resource(request, public_id)
    if request.method != "POST":
        return shown(request, row, RenewalForm(row))
    if not actor_of(request).may("orders:buy"):
        raise NotAllowed(_("Ask an owner of your organisation for it."), right="orders:buy")
    form = RenewalForm(row, request.POST)
    unit, _colon, count = request.POST.get("period", "").partition(":")
    try:
        order = renew_resource(
            row, unit=unit, count=int(count) if count.isascii() and count.isdecimal() else 0,
            purchase_order=typed(request, "purchase_order"), cost_centre=typed(request, "cost_centre"),
            by=actor_of(request), at=now_of(request),
        )  # fmt: skip
    except Problem as problem:
        show_refusal(form, problem)
        return shown(request, row, form, status=problem.status)
    return redirect("buyer:order", order.number)


def shown(request: HttpRequest, row: Resource, form: RenewalForm, *, rating_form: RatingForm | None = None,
          status: int = 200) -> HttpResponse:  # fmt: skip
    """The page, with the renewal form or the reason why there is none, and the rating."""
    actor = actor_of(request)
    periods = periods_of(row)
    facts = Fact.objects.visible_to(actor).of(row.stream).filter(subject=row.subject)
    context = {
        "resource": row,
        "form": form,
        "periods": periods,
        "why_not": renewal_refusal(row) or ("" if periods else _("Its specification is no longer offered.")),
        "may_buy": actor.may("orders:buy"),
        "lines": OrderLine.objects.filter(resource=row).select_related("order").order_by("-id"),
        "seller": Seller.objects.filter(pk=row.seller_id).first(),
        "application": application_of(row.pk, actor),
        "expires_at": end_of_day(row.end) if row.end else None,
        "events": events_of(facts),
        "ticket_url": ticket_url(row) if actor.may("orders:buy") else "",
        **rating_context(row, actor, rating_form),
        "breadcrumbs": trail((_("Purchased Apps"), "buyer:resources"), here=row.product_name),
    }
    return render(request, "buyer/resources/resource.html", context, status=status)


def ticket_url(row: Resource) -> str:
    """Where a ticket about it is opened."""
    return f"{reverse('buyer:ticket_opening')}?{urlencode({'order': row.order.number, 'resource': row.public_id})}"


def periods_of(row: Resource) -> list[tuple[str, str]]:
    """The periods that it can be renewed for, with their prices: ("year:1", "1 year – 1,000.00 USD")."""
    prices = PriceLine.objects.filter(sku__code=row.sku, unit__in=rules.MONTHS, sku__on_sale=True)
    return [
        (f"{line.unit}:{count}",
         f"{period_text(line.unit, count)} – {price_of(line.price, quantity=row.quantity, count=count)}")
        for line in sorted(prices, key=lambda line: -rules.MONTHS[line.unit])
        for count in range(1, line.most_periods + 1)
    ]  # fmt: skip
