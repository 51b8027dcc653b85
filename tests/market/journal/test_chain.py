"""The chain of facts: the same sum in Python and in the database, no gaps, and written in ink."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from opengallery.kit.actor import CLOCK, Actor
from opengallery.market.journal import chain
from opengallery.market.journal.models import Fact, Head, Outbox
from opengallery.market.journal.relay import relay_facts
from opengallery.market.journal.signatures import sign_heads, sign_stragglers
from opengallery.market.journal.verifier import is_signed
from opengallery.market.ledger.models import Transfer

AT = datetime(2020, 3, 1, 2, 0, tzinfo=UTC)


def fact(stream: str, note: str = "", *, by: Actor = CLOCK) -> Fact:
    """An unsaved fact of a stream of the tests' own."""
    body = chain.body_of(at=AT, verb="say", kind="test", subject=stream, by=by, was="", to="", note=note, data={})
    return Fact(stream=stream, at=AT, verb="say", kind="test", subject=stream, body=body)


def assert_unbroken(stream: str, count: int) -> None:
    """The stream has so many facts, numbered without a gap, and Python comes to the same hashes as the trigger."""
    previous = chain.first_link(stream)
    facts = list(Fact.objects.of(stream))
    assert [row.sequence for row in facts] == list(range(1, count + 1))
    for row in facts:
        assert bytes(row.previous) == previous
        previous = chain.link(previous, row.sequence, row.body)
        assert bytes(row.hash) == previous
    head = Head.objects.get(pk=stream)
    assert (head.sequence, bytes(head.hash)) == (count, previous)


@pytest.mark.django_db
def test_python_and_the_trigger_come_to_the_same_chain():
    for note in ("", "plain", 'Schlüssel 🔑 \\ " \n \x01', "𝔘nicode" * 500):
        fact("TEST-chain", note).save(force_insert=True)
    Fact.objects.bulk_create(fact(stream, "many") for stream in ("TEST-chain", "TEST-other", "TEST-chain"))
    assert_unbroken("TEST-chain", 6)
    assert_unbroken("TEST-other", 1)


@pytest.mark.django_db
def test_what_a_writer_says_of_place_and_hash_does_not_count():
    fact("TEST-liar").save(force_insert=True)
    liar = fact("TEST-liar")
    liar.sequence, liar.previous, liar.hash = 77, b"x" * 32, b"y" * 32
    liar.save(force_insert=True)
    assert_unbroken("TEST-liar", 2)


@pytest.mark.spec("AT-104")
def test_every_step_leaves_an_entry_that_says_who_did_what_when_and_why(flow):
    entries = [json.loads(row.body) for row in Fact.objects.of(flow.stream) if row.subject == flow.number]
    said = [(entry["verb"], entry["by"]["name"], entry["from"], entry["to"]) for entry in entries]
    assert said == [
        ("start_flow", "System", "", "wait_delivery"),
        ("deliver_service", "Clara Brandt", "wait_delivery", "wait_acceptance"),
        ("reject_delivery", "Lin Wei", "wait_acceptance", "wait_delivery"),
        ("deliver_service", "Clara Brandt", "wait_delivery", "wait_acceptance"),
        ("accept_delivery", "Lin Wei", "wait_acceptance", "completed"),
    ]
    assert [entry["at"] for entry in entries] == [
        "2020-01-01T02:00:00Z", "2020-02-20T04:00:00Z", "2020-02-21T01:00:00Z", "2020-02-22T01:00:00Z",
        "2020-03-01T02:00:00Z",
    ]  # fmt: skip
    assert entries[2]["note"] == "The acceptance document is missing."


def refused(deed: Callable[[], Any]) -> None:
    """The database refuses it, and says why."""
    with pytest.raises(DatabaseError, match="Cannot update or delete rows"), transaction.atomic():
        deed()


@pytest.mark.spec("AT-104")
@pytest.mark.parametrize("model", [Fact, Transfer])
def test_facts_and_transfers_are_written_in_ink(flow, model):
    rows = model.objects.all()
    before = list(rows.order_by("pk").values())
    assert before
    one = rows.first()
    refused(lambda: rows.update(at=AT))
    refused(lambda: rows.filter(pk=one.pk)._raw_delete(rows.db))
    refused(one.save)
    refused(lambda: rows.bulk_update([one], ["at"]))
    table = model._meta.db_table
    for statement in (
        f"UPDATE {table} SET at = now()",
        f"DELETE FROM {table} WHERE id = {one.pk}",
        f"INSERT INTO {table} SELECT * FROM {table} ON CONFLICT (id) DO UPDATE SET at = now()",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert list(rows.order_by("pk").values()) == before


# ---- two writers at once ---------------------------------------------------------------------------------------------


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Any:
    """Real commits over several connections. Facts stay for ever, so their streams are of the tests' own."""
    with django_db_blocker.unblock():
        yield
        Outbox.objects.filter(fact__in=Fact.objects.filter(stream__startswith="TEST-")).delete()
        connection.close()


def at_once(*deeds: Callable[[], None]) -> None:
    """Do all of it at the same moment, each over its own connection."""
    start, failures = threading.Barrier(len(deeds)), []

    def do(deed: Callable[[], None]) -> None:
        start.wait()
        try:
            deed()
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_writers_of_one_stream_take_turns_and_leave_no_gap(committed):
    def write(who: int) -> None:
        for number in range(25):
            with transaction.atomic():
                fact("TEST-race", f"{who}: {number}").save(force_insert=True)

    at_once(*(lambda who=who: write(who) for who in range(4)))
    assert_unbroken("TEST-race", 100)


def test_a_writer_that_fails_leaves_no_gap(committed):
    def write(who: int) -> None:
        for number in range(20):
            try:
                with transaction.atomic():
                    fact("TEST-undone", f"{who}: {number}").save(force_insert=True)
                    if number % 2:
                        raise InterruptedError
            except InterruptedError:
                continue

    at_once(*(lambda who=who: write(who) for who in range(3)))
    assert_unbroken("TEST-undone", 30)


def test_signing_never_waits_for_a_writer_of_many_streams(committed):
    """A sweep holds the heads of many streams; the signer passes them over, and finds them the next time."""
    streams = ["TEST-sweep-1", "TEST-sweep-2"]
    for stream in streams:
        fact(stream).save(force_insert=True)
    first = list(Fact.objects.filter(stream__in=streams))
    with transaction.atomic():
        fact(streams[0]).save(force_insert=True)
        at_once(lambda: sign_heads(first))
        fact(streams[1]).save(force_insert=True)
    assert [head.signed_sequence for head in Head.objects.filter(pk__in=streams).order_by("pk")] == [0, 1]
    assert sign_stragglers(100_000) >= 2
    assert [head.signed_sequence for head in Head.objects.filter(pk__in=streams).order_by("pk")] == [2, 2]


# ---- signatures ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_relay_signs_the_newest_link_of_each_stream(django_assert_num_queries):
    from opengallery.kit.signing import public_key

    for _ in range(3):
        Fact.objects.bulk_create(fact(f"TEST-sign-{number}") for number in range(20))
    while relay_facts({"*": (sign_heads,)}):
        pass
    for head in Head.objects.filter(stream__startswith="TEST-sign-"):
        message = f"opengallery head v1\n{head.stream}\n3\n{bytes(head.hash).hex()}\n".encode()
        assert head.signed_sequence == head.sequence == 3
        assert is_signed(message, bytes(head.signature).hex(), public_key().hex())
    facts = list(Fact.objects.filter(stream__startswith="TEST-sign-"))
    with django_assert_num_queries(1):
        sign_heads(facts)
    with django_assert_num_queries(0):
        sign_heads([])


@pytest.mark.django_db
def test_an_older_link_never_replaces_a_newer_signature():
    for _ in range(2):
        fact("TEST-older").save(force_insert=True)
    old, new = Fact.objects.of("TEST-older")
    sign_heads([new])
    sign_heads([old])
    assert Head.objects.get(pk="TEST-older").signed_sequence == 2
