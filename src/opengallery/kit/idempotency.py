"""The same call twice is one call: the first answer is kept with the change it reports, in one transaction."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

from opengallery.kit.models import Answer
from opengallery.kit.problems import InvalidInput, Problem

KEEP = timedelta(hours=48)
LONGEST_KEY = 255
KEPT_HEADERS = ("Content-Type", "ETag", "Location")
PRECONDITION_FAILED, NOT_KEPT = 412, 500


class StillRunning(Problem):
    """The first call with this idempotency key is still running."""


class KeyReused(Problem):
    """This idempotency key was used for another call."""

    status = 422


def digest_of(request: HttpRequest) -> str:
    """What makes two calls the same: method, path, query, and the body (of uploads: fields, names and hashes)."""
    total = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type == "multipart/form-data":
        for name in sorted(request.POST):
            total.update(repr((name, request.POST.getlist(name))).encode())
        for name in sorted(request.FILES):
            total.update(
                repr([(f.name, f.size, getattr(f, "sha256", "")) for f in request.FILES.getlist(name)]).encode()
            )
    else:
        total.update(request.body)
    return total.hexdigest()


def once(
    request: HttpRequest, *, caller: str, key: str, at: datetime, call: Callable[[], HttpResponse]
) -> HttpResponse:
    """Answer a call under its key: the first time by making it, then with the first answer (for 48 hours).

    Change and answer are one transaction, so a crash leaves both or none. Refusals are answers too, except those that
    are about the attempt and not about the call: 412 and 5xx. InvalidInput for a key that cannot be one; StillRunning
    (409) while the first is at work; KeyReused (422) for another body.
    """
    if not (1 <= len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise InvalidInput({"Idempotency-Key": [f"An idempotency key has 1 to {LONGEST_KEY} printable characters."]})
    digest = digest_of(request)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"{caller} {key}"])
            locked = cursor.fetchone()
        if not (locked and locked[0]):
            raise StillRunning
        kept = Answer.objects.filter(caller=caller, key=key).first()
        if kept is not None:
            if kept.request_sha256 != digest:
                raise KeyReused
            return replay(kept)
        response = call()
        if response.status_code < NOT_KEPT and response.status_code != PRECONDITION_FAILED:
            Answer.objects.create(
                caller=caller, key=key, request_sha256=digest, status=response.status_code, body=response.content,
                headers={name: response[name] for name in KEPT_HEADERS if name in response}, answered_at=at,
            )  # fmt: skip
        return response


def replay(kept: Answer) -> HttpResponse:
    """The first answer again, and that it is one."""
    response = HttpResponse(bytes(kept.body), status=kept.status)
    del response["Content-Type"]
    for name, value in kept.headers.items():
        response[name] = value
    response["Idempotency-Replayed"] = "true"
    return response


def drop_old_answers(*, at: datetime) -> int:
    """Forget answers that are older than 48 hours."""
    return Answer.objects.filter(answered_at__lt=at - KEEP).delete()[0]
