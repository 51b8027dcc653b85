"""A refusal tells how things stand now, so that the caller need not ask again."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest

from opengallery.doors.api.v1.shapes import appeals, flows, orders, unsubscriptions
from opengallery.doors.pages import actor_of, now_of
from opengallery.kit.problems import InvalidInput, Problem
from opengallery.market.orders.models import Order
from opengallery.market.supervision.models import Appeal, Flow
from opengallery.market.unsubscription.models import Unsubscription

NEXT: Mapping[type, Callable[..., Any]] = {
    Order: orders.next_actions,
    Flow: flows.next_actions,
    Appeal: appeals.next_actions,
    Unsubscription: unsubscriptions.next_actions,
}


@contextmanager
def fresh_refusals(request: HttpRequest, subject: Order | Flow | Appeal | Unsubscription,
                   again: Callable[[HttpRequest, str], Any]) -> Iterator[None]:  # fmt: skip
    """Add the fresh state and next_actions to any refusal of the block that is not about the input."""
    try:
        yield
    except InvalidInput:
        raise
    except Problem as problem:
        row = again(request, subject.subject)
        now = NEXT[type(row)](row, actor=actor_of(request), at=now_of(request))
        problem.extra |= {"state": row.state, "label": row.label, "next_actions": now}
        raise
