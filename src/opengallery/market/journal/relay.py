"""Hand each new fact, once and in order, to the reactions it is given."""

from collections.abc import Callable, Mapping, Sequence

import structlog
from django.db import connection, transaction

from opengallery.market.journal.models import Fact, Publication

Reaction = Callable[[Sequence[Fact]], None]
EVERY_FACT = "*"
RELAY_LOCK = 0x6F67_7265
log = structlog.get_logger()

# Outbox → feed in one statement; the identity column of the feed gives the position. Facts come by age, those of one
# stream by their sequence: of two that were written at once, the one that waited for the other may be the older row.
PUBLISH = """
    WITH taken AS (
        DELETE FROM journal_outbox WHERE fact_id IN (SELECT fact_id FROM journal_outbox ORDER BY fact_id LIMIT %s)
        RETURNING fact_id
    ), placed AS (
        SELECT id, sequence, max(id) OVER (PARTITION BY stream ORDER BY sequence) AS age
        FROM journal_fact WHERE id IN (SELECT fact_id FROM taken)
    )
    INSERT INTO journal_publication (fact_id) SELECT id FROM placed ORDER BY age, sequence RETURNING fact_id
"""


def relay_facts(reactions: Mapping[str, Sequence[Reaction]], *, most: int = 500) -> int:
    """Publish up to `most` waiting facts and run their reactions; return how many there were.

    One relay at a time (an advisory lock): positions in the feed must become visible in their order. Reactions write
    rows only, in this transaction: a crash repeats all of it or nothing. One that fails is reported and leaves the
    others' work; it must never stop the feed.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [RELAY_LOCK])
            row = cursor.fetchone()
            if not (row and row[0]):
                return 0
            cursor.execute(PUBLISH, [most])
            keys = [key for (key,) in cursor.fetchall()]
        facts = list(Fact.objects.filter(pk__in=keys).order_by("pk"))
        for verb, listeners in reactions.items():
            heard = facts if verb == EVERY_FACT else [fact for fact in facts if fact.verb == verb]
            for listener in listeners if heard else ():
                run_safely(listener, heard)
    return len(facts)


def run_safely(listener: Reaction, facts: Sequence[Fact]) -> None:
    """Run one reaction in a savepoint; a failure is logged with the facts it concerned."""
    try:
        with transaction.atomic():
            listener(facts)
    except Exception:
        log.exception("reaction failed", reaction=listener.__name__, facts=[fact.pk for fact in facts])


def last_position() -> int:
    """The newest position of the feed."""
    newest = Publication.objects.order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0
