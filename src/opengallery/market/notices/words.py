"""The words that letters are filled with: what the fact says, by when somebody is to act, and what happens then."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from opengallery.market.journal.models import Fact
from opengallery.market.notices.rules import moment
from opengallery.market.orders import states as order_states
from opengallery.market.orders.models import Order
from opengallery.market.supervision.explanations import deadline_of
from opengallery.market.supervision.models import Appeal, Flow
from opengallery.market.supervision.states import DECISIONS
from opengallery.market.unsubscription.models import Unsubscription


class Words(dict[str, Any]):
    """A fact's words; what it does not say is left out of a letter, and never stops it."""

    def __missing__(self, key: str) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a fact's subject stands now: its state and since when, by when somebody is to act, and further words."""

    state: str
    since: datetime
    deadline: str
    more: dict[str, Any] = field(default_factory=dict)


Known = Mapping[tuple[str, str], Standing]


def words_of(fact: Fact, said: Mapping[str, Any], known: Known) -> Words:
    """The words of one fact; its data first, so that no datum can pose as something else."""
    by = said["by"]
    now = known.get((fact.kind, fact.subject))
    return Words(
        said["data"]
        | (now.more if now else {})
        | {
            "subject": fact.subject,
            "order": fact.stream,
            "by": by["organisation"] or by["name"],
            "name": by["name"],
            "clock": by["clock"],
            "note": said["note"],
            "to": said["to"],
            "outcome": DECISIONS.get(said["data"].get("decision", ""), ""),
            "deadline": now.deadline if now and still_stands(fact, said["to"], now) else "",
        }
    )


def still_stands(fact: Fact, to: str, now: Standing) -> bool:
    """Whether the subject is where the fact left it: else the deadline is another step's."""
    return now.since <= fact.at and to in ("", now.state)


def lookups(facts: Sequence[Fact]) -> Known:
    """What is looked up about the subjects of facts: deadlines, and who filed an appeal. At most four statements."""
    subjects: dict[str, set[str]] = {}
    for fact in facts:
        subjects.setdefault(fact.kind, set()).add(fact.subject)
    return {
        (kind, subject): standing
        for kind, names in subjects.items()
        if kind in STANDINGS
        for subject, standing in STANDINGS[kind](names)
    }


def flows(numbers: Iterable[str]) -> Iterator[tuple[str, Standing]]:
    """Flows: the deadline as the flow's page says it."""
    for flow in Flow.objects.with_order().filter(number__in=numbers):
        yield flow.number, Standing(flow.state, flow.state_since, flow_deadline(flow))


def flow_deadline(flow: Flow) -> str:
    """By when, and what happens then."""
    deadline = deadline_of(flow)
    if deadline is None:
        return ""
    return f"By {moment(deadline.at)}. {deadline.sentence}" if deadline.at else deadline.sentence


def orders(numbers: Iterable[str]) -> Iterator[tuple[str, Standing]]:
    """Orders that wait for an approval or a payment."""
    for order in Order.objects.filter(number__in=numbers).only("number", "state", "state_since", "due_at"):
        waits = order.due_at is not None and order.state in WAITING
        deadline = f"By {moment(order.due_at)}; then the order is canceled." if waits and order.due_at else ""
        yield order.number, Standing(order.state, order.state_since, deadline)


def appeals(ids: Iterable[str]) -> Iterator[tuple[str, Standing]]:
    """Appeals: when the operator decides, and which side asked."""
    for appeal in Appeal.objects.filter(public_id__in=ids):
        deadline = f"The operator decides by {moment(appeal.due_at)}."
        yield appeal.public_id, Standing(appeal.state, appeal.state_since, deadline, {"filed_by": appeal.filed_by})


def unsubscriptions(ids: Iterable[str]) -> Iterator[tuple[str, Standing]]:
    """Requests to undo a purchase: the one timer that runs."""
    for request in Unsubscription.objects.filter(public_id__in=ids):
        deadline = f"By {moment(request.due_at)}." if request.due_at else ""
        yield request.public_id, Standing(request.state, request.state_since, deadline)


WAITING = (order_states.PENDING_APPROVAL, order_states.PENDING_PAYMENT)
STANDINGS = {"flow": flows, "order": orders, "appeal": appeals, "unsubscription": unsubscriptions}
