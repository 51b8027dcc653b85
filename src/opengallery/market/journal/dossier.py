"""One order's facts and one line's files as a bundle that an outsider can verify; the verifier says what is in it."""

import hashlib
import json
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import rfc8785

from opengallery.kit.models import StoredFile
from opengallery.kit.signing import public_key, sign
from opengallery.kit.uploads.incoming import CHUNK, incoming_folder
from opengallery.kit.uploads.keeping import file_storage, place_of
from opengallery.market.journal import verifier
from opengallery.market.journal.chain import utc_text
from opengallery.market.journal.models import Fact, FactQuery, Head
from opengallery.market.journal.signatures import sign_head

README = """Dossier of {line}, generated at {at}

What is in it
  facts.jsonl     everything that happened to order {order}: when, who, what; each fact holds the hash of the one before
  files/          what was handed in for {line}, listed below
  manifest.json   sizes and hashes of all files, and the newest link of the facts, signed
  manifest.sig    the installation's Ed25519 signature of manifest.json
  verify.py       the program that checks all this; it needs no network and nothing of OpenGallery

How to check it
  With Python 3.9 or later, and its package "cryptography":

    python verify.py {name}

  It prints what it checked and ends with GENUINE or NOT GENUINE. Better than the copy in here is one that you had
  before, or from somebody you trust: whoever can change a dossier can change the copy in it, too.
  Compare the key that it names with the key that the installation publishes, or demand that key: --key {key}

What was handed in
{files}
"""


def build_bundle(stream: str, *, line: str, name: str, at: datetime) -> IO[bytes]:
    """Return the dossier of a line as an open temporary file, at its beginning; gone when it is closed.

    The facts are the whole stream's; the files are those that its facts record for the line. Nothing is held in
    memory. The same facts give the same bytes at the same instant, whoever asks. Head.DoesNotExist without facts.
    """
    head = sign_head(Head.objects.get(pk=stream))
    facts = Fact.objects.of(stream).filter(sequence__lte=head.sequence)
    handed_in = files_of(facts, line)
    container = Container(at)
    container.add(verifier.FACTS, fact_lines(facts))
    for stored in handed_in:
        container.add(verifier.FILES + stored.key, bytes_of(stored))
    container.add(verifier.README, [readme(stream, line, name, handed_in, at).encode()])
    container.add(verifier.PROGRAM, [Path(verifier.__file__).read_bytes()])
    signed: dict[str, Any] = {"stream": stream, "sequence": head.sequence, "hash": bytes(head.hash).hex()}
    signed["signature"] = bytes(head.signature).hex()
    said: dict[str, Any] = {"format": verifier.FORMAT, "order": stream, "line": line, "generated_at": utc_text(at)}
    said |= {"files": container.listing, "head": signed, "public_key": public_key().hex()}
    manifest = rfc8785.dumps(said)
    container.add(verifier.MANIFEST, [manifest])
    container.add(verifier.SIGNATURE, [sign(manifest)])
    return container.finished()


def files_of(facts: FactQuery, line: str) -> list[StoredFile]:
    """The files that the facts record for a line, in their order: facts about the line itself, such as a delivery,
    and facts that name it, such as an appeal. What is lost is left out, and the verifier names it.
    """
    said = [json.loads(body) for body in facts.values_list("body", flat=True)]
    about = [fact["data"] for fact in said if line in (fact["subject"], fact["data"].get("line"))]
    keys = [file["file"] for data in about for file in data.get("files", [])]
    stored = StoredFile.objects.in_bulk(keys)
    found = [stored[key] for key in dict.fromkeys(keys) if key in stored]
    return [file for file in found if file_storage().exists(place_of(file.key))]


def fact_lines(facts: FactQuery) -> Iterator[bytes]:
    """The facts as lines of canonical JSON, read from the database in batches."""
    for fact in facts.iterator():
        row: dict[str, Any] = {"stream": fact.stream, "sequence": fact.sequence, "body": fact.body}
        row |= {"previous": bytes(fact.previous).hex(), "hash": bytes(fact.hash).hex()}
        yield rfc8785.dumps(row) + b"\n"


def bytes_of(stored: StoredFile) -> Iterator[bytes]:
    """A kept file, in pieces."""
    with file_storage().open(place_of(stored.key)) as file:
        yield from file.chunks(CHUNK)


def readme(order: str, line: str, name: str, files: Iterable[StoredFile], at: datetime) -> str:
    """What is in it and how to check it, in plain words."""
    rows = "\n".join(f"  {verifier.FILES}{file.key}   {file.name}" for file in files)
    return README.format(order=order, line=line, name=name, at=utc_text(at), key=public_key().hex(),
                         files=rows or "  Nothing yet.")  # fmt: skip


class Container:
    """A zip in the one form that the verifier allows, written to a temporary file."""

    def __init__(self, at: datetime) -> None:
        self.file: IO[bytes] = tempfile.TemporaryFile(dir=incoming_folder())  # noqa: SIM115  # whoever gets it closes it
        self.stamp = verifier.stamp_of(utc_text(at))
        self.entries: list[verifier.Entry] = []
        self.listing: list[dict[str, Any]] = []

    def add(self, name: str, chunks: Iterable[bytes]) -> None:
        """Append a file of less than 4 GiB."""
        offset = self.file.tell()
        self.file.write(verifier.header(verifier.Entry(name, 0, 0, offset), self.stamp))
        size, crc, digest = 0, 0, hashlib.sha256()
        for chunk in chunks:
            self.file.write(chunk)
            size, crc = size + len(chunk), zlib.crc32(chunk, crc)
            digest.update(chunk)
        entry = verifier.Entry(name, size, crc, offset)
        self.file.seek(offset)
        self.file.write(verifier.header(entry, self.stamp))
        self.file.seek(0, 2)
        self.entries.append(entry)
        self.listing.append({"name": name, "size": size, "sha256": digest.hexdigest()})

    def finished(self) -> IO[bytes]:
        """Write the directory and return the file, at its beginning."""
        self.file.write(verifier.directory(self.entries, self.stamp, self.file.tell()))
        self.file.seek(0)
        return self.file
