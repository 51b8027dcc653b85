"""My deadlines: everything with a date or a turn that concerns an organisation, from one side (beyond 1)."""

import calendar
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from opengallery.doors.lists import on_side
from opengallery.doors.pages import actor_of, now_of
from opengallery.kit.actor import Actor
from opengallery.kit.calendar import add_months, local_date, month_start
from opengallery.market.orders import states as order_states
from opengallery.market.orders.models import Order, Resource
from opengallery.market.supervision import states as flow_states
from opengallery.market.supervision.explanations import deadline_of
from opengallery.market.supervision.models import Appeal, Flow
from opengallery.market.unsubscription.models import Unsubscription

MOST = 200  # of each kind; more than anybody reads
AHEAD = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Due:
    """One entry: until when (None: no limit), what, about which thing, what happens then, whether it is one's own turn.

    `key` names it for calendars that fetch it again.
    """

    key: str
    at: datetime | None
    title: str
    subject: str
    outcome: str
    mine: bool
    url: str


def deadlines_of(actor: Actor, side: str, now: datetime) -> list[Due]:
    """All entries of a side ("buyer", "seller", "operator"), earliest first, those without a date last."""
    found: Iterable[Due] = chain(
        flows(actor, side),
        requests(actor, side),
        *([unpaid(actor), ending(actor, now)] if side == "buyer" else []),
        *([appeals()] if side == "operator" else []),
    )
    return sorted(found, key=lambda due: (due.at is None, due.at or now, due.key))


def flows(actor: Actor, side: str) -> Iterator[Due]:
    """Running flows, and accepted ones in their grace. The operator sees those that wait for a review."""
    rows = on_side(Flow.objects.with_order(), actor, side)
    if side == "operator":
        rows = rows.filter(state=flow_states.WAIT_PLATFORM_REVIEW)
    else:
        rows = rows.exclude(state=flow_states.TERMINATED).filter(line__order__state=order_states.PROCESSING)
    for flow in rows.order_by("state_since", "pk")[:MOST]:
        due = deadline_of(flow)
        if due is not None:
            yield Due(
                f"flow-{flow.number}", due.at, flow.label, f"{flow.line.title} · {flow.number}", due.sentence,
                due.turn == side, reverse(f"{DOORS[side]}:flow", args=[flow.number]),
            )  # fmt: skip


def requests(actor: Actor, side: str) -> Iterator[Due]:
    """Unsubscriptions under way."""
    rows = Unsubscription.objects.running().select_related("flow__line__order").defer("flow__line__words")
    if side != "operator":
        rows = rows.filter(**{f"flow__{side}": actor.organisation_id})
    for row in rows.order_by("due_at", "pk")[:MOST]:
        yield Due(
            f"unsubscription-{row.public_id}", row.due_at, row.label, f"{row.flow.line.title} · {row.flow.number}",
            _("The amount asked back is %(amount)s.") % {"amount": row.amount.print()}, row.turn == side,
            reverse(f"{DOORS[side]}:unsubscription", args=[row.public_id]),
        )  # fmt: skip


def unpaid(actor: Actor) -> Iterator[Due]:
    """Orders to approve or pay."""
    open_ones = (order_states.PENDING_APPROVAL, order_states.PENDING_PAYMENT)
    rows = on_side(Order.objects.all(), actor, "buyer").filter(state__in=open_ones)
    for order in rows.order_by("due_at", "pk")[:MOST]:
        yield Due(
            f"order-{order.number}", order.due_at, order.label, order.number,
            _("If it is not paid by then, it is canceled."), True, reverse("buyer:order", args=[order.number]),
        )  # fmt: skip


def ending(actor: Actor, now: datetime) -> Iterator[Due]:
    """What ends, or is released, within two months."""
    rows = on_side(Resource.objects.all(), actor, "buyer").filter(due_at__lte=now + AHEAD)
    says = {
        order_states.ACTIVE: _("Then it ends; it stays usable for the grace period."),
        order_states.GRACE: _("Then it can no longer be used; it is kept for some time."),
        order_states.FROZEN: _("Then it is released for good."),
    }
    for resource in rows.order_by("due_at", "pk")[:MOST]:
        yield Due(
            f"resource-{resource.public_id}", resource.due_at, resource.label, resource.product_name,
            says[resource.state], False, reverse("buyer:resource", args=[resource.public_id]),
        )  # fmt: skip


def appeals() -> Iterator[Due]:
    """Appeals to decide."""
    rows = Appeal.objects.filter(state=flow_states.OPEN).select_related("flow__line__order").defer("flow__line__words")
    for appeal in rows.order_by("due_at", "pk")[:MOST]:
        yield Due(
            f"appeal-{appeal.public_id}", appeal.due_at, _("Appeal to decide"),
            f"{appeal.ground_label} · {appeal.flow.number}", _("After this time it is overdue."), True,
            reverse("operations:appeal", args=[appeal.public_id]),
        )  # fmt: skip


DOORS = {"buyer": "buyer", "seller": "seller", "operator": "operations"}
SIDES: dict[str, tuple[str, Callable[[Actor], bool]]] = {
    "buyer": ("orders:view", lambda actor: not actor.is_operator),
    "seller": ("sales:view", lambda actor: actor.is_seller),
    "operator": ("operations:view", lambda actor: actor.is_operator),
}


def sides_of(actor: Actor) -> list[str]:
    """The sides whose deadlines concern the actor."""
    return [side for side, (right, stands) in SIDES.items() if actor.may(right) and stands(actor)]


def show_deadlines(request: HttpRequest, side: str) -> HttpResponse:
    """The page: a list, or a month as a calendar (?month=2020-03)."""
    actor, now = actor_of(request), now_of(request)
    entries = deadlines_of(actor, side, now)
    asked = request.GET.get("month", "")
    month = read_month(asked) or month_start(local_date(now))
    context: dict[str, Any] = {
        "entries": entries,
        "mine": sum(due.mine for due in entries),
        "as_calendar": "month" in request.GET,
        "weeks": weeks_of(month, entries, today=local_date(now)),
        "month": month,
        "before": f"{add_months(month, -1):%Y-%m}",
        "after": f"{add_months(month, 1):%Y-%m}",
        "this_month": f"{local_date(now):%Y-%m}",
        "weekdays": [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")],
    }
    return render(request, "deadlines.html", context)


def read_month(text: str) -> date | None:
    """The first day of a month written 2020-03; None for anything else."""
    try:
        return date.fromisoformat(f"{text}-01") if len(text) == 7 and 1970 <= int(text[:4]) <= 9997 else None
    except ValueError:
        return None


def weeks_of(month: date, entries: list[Due], *, today: date) -> list[list[dict[str, Any]]]:
    """The weeks of a month from Monday on; each day with its entries."""
    by_day: dict[date, list[Due]] = {}
    for due in entries:
        if due.at is not None:
            by_day.setdefault(local_date(due.at), []).append(due)
    return [
        [{"day": day, "inside": day.month == month.month, "today": day == today, "entries": by_day.get(day, [])}
         for day in week]
        for week in calendar.Calendar().monthdatescalendar(month.year, month.month)
    ]  # fmt: skip
