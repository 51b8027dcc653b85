"""Excel files, written row by row: however many rows, the memory stays the same, and a text is never a formula."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal

from opengallery.kit.calendar import local
from opengallery.kit.money import Money

if TYPE_CHECKING:  # loaded with the first sheet: most processes never write one
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

Kind = Literal["text", "amount", "instant", "number"]
Cell = str | int | Decimal | Money | datetime | None

ROWS_OF_A_SHEET = 1_048_576
LONGEST_TEXT = 32_767
AMOUNT_FORMAT = "#,##0.00######"
INSTANT_FORMAT = "yyyy-mm-dd hh:mm:ss"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, what its cells hold, its width in characters."""

    title: str
    kind: Kind = "text"
    width: int = 18


def write_sheet(
    target: str | Path | IO[bytes], columns: Sequence[Column], rows: Iterable[Sequence[Cell]], *, title: str = "Sheet1"
) -> int:
    """Write the rows under a bold heading that stays in view, and return their number.

    Texts are always text, also those that begin with = + - @ (AT-87); amounts are numbers; instants are shown on the
    platform's wall clock. Rows beyond what a sheet holds continue on further ones. A row of another length is a
    ValueError.
    """
    import xlsxwriter

    book = xlsxwriter.Workbook(target, {"constant_memory": True, "in_memory": False})
    try:
        return _Writer(book, columns, title).write(rows)
    finally:
        book.close()


class _Writer:
    def __init__(self, book: "Workbook", columns: Sequence[Column], title: str) -> None:
        self._book = book
        self._columns = columns
        self._title = title
        self._heading = book.add_format({"bold": True})
        self._formats: dict[str, Format | None] = {
            "amount": book.add_format({"num_format": AMOUNT_FORMAT}),
            "instant": book.add_format({"num_format": INSTANT_FORMAT}),
        }

    def write(self, rows: Iterable[Sequence[Cell]]) -> int:
        number = 0
        sheet = self._new_sheet(1)
        for number, row in enumerate(rows, start=1):
            sheets, line = divmod(number - 1, ROWS_OF_A_SHEET - 1)
            if sheets and line == 0:
                sheet = self._new_sheet(sheets + 1)
            for place, (column, cell) in enumerate(zip(self._columns, row, strict=True)):
                if cell is not None:
                    WRITE[column.kind](sheet, line + 1, place, cell, self._formats.get(column.kind))
        return number

    def _new_sheet(self, number: int) -> "Worksheet":
        sheet: Worksheet = self._book.add_worksheet(self._title if number == 1 else f"{self._title} {number}")
        for place, column in enumerate(self._columns):
            sheet.set_column(place, place, column.width)
            sheet.write_string(0, place, column.title, self._heading)
        sheet.freeze_panes(1, 0)
        return sheet


def _write_text(sheet: "Worksheet", line: int, place: int, cell: Any, form: "Format | None") -> None:
    sheet.write_string(line, place, str(cell)[:LONGEST_TEXT], form)


def _write_amount(sheet: "Worksheet", line: int, place: int, cell: Any, form: "Format | None") -> None:
    sheet.write_number(line, place, cell.decimal if isinstance(cell, Money) else cell, form)


def _write_instant(sheet: "Worksheet", line: int, place: int, cell: Any, form: "Format | None") -> None:
    sheet.write_datetime(line, place, local(cell).replace(tzinfo=None), form)


WRITE: dict[str, Callable[["Worksheet", int, int, Any, "Format | None"], None]] = {
    "text": _write_text,
    "amount": _write_amount,
    "number": _write_amount,
    "instant": _write_instant,
}
