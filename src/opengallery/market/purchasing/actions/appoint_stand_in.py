"""Let a member do for a time what another one may, and end that early."""

from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.ids import new_id
from opengallery.kit.problems import InvalidInput, NotAllowed
from opengallery.kit.texts import is_text
from opengallery.kit.verbs import atomic
from opengallery.market.identity import states
from opengallery.market.identity.models import Membership, StandIn
from opengallery.market.journal.chain import utc_text
from opengallery.market.journal.models import record
from opengallery.market.purchasing.rules import REASON_MAX, read_time, span_errors, text_error


@atomic
def appoint_stand_in(*, member: str, stand_in: str, starts: str, ends: str, reason: str, by: Actor,
                     at: datetime) -> StandIn:  # fmt: skip
    """Let `stand_in` do what `member` may, from `starts` (now if empty) to just before `ends`; both are usernames.

    The rights of both are united; two people stay two people. InvalidInput at member, stand_in, from, until, reason:
    also for somebody of another organisation.
    """
    if by.organisation_id is None:
        raise NotAllowed
    people, errors = find_both(by.organisation_id, member, stand_in)
    times, wrong = read_span(starts, ends, at=at)
    errors |= wrong
    found = text_error(reason, most=REASON_MAX, what="A reason")
    if found:
        errors["reason"] = [found]
    if errors:
        raise InvalidInput(errors)
    row = StandIn.objects.create(
        public_id=new_id("stand", at), organisation_id=by.organisation_id, member=people["member"],
        stand_in=people["stand_in"], starts_at=times["from"], ends_at=times["until"], reason=reason.strip(),
        appointed_at=at, state=states.APPOINTED, state_since=at,
    )  # fmt: skip
    Membership.objects.filter(pk=row.stand_in_id).update(stands_in=True)
    record(row, "appoint_stand_in", by=by, at=at, to=row.state, note=row.reason,
           data={"member": member.strip(), "stand_in": stand_in.strip(), "from": utc_text(row.starts_at),
                 "until": utc_text(row.ends_at)})  # fmt: skip
    return row


@atomic
def dismiss_stand_in(row: StandIn, *, by: Actor, at: datetime) -> None:
    """End it at once, before its time. MoveRefused if it was dismissed already."""
    row.move("dismiss_stand_in", by=by, at=at)


def find_both(organisation_id: int, member: str, stand_in: str) -> tuple[dict[str, Membership], dict[str, list[str]]]:
    """The two members by their usernames, and what is wrong with them."""
    people: dict[str, Membership] = {}
    errors: dict[str, list[str]] = {}
    ours = Membership.objects.filter(organisation=organisation_id, user__is_active=True)
    for field, username in (("member", member.strip()), ("stand_in", stand_in.strip())):
        found = ours.filter(user__username=username).first() if is_text(username) else None
        if found is None:
            errors[field] = ["Nobody of your organisation has this username."]
        else:
            people[field] = found
    if len(people) == 2 and people["member"] == people["stand_in"]:
        errors["stand_in"] = ["Nobody stands in for oneself."]
    return people, errors


def read_span(starts: str, ends: str, *, at: datetime) -> tuple[dict[str, datetime], dict[str, list[str]]]:
    """From when until when, and what is wrong with it."""
    times: dict[str, datetime] = {}
    errors: dict[str, list[str]] = {}
    for field, text in (("from", starts), ("until", ends)):
        try:
            value = read_time(text)
        except ValueError as error:
            errors[field] = [str(error)]
            continue
        if value is not None:
            times[field] = value
        elif field == "from":
            times[field] = at
        else:
            errors[field] = ["Say until when."]
    if not errors:
        errors = span_errors(times["from"], times["until"], at=at, begins_now=not starts.strip())
    return times, errors
