"""Hand the copies of messages to their channel; one that fails is tried again, more patiently each time (AT-106)."""

from datetime import datetime, timedelta

import structlog

from opengallery.market.identity.models import Membership
from opengallery.market.notices.channels import CHANNELS
from opengallery.market.notices.models import Notice
from opengallery.market.notices.rules import next_try

# For so long a copy belongs to the worker that has taken it; a worker that crashed meanwhile loses it again.
LEASE = timedelta(minutes=10)
log = structlog.get_logger()


def send_copies(channel: str, *, at: datetime, most: int = 50) -> int:
    """Hand over the copies that are due on a channel, "mail" or "sms"; return how many this worker has taken.

    Never inside a transaction: the copy is taken, the call is made, then its outcome is recorded. Of two workers one
    takes it. A crash in between sends a message twice rather than never.
    """
    due = Notice.objects.filter(**{f"{channel}_due_at__lte": at}).select_related("user")
    return sum(send_copy(row, channel, at=at) for row in due.order_by(f"{channel}_due_at", "pk")[:most])


def send_copy(row: Notice, channel: str, *, at: datetime) -> bool:
    """Send one copy, unless another worker has taken it; say whether this one did."""
    if not settle(row, channel, was=getattr(row, f"{channel}_due_at"), due=at + LEASE):
        return False
    way = CHANNELS[channel]
    address = way.address(row) if still_concerned(row) else ""
    if not address:
        settle(row, channel, was=at + LEASE, due=None)
        return True
    try:
        way.hand_over(row, address)
    except (OSError, ValueError) as error:  # ValueError: an address or subject that no mail can have
        tries = getattr(row, f"{channel}_tries") + 1
        again = next_try(tries, at)
        settle(row, channel, was=at + LEASE, due=again, tries=tries)
        log.warning("copy not sent", channel=channel, notice=row.pk, tries=tries, error=str(error),
                    again=again and again.isoformat())  # fmt: skip
    else:
        settle(row, channel, was=at + LEASE, due=None, sent_at=at)
    return True


def settle(row: Notice, channel: str, *, was: datetime, due: datetime | None, **also: object) -> bool:
    """Record when the copy is tried next, if nobody else has touched it since it was due at `was`."""
    same = Notice.objects.filter(pk=row.pk, **{f"{channel}_due_at": was})
    return bool(same.update(**{f"{channel}_{name}": value for name, value in {"due_at": due, **also}.items()}))


def still_concerned(row: Notice) -> bool:
    """Whether the person still belongs to the organisation: who has left is told nothing more of it."""
    members = Membership.objects.filter(organisation=row.organisation_id, user=row.user_id, user__is_active=True)
    return members.exists()
