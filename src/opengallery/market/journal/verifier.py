"""Check a dossier of OpenGallery, offline: whole, unbroken and signed. This one file is all of the program.

It needs Python 3.9 or later and the package cryptography: `python verify.py FILE`. It exits with 0 when everything is
as it was signed, else with 1, and says what is wrong. `--key HEX` also demands that this very key has signed.

A dossier is a zip of uncompressed files in which every byte is determined: the container by the names, contents and
instant in it, the contents by the manifest, the manifest by its signature, the facts by their chain, whose newest link
is signed as well. So there is no byte that could be another without one of the checks failing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import struct
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NamedTuple

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:  # somebody else's machine
    sys.exit("The signatures are checked with the package cryptography: pip install cryptography")

FORMAT = "opengallery dossier v1"
FACTS, README, PROGRAM, MANIFEST, SIGNATURE = "facts.jsonl", "README.txt", "verify.py", "manifest.json", "manifest.sig"
FILES = "files/"
NUMBER = re.compile(r"[A-Za-z0-9_-]{1,64}")
NAME = re.compile(r"[A-Za-z0-9_.-]{1,80}|files/[A-Za-z0-9_-]{1,80}")
INSTANT = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d{6})?Z")
HEX = re.compile(r"(?:[0-9a-f]{2})+")

# Nothing is ever unpacked, so nothing can swell; these are for what is held in memory.
MOST_ENTRIES = 100_000
MOST_TEXT = 32 * 1024 * 1024  # bytes of the manifest, and of one fact
MOST_FAULTS = 20  # named of one check
CHUNK = 1024 * 1024

SHAPES: dict[str, dict[str, type]] = {
    "manifest": {"format": str, "order": str, "line": str, "generated_at": str, "files": list, "head": dict,
                 "public_key": str},
    "file": {"name": str, "size": int, "sha256": str},
    "head": {"stream": str, "sequence": int, "hash": str, "signature": str},
    "fact": {"stream": str, "sequence": int, "body": str, "previous": str, "hash": str},
    "body": {"at": str, "verb": str, "kind": str, "subject": str, "by": dict, "from": str, "to": str, "note": str,
             "data": dict},
    "actor": {"name": str, "organisation": str, "operator": bool, "clock": bool},
}  # fmt: skip


class Refused(Exception):  # noqa: N818
    """What is wrong, in sentences."""

    def __init__(self, *faults: str) -> None:
        super().__init__(*faults)
        self.faults = list(faults)


class Finding(NamedTuple):
    """One check: its name, what it found in order, or the faults it found."""

    check: str
    said: str
    faults: list[str]


def verify(source: str | Path | IO[bytes], *, key: str | None = None) -> list[str]:
    """Return everything that is wrong with a dossier: a path, or an open file that can seek. Empty: it is genuine.

    `key` is the public key, in hexadecimal, that must have signed it; without one, any key that fits will do.
    """
    return [f"{finding.check}: {fault}" for finding in examine(source, key=key) for fault in finding.faults]


def examine(source: str | Path | IO[bytes], *, key: str | None = None) -> list[Finding]:
    """Make every check that can be made, and return what each found."""
    findings = []
    with opened(source) as file:
        dossier = Dossier(file, key)
        for name, check, needed in CHECKS:
            try:
                findings.append(Finding(name, check(dossier), []))
            except Refused as refusal:
                findings.append(Finding(name, "", refusal.faults))
                if needed:
                    break
    return findings


# ---- the container -------------------------------------------------------------------------------------------------


class Entry(NamedTuple):
    """A file in the container: where its header begins, and what the header says."""

    name: str
    size: int
    crc: int
    offset: int

    @property
    def start(self) -> int:
        """Where the content begins."""
        return self.offset + HEADER.size + len(self.name)


HEADER = struct.Struct("<4s5H3L2H")
MAX16, MAX32 = 0xFFFF, 0xFFFFFFFF
MADE_BY = 3 << 8 | 20  # a Unix, version 2.0
READABLE = 0o100644 << 16


def stamp_of(instant: str) -> tuple[int, int]:
    """Return an instant of UTC as the zip format has it: time and date, to two seconds."""
    found = INSTANT.fullmatch(instant)
    if not found or not 1980 <= int(found[1]) < 2108:
        raise Refused(f"{instant[:40]!r} is not an instant")
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    return (hour << 11 | minute << 5 | second // 2) & MAX16, ((year - 1980) << 9 | month << 5 | day) & MAX16


def header(entry: Entry, stamp: tuple[int, int]) -> bytes:
    """Return the only bytes that may precede this file's content."""
    numbers = (20, 0, 0, *stamp, entry.crc, entry.size, entry.size, len(entry.name), 0)
    return HEADER.pack(b"PK\3\4", *numbers) + entry.name.encode("ascii")


def directory(entries: Sequence[Entry], stamp: tuple[int, int], offset: int) -> bytes:
    """Return the only bytes that may follow the last content, at that offset."""
    rows = b"".join(directory_row(entry, stamp) for entry in entries)
    count, size = len(entries), len(rows)
    large = b""
    if count >= MAX16 or offset >= MAX32:
        large = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, MADE_BY, 45, 0, 0, count, count, size, offset)
        large += struct.pack("<4sLQL", b"PK\6\7", 0, offset + size, 1)
    few, low = min(count, MAX16), min(offset, MAX32)
    return rows + large + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, few, few, size, low, 0)


def directory_row(entry: Entry, stamp: tuple[int, int]) -> bytes:
    """Return the file's row in the directory at the end."""
    far = struct.pack("<2HQ", 1, 8, entry.offset) if entry.offset >= MAX32 else b""
    numbers = (MADE_BY, 45 if far else 20, 0, 0, *stamp, entry.crc, entry.size, entry.size, len(entry.name), len(far))
    tail = (0, 0, 0, READABLE, min(entry.offset, MAX32))
    return struct.pack("<4s6H3L5H2L", b"PK\1\2", *numbers, *tail) + entry.name.encode("ascii") + far


def read_entries(file: IO[bytes]) -> tuple[list[Entry], tuple[int, int]]:
    """Read the container's frame and refuse every byte that need not be so; return its files and their one stamp."""
    end = file.seek(0, 2)
    entries: list[Entry] = []
    stamp, offset, seen = (0, 0), 0, set()
    while True:
        file.seek(offset)
        start = file.read(HEADER.size)
        if len(start) < HEADER.size or not start.startswith(b"PK\3\4"):
            break
        _, _, _, _, time, date, crc, size, _, length, _ = HEADER.unpack(start)
        stamp = stamp if entries else (time, date)
        name = file.read(min(length, 200)).decode("ascii", "replace")
        if not NAME.fullmatch(name):
            raise Refused(f"{name[:80]!r} is not the name of a file of a dossier")
        entry = Entry(name, size, crc, offset)
        if header(entry, stamp) != start + name.encode():
            raise Refused(f"the header of {name} is not as it must be")
        if entry.start + size > end:
            raise Refused(f"{name} is cut off")
        if name in seen or len(entries) == MOST_ENTRIES:
            raise Refused(f"{name} is there twice" if name in seen else "there are too many files")
        seen.add(name)
        entries.append(entry)
        offset = entry.start + size
    expected = directory(entries, stamp, offset)
    file.seek(offset)
    if not entries or file.read(len(expected) + 1) != expected:
        raise Refused("it is not a dossier, is cut off, or holds bytes besides its files")
    return entries, stamp


# ---- the checks ----------------------------------------------------------------------------------------------------


@dataclass
class Dossier:
    """The open file, the key that is demanded, and what the checks have learned so far."""

    file: IO[bytes]
    key: str | None
    entries: dict[str, Entry] = field(default_factory=dict)
    stamp: tuple[int, int] = (0, 0)
    manifest: dict[str, Any] = field(default_factory=dict)
    sequence: int = 0
    hash: str = ""
    recorded: dict[str, tuple[Any, Any]] = field(default_factory=dict)

    def content(self, name: str, most: int = MOST_TEXT) -> bytes:
        """Return a small file whole."""
        entry = self.entries.get(name)
        if entry is None or entry.size > most:
            raise Refused(f"{name} is missing" if entry is None else f"{name} is too long")
        self.file.seek(entry.start)
        return self.file.read(entry.size)


def check_container(dossier: Dossier) -> str:
    """Every byte of the zip belongs to a file or to the one possible frame around them."""
    entries, dossier.stamp = read_entries(dossier.file)
    dossier.entries = {entry.name: entry for entry in entries}
    return f"{len(entries)} files, and not a byte besides"


def check_manifest(dossier: Dossier) -> str:
    """The manifest can be read, and is about one line of one order."""
    try:
        manifest = read_canonical(dossier.content(MANIFEST))
    except ValueError as error:
        raise Refused(f"it cannot be read: {error}") from None
    if not is_shaped(manifest, "manifest") or manifest["format"] != FORMAT:
        raise Refused(f"it is not that of a dossier of the format {FORMAT!r}")
    if not is_shaped(manifest["head"], "head") or not all(is_shaped(row, "file") for row in manifest["files"]):
        raise Refused("its head or its files are not as they must be")
    order, line = manifest["order"], manifest["line"]
    texts = [(NUMBER, order), (NUMBER, line), *((NAME, row["name"]) for row in manifest["files"])]
    if not all(form.fullmatch(text) for form, text in texts):
        raise Refused("it holds a number or a name that cannot be one")
    dossier.manifest = manifest
    if manifest["head"]["stream"] != order or not line.startswith(f"{order}-"):
        raise Refused("line, order and chain do not belong together")
    if stamp_of(manifest["generated_at"]) != dossier.stamp:
        raise Refused("it was generated at another instant than the container says")
    return f"order {order}, line {line}, generated at {manifest['generated_at']}"


def check_signature(dossier: Dossier) -> str:
    """The manifest is signed, by the key that is demanded if there is one."""
    key = dossier.manifest["public_key"]
    signature = dossier.content(SIGNATURE)
    if dossier.key is not None and dossier.key.lower() != key:
        raise Refused(f"signed by the key {key[:80]!r}, not by the one you gave")
    if not is_signed(dossier.content(MANIFEST), signature.hex(), key):
        raise Refused("the manifest is not what was signed")
    return f"by the key {key}" + ("" if dossier.key else " (compare it with the one that the installation publishes)")


def check_files(dossier: Dossier) -> str:
    """The files are those of the manifest, in its order, with its sizes and hashes."""
    listed = [row["name"] for row in dossier.manifest["files"]] + [MANIFEST, SIGNATURE]
    found = list(dossier.entries)
    faults = [f"{name} is not in the manifest" for name in found if name not in set(listed)]
    faults += [f"{name} is missing" for name in listed if name not in dossier.entries]
    if not faults and found != listed:
        faults.append("they are not in the manifest's order")
    for name in {FACTS, README, PROGRAM} - set(listed):
        faults.append(f"{name} is missing from the manifest")
    sums = {name: sums_of(dossier.file, entry) for name, entry in dossier.entries.items()}
    faults += [f"{name} is damaged" for name, entry in dossier.entries.items() if sums[name][0] != entry.crc]
    for row in dossier.manifest["files"]:
        entry = dossier.entries.get(row["name"])
        if entry and (entry.size, sums[entry.name][1]) != (row["size"], row["sha256"]):
            faults.append(f"{entry.name} has another size or SHA-256 than the manifest says")
    refuse(faults)
    return f"{len(found) - 2} files with the sizes and hashes of the manifest"


def check_facts(dossier: Dossier) -> str:
    """The facts form one chain from the first on; what they record of this line's files is remembered."""
    stream = dossier.manifest["order"]
    previous = hashlib.sha256(stream.encode()).digest()
    faults: list[str] = []
    for number, line in enumerate(lines_of(dossier.file, dossier.entries.get(FACTS)), start=1):
        dossier.sequence = number
        try:
            fact = read_fact(line)
            faults += [f"fact {number} {fault}" for fault in link_faults(fact, stream, number, previous)]
            remember(dossier, fact)
        except (ValueError, Refused) as error:
            faults.append(f"fact {number} cannot be read: {error}")
            fact = {}
        if len(faults) > MOST_FAULTS:
            break
        previous = bytes.fromhex(fact["hash"]) if is_hex(fact.get("hash"), 32) else b""
    dossier.hash = previous.hex()
    refuse(faults)
    return f"{dossier.sequence} facts, each linked to the one before"


def check_head(dossier: Dossier) -> str:
    """The newest link is the one that the installation signed: nothing is missing at the end."""
    head = dossier.manifest["head"]
    faults = []
    if (head["sequence"], head["hash"]) != (dossier.sequence, dossier.hash):
        faults.append(f"the chain does not end with fact {head['sequence']} and the hash that was signed")
    message = f"opengallery head v1\n{head['stream']}\n{head['sequence']}\n{head['hash']}\n".encode()
    if not is_signed(message, head["signature"], dossier.manifest["public_key"]):
        faults.append("it is not signed by the key of the manifest")
    refuse(faults)
    return f"fact {head['sequence']} is the last, and signed"


def check_deliverables(dossier: Dossier) -> str:
    """Each file that the facts record for this line is there as it was handed in, and no other."""
    there = {
        row["name"][len(FILES) :]: (row["size"], row["sha256"])
        for row in dossier.manifest["files"]
        if row["name"].startswith(FILES)
    }
    faults = [f"{FILES}{key} is in no fact of this line" for key in there if key not in dossier.recorded]
    for key, sums in dossier.recorded.items():
        if key not in there:
            faults.append(f"{key[:80]!r} is recorded in the facts, but missing")
        elif there[key] != sums:
            faults.append(f"{FILES}{key} is not the file that was handed in: the facts record another size or SHA-256")
    refuse(faults)
    return f"all of this line's files ({len(there)}), each as the facts recorded it when it was handed in"


# name, check, whether the checks after it need it
CHECKS = (
    ("container", check_container, True),
    ("manifest", check_manifest, True),
    ("signature", check_signature, False),
    ("files", check_files, False),
    ("facts", check_facts, False),
    ("head", check_head, False),
    ("deliverables", check_deliverables, False),
)


# ---- facts ---------------------------------------------------------------------------------------------------------


def read_fact(line: bytes) -> dict[str, Any]:
    """Read one line of the facts and, under "said", its body; ValueError or Refused when it cannot be one."""
    if not line.endswith(b"\n"):
        raise Refused("its line has no end, or is too long")
    fact = read_canonical(line[:-1])
    if not is_shaped(fact, "fact"):
        raise Refused("it is not a fact")
    said = read_canonical(fact["body"].encode())
    if not is_shaped(said, "body") or not is_shaped(said["by"], "actor"):
        raise Refused("its body does not say when, who, what, from, to and why")
    return {**fact, "said": said}


def link_faults(fact: dict[str, Any], stream: str, number: int, previous: bytes) -> Iterator[str]:
    """Yield what is wrong with a fact's place in the chain, after the link `previous`."""
    if fact["stream"] != stream:
        yield "is of another chain"
    if fact["sequence"] != number:
        yield f"says that it is number {fact['sequence']}"
    if fact["previous"] != previous.hex():
        yield "does not follow the one before"
    if fact["hash"] != hashlib.sha256(previous + f"{fact['sequence']}:{fact['body']}".encode()).hexdigest():
        yield "is not what its hash covers"


def remember(dossier: Dossier, fact: dict[str, Any]) -> None:
    """Note the files that a fact about this line records, or a fact that names it, such as an appeal."""
    files = fact["said"]["data"].get("files")
    about = (fact["said"]["subject"], fact["said"]["data"].get("line"))
    if dossier.manifest["line"] in about and isinstance(files, list):
        for file in files:
            if isinstance(file, dict) and isinstance(file.get("file"), str):
                dossier.recorded[file["file"]] = (file.get("size"), file.get("sha256"))


def lines_of(file: IO[bytes], entry: Entry | None) -> Iterator[bytes]:
    """Yield the lines of a file in the container; a line that is too long comes in pieces, without its end."""
    at, end = (entry.start, entry.start + entry.size) if entry else (0, 0)
    file.seek(at)
    while at < end:
        line = file.readline(min(end - at, MOST_TEXT))
        at += len(line)
        yield line


# ---- the small things ----------------------------------------------------------------------------------------------


def read_canonical(text: bytes) -> Any:
    """Read canonical JSON (RFC 8785), of whole numbers only; ValueError when it could be written in another way."""
    plain = text.decode()
    try:
        value = json.loads(plain, object_pairs_hook=in_order, parse_float=not_whole, parse_constant=not_whole)
        again = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if again != plain:
        raise ValueError("it is not canonical JSON")
    return value


def in_order(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object whose names are unique and sorted as RFC 8785 sorts them."""
    names = [name.encode("utf-16-be") for name, _ in members]
    if any(one >= other for one, other in zip(names, names[1:])):  # noqa: B905, RUF007  # Python 3.9 has no strict
        raise ValueError("its names are not sorted")
    return dict(members)


def not_whole(text: str) -> None:
    """Refuse a number with a fraction: no fact has one, amounts are texts."""
    raise ValueError(f"{text[:20]} is not a whole number")


def is_shaped(value: object, shape: str) -> bool:
    """Tell whether the value is an object with exactly these members, of exactly these types."""
    types = SHAPES[shape]
    return isinstance(value, dict) and {name: type(member) for name, member in value.items()} == types


def is_hex(text: object, size: int) -> bool:
    """Tell whether it is so many bytes in hexadecimal, in lower case."""
    return isinstance(text, str) and len(text) == 2 * size and HEX.fullmatch(text) is not None


def is_signed(message: bytes, signature: str, key: str) -> bool:
    """Tell whether the holder of the key signed the message (Ed25519); signature and key in hexadecimal."""
    if not is_hex(signature, 64) or not is_hex(key, 32):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def sums_of(file: IO[bytes], entry: Entry) -> tuple[int, str]:
    """Return the CRC-32 and the SHA-256 of a file in the container, read in pieces."""
    file.seek(entry.start)
    left, crc, digest = entry.size, 0, hashlib.sha256()
    while left and (chunk := file.read(min(left, CHUNK))):
        left, crc = left - len(chunk), zlib.crc32(chunk, crc)
        digest.update(chunk)
    return crc, digest.hexdigest()


def refuse(faults: list[str]) -> None:
    """Raise Refused if there are faults; of very many, the first."""
    if len(faults) > MOST_FAULTS:
        faults = [*faults[:MOST_FAULTS], "and more"]
    if faults:
        raise Refused(*faults)


@contextmanager
def opened(source: str | Path | IO[bytes]) -> Iterator[IO[bytes]]:
    """Open a path; an open file is used as it is."""
    with open(source, "rb") if isinstance(source, (str, Path)) else nullcontext(source) as file:
        yield file


def main() -> int:
    """Check the file on the command line, print the report, return the exit code."""
    parser = argparse.ArgumentParser(description="Check a dossier of OpenGallery, offline.")
    parser.add_argument("file", type=Path, metavar="FILE", help="the dossier, a zip file")
    parser.add_argument("--key", metavar="HEX", help="the public key that must have signed it: 64 hexadecimal digits")
    given = parser.parse_args()
    if given.key is not None and not is_hex(given.key.lower(), 32):
        parser.error("a key is 64 hexadecimal digits")
    try:
        findings = examine(given.file, key=given.key)
    except OSError as error:
        print(f"FAIL  {given.file} cannot be read: {error.strerror}")
        return 1
    for finding in findings:
        for text in finding.faults or [finding.said]:
            print(f"{'FAIL' if finding.faults else 'PASS'}  {finding.check:<12}  {text}")
    faults = sum(len(finding.faults) for finding in findings)
    print(f"NOT GENUINE. Faults: {faults}." if faults else "GENUINE. Nothing was changed, nothing is missing.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
