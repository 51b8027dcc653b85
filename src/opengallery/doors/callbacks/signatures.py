"""Who signed a call: HMAC-SHA256 with a shared secret over "timestamp.body", for five minutes."""

import hmac
from datetime import timedelta

from django.http import HttpRequest

from opengallery.kit import clock
from opengallery.kit.problems import NotSignedIn

TIMESTAMP = "X-Gallery-Timestamp"  # whole seconds since 1970-01-01, UTC
SIGNATURE = "X-Gallery-Signature"  # 64 hexadecimal digits
WINDOW = timedelta(minutes=5)
DIGITS = 12
# What a caller that nobody knows is compared with, so that the answer comes no sooner than to a wrong signature.
NOBODY = "nobody-signs-with-this"


def signature_of(secret: str, timestamp: str, body: bytes) -> str:
    """The signature of a body sent at that second."""
    return hmac.digest(secret.encode(), timestamp.encode() + b"." + body, "sha256").hex()


def check_signature(request: HttpRequest, body: bytes, *, secret: str | None) -> None:
    """NotSignedIn (401) unless the holder of the secret signed this body less than five minutes ago, or from now.

    It never says what was wrong; `secret` is None for a caller that is not known. The time is the machine's, also in a
    sandbox: it bounds how long an overheard call can be sent again on a network whose clocks are real, and decides
    nothing of the market. Within those minutes a call sent again is harmless, because all news is taken once.
    """
    timestamp = request.headers.get(TIMESTAMP, "")
    given = request.headers.get(SIGNATURE, "").lower()
    is_time = timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= DIGITS
    expected = signature_of(secret or NOBODY, timestamp if is_time else "", body)
    signed = hmac.compare_digest(expected.encode(), given.encode(errors="replace"))
    fresh = is_time and abs(clock.wall().timestamp() - int(timestamp)) <= WINDOW.total_seconds()
    if not (secret and signed and fresh):
        raise NotSignedIn
