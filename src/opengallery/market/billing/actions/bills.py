"""The monthly run: claim what is ready first, total afterwards; safe when run twice, at once, or killed half-way."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import structlog
from django.db import OperationalError, connection
from django.db.models import Count, Sum

from opengallery.kit.actor import CLOCK, Actor
from opengallery.kit.calendar import cycle_bounds, cycle_of
from opengallery.kit.ids import new_id
from opengallery.kit.money import Money
from opengallery.kit.problems import InvalidInput
from opengallery.kit.verbs import atomic
from opengallery.market.billing import schedule, states
from opengallery.market.billing.models import Bill, Run, Transaction
from opengallery.market.billing.postings import postings_of
from opengallery.market.billing.problems import CycleNotOver
from opengallery.market.billing.rules import crumbs
from opengallery.market.journal.models import record
from opengallery.market.ledger.actions import post_transfers
from opengallery.market.policy.models import Policy, holidays

RUN_LOCK = 0x6F67_6269
Progress = Callable[[int, int], None]
log = structlog.get_logger()


def run_bills(cycle: str, *, at: datetime, by: Actor = CLOCK, progress: Progress | None = None) -> Run:
    """Draw the bills of a cycle and return the run. InvalidInput for no YYYYMM, CycleNotOver before the month's end.

    Each bill is a transaction of its own: a killed run goes on where it stopped; of two at once the second waits and
    finds nothing left to do. A finished run changes nothing. `progress(done, of)` counts bills. A bill that cannot be
    drawn does not stop the others: they stand, its error is raised at the end, and the run stays open.
    """
    try:
        _, end = cycle_bounds(cycle)
    except ValueError as error:
        raise InvalidInput({"cycle": [f"{error}."]}) from error
    if at < end:
        raise CycleNotOver(f"Cycle {cycle} ends at {end:%Y-%m-%d %H:%M} UTC.", cycle=cycle)
    with one_run_at_a_time():
        run, _ = Run.objects.get_or_create(cycle=cycle)
        if run.finished_at is None:
            draw_bills(run, end=end, at=at, by=by, progress=progress)
        else:
            log.info("bill run already done", cycle=cycle, finished_at=run.finished_at.isoformat())
    return run


def draw_bills(run: Run, *, end: datetime, at: datetime, by: Actor, progress: Progress | None) -> None:
    """Draw every bill of the run, then finish it."""
    failure = None
    waiting = Transaction.objects.billable(before=end)
    groups = list(waiting.values_list("seller_id", "currency").distinct().order_by("seller_id", "currency"))
    for done, (seller_id, currency) in enumerate(groups, start=1):
        try:
            draw_bill(seller_id, currency, cycle=run.cycle, end=end, by=by, at=at)
        except OperationalError:
            raise
        except Exception as error:
            log.exception("bill not drawn", cycle=run.cycle, seller=seller_id, currency=currency)
            failure = error
        if progress:
            progress(done, len(groups))
    if failure:
        raise failure
    drawn = Bill.objects.filter(cycle=run.cycle).aggregate(bills=Count("pk"), lines=Sum("lines_count"))
    finish_run(run, bills=drawn["bills"], lines=drawn["lines"] or 0, at=at)


@atomic
def draw_bill(seller_id: int, currency: str, *, cycle: str, end: datetime, by: Actor, at: datetime) -> Bill | None:
    """Draw one seller's bill, or None if there is nothing for it or it is drawn already (`one_bill_per_cycle`)."""
    waiting = Transaction.objects.billable(before=end).filter(seller=seller_id, currency=currency)
    if not waiting.exists() or Bill.objects.filter(seller=seller_id, cycle=cycle, currency=currency).exists():
        return None
    bill = Bill.objects.create(
        public_id=new_id("bill", at), seller_id=seller_id, cycle=cycle, currency=currency, drawn_at=at,
        state=states.PENDING_APPROVAL, state_since=at,
    )  # fmt: skip
    # Claim first, total afterwards: a line that becomes ready meanwhile is on this bill with its amount, or on none.
    waiting.update(bill=bill)
    total(bill)
    record(bill, "draw_bill", by=by, at=at, to=bill.state, data={"cycle": cycle, "total": bill.total.amount()})
    rounding = crumbs(bill.exact)
    post_transfers(
        postings_of("bill_rounded", key=bill.public_id, owners={"seller": seller_id}, at=at,
                    shares={"up": max(rounding, rounding * 0), "down": max(-rounding, rounding * 0)})
    )  # fmt: skip
    if bill.total_units == 0:
        bill.move("settle_zero", by=CLOCK, at=at)
    return bill


def total(bill: Bill) -> None:
    """Add up the claimed lines and round once."""
    sums = bill.transactions.aggregate(
        lines=Count("pk"), sales=Sum("net_units"), fee=Sum("fee_units"), sellers=Sum("seller_units")
    )
    bill.lines_count, bill.sales_units, bill.fee_units = sums["lines"], sums["sales"], sums["fee"]
    bill.exact_units = sums["sellers"]
    bill.total_units = Money(bill.exact_units, bill.currency).payable().units
    bill.save(update_fields=["lines_count", "sales_units", "fee_units", "exact_units", "total_units"])


@atomic
def finish_run(run: Run, *, bills: int, lines: int, at: datetime) -> None:
    """Note that a cycle is done and plan the next one."""
    run.due_at, run.finished_at, run.bills, run.lines = None, at, bills, lines
    run.save()
    plan_run(schedule.next_cycle(run.cycle), at=at)


@atomic
def plan_run(cycle: str, *, at: datetime) -> None:
    """Set when a cycle's bills are drawn, unless the run is finished. Called again when the holiday table changes."""
    policy = Policy.at(at)
    due = schedule.run_at(cycle, day=policy["bill_day"], hour=policy["bill_hour"], holidays=holidays())
    run, made = Run.objects.get_or_create(cycle=cycle, defaults={"due_at": due})
    if not made and run.finished_at is None:
        Run.objects.filter(pk=cycle, finished_at=None).update(due_at=due)


def plan_first_run(at: datetime) -> None:
    """In an installation without any run, plan that of the current month."""
    if not Run.objects.exists():
        plan_run(cycle_of(at), at=at)


@contextmanager
def one_run_at_a_time() -> Iterator[None]:
    """Hold the run's advisory lock on this connection; a second runner waits here."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [RUN_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [RUN_LOCK])
