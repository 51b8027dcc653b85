"""Kept files on their way out: always an attachment, never something that a browser shows or runs."""

import unicodedata
from urllib.parse import quote

from django.http import FileResponse

from opengallery.kit.models import StoredFile
from opengallery.kit.uploads.incoming import CHUNK
from opengallery.kit.uploads.keeping import file_storage, place_of


class Download(FileResponse):
    """A streamed file, in blocks large enough that the disk and not Python sets the pace."""

    block_size = CHUNK


def serve(stored: StoredFile) -> FileResponse:
    """Stream a kept file to somebody who may have it; whether they may is the caller's question."""
    response = Download(file_storage().open(place_of(stored.key)), content_type=stored.content_type)
    response["Content-Disposition"] = disposition(stored.name)
    response["Content-Length"] = str(stored.size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    # The bytes under a key never change, but the right to see them may end: ask each time, answer with 304.
    response["Cache-Control"] = "private, no-cache"
    response["ETag"] = f'"{stored.sha256}"'
    return response


def disposition(name: str) -> str:
    """Return a Content-Disposition as RFC 6266 has it: the name in ASCII for the old, in UTF-8 for everyone else."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "replace").decode()
    plain = "".join("_" if letter in '?"\\%;' else letter for letter in ascii_name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
