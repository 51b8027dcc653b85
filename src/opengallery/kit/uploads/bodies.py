"""How large a request may be, decided before it is read where its length is known, while it is read where it is not."""

import tempfile
import weakref
from typing import IO

from django.conf import settings
from django.http import HttpRequest

from opengallery.kit.problems import Problem
from opengallery.kit.uploads.incoming import CHUNK, incoming_folder
from opengallery.kit.uploads.rules import UploadRules, size_in_words

BODILESS = {"GET", "HEAD", "OPTIONS", "TRACE"}


class BodyTooLarge(Problem):
    """What you sent is too large."""

    status = 413


def body_limit(rules: UploadRules) -> int:
    """Return the bytes a form with files may have.

    Room for two files too many and for the texts: a file over the limit or a surplus one is refused by its name, at
    its field, with the typed data kept; only what is far beyond is refused unread.
    """
    return (rules.max_files + 2) * rules.max_bytes + _text_limit()


def _text_limit() -> int:
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0)


def refuse_oversized(request: HttpRequest, rules: UploadRules | None = None) -> None:
    """Raise BodyTooLarge (413) for a body over its limit; to be called before anything reads the request.

    A body of unknown length (chunked) is spooled to the disk as far as the limit, and gets a length: Django's WSGI
    request would take it for an empty one. `rules` stay with the request, for the upload handler.
    """
    rules = rules or UploadRules()
    request.upload_rules = rules  # type: ignore[attr-defined]
    multipart = request.content_type == "multipart/form-data"
    limit = body_limit(rules) if multipart else _text_limit()
    length = request.META.get("CONTENT_LENGTH") or ""
    if length.isdecimal() and int(length) > limit:
        raise _too_large(limit)
    if not length and _has_unmeasured_body(request):
        _spool(request, limit)


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(f"At most {size_in_words(limit)} can be sent at once.")


def _has_unmeasured_body(request: HttpRequest) -> bool:
    """HTTP/1.1 says that the body is chunked, HTTP/2 says nothing; either way the server marks where it ends."""
    chunked = "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
    ends = bool(request.META.get("wsgi.input_terminated"))
    return ends and (chunked or request.method not in BODILESS)


def _spool(request: HttpRequest, limit: int) -> None:
    source: IO[bytes] = request.META["wsgi.input"]
    spool = tempfile.TemporaryFile(dir=incoming_folder())  # noqa: SIM115
    weakref.finalize(request, spool.close)
    size = 0
    while chunk := source.read(CHUNK):
        size += len(chunk)
        if size > limit:
            spool.close()
            raise _too_large(limit)
        spool.write(chunk)
    spool.seek(0)
    request._stream = spool  # Django has no public way to give a request its body.
    request.META["CONTENT_LENGTH"] = str(size)
