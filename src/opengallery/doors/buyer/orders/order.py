"""One order: where it stands, what was agreed, what to do next."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from opengallery.doors.buyer.own import own_order
from opengallery.doors.flows import log_of
from opengallery.doors.pages import actor_of, now_of, page
from opengallery.doors.trail import trail
from opengallery.kit.money import Money
from opengallery.kit.problems import Problem
from opengallery.market.billing.queries import ways_to_pay
from opengallery.market.journal.models import Fact
from opengallery.market.orders import states
from opengallery.market.orders.actions.approve_order import moves_of
from opengallery.market.orders.models import DeliveryAddress, Order, OrderLine
from opengallery.market.supervision.states import TERMINATED


@page(right="orders:view")
def order(request: HttpRequest, number: str) -> HttpResponse:
    """The order's page."""
    return show_order(request, own_order(request, number))


def show_order(request: HttpRequest, row: Order, *, problem: Problem | None = None) -> HttpResponse:
    """Render the page; with a problem, say why the step was refused and answer with its status."""
    actor, now = actor_of(request), now_of(request)
    moves = set(moves_of(row, actor))
    lines = list(row.lines.select_related("flow", "resource"))
    for line in lines:
        # What is known already needs no statement of its own.
        line.order = row
        if getattr(line, "flow", None):
            line.flow.line = line
    payable = "pay_order" in moves
    place = DeliveryAddress.objects.filter(pk=row.pk).first()
    movable = place is not None and place.locked_at is None and row.state in states.UNFINISHED
    context: dict[str, Any] = {
        "order": row,
        "lines": [
            {"line": line, "flow": getattr(line, "flow", None), "resource": line.resource,
             "unit_price": Money.of(line.terms.unit_price, line.terms.currency),
             "refunded": line.refunded if is_unsubscribed(line) else None,
             "grace": line.grace_until if in_grace(line, now) else None}
            for line in lines
        ],
        "steps": steps_of(row),
        "turn": turn_of(row, now),
        "undone": undone_by(row, lines),
        "address": place,
        "modify": movable and actor.may("orders:buy"),
        "consents": row.consents.select_related("text"),
        "pay": payable and actor.may("orders:pay"),
        "cancel": "cancel_order" in moves and actor.may("orders:buy"),
        "approve": "approve_order" in moves and actor.may("orders:approve"),
        "ways": ways_to_pay(row.buyer_id, row.currency) if payable else [],
        "organisation": actor.organisation_name,
        "events": log_of(row, Fact.objects.visible_to(actor).of(row.number)),
        "breadcrumbs": trail((_("My Orders"), "buyer:orders"), here=row.number),
        "problem": problem,
    }  # fmt: skip
    if row.state == states.PENDING_APPROVAL and context["turn"]:
        context["turn"]["mine"] = context["approve"]
    context["affordable"] = [way for way in context["ways"] if way.left >= row.total]
    return render(request, "buyer/orders/order.html", context, status=problem.status if problem else 200)


def is_unsubscribed(line: OrderLine) -> bool:
    """Whether the line was undone: by agreement, by the operator's decision, or by the cap."""
    flow = getattr(line, "flow", None)
    return flow is not None and flow.state == TERMINATED


def in_grace(line: OrderLine, now: datetime) -> bool:
    """Whether the line's acceptance can still be taken back."""
    return line.order.state == states.PROCESSING and line.grace_until is not None and line.grace_until > now


def undone_by(row: Order, lines: list[OrderLine]) -> Order | None:
    """The order that an unsubscription order undoes; None for any other type."""
    if row.type != states.UNSUBSCRIBE or not lines or lines[0].resource is None:
        return None
    return Order.objects.filter(pk=lines[0].resource.order_id, buyer=row.buyer_id).first()


def steps_of(row: Order) -> list[dict[str, Any]]:
    """The step bar: placed, paid, completed; or placed and canceled."""
    if row.type == states.UNSUBSCRIBE:
        return [{"label": _("Refunded"), "at": row.completed_at, "state": "done"}]
    points: list[tuple[str, datetime | None]] = [(_("Placed"), row.placed_at)]
    if row.state == states.CANCELED:
        points.append((_("Canceled"), row.canceled_at))
    else:
        points += [(_("Paid"), row.paid_at), (_("Completed"), row.completed_at)]
    reached = sum(at is not None for _label, at in points)
    return [
        {"label": label, "at": at, "state": "done" if at else "current" if place == reached else "todo"}
        for place, (label, at) in enumerate(points)
    ]


def turn_of(row: Order, now: datetime) -> dict[str, Any] | None:
    """What the order waits for; None when it is over."""
    if row.state == states.PENDING_APPROVAL:
        return {"who": _("A second person of your organisation is to approve the order"), "since": row.placed_at,
                "deadline": row.due_at, "mine": True,
                "text": _("Whoever placed it cannot. If nobody does by then it is canceled for good.")}  # fmt: skip
    if row.state == states.PENDING_PAYMENT:
        return {"who": _("Your turn: pay the order"), "since": row.placed_at, "deadline": row.due_at, "mine": True,
                "text": _("If it is not paid by then it is canceled for good.")}  # fmt: skip
    if row.state == states.PROCESSING and row.due_at:
        return {"who": _("Everything is accepted; the order completes by itself"), "since": None, "mine": False,
                "deadline": row.due_at, "text": _("Until then the last acceptance can be taken back.")}  # fmt: skip
    if row.state == states.PROCESSING:
        return {"who": _("Paid; the delivery is under way"), "since": row.paid_at, "deadline": None, "mine": False,
                "text": _("The order completes some hours after everything is accepted. "
                          "Service supervision below says whose turn it is.")}  # fmt: skip
    return None
