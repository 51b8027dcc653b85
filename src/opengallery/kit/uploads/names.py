"""File names as people gave them, made safe to show and to hand out again."""

import re
import unicodedata

LONGEST_NAME = 120
LONGEST_EXTENSION = 16
NAMELESS = "file"


def safe_name(raw: str) -> str:
    """Return the name without folders, invisible characters or leading dots, at most 120 characters (AT-100).

    Letters of every script stay. Never used to place a file: files lie under generated keys.
    """
    name = re.split(r"[/\\]", raw)[-1]
    # Categories C… are control, format (bidirectional overrides, zero-width), surrogate, private and unassigned.
    visible = "".join(
        " " if category.startswith("Z") else letter
        for letter in name
        if not (category := unicodedata.category(letter)).startswith("C")
    )
    return _shortened(unicodedata.normalize("NFC", visible).strip(" .")) or NAMELESS


def _shortened(name: str) -> str:
    """Cut in the middle: what comes before the extension gives way to it."""
    if len(name) <= LONGEST_NAME:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > LONGEST_EXTENSION:
        return name[:LONGEST_NAME].strip(" .")
    return stem[: LONGEST_NAME - len(extension) - 1].rstrip(" .") + dot + extension


def extension_of(name: str) -> str:
    """Return the extension with its dot, lower-case; "" when there is none."""
    stem, dot, extension = name.rpartition(".")
    return dot + extension.lower() if stem and dot else ""
