"""A refusal tells how things stand now, so that the caller need not ask again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest

from opengallery.doors.api.v1.shapes import flows, orders
from opengallery.doors.pages import actor_of, now_of
from opengallery.kit.problems import InvalidInput, Problem
from opengallery.market.orders.models import Order
from opengallery.market.supervision.models import Flow


@contextmanager
def fresh_refusals(request: HttpRequest, subject: Order | Flow,
                   again: Callable[[HttpRequest, str], Any]) -> Iterator[None]:  # fmt: skip
    """Add the fresh state and next_actions to any refusal of the block that is not about the input."""
    try:
        yield
    except InvalidInput:
        raise
    except Problem as problem:
        row = again(request, subject.subject)
        open_to = flows.next_actions if isinstance(row, Flow) else orders.next_actions
        now = open_to(row, actor=actor_of(request), at=now_of(request))
        problem.extra |= {"state": row.state, "label": row.label, "next_actions": now}
        raise
