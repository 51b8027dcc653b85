"""Accept a delivery, having seen it and the validity that begins."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from opengallery.doors.buyer.own import own_flow
from opengallery.doors.buyer.supervision.flow import above, delivered, validity
from opengallery.doors.buyer.supervision.index import accept_label, may_accept
from opengallery.doors.forms import ask, confirmed
from opengallery.doors.pages import actor_of, now_of, page
from opengallery.kit.calendar import local
from opengallery.kit.problems import Problem
from opengallery.market.catalog.models import LICENSE
from opengallery.market.purchasing.queries import needs_second_acceptance
from opengallery.market.supervision import states
from opengallery.market.supervision.actions import accept_delivery
from opengallery.market.supervision.models import Delivery, Flow


@page(right="orders:accept")
def acceptance(request: HttpRequest, line: str) -> HttpResponse:
    """Show the delivery, and accept it."""
    row = own_flow(request, line)
    if request.method != "POST":
        return shown(request, row)
    if not confirmed(request):
        text = what_happens(row, row.deliveries.last(), now_of(request))
        back = reverse("buyer:acceptance", args=[line])
        return ask(request, title=title(row), text=text, cancel_url=back)
    try:
        accept_delivery(row, by=actor_of(request), at=now_of(request))
    except Problem as problem:
        return shown(request, own_flow(request, line), problem=problem)
    if row.state == states.WAIT_ACCEPTANCE:
        messages.success(request, _("Your acceptance is noted. One more person has to accept."))
    return redirect("buyer:flow", line)


def shown(request: HttpRequest, row: Flow, *, problem: Problem | None = None) -> HttpResponse:
    """The page; when there is nothing to accept (any more) it says so and offers no button."""
    now = now_of(request)
    deliveries = delivered(row)[:1]
    accept = may_accept(row, actor_of(request))
    context = {
        "flow": row,
        "order": row.line.order,
        "terms": row.line.terms,
        "deliveries": deliveries,
        "accept": accept,
        "mine": row.state == states.WAIT_ACCEPTANCE and row.accepted_first_by == actor_of(request).user_id,
        "accept_label": button(row),
        "title": title(row),
        "problem": problem,
        "breadcrumbs": above(row, here=_("Acceptance")),
    }
    if accept:
        newest: Delivery | None = deliveries[0]["delivery"] if deliveries else None
        context |= validity(row, newest, now) | {"what_happens": what_happens(row, newest, now)}
    return render(request, "buyer/supervision/acceptance.html", context, status=problem.status if problem else 200)


def button(row: Flow) -> str:
    """The button's words: those of the guide."""
    return _("Accept Service") if row.line.terms.delivery_method == LICENSE else accept_label(row)


def title(row: Flow) -> str:
    """The dialog's title."""
    return _("Accept the goods?") if row.template == "hardware" else _("Accept the service?")


def what_happens(row: Flow, newest: Delivery | None, now: datetime) -> str:
    """What accepting now does, in the dialog's words."""
    if row.accepted_first_by is None and needs_second_acceptance(row.buyer_id, row.line.net):
        return _(
            "Your organisation wants two people to accept a delivery of this amount. Your acceptance is noted; one "
            "more person has to accept before anything begins."
        )
    found = validity(row, newest, now)
    term = found["term"]
    words = {
        "seller": row.line.order.seller_name,
        "start": date_format(local(term.start), "j M Y"),
        "end": date_format(term.end, "j M Y") if term.end else _("no end"),
        "then": date_format(local(now + row.line.terms.completion_delay), "j M Y, H:i"),
        "state": found["state_then"],
    }
    sentences = [
        _("You confirm that %(seller)s has delivered what was agreed. Validity period: %(start)s – %(end)s.") % words
    ]
    if found["over"]:
        sentences.append(
            _("This period is over already: what you bought will be in the state “%(state)s” at once.") % words
        )
    sentences.append(
        _("If nothing else of the order is open, it completes on %(then)s; until then you can take it back.") % words
    )
    return " ".join(sentences)
