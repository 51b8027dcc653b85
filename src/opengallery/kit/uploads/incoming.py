"""Files on their way in: written to the disk and hashed while they are read, gone again unless somebody keeps them."""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.datastructures import MultiValueDict

from opengallery.kit.uploads.names import safe_name
from opengallery.kit.uploads.rules import UploadRules

# Large enough to be few calls, small enough that a piece stays in the processor's cache while it is parsed and hashed.
CHUNK = 256 * 1024
EPILOGUE = 1024
FRESH = timedelta(minutes=1)


class CutShort(MultiPartParserError):  # noqa: N818 -- a refusal, like every problem of the house
    """The upload ended before it was complete."""


class IncomingFile(UploadedFile):  # type: ignore[type-arg]  # generic for mypy only
    """A file that has arrived, or part of one: its bytes lie at `path` until it is closed, unless it is kept.

    `too_large` and `one_too_many` say that the bytes were thrown away while the form's other fields were read.
    """

    name: str
    size: int

    def __init__(self, name: str, rules: UploadRules) -> None:
        # The lock tells sweep_incoming that somebody still holds the file; the kernel lets go when the process dies.
        file = tempfile.NamedTemporaryFile(dir=incoming_folder(), prefix="part_", delete=False)  # noqa: SIM115
        fcntl.flock(file, fcntl.LOCK_EX)
        super().__init__(file, safe_name(name), size=0)
        self.path = Path(file.name)
        self._disk: IO[bytes] = file
        self.too_large = False
        self.one_too_many = False
        self._rules = rules
        self._hash = hashlib.sha256()

    def take(self, chunk: bytes) -> None:
        """Add bytes; at the first one over the limit the file is marked and what was written is deleted."""
        self.size += len(chunk)
        if self.size > self._rules.max_bytes:
            self.too_large = True
            self.close()
        if not self.closed:
            self._hash.update(chunk)
            self._disk.write(chunk)

    def finish(self) -> None:
        """All bytes are here: let others read them at `path`."""
        if not self.closed:
            self._disk.flush()

    @property
    def is_whole(self) -> bool:
        """Tell whether every byte that was sent is still there."""
        return not self.closed

    @property
    def sha256(self) -> str:
        """The hash of the bytes, in hexadecimal."""
        return self._hash.hexdigest()

    def temporary_file_path(self) -> str:
        """Where the bytes lie: Django's storages move such a file instead of copying it."""
        return str(self.path)

    def close(self) -> None:
        """Delete the bytes, unless they were moved elsewhere."""
        if not self.closed:
            self.path.unlink(missing_ok=True)
            super().close()


class StreamingUploadHandler(FileUploadHandler):
    """Django's way in: every file of a form is streamed to the disk; a form that does not arrive whole leaves nothing.

    The limits are `request.upload_rules`, set by refuse_oversized.
    """

    chunk_size = CHUNK

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._rules: UploadRules = getattr(request, "upload_rules", UploadRules())
        self._files: list[IncomingFile] = []
        self._parsing = False

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: dict[str, Any],  # noqa: N803 -- Django's name
        content_length: int,
        boundary: Any,
        encoding: str | None = None,
    ) -> tuple[QueryDict, MultiValueDict[str, Any]] | None:
        """Let Django's parser do the reading, but under our eyes.

        Left alone it takes a connection that broke off for the end of the form, and forgets a file that was half
        read; a delivery with half of its proofs would be accepted.
        """
        if self._parsing:
            return None
        self._parsing = True
        watched: Any = _Watched(input_data)
        try:
            parsed = MultiPartParser(META, watched, [self], encoding or settings.DEFAULT_CHARSET).parse()
        except BaseException:
            self._forget()
            raise
        if b"--" + boundary + b"--" not in watched.tail:
            self._forget()
            raise CutShort("The upload ended before it was complete.")
        return parsed

    def _forget(self) -> None:
        for file in self._files:
            file.close()

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        """A file begins; over the permitted number only its name is kept."""
        super().new_file(field_name, file_name, *args, **kwargs)
        file = IncomingFile(file_name, self._rules)
        self._files.append(file)
        if len(self._files) > self._rules.max_files:
            file.one_too_many = True
            file.close()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Some bytes of the file begun last; none are passed on to other handlers."""
        self._files[-1].take(raw_data)

    def file_complete(self, file_size: int) -> IncomingFile:
        """The file begun last has ended."""
        self._files[-1].finish()
        return self._files[-1]


class _Watched:
    """A stream that remembers its last bytes: a whole form ends with its closing boundary."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.tail = b""

    def read(self, size: int) -> bytes:
        chunk = self._stream.read(size)
        self.tail = (self.tail + chunk[-EPILOGUE:])[-EPILOGUE:]
        return chunk


def receive(name: str, chunks: Iterable[bytes], rules: UploadRules | None = None) -> IncomingFile:
    """Take in a file that does not come through a form: the demonstration's proofs, a program's document."""
    file = IncomingFile(name, rules or UploadRules())
    try:
        for chunk in chunks:
            file.take(chunk)
        file.finish()
    except BaseException:
        file.close()
        raise
    return file


def incoming_folder() -> Path:
    """The folder of unfinished files, FILE_UPLOAD_TEMP_DIR: on the storage's disk, so that keeping is a rename."""
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR or tempfile.gettempdir())
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def disk_time() -> float:
    """The disk's own time, in seconds: ages of files are compared with it, since a sandbox's clock stands elsewhere."""
    with tempfile.TemporaryFile(dir=incoming_folder()) as file:
        return os.fstat(file.fileno()).st_mtime


def sweep_incoming(older_than: timedelta = FRESH) -> int:
    """Delete what a killed process left behind, and return how many files that were.

    A file that a living process holds is locked and stays, however old. `older_than` covers the instant between the
    making of a file and its lock.
    """
    latest = disk_time() - older_than.total_seconds()
    swept = 0
    for path in incoming_folder().glob("part_*"):
        try:
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if path.stat().st_mtime <= latest:
                    path.unlink()
                    swept += 1
        except (BlockingIOError, FileNotFoundError):
            continue
    return swept
