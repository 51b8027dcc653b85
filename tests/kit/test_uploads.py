"""Uploads: real forms, real bytes, the real disk and the real database."""

import gc
import hashlib
import io
import os
import re
import subprocess
import sys
import tracemalloc
import unicodedata
import zipfile
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter
from django.core.files.storage import storages
from django.core.handlers.wsgi import WSGIRequest
from django.db import IntegrityError, connection, transaction
from django.http.multipartparser import MultiPartParserError
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from opengallery.kit.models import StoredFile
from opengallery.kit.problems import InvalidInput, MoveRefused
from opengallery.kit.uploads import (
    MEBIBYTE,
    BodyTooLarge,
    CutShort,
    StreamingUploadHandler,
    UploadRules,
    body_limit,
    check_daily,
    check_files,
    kept,
    receive,
    refuse_oversized,
    safe_name,
    serve,
    sweep_incoming,
    sweep_stored,
)
from opengallery.kit.uploads.keeping import place_of

AT = datetime(2020, 3, 1, 10, tzinfo=UTC)
RULES = UploadRules()
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR" + bytes(17)
HTML = b"<!DOCTYPE html>\n<html><body><script>alert(1)</script></body></html>"
# The storage is one for all examples: each leaves it empty.
ON_DISK = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff" + bytes(200)


@pytest.fixture(autouse=True)
def disk(settings, tmp_path):
    """A storage of our own, of which we can say what lies in it."""
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "files" / "incoming")
    settings.STORAGES = settings.STORAGES | {
        "files": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "files")},
        }
    }
    return tmp_path / "files"


def lying(disk: Path) -> list[str]:
    """The names of all files on the disk."""
    return sorted(path.name for path in disk.rglob("*") if path.is_file())


class Stream(io.RawIOBase):
    """A body that is never whole in memory either: parts are bytes, or numbers of zero bytes."""

    def __init__(self, *parts: bytes | int) -> None:
        self.parts = list(parts)
        self.length = sum(part if isinstance(part, int) else len(part) for part in parts)
        self.given = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if not self.parts:
            return b""
        part = self.parts.pop(0)
        size = 65536 if size < 0 else size
        if isinstance(part, int):
            chunk, rest = bytes(min(size, part)), max(0, part - size)
        else:
            chunk, rest = part[:size], part[size:]
        if rest:
            self.parts.insert(0, rest)
        self.given += len(chunk)
        return chunk


def a_file(name: str, *content: bytes | int, field: str = "deliverables") -> list[bytes | int]:
    head = f'--line\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'
    return [head.encode(), *content, b"\r\n"]


def a_field(name: str, text: str) -> list[bytes | int]:
    return [f'--line\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()]


def a_request(
    stream: Stream,
    *,
    length: int | None = None,
    content_type: str = "multipart/form-data; boundary=line",
    **headers: str,
) -> WSGIRequest:
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/",
        "SERVER_NAME": "test",
        "SERVER_PORT": "80",
        "CONTENT_TYPE": content_type,
        "wsgi.input": stream,
        "wsgi.input_terminated": True,
        **headers,
    }
    if length is not None:
        environ["CONTENT_LENGTH"] = str(length)
    return WSGIRequest(environ)


def a_form(*parts: list[bytes | int], rules: UploadRules = RULES) -> WSGIRequest:
    """A form that was sent whole."""
    stream = Stream(*(piece for part in parts for piece in part), b"--line--\r\n")
    request = a_request(stream, length=stream.length)
    refuse_oversized(request, rules)
    request.upload_handlers = [StreamingUploadHandler(request)]
    return request


def files_of(request: WSGIRequest):
    return request.FILES.getlist("deliverables")


def complaints(files, rules: UploadRules = RULES) -> list[str]:
    errors: dict[str, list[str]] = {"deliverables": []}
    try:
        check_files(files, rules)
    except InvalidInput as refusal:
        errors = refusal.errors
    assert set(errors) == {"deliverables"}
    return errors["deliverables"]


def complaint(name: str, content: bytes, rules: UploadRules = RULES) -> str:
    """What is said about one file, "" when it may be kept."""
    file = receive(name, [content], rules)
    try:
        return next(iter(complaints([file], rules)), "")
    finally:
        file.close()


# --- arriving ----------------------------------------------------------------------------------------------------


def test_a_form_arrives_with_its_texts_and_hashed_files(disk):
    request = a_form(a_file("a.pdf", PDF), a_field("service_result", "Installed."), a_file("b.png", PNG))

    first, second = files_of(request)

    assert request.POST["service_result"] == "Installed."
    assert (first.name, first.size, first.sha256) == ("a.pdf", len(PDF), hashlib.sha256(PDF).hexdigest())
    assert first.path.read_bytes() == PDF
    assert second.path.read_bytes() == PNG
    assert complaints([first, second]) == []

    request.close()
    assert lying(disk) == []


@pytest.mark.spec("AT-99")
def test_exactly_twenty_megabytes_are_accepted_and_one_byte_more_is_refused_by_name(disk):
    size = 20 * 1024 * 1024 - len(PDF)
    request = a_form(
        a_file("exact.pdf", PDF, size), a_file("larger.pdf", PDF, size + 1), a_field("service_result", "kept")
    )

    exact, larger = files_of(request)

    assert (exact.size, exact.is_whole, exact.too_large) == (20 * MEBIBYTE, True, False)
    assert (larger.size, larger.is_whole, larger.too_large) == (20 * MEBIBYTE + 1, False, True)
    assert complaints([exact, larger]) == ["larger.pdf: the file is larger than 20 MB."]
    assert request.POST["service_result"] == "kept"
    assert [path.stat().st_size for path in disk.rglob("part_*")] == [20 * MEBIBYTE]
    request.close()


@pytest.mark.spec("AT-99")
def test_the_eleventh_file_is_refused_by_name_and_never_written(disk):
    request = a_form(*(a_file(f"{number}.pdf", PDF) for number in range(1, 12)), a_field("service_result", "kept"))

    files = files_of(request)

    assert [message.split(":")[0] for message in complaints(files)] == ["11.pdf"]
    assert "at most 10 files" in complaints(files)[0]
    assert len(lying(disk)) == 10
    assert complaints(files[:10]) == []
    assert request.POST["service_result"] == "kept"
    request.close()


def test_a_file_far_over_the_limit_takes_neither_memory_nor_disk(disk):
    stream = Stream(*a_file("huge.zip", b"PK\x03\x04", 200 * MEBIBYTE), b"--line--\r\n")
    request = a_request(stream, length=stream.length)
    refuse_oversized(request)
    request.upload_handlers = [StreamingUploadHandler(request)]
    tracemalloc.start()

    [huge] = files_of(request)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (huge.too_large, huge.size) == (True, 200 * MEBIBYTE + 4)
    assert lying(disk) == []
    assert peak < 16 * MEBIBYTE


def test_what_is_written_is_read_and_hashed_in_pieces(disk):
    rules = UploadRules(max_bytes=100 * MEBIBYTE)
    tracemalloc.start()

    [large] = files_of(request := a_form(a_file("large.pdf", PDF, 64 * MEBIBYTE), rules=rules))
    assert complaints([large], rules) == []

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert large.path.stat().st_size == 64 * MEBIBYTE + len(PDF)
    assert peak < 16 * MEBIBYTE
    request.close()


WHOLE = b"".join([*a_file("a.pdf", PDF), *a_field("service_result", "done"), *a_file("b.png", PNG), b"--line--\r\n"])


@given(cut=st.integers(min_value=0, max_value=len(WHOLE) - 5))
@example(cut=len(WHOLE) - 5)
@ON_DISK
def test_a_form_that_breaks_off_anywhere_leaves_nothing(disk, cut):
    """The server reports the end of a broken connection as the end of the body."""
    request = a_request(Stream(WHOLE[:cut]), length=len(WHOLE))
    request.upload_handlers = [StreamingUploadHandler(request)]

    with pytest.raises((CutShort, MultiPartParserError)):
        _ = request.FILES

    assert lying(disk) == []


class Torn(Stream):
    """A connection that breaks with an error."""

    def read(self, size: int = -1) -> bytes:
        if not self.parts:
            raise ConnectionResetError("gone")
        return super().read(size)


def test_a_connection_that_breaks_with_an_error_leaves_nothing(disk):
    stream = Torn(WHOLE[:-60])
    request = a_request(stream, length=len(WHOLE))
    handler = StreamingUploadHandler(request)
    request.upload_handlers = [handler]

    with pytest.raises(OSError, match="gone"):
        _ = request.FILES

    assert lying(disk) == []


def test_a_broken_form_leaves_nothing(disk):
    bad = b'--line\r\nContent-Disposition: form-data; name="deliverables"; filename="b.pdf"\r\n'
    bad += b"Content-Transfer-Encoding: base64\r\n\r\nAAAAA\r\n"
    request = a_form(a_file("a.pdf", PDF), [bad])

    with pytest.raises(MultiPartParserError):
        _ = request.FILES

    assert lying(disk) == []


def test_receiving_from_a_source_that_fails_leaves_nothing(disk):
    def failing():
        yield PDF
        raise RuntimeError("source gone")

    with pytest.raises(RuntimeError, match="source gone"):
        receive("a.pdf", failing())

    assert lying(disk) == []


LEFT_BEHIND = """
import sys, os, signal
sys.path.insert(0, {source!r})
from django.conf import settings
settings.configure(FILE_UPLOAD_TEMP_DIR={folder!r}, INSTALLED_APPS=["opengallery.kit"])
import django
django.setup()
from opengallery.kit.uploads.incoming import IncomingFile
from opengallery.kit.uploads.rules import UploadRules
file = IncomingFile("a.pdf", UploadRules())
file.take(b"half")
file.finish()
print("written", flush=True)
sys.stdin.read()
"""


def test_what_a_killed_process_left_is_swept_and_what_a_living_one_holds_is_not(disk):
    source = str(Path(sys.modules["opengallery"].__path__[0]).parent)
    script = LEFT_BEHIND.format(source=source, folder=str(disk / "incoming"))
    process = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"written\n"

    assert sweep_incoming(timedelta(0)) == 0
    assert len(lying(disk)) == 1

    process.kill()
    process.wait()
    process.stdout.close()
    process.stdin.close()
    assert sweep_incoming(timedelta(hours=1)) == 0
    assert sweep_incoming(timedelta(0)) == 1
    assert lying(disk) == []


# --- bodies ------------------------------------------------------------------------------------------------------


def test_a_body_over_the_limit_is_refused_unread():
    stream = Stream(b"")
    with pytest.raises(BodyTooLarge) as refusal:
        refuse_oversized(a_request(stream, length=body_limit(RULES) + 1))

    assert refusal.value.status == 413
    assert stream.given == 0
    refuse_oversized(a_request(stream, length=body_limit(RULES)))


def test_eleven_files_at_the_limit_are_refused_by_name_not_by_their_sum():
    assert body_limit(RULES) > 11 * 20 * MEBIBYTE
    assert body_limit(RULES) < 300 * MEBIBYTE


def test_a_body_without_files_has_the_limit_of_texts(settings):
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    refuse_oversized(a_request(Stream(b""), length=most, content_type="application/json"))
    for length in (most + 1, 100 * MEBIBYTE):
        with pytest.raises(BodyTooLarge):
            refuse_oversized(a_request(Stream(b""), length=length, content_type="application/json"))


def test_a_chunked_body_is_refused_while_it_is_read(settings, disk):
    stream = Stream(100 * MEBIBYTE)

    with pytest.raises(BodyTooLarge):
        refuse_oversized(a_request(stream, content_type="application/json", HTTP_TRANSFER_ENCODING="chunked"))

    assert stream.given <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE + MEBIBYTE
    assert lying(disk) == []


def test_a_chunked_body_can_be_read_like_any_other(disk):
    request = a_request(Stream(b'{"a": ', b"1}"), content_type="application/json", HTTP_TRANSFER_ENCODING="chunked")
    refuse_oversized(request)
    assert request.body == b'{"a": 1}'

    request = a_request(Stream(WHOLE[:100], WHOLE[100:]), HTTP_TRANSFER_ENCODING="chunked")
    refuse_oversized(request)
    request.upload_handlers = [StreamingUploadHandler(request)]
    assert [file.name for file in files_of(request)] == ["a.pdf", "b.png"]
    assert request.POST["service_result"] == "done"
    request.close()
    assert lying(disk) == []


def test_a_chunked_form_that_breaks_off_leaves_nothing(disk):
    request = a_request(Stream(WHOLE[:-10]), HTTP_TRANSFER_ENCODING="chunked")
    refuse_oversized(request)
    request.upload_handlers = [StreamingUploadHandler(request)]

    with pytest.raises(CutShort):
        _ = request.FILES

    assert lying(disk) == []


def test_a_request_without_a_body_is_left_alone():
    for method in ("GET", "POST", "DELETE"):
        request = a_request(Stream(), REQUEST_METHOD=method, content_type="")
        refuse_oversized(request)
        assert request.body == b""


# --- names -------------------------------------------------------------------------------------------------------


@pytest.mark.spec("AT-100")
@pytest.mark.parametrize(
    ("raw", "safe"),
    [
        ("../../etc/x.pdf", "x.pdf"),
        ("..\\..\\windows\\x.pdf", "x.pdf"),
        ("C:\\docs\\report.pdf", "report.pdf"),
        ("re\x00po\nrt\x1b[31m.pdf", "report[31m.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("\u2066a\u200b\ufeff.txt", "a.txt"),
        ("...hidden.pdf", "hidden.pdf"),
        (".pdf", "pdf"),
        ("", "file"),
        ("..", "file"),
        ("a/", "file"),
        (" \u3000 ", "file"),
        ("验收报告（最终版）.pdf", "验收报告（最终版）.pdf"),
        ("Cafe\u0301 Übersicht.pdf", "Café Übersicht.pdf"),
        ("a" * 200 + ".pdf", "a" * 116 + ".pdf"),
        ("a" * 200, "a" * 120),
        ("a." + "b" * 200, "a." + "b" * 118),
        ("trailing. . ", "trailing"),
        ("\ud800.pdf", "pdf"),
    ],
)
def test_names_are_made_safe(raw, safe):
    assert safe_name(raw) == safe


@given(st.text(max_size=300) | st.text(alphabet="./\\ aé\u0301\u202e\x00中", max_size=300))
def test_every_name_becomes_safe_and_stays_so(raw):
    name = safe_name(raw)

    assert 1 <= len(name) <= 120
    assert not re.search(r"[/\\]", name)
    assert name == name.strip(". ")
    assert not any(unicodedata.category(letter).startswith("C") for letter in name)
    assert name == unicodedata.normalize("NFC", name) == safe_name(name)


@pytest.mark.spec("AT-100")
@pytest.mark.django_db
def test_a_hostile_name_places_nothing(disk):
    files = files_of(request := a_form(a_file("../../etc/x.pdf", PDF), a_file("a\tb\x07.pdf", PDF)))

    with kept(files, organisation_id=1, uploaded_by_id=None, at=AT) as stored:
        pass
    request.close()

    assert [file.name for file in stored] == ["x.pdf", "ab.pdf"]
    assert lying(disk) == sorted(file.key for file in stored)
    assert all(re.fullmatch(r"file_[0-9a-z]{26}", file.key) for file in stored)


# --- contents ----------------------------------------------------------------------------------------------------


def an_office_file(main: str, folder: str, *more: str) -> bytes:
    book = BytesIO()
    with zipfile.ZipFile(book, "w") as package:
        package.writestr("[Content_Types].xml", f'<Types><Override PartName="/x" ContentType="{main}"/></Types>')
        package.writestr(f"{folder}document.xml", "<x/>")
        for name in more:
            package.writestr(name, "x")
    return book.getvalue()


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"


def a_workbook() -> bytes:
    book = BytesIO()
    with xlsxwriter.Workbook(book) as workbook:
        workbook.add_worksheet()
    return book.getvalue()


def a_zip(**files: str) -> bytes:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        for name, text in files.items():
            target.writestr(name, text)
    return archive.getvalue()


def an_ole_file(stream: str) -> bytes:
    """A compound file: a header of one sector, then a directory whose second entry is the stream."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0")
    entries = [name.encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", stream)]
    return head + b"".join(entries) + bytes(256)


GENUINE = {
    "a.pdf": PDF,
    "a.PDF": PDF,
    "a.png": PNG,
    "a.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(50),
    "a.jpeg": b"\xff\xd8\xff\xe1\x00\x10Exif\x00" + bytes(50),
    "a.rar": b"Rar!\x1a\x07\x01\x00" + bytes(30),
    "old.rar": b"Rar!\x1a\x07\x00" + bytes(30),
    "a.zip": a_zip(x="text"),
    "empty.zip": a_zip(),
    "a.docx": an_office_file(WORD, "word/"),
    "a.pptx": an_office_file(SLIDES, "ppt/"),
    "a.xlsx": a_workbook(),
    "a.doc": an_ole_file("WordDocument"),
    "a.xls": an_ole_file("Workbook"),
    "b.xls": an_ole_file("Book"),
    "a.ppt": an_ole_file("PowerPoint Document"),
    "a.txt": b"Licence key: 1234\r\n\tvalid for a < b\n",
    "utf8.txt": "许可证 – Übergabe".encode(),
    "bom.txt": "许可证".encode("utf-8-sig"),
    "utf16.txt": "许可证 Licence".encode("utf-16"),
    "gbk.txt": "许可证已交付".encode("gbk"),
    "latin.txt": "Übergabe erfolgt, café\n".encode("cp1252"),
    "mail.txt": b"<a.b@example.com> wrote:\n",
}


@pytest.mark.parametrize("name", GENUINE)
def test_genuine_files_are_accepted(name):
    assert complaint(name, GENUINE[name]) == ""


DISGUISED = {
    "page.pdf": HTML,
    "late.pdf": b"\n\n%PDF-1.7",
    "page.txt": HTML,
    "page2.txt": b"  \r\n<ScRiPt>alert(1)</script>",
    "page16.txt": "<html>".encode("utf-16"),
    "pagebom.txt": HTML.decode().encode("utf-8-sig"),
    "program.pdf": EXE,
    "program.txt": EXE,
    "program.jpg": EXE,
    "program.png": EXE,
    "program.zip": EXE,
    "program.docx": EXE,
    "program.doc": EXE,
    "null.txt": b"text\x00more",
    "picture.png": b"\xff\xd8\xff\xe0" + bytes(40),
    "picture.jpg": PNG,
    "short.png": b"\x89PNG\r\n\x1a\n",
    "archive.docx": a_zip(x="text"),
    "macro.docx": an_office_file("application/vnd.ms-word.document.macroEnabled.main+xml", "word/"),
    "folder.docx": an_office_file(WORD, "elsewhere/"),
    "sheet.docx": a_workbook(),
    "word.xlsx": an_office_file(WORD, "word/"),
    "word.pptx": an_office_file(WORD, "word/"),
    "cut.docx": an_office_file(WORD, "word/")[:-30],
    "cut.zip": a_zip(x="text")[:40],
    "swollen.docx": an_office_file(WORD, "word/", *(f"word/{number}" for number in range(20_001))),
    "word.xls": an_ole_file("WordDocument"),
    "installer.doc": an_ole_file("SummaryInformation"),
    "head.ppt": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "rich.doc": b"{\\rtf1 }",
    "new.doc": an_office_file(WORD, "word/"),
    "x.rar": a_zip(x="text"),
}


@pytest.mark.spec("AT-99")
@pytest.mark.parametrize("name", DISGUISED)
def test_disguised_files_are_refused_by_name(name):
    assert complaint(name, DISGUISED[name]).startswith(f"{name}: the content is not ")


@pytest.mark.spec("AT-99")
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("report.pdf", HTML, "the content is not a PDF document, it looks like a web page."),
        ("report.pdf", EXE, "the content is not a PDF document, it looks like a Windows program."),
        ("report.jpg", PNG, "the content is not a JPEG picture, it looks like a PNG picture."),
        (
            "report.doc",
            an_office_file(WORD, "word/"),
            "the content is not a Word 97–2003 document (.doc), it looks like a Word document (.docx).",
        ),
        ("report.pdf", bytes(50), "the content is not a PDF document."),
    ],
)
def test_a_refusal_says_what_the_content_looks_like(name, content, said):
    assert complaint(name, content) == f"{name}: {said}"


@pytest.mark.spec("AT-99")
@pytest.mark.parametrize("name", ["setup.exe", "x.pdf.exe", "pdf", "x.", "x.svg", "x.html", "x.docm", "x.PDF.HTM"])
def test_other_kinds_of_files_are_refused_by_name(name):
    assert complaint(name, PDF).startswith(f"{safe_name(name)}: this kind of file is not accepted; accepted are .doc,")


@pytest.mark.spec("AT-99")
def test_an_empty_file_is_refused_by_name():
    assert complaint("nothing.pdf", b"") == "nothing.pdf: the file is empty."


def test_every_bad_file_is_named_at_once(disk):
    files = [receive("a.exe", [EXE]), receive("b.pdf", [PDF]), receive("c.pdf", []), receive("d.pdf", [HTML])]

    with pytest.raises(InvalidInput) as refusal:
        check_files(files, RULES, field="files")

    assert [message.split(":")[0] for message in refusal.value.errors["files"]] == ["a.exe", "c.pdf", "d.pdf"]
    for file in files:
        file.close()
    assert lying(disk) == []


def test_an_extension_that_the_operator_added_is_known_by_its_signature():
    rules = UploadRules(extensions=(".gif",))
    assert complaint("a.gif", b"GIF89a" + bytes(40), rules) == ""
    assert complaint("a.gif", PDF, rules).startswith("a.gif: the content is not a .gif file")
    assert complaint("a.pdf", PDF, rules) == "a.pdf: this kind of file is not accepted; accepted are .gif."


@given(st.sampled_from(sorted({Path(name).suffix.lower() for name in GENUINE})), st.binary(min_size=1, max_size=300))
@ON_DISK
def test_no_content_breaks_the_check(disk, extension, content):
    for start in (b"", b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", a_zip(x="y")[:-10]):
        said = complaint(f"x{extension}", start + content)
        assert said == "" or said.startswith(f"x{extension}: the content is not")


# --- keeping -----------------------------------------------------------------------------------------------------


def some_files():
    return [receive("a.pdf", [PDF]), receive("b.png", [PNG])]


@pytest.mark.django_db
def test_kept_files_lie_under_their_keys_and_are_recorded(disk):
    with kept(some_files(), organisation_id=7, uploaded_by_id=3, at=AT) as (first, second):
        assert StoredFile.objects.count() == 2

    assert lying(disk) == sorted([first.key, second.key])
    row = StoredFile.objects.get(key=first.key)
    assert (row.name, row.size, row.sha256) == ("a.pdf", len(PDF), hashlib.sha256(PDF).hexdigest())
    assert (row.content_type, row.organisation_id, row.uploaded_by_id, row.uploaded_at) == ("application/pdf", 7, 3, AT)
    with storages["files"].open(place_of(first.key)) as file:
        assert file.read() == PDF
    assert (disk / place_of(first.key)).parent.name == first.key[-2:]


@pytest.mark.django_db(transaction=True)
def test_a_refused_verb_leaves_no_file_and_no_row(disk):
    with pytest.raises(MoveRefused), kept(some_files(), organisation_id=1, uploaded_by_id=None, at=AT):
        raise MoveRefused

    assert lying(disk) == []
    assert not StoredFile.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_row_that_cannot_be_written_leaves_no_file(disk):
    files = some_files()
    with (
        pytest.raises(IntegrityError),
        kept(files, organisation_id=None, uploaded_by_id=None, at=AT),
    ):
        pytest.fail("the block must not run")

    assert lying(disk) == []


@pytest.mark.django_db(transaction=True)
def test_a_file_that_was_refused_cannot_be_kept(disk):
    files = [receive("a.pdf", [PDF]), receive("b.pdf", [PDF, bytes(100)], UploadRules(max_bytes=100))]
    assert files[1].too_large

    with (
        pytest.raises(ValueError, match=r"b\.pdf was not taken in whole"),
        kept(files, organisation_id=1, uploaded_by_id=None, at=AT),
    ):
        pytest.fail("the block must not run")

    assert lying(disk) == []
    assert not StoredFile.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_files_whose_transaction_was_undone_later_are_swept_and_known_ones_stay(disk):
    with kept([receive("known.pdf", [PDF])], organisation_id=1, uploaded_by_id=None, at=AT) as [known]:
        pass

    def a_verb_that_fails_afterwards() -> None:
        with transaction.atomic():
            with kept(some_files(), organisation_id=1, uploaded_by_id=None, at=AT):
                pass
            raise MoveRefused

    with pytest.raises(MoveRefused):
        a_verb_that_fails_afterwards()
    assert len(lying(disk)) == 3
    assert StoredFile.objects.count() == 1

    assert sweep_stored() == 0
    assert sweep_stored(timedelta(0)) == 2
    assert lying(disk) == [known.key]


@pytest.mark.django_db(transaction=True)
def test_a_crash_before_the_commit_leaves_what_the_sweep_removes(disk):
    """Kill -9 between the move and the commit: the database forgets, the disk does not, the sweep evens it out."""
    connection.set_autocommit(False)
    try:
        with kept([receive("a.pdf", [PDF])], organisation_id=1, uploaded_by_id=None, at=AT):
            pass
    finally:
        connection.close()
    assert len(lying(disk)) == 1
    assert not StoredFile.objects.exists()

    old = os.stat(next(disk.rglob("file_*"))).st_mtime - 90_000
    os.utime(next(disk.rglob("file_*")), (old, old))
    assert sweep_stored() == 1
    assert lying(disk) == []


def stored_today(number: int, size: int, *, organisation: int = 1, at: datetime = AT) -> None:
    StoredFile.objects.bulk_create(
        StoredFile(
            key=f"file_{organisation}_{at:%d}_{index}",
            name="x.pdf",
            size=size,
            sha256="0" * 64,
            content_type="application/pdf",
            organisation_id=organisation,
            uploaded_at=at,
        )
        for index in range(number)
    )


@pytest.mark.django_db
def test_a_day_has_its_limits(disk):
    start = AT.replace(hour=0)
    stored_today(98, 10)
    stored_today(50, 10, organisation=2)
    stored_today(50, 10, at=AT - timedelta(days=1))
    files = [receive(f"{number}.pdf", [PDF]) for number in range(3)]

    check_daily(1, files[:2], RULES, start)
    with pytest.raises(InvalidInput) as refusal:
        check_daily(1, files, RULES, start)
    assert refusal.value.errors == {
        "deliverables": ["2.pdf: 100 files have been uploaded today; please go on tomorrow."]
    }

    check_daily(1, files[:1], UploadRules(day_bytes=980 + len(PDF)), start)
    with pytest.raises(InvalidInput) as refusal:
        check_daily(1, files[:1], UploadRules(day_bytes=979 + len(PDF)), start)
    assert refusal.value.errors["deliverables"][0].startswith("0.pdf: with it, more than 1")
    for file in files:
        file.close()


# --- serving -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("a b.pdf", "attachment; filename=\"a b.pdf\"; filename*=UTF-8''a%20b.pdf"),
        ('q"u;o%.pdf', "attachment; filename=\"q_u_o_.pdf\"; filename*=UTF-8''q%22u%3Bo%25.pdf"),
        (
            "验收é.pdf",
            "attachment; filename=\"__e_.pdf\"; filename*=UTF-8''%E9%AA%8C%E6%94%B6%C3%A9.pdf",
        ),
    ],
)
def test_a_file_is_served_as_an_attachment_and_nothing_else(name, header):
    with kept([receive(name, [PDF, bytes(3 * MEBIBYTE)])], organisation_id=1, uploaded_by_id=None, at=AT) as [stored]:
        pass

    response = serve(stored)

    assert response.streaming
    assert b"".join(response) == PDF + bytes(3 * MEBIBYTE)
    assert dict(response.items()) == {
        "Content-Type": "application/pdf",
        "Content-Disposition": header,
        "Content-Length": str(len(PDF) + 3 * MEBIBYTE),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-cache",
        "ETag": f'"{hashlib.sha256(PDF + bytes(3 * MEBIBYTE)).hexdigest()}"',
    }
    response.close()
    gc.collect()
