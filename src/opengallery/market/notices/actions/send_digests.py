"""Once a day each seller hears how many supervised orders are not finished, and which are overdue (spec 2.9, L10).

The digest is for people, so the clock's speed must not bury them in it. It is planned only while something is under
supervision. Of several digest hours that pass with nothing else happening between them, only the last is told. And a
new digest takes the place of an earlier one that nobody has read, whose copies are then sent no more: whoever moves a
sandbox by a month, or comes back to an installation that was down, finds one digest with the figures of its hour.
"""

from collections.abc import Iterator
from datetime import datetime

from opengallery.kit.verbs import PUT_OFF, atomic, press_each
from opengallery.market.identity.models import Membership
from opengallery.market.identity.rights import rights_of
from opengallery.market.notices.choices import wishes_of
from opengallery.market.notices.kinds import DIGEST
from opengallery.market.notices.models import DigestTimer, Notice
from opengallery.market.notices.rules import latest_digest, next_digest
from opengallery.market.policy.models import Policy
from opengallery.market.supervision.models import Flow
from opengallery.market.supervision.states import COMPLETED, LABELS, TERMINATED, TURN

KIND = "digest"
RIGHT = "sales:view"
NAMED = 5
UNFINISHED = [state for state in LABELS if state not in (COMPLETED, TERMINATED)]


@atomic
def plan_digest(*, at: datetime) -> None:
    """See that a digest is planned now that something is under supervision; one that is planned stays."""
    timer, _ = DigestTimer.objects.get_or_create(pk=1)
    if timer.due_at is None:
        due = next_digest(max(at, timer.last_at or at), Policy.at(at)["digest_hour"], last=timer.last_at)
        DigestTimer.objects.filter(pk=1, due_at=None).update(due_at=due)


def next_digest_due() -> datetime | None:
    """When the next digest is due."""
    return DigestTimer.objects.filter(due_at__isnull=False).values_list("due_at", flat=True).first()


def press_digests(*, until: datetime) -> int:
    """Send the digests that are due; return how many hours' digests that were: one or none."""
    due = DigestTimer.objects.filter(due_at__lte=until)
    return press_each(
        list(due),
        lambda timer: send_digests(timer, until=until),
        put_off=lambda timer: due.filter(pk=timer.pk).update(due_at=until + PUT_OFF),
    )


@atomic
def send_digests(timer: DigestTimer, *, until: datetime) -> int:
    """Tell each seller of the digest hour that came last, and plan the next; return how many people were told.

    Of two workers one takes the timer. Nobody is told when nothing is unfinished, and then no digest is planned either.
    """
    if timer.due_at is None:
        return 0
    hour = Policy.at(until)["digest_hour"]
    at = latest_digest(timer.due_at, until, hour)
    unfinished = unfinished_by_seller()
    following = next_digest(at, hour, last=at) if unfinished else None
    if not DigestTimer.objects.filter(pk=1, due_at=timer.due_at).update(due_at=following, last_at=at):
        return 0
    Notice.objects.filter(fact=None, kind=KIND, read_at=None).delete()
    return len(Notice.objects.bulk_create(digests(unfinished, at)))


def unfinished_by_seller() -> dict[int, list[Flow]]:
    """The flows that are not finished, by seller, the oldest promise first."""
    found: dict[int, list[Flow]] = {}
    rows = Flow.objects.filter(state__in=UNFINISHED).only("seller_id", "number", "state", "promised_at", "held_by")
    for flow in rows.order_by("promised_at", "pk"):
        found.setdefault(flow.seller_id, []).append(flow)
    return found


def digests(unfinished: dict[int, list[Flow]], at: datetime) -> Iterator[Notice]:
    """The digest of each seller, for each of its people who may see the sales."""
    active = Membership.objects.filter(organisation__in=list(unfinished), user__is_active=True).order_by("pk")
    members = [member for member in active if RIGHT in rights_of(member.role) | member.lent(at)]
    wishes = wishes_of(members)
    for member in members:
        subject, text = words(unfinished[member.organisation_id], at)
        yield Notice(
            user_id=member.user_id, organisation_id=member.organisation_id, kind=KIND, about="", type=DIGEST.type,
            group=DIGEST.group, subject=subject, text=text, at=at, **wishes.copies(member, DIGEST, at),
        )  # fmt: skip


def words(flows: list[Flow], at: datetime) -> tuple[str, str]:
    """The subject and the text of one seller's digest."""
    orders = {flow.stream for flow in flows}
    overdue = [flow.number for flow in flows if is_overdue(flow, at)]
    count = f"{len(orders)} supervised order{'s' if len(orders) > 1 else ''} not finished"
    if not overdue:
        return count, "None of them is overdue. Service Supervision shows whose turn it is."
    named = ", ".join(overdue[:NAMED]) + (f" and {len(overdue) - NAMED} more" if len(overdue) > NAMED else "")
    return f"{count}, {len(overdue)} overdue", f"Overdue: {named}. Go on with them first, or write to the customers."


def is_overdue(flow: Flow, at: datetime) -> bool:
    """Whether the seller is to act and can, and the promised time is over."""
    is_sellers = TURN[flow.state] == "seller" and not flow.held_by
    return is_sellers and flow.promised_at is not None and flow.promised_at < at
