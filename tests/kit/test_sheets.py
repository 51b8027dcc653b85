"""Excel files: read back with another library, they hold what was written, and nothing in them runs."""

import tracemalloc
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opengallery.kit import sheets
from opengallery.kit.money import Money
from opengallery.kit.sheets import Column, write_sheet

ORDERS = (
    Column("Order No.", width=28),
    Column("Amount", "amount"),
    Column("Placed", "instant", width=20),
    Column("Quantity", "number", width=10),
)
PLACED = datetime(2020, 3, 1, 10, 0, 5, tzinfo=UTC)


def read_back(book: BytesIO):
    return openpyxl.load_workbook(book)


def test_texts_amounts_and_instants_arrive_as_such():
    book = BytesIO()

    number = write_sheet(
        book,
        ORDERS,
        iter([("CS2003010001ABCD", Money.of("1020.5", "USD"), PLACED, 3), ("X", Decimal("0.25"), None, None)]),
        title="Orders",
    )

    sheet = read_back(book)["Orders"]
    assert number == 2
    assert [cell.value for cell in sheet[1]] == ["Order No.", "Amount", "Placed", "Quantity"]
    assert [cell.value for cell in sheet[2]] == ["CS2003010001ABCD", 1020.5, datetime(2020, 3, 1, 18, 0, 5), 3]
    assert [cell.value for cell in sheet[3]] == ["X", 0.25, None, None]
    assert sheet["B2"].number_format == "#,##0.00######"
    assert sheet["C2"].number_format == "yyyy-mm-dd hh:mm:ss"
    assert sheet["D2"].number_format == "General"


def test_the_heading_is_bold_and_stays_in_view():
    book = BytesIO()
    write_sheet(book, ORDERS, [])

    sheet = read_back(book)["Sheet1"]

    assert all(cell.font.bold for cell in sheet[1])
    assert sheet.freeze_panes == "A2"
    assert [round(sheet.column_dimensions[letter].width) for letter in "ABCD"] == [29, 19, 21, 11]


@pytest.mark.spec("AT-87")
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "{=", "http://", "mailto:", "'="])
def test_a_text_is_never_a_formula(start):
    book = BytesIO()
    text = f'{start}HYPERLINK("http://x","y")'

    write_sheet(book, [Column(f"{start}1+1"), Column("Number", "text")], [(text, "=1+1")])

    sheet = read_back(book)["Sheet1"]
    assert [cell.data_type for cell in (*sheet[1], *sheet[2])] == ["s"] * 4
    assert sheet["A2"].value.replace("_x000D_", "\r") == text
    assert sheet["A2"].hyperlink is None


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=80))
def test_any_text_survives(text):
    book = BytesIO()
    write_sheet(book, [Column("Text")], [(text,)])

    assert (read_back(book)["Sheet1"]["A2"].value or "") == text


def test_a_text_beyond_what_a_cell_holds_is_cut():
    book = BytesIO()
    write_sheet(book, [Column("Text")], [("x" * 40_000,)])

    assert read_back(book)["Sheet1"]["A2"].value == "x" * 32_767


def test_a_row_of_another_length_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match="zip"):
        write_sheet(BytesIO(), ORDERS, [("too", None)])


def test_rows_beyond_a_sheet_continue_on_the_next(monkeypatch):
    """A sheet ends at 1,048,576 rows, and XlsxWriter would drop the rest without a word."""
    monkeypatch.setattr(sheets, "ROWS_OF_A_SHEET", 4)
    book = BytesIO()

    assert write_sheet(book, [Column("Number", "number")], ((number,) for number in range(8))) == 8

    pages = [[row[0].value for row in sheet.iter_rows()] for sheet in read_back(book)]
    assert pages == [["Number", 0, 1, 2], ["Number", 3, 4, 5], ["Number", 6, 7]]


def test_the_memory_does_not_grow_with_the_rows(tmp_path):
    def peak(rows: int) -> int:
        tracemalloc.start()
        write_sheet(tmp_path / "orders.xlsx", ORDERS, ((f"CS{n:014d}", Decimal(n), PLACED, n) for n in range(rows)))
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    assert peak(8_000) < 1.5 * peak(1_000)
