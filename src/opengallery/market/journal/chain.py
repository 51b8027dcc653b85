"""The chain: what a fact's hash covers, and the trigger that links each fact to the one before it.

hash = SHA-256(previous hash ‖ sequence as decimal text ‖ ":" ‖ body). The first fact's previous hash is
SHA-256(stream). The trigger computes it, so that no writer, however careless, can leave a gap in the chain.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import rfc8785

from opengallery.kit.actor import Actor

# The head's row lock makes concurrent facts of one stream wait for each other; other streams are not touched.
# One statement moves the head: a fact costs as little as can be. The fact then waits in the outbox for the relay.
LINK = """
    first := sha256(convert_to(NEW.stream, 'UTF8'));
    INSERT INTO journal_head AS head (stream, sequence, previous, hash, signed_sequence, signature)
        VALUES (NEW.stream, 1, first, sha256(first || convert_to('1:' || NEW.body, 'UTF8')), 0, '')
    ON CONFLICT (stream) DO UPDATE SET
        sequence = head.sequence + 1,
        previous = head.hash,
        hash = sha256(head.hash || convert_to((head.sequence + 1) || ':' || NEW.body, 'UTF8'))
    RETURNING head.sequence, head.previous, head.hash INTO NEW.sequence, NEW.previous, NEW.hash;
    INSERT INTO journal_outbox (fact_id) VALUES (NEW.id);
    RETURN NEW;
"""


def body_of(*, at: datetime, verb: str, kind: str, subject: str, by: Actor, was: str, to: str, note: str,
            data: Mapping[str, Any]) -> str:  # fmt: skip
    """Return the canonical JSON (RFC 8785) of a fact; the same facts always give the same bytes."""
    who = {"name": by.name, "organisation": by.organisation_name, "operator": by.is_operator, "clock": by.is_clock}
    said: dict[str, Any] = {"at": utc_text(at), "verb": verb, "kind": kind, "subject": subject, "by": who}
    said |= {"from": was, "to": to, "note": note, "data": data}
    return rfc8785.dumps(said).decode()


def utc_text(at: datetime) -> str:
    """Return an instant as RFC 3339 in UTC, with microseconds only where there are some."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def first_link(stream: str) -> bytes:
    """The hash that a stream's first fact follows."""
    return hashlib.sha256(stream.encode()).digest()


def link(previous: bytes, sequence: int, body: str) -> bytes:
    """The hash of a fact; the same sum as the trigger's."""
    return hashlib.sha256(previous + f"{sequence}:{body}".encode()).digest()
