"""Tell people what happened: in the site at once, and copies of it on the channels that each of them has chosen."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import structlog
from django.db import OperationalError, transaction
from django.db.models import Q

from opengallery.kit.actor import Party
from opengallery.market.identity.models import Membership
from opengallery.market.identity.rights import rights_of
from opengallery.market.journal.models import Fact
from opengallery.market.notices.actions.send_digests import plan_digest
from opengallery.market.notices.choices import Wishes, wishes_of
from opengallery.market.notices.letters import LETTERS, Letter
from opengallery.market.notices.models import Notice
from opengallery.market.notices.rules import fits, tidy
from opengallery.market.notices.words import Words, lookups, words_of

log = structlog.get_logger()
# Only for these is anything looked up: most facts say all that their letters need.
ASKING = {
    verb
    for verb, letters in LETTERS.items()
    if any("{deadline}" in letter.text or (letter.only_if or "")[:1] == ("filed_by",) for letter in letters)
}


@dataclass(frozen=True, slots=True)
class Telling:
    """A letter about a fact, and the words for it."""

    fact: Fact
    letter: Letter
    words: Words


def send_notices(facts: Sequence[Fact]) -> None:
    """Write a notice for each person whom a fact concerns: members of the party who hold the letter's right.

    All facts together; if one of them cannot be told, each for itself, so that it costs the others nothing.
    """
    try:
        with transaction.atomic():
            tell(facts)
    except OperationalError:
        raise
    except Exception:
        if len(facts) == 1:
            log.exception("not told", fact=facts[0].pk)
            return
        for fact in facts:
            send_notices([fact])


def tell(facts: Sequence[Fact]) -> None:
    """Write the notices of some facts in few statements."""
    if any(fact.kind == "flow" for fact in facts):
        plan_digest(at=max(fact.at for fact in facts if fact.kind == "flow"))
    tellings = list(tellings_of(facts))
    if not tellings:
        return
    members = list(members_of(tellings))
    wishes = wishes_of(members)
    Notice.objects.bulk_create(
        (notice(telling, member, wishes) for telling in tellings for member in members if is_told(member, telling)),
        ignore_conflicts=True,
    )


def tellings_of(facts: Sequence[Fact]) -> Iterator[Telling]:
    """The letters that the facts bring about."""
    concerned = [(fact, json.loads(fact.body)) for fact in facts if fact.verb in LETTERS]
    known = lookups([fact for fact, _ in concerned if fact.verb in ASKING])
    for fact, said in concerned:
        words = words_of(fact, said, known)
        for letter in LETTERS[fact.verb]:
            if fits(letter.only_if, words):
                yield Telling(fact, letter, words)


def members_of(tellings: Sequence[Telling]) -> Sequence[Membership]:
    """The active members of every organisation that is told something, with their organisations."""
    sides = {party_id(telling) for telling in tellings} - {None}
    who = Q(organisation__in=sides)
    if any(telling.letter.to == Party.OPERATOR for telling in tellings):
        who |= Q(organisation__is_operator=True)
    return list(Membership.objects.filter(who, user__is_active=True).select_related("organisation").order_by("pk"))


def party_id(telling: Telling) -> int | None:
    """The organisation that a letter goes to; None for the operator's, of which there may be several."""
    if telling.letter.to == Party.OPERATOR:
        return None
    return telling.fact.seller_id if telling.letter.to == Party.SELLER else telling.fact.buyer_id


def is_told(member: Membership, telling: Telling) -> bool:
    """Whether the member is of the letter's side and holds its right, as their own or as somebody's stand-in."""
    letter = telling.letter
    if letter.to == Party.OPERATOR:
        concerned = member.organisation.is_operator
    else:
        concerned = member.organisation_id == party_id(telling)
    return concerned and (letter.right in rights_of(member.role) or letter.right in member.lent(telling.fact.at))


def notice(telling: Telling, member: Membership, wishes: Wishes) -> Notice:
    """Fill in a letter for one person."""
    fact, letter, words = telling.fact, telling.letter, telling.words
    return Notice(
        user_id=member.user_id, organisation_id=member.organisation_id, fact=fact, kind=fact.kind, about=fact.subject,
        type=letter.kind.type, group=letter.kind.group, at=fact.at,
        subject=tidy(letter.subject.format_map(words))[:200], text=tidy(letter.text.format_map(words))[:1500],
        **wishes.copies(member, letter.kind, fact.at),
    )  # fmt: skip
