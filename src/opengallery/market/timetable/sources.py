"""Everything that falls due by itself: where its time stands, and which verb it calls. One row per due column."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Min, QuerySet

from opengallery.kit.verbs import PUT_OFF, press_each
from opengallery.market.aftersales.actions import press_due_tickets
from opengallery.market.aftersales.models import Ticket
from opengallery.market.billing.actions.bills import run_bills
from opengallery.market.billing.models import Run
from opengallery.market.notices.actions import next_digest_due, press_digests
from opengallery.market.orders import states
from opengallery.market.orders.actions.cancel_order import cancel_unpaid_orders
from opengallery.market.orders.actions.close_line import close_due_lines
from opengallery.market.orders.actions.complete_order import complete_orders
from opengallery.market.orders.actions.resources import age_due_resources
from opengallery.market.orders.models import Order, OrderLine, Resource
from opengallery.market.provisioning.actions import call_due_endpoints
from opengallery.market.provisioning.models import Exchange
from opengallery.market.supervision.actions import press_flows
from opengallery.market.supervision.models import Flow
from opengallery.market.unsubscription.actions import press_reminders, press_unsubscriptions
from opengallery.market.unsubscription.models import Unsubscription


@dataclass(frozen=True, slots=True)
class Source:
    """`next_due` tells the earliest due instant; `press(until=…)` does a batch of what is due, earliest first."""

    name: str
    next_due: Callable[[], datetime | None]
    press: Callable[..., int]


def earliest(rows: "QuerySet[Any]") -> datetime | None:
    """The smallest due instant of these rows."""
    due: datetime | None = rows.aggregate(due=Min("due_at"))["due"]
    return due


def next_order(state: str) -> datetime | None:
    """The earliest timer of orders in a state."""
    return earliest(Order.objects.filter(state=state, due_at__isnull=False))


def next_resource() -> datetime | None:
    """The earliest ageing of a resource."""
    return earliest(Resource.objects.filter(due_at__isnull=False))


def next_run() -> datetime | None:
    """The next bill run."""
    return earliest(Run.objects.filter(due_at__isnull=False))


def press_runs(*, until: datetime) -> int:
    """Draw the bills of the earliest run that is due, at its own due instant."""
    due = Run.objects.filter(due_at__lte=until)
    return press_each(
        list(due.order_by("due_at", "cycle")[:1]),
        lambda run: run_bills(run.cycle, at=run.due_at or until),
        put_off=lambda run: due.filter(pk=run.pk).update(due_at=until + PUT_OFF),
    )


def next_of(rows: "QuerySet[Any]", timer: str) -> datetime | None:
    """The earliest of a timer's instants."""
    due: datetime | None = rows.filter(**{f"{timer}__isnull": False}).aggregate(due=Min(timer))["due"]
    return due


def flow_source(name: str, timer: str) -> Source:
    """One of a flow's timers; those of a held flow stand still."""
    return Source(name, lambda: next_of(Flow.objects.filter(held_by=""), timer), partial(press_flows, timer))


def unheld_requests() -> "QuerySet[Unsubscription]":
    """The requests to undo a purchase that no appeal stops."""
    return Unsubscription.objects.filter(held_by="")


SOURCES = (
    Source("unpaid orders", lambda: next_order(states.PENDING_PAYMENT), cancel_unpaid_orders),
    Source("orders waiting for approval", lambda: next_order(states.PENDING_APPROVAL), cancel_unpaid_orders),
    # At one instant a line first: with its last line an order completes.
    Source("closing lines", lambda: next_of(OrderLine.objects.all(), "due_at"), close_due_lines),
    Source("completing orders", lambda: next_order(states.PROCESSING), complete_orders),
    flow_source("overdue deliveries", "overdue_due_at"),
    flow_source("warnings before acceptance", "warn_due_at"),
    flow_source("automatic acceptance", "accept_due_at"),
    flow_source("the cap of supervision", "close_due_at"),
    Source("silent reviews", lambda: next_of(unheld_requests(), "remind_due_at"), press_reminders),
    Source("unsubscriptions", lambda: next_of(unheld_requests(), "due_at"), press_unsubscriptions),
    Source("calls of sellers' systems", lambda: next_of(Exchange.objects.all(), "due_at"), call_due_endpoints),
    Source("ageing resources", next_resource, age_due_resources),
    Source("digests", next_digest_due, press_digests),
    Source("tickets", lambda: next_of(Ticket.objects.all(), "due_at"), press_due_tickets),
    Source("bill runs", next_run, press_runs),
)
