"""Call the sellers' systems: the intent is written first, then the call is made, in no transaction, then its outcome.

A crash in between repeats the call an hour later and never loses it; the line's number tells the other side that it is
the same. Where two answers come, the first one counts.
"""

from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import F

from opengallery.kit.actor import CLOCK
from opengallery.kit.env import env
from opengallery.kit.outbound import Call, CallFailed, post_json
from opengallery.kit.problems import MoveRefused
from opengallery.kit.verbs import PUT_OFF, atomic, press_each
from opengallery.market.orders import states as order_states
from opengallery.market.orders.actions.pay_order import fulfil_unsupervised
from opengallery.market.provisioning import rules, states
from opengallery.market.provisioning.models import Exchange

SIDE_BY_SIDE = 20
Answer = dict[str, Any] | CallFailed


def call_due_endpoints(*, until: datetime) -> int:
    """Make the calls that are due, some side by side, and record what came of them; return how many rows there were."""
    rows = list(Exchange.objects.due(until)[:SIDE_BY_SIDE])
    instants = {row.pk: instant_of(row, until) for row in rows}
    to_call: list[tuple[Exchange, Call]] = []

    def claim(row: Exchange) -> None:
        call = claim_call(row, at=instants[row.pk])
        if call is not None:
            to_call.append((row, call))

    def note(pair: tuple[Exchange, Answer]) -> None:
        note_outcome(pair[0], pair[1], at=instants[pair[0].pk])

    def put_off(row: Exchange) -> None:
        Exchange.objects.filter(pk=row.pk, due_at__lte=until).update(due_at=until + PUT_OFF)

    press_each(rows, claim, put_off=put_off)
    answers = post_json([call for _, call in to_call])
    outcomes = [(row, answer) for (row, _), answer in zip(to_call, answers, strict=True)]
    press_each(outcomes, note, put_off=lambda pair: put_off(pair[0]))
    return len(rows)


def instant_of(row: Exchange, until: datetime) -> datetime:
    """When the call is made. A sandbox's clock leaps: there it is the due time.

    An ordinary installation that was away for three hours has not tried three times: there it is now.
    """
    return row.due_at if env.sandbox and row.due_at else until


@atomic
def claim_call(row: Exchange, *, at: datetime) -> Call | None:
    """Write that the call is about to be made, and return it; None if there is nothing to call any more.

    Of two that press at once, one gets the call.
    """
    line = row.line
    if line.resource is not None and line.resource.state == order_states.RELEASED:
        row.move("end_provisioning", by=CLOCK, at=at, also={"due_at": None})
        return None
    if row.tries >= rules.MOST_CALLS:  # the outcome of the last call was never written: a crash
        row.move("stop_provisioning", by=CLOCK, at=at, also={"due_at": None}, note=row.error)
        return None
    same = Exchange.objects.filter(pk=row.pk, state=row.state, due_at=row.due_at)
    again = rules.next_call(at)
    if not same.update(due_at=again, called_at=at, calls=F("calls") + 1, tries=F("tries") + 1):
        return None
    row.due_at, row.called_at, row.calls, row.tries = again, at, row.calls + 1, row.tries + 1
    terms = line.terms
    body = {
        "order": line.order.number, "line": line.number, "product": terms.product,
        "specification": terms.specification, "quantity": terms.quantity,
        "period": {"unit": terms.unit, "count": terms.count},
    }  # fmt: skip
    return Call(line.product.endpoint, body, {"Idempotency-Key": line.number})


def note_outcome(row: Exchange, answer: Answer, *, at: datetime) -> None:
    """Record what came of a call; nothing if the seller restarted it meanwhile, or another answer was first."""
    try:
        if isinstance(answer, CallFailed):
            raise ValueError(str(answer))
        application = rules.read_application(answer)
    except ValueError as failure:
        verb = partial(fail_call, row, error=str(failure)[:300])
    else:
        verb = partial(complete_provisioning, row, application=application)
    try:
        verb(at=at)
    except MoveRefused:
        if Exchange.objects.filter(pk=row.pk, calls=row.calls, state__in=states.OPEN).exists():
            raise  # it is not the exchange that has moved on


@atomic
def complete_provisioning(row: Exchange, *, application: dict[str, str], at: datetime) -> None:
    """It is there: the customer gets the application information; without supervision the line is fulfilled (O5)."""
    row.move(
        "complete_provisioning", by=CLOCK, at=at, also={"application": application, "due_at": None, "error": ""},
        only_if=("calls = %s", row.calls),
    )  # fmt: skip
    if row.line.terms.flow is None:
        fulfil_unsupervised(row.line, at=at)


@atomic
def fail_call(row: Exchange, *, error: str, at: datetime) -> None:
    """Say why; it is called again in an hour, until the last time (D10)."""
    last = row.tries >= rules.MOST_CALLS
    verb = "stop_provisioning" if last else "fail_provisioning" if row.state == states.WAITING else "repeat_failure"
    row.move(
        verb, by=CLOCK, at=at, note=error, also={"error": error} | ({"due_at": None} if last else {}),
        only_if=("calls = %s", row.calls),
    )  # fmt: skip
