"""What the bytes of a file must look like for its extension to be true."""

import codecs
import mmap
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import puremagic

from opengallery.kit.uploads.names import extension_of

HEAD = 8192
CHUNK = 1024 * 1024
MOST_PARTS = 20_000
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OOXML = "application/vnd.openxmlformats-officedocument."
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
# How a page begins, whatever its file is called: browsers that guess look for the same.
MARKUP = re.compile(
    r"\s*<(?:!doctype\s|!--|\?xml\s|(?:html|head|body|script|iframe|style|title|svg|meta|link|table|div|font|img|"
    r"object|embed|form|center|a|b|p|h1|br)(?:[\s/>]|$))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Content:
    """One row: what the file is called, how it is served, and how to tell that it is what it says."""

    noun: str
    content_type: str
    fits: Callable[[Path], bool]


def _starts(*signatures: bytes) -> Callable[[Path], bool]:
    return lambda path: _head(path).startswith(signatures)


def _ole(*streams: str) -> Callable[[Path], bool]:
    return lambda path: _head(path).startswith(OLE) and any(_has_stream(path, name) for name in streams)


def _ooxml(folder: str, main: str) -> Callable[[Path], bool]:
    return lambda path: _is_package(path, folder, f"{OOXML}{main}.main+xml")


def _zip(path: Path) -> bool:
    return _head(path).startswith((b"PK\x03\x04", b"PK\x05\x06")) and zipfile.is_zipfile(path)


def _text(path: Path) -> bool:
    head = _head(path)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif head.startswith(codecs.BOM_UTF8):
        candidates = ["utf-8-sig"]
    else:
        candidates = ["utf-8", "gb18030", "cp1252"]
    return any(_reads_as(path, encoding) for encoding in candidates)


CONTENTS = {
    ".doc": Content("a Word 97–2003 document (.doc)", "application/msword", _ole("WordDocument")),
    ".docx": Content(
        "a Word document (.docx)", f"{OOXML}wordprocessingml.document", _ooxml("word/", "wordprocessingml.document")
    ),
    ".xls": Content("an Excel 97–2003 workbook (.xls)", "application/vnd.ms-excel", _ole("Workbook", "Book")),
    ".xlsx": Content("an Excel workbook (.xlsx)", f"{OOXML}spreadsheetml.sheet", _ooxml("xl/", "spreadsheetml.sheet")),
    ".ppt": Content(
        "a PowerPoint 97–2003 presentation (.ppt)", "application/vnd.ms-powerpoint", _ole("PowerPoint Document")
    ),
    ".pptx": Content(
        "a PowerPoint presentation (.pptx)",
        f"{OOXML}presentationml.presentation",
        _ooxml("ppt/", "presentationml.presentation"),
    ),
    ".pdf": Content("a PDF document", "application/pdf", _starts(b"%PDF-")),
    ".txt": Content("plain text", "text/plain", _text),
    ".zip": Content("a ZIP archive", "application/zip", _zip),
    ".rar": Content("a RAR archive", "application/vnd.rar", _starts(b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00")),
    ".jpg": Content("a JPEG picture", "image/jpeg", _starts(b"\xff\xd8\xff")),
    ".jpeg": Content("a JPEG picture", "image/jpeg", _starts(b"\xff\xd8\xff")),
    ".png": Content("a PNG picture", "image/png", _starts(b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR")),
}

STRANGERS = {
    b"MZ": "a Windows program",
    b"\x7fELF": "a Linux program",
    b"\xca\xfe\xba\xbe": "a Java class or a macOS program",
    b"#!": "a script",
}


def content_of(name: str) -> Content:
    """Return the row for a file's extension; for one that an operator added, puremagic's signatures decide."""
    extension = extension_of(name)
    return CONTENTS.get(extension) or Content(
        f"a {extension} file", "application/octet-stream", lambda path: extension in _signatures(path)
    )


def looks_like(path: Path) -> str:
    """Return what the bytes are instead, in words; "" when they are nothing we know."""
    head = _head(path)
    for signature, noun in STRANGERS.items():
        if head.startswith(signature):
            return noun
    if MARKUP.match(head.decode("utf-8-sig", "replace")):
        return "a web page"
    return next((content.noun for content in CONTENTS.values() if content.fits(path)), "")


def _signatures(path: Path) -> set[str]:
    """The extensions that the first bytes may stand for."""
    try:
        return {match.extension for match in puremagic.magic_string(_head(path))}
    except (puremagic.PureError, ValueError):
        return set()


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD)


def _has_stream(path: Path, name: str) -> bool:
    """Tell whether an OLE2 file's directory names that stream; entries of 128 bytes begin with the name in UTF-16."""
    wanted = (name + "\0").encode("utf-16-le")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        found = content.find(wanted, 512)
        while found >= 0 and found % 128:
            found = content.find(wanted, found + 1)
        return found >= 0


def _is_package(path: Path, folder: str, main: str) -> bool:
    """Tell whether a ZIP file is an Office document of that main type; macro-enabled ones have another type."""
    if not _zip(path) or _parts(path) > MOST_PARTS:
        return False
    try:
        with zipfile.ZipFile(path) as package:
            if not any(part.startswith(folder) for part in package.namelist()):
                return False
            with package.open("[Content_Types].xml") as types:
                return f'"{main}"'.encode() in types.read(CHUNK)
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, RuntimeError, EOFError, OSError):
        return False


def _parts(path: Path) -> int:
    """Return how many entries a ZIP file announces: read before Python makes an object of each of them."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 65_557))
        tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    entries: int
    length: int
    entries, length = struct.unpack_from("<10xHI", tail, end) if 0 <= end <= len(tail) - 22 else (0, 0)
    return max(entries, length // 46)


def _reads_as(path: Path, encoding: str) -> bool:
    """Tell whether the whole file is text in that encoding, without control characters, and is not markup."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    first = True
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError:
                return False
            if CONTROLS.search(text) or (first and MARKUP.match(text)):
                return False
            if not chunk:
                return True
            first = False
