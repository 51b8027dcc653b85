"""Sign the heads of the chains: from then on not even the operator can rewrite what came before unnoticed."""

from collections.abc import Sequence

from django.db import connection

from opengallery.kit.signing import sign
from opengallery.market.journal.models import Fact, Head

SIGN = """
    UPDATE journal_head SET signed_sequence = new.sequence, signature = new.signature
    FROM unnest(%s::text[], %s::int[], %s::bytea[]) AS new (stream, sequence, signature)
    WHERE journal_head.stream = new.stream AND journal_head.signed_sequence < new.sequence
"""


def head_message(stream: str, sequence: int, digest: bytes) -> bytes:
    """What is signed: which chain, how long it is, and its newest hash."""
    return f"opengallery head v1\n{stream}\n{sequence}\n{digest.hex()}\n".encode()


def sign_heads(facts: Sequence[Fact]) -> None:
    """Sign the newest link of each stream that these facts belong to."""
    newest: dict[str, Fact] = {}
    for fact in facts:
        if fact.stream not in newest or fact.sequence > newest[fact.stream].sequence:
            newest[fact.stream] = fact
    signed = [
        (fact.stream, fact.sequence, sign(head_message(fact.stream, fact.sequence, bytes(fact.hash))))
        for fact in newest.values()
    ]
    with connection.cursor() as cursor:
        cursor.execute(SIGN, [list(column) for column in zip(*signed, strict=True)])


def sign_head(head: Head) -> Head:
    """Sign a head now if its newest link is not signed yet: a dossier does not wait for the relay."""
    if head.signed_sequence != head.sequence:
        signature = sign(head_message(head.stream, head.sequence, bytes(head.hash)))
        Head.objects.filter(pk=head.pk, sequence=head.sequence).update(
            signed_sequence=head.sequence, signature=signature
        )
        head.signed_sequence, head.signature = head.sequence, signature
    return head
