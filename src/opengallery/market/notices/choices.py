"""What people have chosen to hear, and what there is for them to choose."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from opengallery.kit.actor import Actor, Party
from opengallery.market.identity.models import Membership
from opengallery.market.notices.kinds import CHANNELS, DIGEST, GROUPS, Kind
from opengallery.market.notices.letters import LETTERS
from opengallery.market.notices.models import Choice, Phone


class Wishes(dict[tuple[int, int, str, str], bool]):
    """(person, organisation, group, channel) → whether a copy is wanted; the channel's default if nobody has said."""

    def __missing__(self, key: tuple[int, int, str, str]) -> bool:
        return CHANNELS[key[3]][1]

    def copies(self, member: Membership, kind: Kind, at: datetime) -> dict[str, Any]:
        """A new notice's columns: copies are due at once on the channels that the person has chosen, on no other."""
        return {
            f"{channel}_due_at": at
            for channel in CHANNELS
            if self[member.user_id, member.organisation_id, kind.group, channel]
        }


def wishes_of(members: Sequence[Membership]) -> Wishes:
    """What some people want to hear as members of their organisations, in one statement."""
    rows = Choice.objects.filter(
        user__in={member.user_id for member in members}, organisation__in={member.organisation_id for member in members}
    )
    return Wishes({(row.user_id, row.organisation_id, row.group, row.channel): row.on for row in rows})


def groups_for(actor: Actor) -> list[str]:
    """The groups of which the actor's role can hear anything."""
    sides = {
        Party.BUYER: actor.organisation_id is not None and not actor.is_operator,
        Party.SELLER: actor.is_seller,
        Party.OPERATOR: actor.is_operator,
    }
    heard = {
        letter.kind.group
        for letters in LETTERS.values()
        for letter in letters
        if sides[letter.to] and letter.right in actor.rights
    }
    if actor.is_seller and actor.may("sales:view"):
        heard.add(DIGEST.group)
    return [group for group in GROUPS if group in heard]


def switches_of(actor: Actor) -> dict[str, dict[str, bool]]:
    """Group → channel → on or off, as it stands for the actor."""
    mine = Choice.objects.filter(user=actor.user_id, organisation=actor.organisation_id)
    rows = {(row.group, row.channel): row.on for row in mine}
    return {
        group: {channel: rows.get((group, channel), default) for channel, (_, default) in CHANNELS.items()}
        for group in groups_for(actor)
    }


def phone_of(actor: Actor) -> str:
    """Where the actor gets text messages; "" if nowhere."""
    return Phone.objects.filter(user=actor.user_id).values_list("number", flat=True).first() or ""
