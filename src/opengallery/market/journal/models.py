"""Facts, the chain they form, and Living: the base of everything with a life."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

import pgtrigger
from django.db import connection, models
from django.db.models import Q

from opengallery.kit.actor import Actor, Party
from opengallery.kit.bulk import copy_rows, run_sql
from opengallery.kit.problems import MoveRefused, OnHold
from opengallery.kit.states import Life, Move
from opengallery.market.journal import chain


class FactQuery(models.QuerySet["Fact"]):
    """Which facts."""

    def visible_to(self, actor: Actor) -> "FactQuery":
        """Facts of the actor's organisation as buyer or seller; the operator sees all; nobody else sees any."""
        if actor.is_operator:
            return self.all()
        mine = actor.organisation_id
        return self.filter(Q(buyer_id=mine) | Q(seller_id=mine)) if mine else self.none()

    def of(self, stream: str) -> "FactQuery":
        """One stream's facts, oldest first."""
        return self.filter(stream=stream).order_by("sequence")


class Fact(models.Model):
    """One thing that happened: when, who, which verb, to what. Append-only, hash-chained within its stream.

    `body` is the canonical JSON that the hash covers; the other columns repeat parts of it for queries.
    `sequence`, `previous` and `hash` are set by the trigger `link`, whatever the writer says.
    """

    stream = models.CharField(max_length=64)
    sequence = models.IntegerField(default=0)
    at = models.DateTimeField()
    verb = models.CharField(max_length=60)
    kind = models.CharField(max_length=30)
    subject = models.CharField(max_length=64)
    buyer_id = models.BigIntegerField(null=True)
    seller_id = models.BigIntegerField(null=True)
    body = models.TextField()
    previous = models.BinaryField(default=b"", max_length=32)
    hash = models.BinaryField(default=b"", max_length=32)

    objects = FactQuery.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stream", "sequence"], name="one_fact_per_place_in_the_chain")]
        triggers = [
            pgtrigger.Protect(name="written_in_ink", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="link",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("first", "BYTEA")],
                func=chain.LINK,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stream}#{self.sequence} {self.verb} {self.subject}"


class Head(models.Model):
    """The newest link of a stream's chain, and the newest of its links that the installation has signed."""

    stream = models.CharField(primary_key=True, max_length=64)
    sequence = models.IntegerField()
    previous = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)
    signed_sequence = models.IntegerField(default=0)
    signature = models.BinaryField(default=b"", max_length=64)

    def __str__(self) -> str:
        return f"{self.stream}#{self.sequence}"


class Outbox(models.Model):
    """Facts that the relay has not handed on yet."""

    fact = models.OneToOneField(Fact, on_delete=models.DO_NOTHING, primary_key=True, db_constraint=False)

    def __str__(self) -> str:
        return str(self.fact_id)


class Publication(models.Model):
    """A fact's position in the feed: given by the one relay, so a reader who has seen position n missed nothing."""

    fact = models.OneToOneField(Fact, on_delete=models.DO_NOTHING, db_constraint=False)

    def __str__(self) -> str:
        return f"{self.pk}: {self.fact_id}"


class Living(models.Model):
    """The base of everything with a life: a state that only the rows of its table may change."""

    kind: ClassVar[str]

    state = models.CharField(max_length=30)
    state_since = models.DateTimeField()
    held_by = models.CharField(max_length=30, default="", blank=True)

    class Meta:
        abstract = True

    @property
    def life(self) -> Life:
        """The table of its moves."""
        raise NotImplementedError

    @property
    def stream(self) -> str:
        """The chain that its facts belong to: the number of its order."""
        raise NotImplementedError

    @property
    def subject(self) -> str:
        """Its own name among people: a number or an id."""
        raise NotImplementedError

    @property
    def parties(self) -> tuple[int | None, int | None]:
        """The buying and the selling organisation."""
        raise NotImplementedError

    @property
    def hold_label(self) -> str:
        """What holds it, as people read it."""
        return "It is on hold."

    @property
    def label(self) -> str:
        """The state as people read it."""
        return self.life.labels[self.state]

    def parties_of(self, actor: Actor) -> set[Party]:
        """From which sides the actor may act on this subject."""
        if actor.is_clock:
            return {Party.CLOCK}
        buyer, seller = self.parties
        sides = {Party.OPERATOR} if actor.is_operator else set()
        if actor.organisation_id is not None:
            sides |= {Party.BUYER} if actor.organisation_id == buyer else set()
            sides |= {Party.SELLER} if actor.organisation_id == seller else set()
        return sides

    def moves_for(self, actor: Actor) -> list[Move]:
        """The moves that the actor may make now; none while a hold stops them all."""
        return [] if self.held_by else self.life.moves_from(self.state, self.parties_of(actor))

    def move(self, verb: str, *, by: Actor, at: datetime, note: str = "", data: dict[str, Any] | None = None,
             also: dict[str, Any] | None = None, count: str = "",
             only_if: tuple[str, Any] | None = None) -> "Fact":  # fmt: skip
        """Make the move, or refuse it: MoveRefused, OnHold (409), NotYourTurn (403).

        `also` sets further columns in the same guarded update, `count` adds one to a column; `only_if` is a further
        condition of it, such as ("due_at > %s", at). Writes one fact.
        """
        step = self.life.find(self.state, verb, self.parties_of(by))
        changes = {"state": step.target, "state_since": at} | (also or {})
        if not self._update_guarded(step.source, changes, count, only_if):
            self.refresh_from_db(fields=["state", "held_by"])
            if self.held_by:
                raise OnHold(self.hold_label, state=self.state, label=self.label, verb=verb)
            raise MoveRefused(f"It stands at “{self.label}”.", state=self.state, label=self.label, verb=verb)
        for name, value in changes.items():
            setattr(self, name, value)
        return record(self, verb, by=by, at=at, was=step.source, to=step.target, note=note, data=data)

    def _update_guarded(self, source: str, changes: dict[str, Any], count: str,
                        only_if: tuple[str, Any] | None) -> bool:  # fmt: skip
        """Of two people pressing at once, one wins and one is told. By hand: every verb comes through here."""
        fields: list[tuple[Any, Any]] = [(self._meta.get_field(name), value) for name, value in changes.items()]
        sets = [f'"{field.column}" = %s' for field, _ in fields] + ([f'"{count}" = "{count}" + 1'] if count else [])
        condition, given = (f" AND {only_if[0]}", [only_if[1]]) if only_if else ("", [])
        update = (
            f'UPDATE "{self._meta.db_table}" SET {", ".join(sets)} '  # noqa: S608 names of the model's own columns
            f"WHERE id = %s AND state = %s AND held_by = ''{condition} RETURNING {count or 'id'}"
        )
        values = [field.get_db_prep_save(value, connection) for field, value in fields]
        rows = run_sql(update, [*values, self.pk, source, *given])
        if rows and count:
            setattr(self, count, rows[0][0])
        return bool(rows)


# By hand: each acceptance writes two, and building the statement anew costs more than running it.
WRITE = """
    INSERT INTO journal_fact (stream, at, verb, kind, subject, buyer_id, seller_id, body, sequence, previous, hash)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 0, '', '') RETURNING id, sequence
"""


def record(subject: Living, verb: str, *, by: Actor, at: datetime, was: str = "", to: str = "", note: str = "",
           data: dict[str, Any] | None = None) -> Fact:  # fmt: skip
    """Write one fact about a subject, and let whoever listens within the transaction act on it."""
    fact = fact_of(subject, verb, by=by, at=at, was=was, to=to, note=note, data=data)
    sets = (fact.stream, at, verb, fact.kind, fact.subject, fact.buyer_id, fact.seller_id, fact.body)
    [(fact.pk, fact.sequence)] = run_sql(WRITE, sets)
    for reaction in WITHIN.get(verb, ()):
        reaction(subject, by=by, at=at)
    return fact


def fact_of(subject: Living, verb: str, *, by: Actor, at: datetime, was: str = "", to: str = "", note: str = "",
            data: dict[str, Any] | None = None) -> Fact:  # fmt: skip
    """Return the unsaved fact; sweeps write thousands of them in one statement."""
    buyer, seller = subject.parties
    body = chain.body_of(
        at=at, verb=verb, kind=subject.kind, subject=subject.subject, by=by, was=was, to=to, note=note, data=data or {}
    )
    return Fact(
        stream=subject.stream, at=at, verb=verb, kind=subject.kind, subject=subject.subject, buyer_id=buyer,
        seller_id=seller, body=body,
    )  # fmt: skip


def write_facts(facts: Iterable[Fact]) -> None:
    """Write facts in bulk; the triggers link each to its chain."""
    columns = (
        "stream",
        "at",
        "verb",
        "kind",
        "subject",
        "buyer_id",
        "seller_id",
        "body",
        "sequence",
        "previous",
        "hash",
    )
    copy_rows(Fact, columns, ([getattr(fact, name) for name in columns] for fact in facts))


# Verb → what must happen in its own transaction on a higher floor. Filled from the table in project/reactions.py.
WITHIN: dict[str, tuple[Any, ...]] = {}
