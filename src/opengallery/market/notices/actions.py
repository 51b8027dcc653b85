"""Tell people what happened, in the site at once and by e-mail as soon as the mail server lets us."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.core.mail import send_mail

from opengallery.kit.actor import Actor, Party
from opengallery.kit.verbs import atomic
from opengallery.market.identity.models import Membership
from opengallery.market.identity.rights import ROLES
from opengallery.market.journal.models import Fact
from opengallery.market.notices.letters import LETTERS, Letter
from opengallery.market.notices.models import Notice

# Minutes until the next try of an e-mail that could not be handed over; after the last one it is given up.
PATIENCE = (1, 5, 15, 60, 240, 720, 1440)
log = structlog.get_logger()


def send_notices(facts: Sequence[Fact]) -> None:
    """Write a notice for each person whom a fact concerns: members of the party whose role has the letter's right."""
    concerned = [(fact, letter) for fact in facts for letter in LETTERS.get(fact.verb, ())]
    if not concerned:
        return
    organisations = {party_id(fact, letter) for fact, letter in concerned}
    members: dict[int, list[Membership]] = {}
    for member in Membership.objects.filter(organisation__in=[i for i in organisations if i], user__is_active=True):
        members.setdefault(member.organisation_id, []).append(member)
    Notice.objects.bulk_create(
        (
            notice(fact, letter, member)
            for fact, letter in concerned
            for member in members.get(party_id(fact, letter) or 0, ())
            if letter.right in ROLES[member.role][1]
        ),
        ignore_conflicts=True,
    )


def party_id(fact: Fact, letter: Letter) -> int | None:
    """The organisation that a letter about a fact goes to."""
    return fact.seller_id if Party.SELLER in letter.to else fact.buyer_id


def notice(fact: Fact, letter: Letter, member: Membership) -> Notice:
    """Fill in a letter for one person."""
    said = json.loads(fact.body)
    words = {"subject": fact.subject, "by": said["by"]["organisation"] or said["by"]["name"], "note": said["note"]}
    return Notice(
        user_id=member.user_id, organisation_id=member.organisation_id, fact=fact, kind=fact.kind, about=fact.subject,
        subject=letter.subject.format(**words)[:200], text=letter.text.format(**words).strip()[:1500], at=fact.at,
        mail_due_at=fact.at,
    )  # fmt: skip


def mail_due_notices(*, at: datetime, most: int = 50) -> int:
    """Hand the e-mails that are due to the mail server; one that fails is tried again later. Return how many were due.

    Never inside a transaction: the intent is recorded, the call is made, then its outcome is recorded. A crash in
    between sends a message twice rather than never.
    """
    due = list(Notice.objects.filter(mail_due_at__lte=at).select_related("user").order_by("mail_due_at")[:most])
    for row in due:
        try:
            send_mail(row.subject, row.text, None, [row.user.email])
        except (OSError, ValueError) as error:  # ValueError: an address or subject that no mail can have
            postpone(row, at=at, error=error)
        else:
            Notice.objects.filter(pk=row.pk).update(mail_due_at=None, mailed_at=at)
    return len(due)


def postpone(row: Notice, *, at: datetime, error: Exception) -> None:
    """Try again later, more patiently each time."""
    tries = row.mail_tries + 1
    again = at + timedelta(minutes=PATIENCE[tries - 1]) if tries <= len(PATIENCE) else None
    Notice.objects.filter(pk=row.pk).update(mail_tries=tries, mail_due_at=again)
    log.warning("e-mail not sent", notice=row.pk, tries=tries, error=str(error), again=again and again.isoformat())


@atomic
def mark_read(*, by: Actor, at: datetime) -> int:
    """Mark all of a person's messages as read; return how many were new."""
    return Notice.objects.filter(user=by.user_id, organisation=by.organisation_id, read_at=None).update(read_at=at)
