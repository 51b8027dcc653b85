"""Sign the heads of the chains: from then on not even the operator can rewrite what came before unnoticed."""

from collections.abc import Sequence

from django.db import connection
from django.db.models import F

from opengallery.kit.signing import sign
from opengallery.market.journal.models import Fact, Head

# A head that a writer holds is left alone: waiting for it here, while that writer waits for another of these, would be
# a deadlock. The fact that is being written brings the head back soon; what its failure leaves, sign_stragglers finds.
SIGN = """
    WITH free AS (SELECT stream FROM journal_head WHERE stream = ANY(%s) FOR NO KEY UPDATE SKIP LOCKED)
    UPDATE journal_head SET signed_sequence = new.sequence, signature = new.signature
    FROM unnest(%s::text[], %s::int[], %s::bytea[]) AS new (stream, sequence, signature), free
    WHERE journal_head.stream = new.stream AND journal_head.stream = free.stream
        AND journal_head.signed_sequence < new.sequence
"""


def head_message(stream: str, sequence: int, digest: bytes) -> bytes:
    """What is signed: which chain, how long it is, and its newest hash."""
    return f"opengallery head v1\n{stream}\n{sequence}\n{digest.hex()}\n".encode()


def sign_heads(facts: Sequence[Fact]) -> None:
    """Sign the newest link of each stream that these facts belong to, in one statement."""
    newest: dict[str, Fact] = {}
    for fact in facts:
        if fact.stream not in newest or fact.sequence > newest[fact.stream].sequence:
            newest[fact.stream] = fact
    write([(fact.stream, fact.sequence, bytes(fact.hash)) for fact in newest.values()])


def sign_stragglers(most: int = 1000) -> int:
    """Sign heads that were missed, up to so many, and return how many; for now and then, it reads all heads."""
    heads = list(Head.objects.filter(signed_sequence__lt=F("sequence"))[:most])
    write([(head.stream, head.sequence, bytes(head.hash)) for head in heads])
    return len(heads)


def write(links: Sequence[tuple[str, int, bytes]]) -> None:
    """Sign links, given as stream, sequence and hash, and store what is newer than what was signed before."""
    if links:
        streams, sequences, _ = zip(*links, strict=True)
        signatures = [sign(head_message(*link)) for link in links]
        with connection.cursor() as cursor:
            cursor.execute(SIGN, [list(streams), list(streams), list(sequences), signatures])


def sign_head(head: Head) -> Head:
    """Sign a head now if its newest link is not signed yet: a dossier does not wait for the relay."""
    if head.signed_sequence != head.sequence:
        signature = sign(head_message(head.stream, head.sequence, bytes(head.hash)))
        Head.objects.filter(pk=head.pk, sequence=head.sequence).update(
            signed_sequence=head.sequence, signature=signature
        )
        head.signed_sequence, head.signature = head.sequence, signature
    return head
