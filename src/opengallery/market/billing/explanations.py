"""Why is this not billed yet: each condition, met or not, since when, who can cure it, and the earliest bill."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from opengallery.kit.calendar import cycle_of
from opengallery.market.billing import schedule
from opengallery.market.billing.models import Transaction
from opengallery.market.policy.models import Policy


@dataclass(frozen=True, slots=True)
class Condition:
    """One of the four conditions of spec 4.1. `since` says since when an unmet one has been waiting."""

    name: str
    label: str
    met_at: datetime | None
    cured_by: str
    waiting_for: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """Where a running service flow stands: whose turn, since when, and its state's label.

    `completes_at` is when its money becomes final; None while it is not accepted, or held.
    """

    turn: str
    since: datetime
    label: str
    completes_at: datetime | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole answer for one transaction. `earliest_run_at` is None while a condition has no date yet."""

    conditions: tuple[Condition, ...]
    reason: str
    earliest_cycle: str | None
    earliest_run_at: datetime | None

    @property
    def unmet(self) -> list[Condition]:
        """The conditions that are still open."""
        return [condition for condition in self.conditions if condition.met_at is None]


def explain(row: Transaction, *, certified_at: datetime | None, next_cycle: str, policy: Policy,
            holidays: Collection[date], at: datetime, flow: Waiting | None = None) -> Explanation:  # fmt: skip
    """Explain a transaction as it stands at `at`; `next_cycle` is the cycle of the next bill run, `flow` its flow."""
    conditions = conditions_of(row, certified_at=certified_at, at=at, flow=flow)
    if row.bill_id:
        return Explanation(conditions, "Billed.", None, None)
    unmet = [condition for condition in conditions if condition.met_at is None]
    reasons = [condition.waiting_for for condition in unmet]
    completes_at = row.completed_at or (flow.completes_at if flow else None)
    if row.supervised_at and completes_at is None:
        reasons.append("An unsubscription is under review; the time for a retraction stands still meanwhile.")
    elif not unmet and row.completed_at is None:
        reasons.append("The order completes when the time for a retraction has passed.")
    dated = [row.paid_at, row.supervised_at, row.effective_at]
    if all(dated) and certified_at and completes_at:
        cycle = max(cycle_of(max(instant for instant in dated if instant)), next_cycle)
        run = schedule.run_at(cycle, day=policy["bill_day"], hour=policy["bill_hour"], holidays=holidays)
        while run < completes_at:
            cycle = schedule.next_cycle(cycle)
            run = schedule.run_at(cycle, day=policy["bill_day"], hour=policy["bill_hour"], holidays=holidays)
        return Explanation(conditions, " ".join(reasons) or f"Waiting for the bill run of {cycle}.", cycle, run)
    return Explanation(conditions, " ".join(reasons), None, None)


def conditions_of(row: Transaction, *, certified_at: datetime | None, at: datetime,
                  flow: Waiting | None) -> tuple[Condition, ...]:  # fmt: skip
    """The four conditions in the order of spec 4.1."""
    turn, since, label = (flow.turn, flow.since, flow.label) if flow else ("buyer", row.opened_at, "In progress")
    future = row.effective_at is not None and row.effective_at > at
    return (
        Condition("certified", "Your business information is certified", certified_at, "seller",
                  "Your business information is not certified.", row.opened_at),
        Condition("paid", "The customer has paid", row.paid_at, "buyer",
                  "The customer has not repaid the credit used for this order.", row.opened_at),
        Condition("supervised", "Service supervision is completed or not needed", row.supervised_at, turn,
                  f"Service supervision stands at “{label}”.", since),
        Condition("effective", "The order has taken effect", None if future else row.effective_at, "time",
                  f"It takes effect on {row.effective_at:%Y-%m-%d}." if row.effective_at
                  else "The validity period starts with the acceptance.", row.opened_at),
    )  # fmt: skip
