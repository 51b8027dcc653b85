"""The limits of an upload, as the operator set them."""

from dataclasses import dataclass

MEBIBYTE = 1024 * 1024
GIBIBYTE = 1024 * MEBIBYTE

EXTENSIONS = (
    ".doc",
    ".docx",
    ".xls",
    ".xlsx",
    ".ppt",
    ".pptx",
    ".pdf",
    ".txt",
    ".zip",
    ".rar",
    ".jpg",
    ".jpeg",
    ".png",
)


@dataclass(frozen=True, slots=True)
class UploadRules:
    """What one submission and one day may hold (supervision spec S-2, Q9); sizes in bytes, extensions lower-case."""

    extensions: tuple[str, ...] = EXTENSIONS
    max_bytes: int = 20 * MEBIBYTE
    max_files: int = 10
    day_files: int = 100
    day_bytes: int = 10 * GIBIBYTE


def size_in_words(size: int) -> str:
    """Return a size as a person says it: "20 MB", "1.5 GB"; in units of 1024, as file managers count."""
    if size >= GIBIBYTE:
        return f"{size / GIBIBYTE:.3g} GB"
    if size >= MEBIBYTE:
        return f"{size / MEBIBYTE:.4g} MB"
    if size >= 1024:
        return f"{size / 1024:.4g} KB"
    return f"{size} bytes"
