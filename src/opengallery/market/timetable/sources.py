"""Everything that falls due by itself: where its time stands, and which verb it calls. One row per due column."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Min, QuerySet

from opengallery.kit.verbs import PUT_OFF, press_each
from opengallery.market.billing.actions.bills import run_bills
from opengallery.market.billing.models import Run
from opengallery.market.orders import states
from opengallery.market.orders.actions.cancel_order import cancel_unpaid_orders
from opengallery.market.orders.actions.complete_order import complete_orders
from opengallery.market.orders.actions.resources import age_due_resources
from opengallery.market.orders.models import Order, Resource


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


SOURCES = (
    Source("unpaid orders", lambda: next_order(states.PENDING_PAYMENT), cancel_unpaid_orders),
    Source("completing orders", lambda: next_order(states.PROCESSING), complete_orders),
    Source("ageing resources", next_resource, age_due_resources),
    Source("bill runs", next_run, press_runs),
)
