"""Accept a delivery, having seen it and the validity that begins."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from opengallery.doors.buyer.own import own_flow
from opengallery.doors.buyer.supervision.flow import delivered, validity
from opengallery.doors.buyer.supervision.index import may
from opengallery.doors.forms import ask, confirmed
from opengallery.doors.pages import actor_of, now_of, page
from opengallery.doors.trail import trail
from opengallery.kit.calendar import local
from opengallery.kit.problems import Problem
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
        return ask(request, title=_("Accept the service?"), text=text, cancel_url=back)
    try:
        accept_delivery(row, by=actor_of(request), at=now_of(request))
    except Problem as problem:
        return shown(request, own_flow(request, line), problem=problem)
    return redirect("buyer:flow", line)


def shown(request: HttpRequest, row: Flow, *, problem: Problem | None = None) -> HttpResponse:
    """The page; when there is nothing to accept (any more) it says so and offers no button."""
    now = now_of(request)
    deliveries = delivered(row)[:1]
    accept = may(row, "accept_delivery", actor_of(request))
    context = {
        "flow": row,
        "order": row.line.order,
        "terms": row.line.terms,
        "deliveries": deliveries,
        "accept": accept,
        "problem": problem,
        "breadcrumbs": trail(
            (_("Service Supervision"), "buyer:supervision"),
            (row.number, reverse("buyer:flow", args=[row.number])),
            here=_("Acceptance"),
        ),
    }
    if accept:
        newest: Delivery = deliveries[0]["delivery"]
        context |= validity(row, newest, now) | {"what_happens": what_happens(row, newest, now)}
    return render(request, "buyer/supervision/acceptance.html", context, status=problem.status if problem else 200)


def what_happens(row: Flow, newest: Delivery | None, now: datetime) -> str:
    """What accepting now does, in the dialog's words."""
    if newest is None:
        return _("Nothing has been delivered yet.")
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
        _("You confirm that %(seller)s has delivered the service. Validity period: %(start)s – %(end)s.") % words
    ]
    if found["over"]:
        sentences.append(
            _("This period is over already: the licence will be in the state “%(state)s” at once.") % words
        )
    sentences.append(
        _("If nothing else of the order is open, it completes on %(then)s; until then you can take it back.") % words
    )
    return " ".join(sentences)
