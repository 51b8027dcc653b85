"""The guides: Markdown files beside this one, one folder a console, in the order of their numbers."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt

FOLDER = Path(__file__).parent / "guide"
CONSOLES = {"buyer": "For customers", "seller": "For sellers", "operations": "For operations"}


@dataclass(frozen=True, slots=True)
class Page:
    """One guide page: its place, its title (the first heading), its lead, and its text as HTML."""

    console: str
    name: str
    title: str
    lead: str
    html: str


@cache
def pages() -> dict[tuple[str, str], Page]:
    """All guide pages. They are our own files, so their HTML is trusted."""
    found = {}
    for console in CONSOLES:
        for path in sorted((FOLDER / console).glob("*.md")):
            page = read(console, path)
            found[console, page.name] = page
    return found


def read(console: str, path: Path) -> Page:
    """Read a file such as 10-accepting-a-delivery.md; the number orders the pages and is not part of the name."""
    heading, _, body = path.read_text().partition("\n")
    lead = body.strip().split("\n\n")[0].replace("\n", " ")
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(body)
    return Page(console, path.stem.partition("-")[2], heading.lstrip("# "), lead, html)
