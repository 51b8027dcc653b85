"""Keyset pages, the same for consoles and API: no offsets, no counts, and a stable order while rows come and go."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeAlias, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, Expression, F, Field, Func, Model, QuerySet, Value
from django.db.models.constants import LOOKUP_SEP
from django.utils.timezone import is_naive

from opengallery.kit.problems import InvalidInput

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
LONGEST_CURSOR = 1000

M = TypeVar("M", bound=Model)
Row = TypeVar("Row")
Bound: TypeAlias = "tuple[Any, Field[Any, Any]]"


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows, and the cursor of the page after them: None when these are the last."""

    items: list[Row]
    next: str | None


def page_of(
    queryset: QuerySet[M, Row],
    *,
    order: Sequence[str] = ("-placed_at", "-id"),
    limit: int | str | None = None,
    cursor: str | None = None,
) -> Page[Row]:
    """Return the page of `limit` rows (1 to 200, 50 by default) that begins behind `cursor`.

    `order` names columns, also of related rows, that are never null and together unique; all ascending or all
    descending ("-"), so that one row comparison walks down one composite index. InvalidInput at "limit" or "cursor".
    """
    names, descending = _direction(order)
    size = size_of(limit)
    ordered = queryset.order_by(*order)
    if cursor:
        ordered = ordered.filter(_Beyond(names, _read(cursor, _fields(queryset, names)), descending=descending))
    rows = list(ordered[: size + 1])
    following = cursor_after(rows[size - 1], order=order) if len(rows) > size else None
    return Page(rows[:size], following)


def cursor_after(row: Any, *, order: Sequence[str] = ("-placed_at", "-id")) -> str:
    """Return the cursor of the page that begins behind a row; for lists that are merged of several."""
    return _write([_value(row, name) for name in _direction(order)[0]])


def _direction(order: Sequence[str]) -> tuple[list[str], bool]:
    descending = {name.startswith("-") for name in order}
    if len(descending) != 1:
        raise ValueError(f"a page's order runs one way: {order!r}")
    return [name.removeprefix("-") for name in order], descending.pop()


def size_of(limit: int | str | None) -> int:
    """Return how many rows a page has; InvalidInput at "limit"."""
    if limit is None or limit == "":
        return DEFAULT_LIMIT
    text = str(limit)
    if not (text.isascii() and text.isdecimal() and len(text) <= 4 and 1 <= int(text) <= MAX_LIMIT):
        raise InvalidInput({"limit": [f"The limit is a whole number from 1 to {MAX_LIMIT}."]})
    return int(text)


class _Beyond(Func):
    """The SQL row comparison (a, b) < (x, y).

    Unlike "a < x or a = x and b < y" it is one condition on a composite index: a page starts where it starts.
    """

    output_field = BooleanField()

    def __init__(self, names: Sequence[str], values: "Sequence[Bound]", *, descending: bool) -> None:
        here = Func(*(F(name) for name in names), template="(%(expressions)s)", output_field=BooleanField())
        there = Func(
            *(Value(value, output_field=field) for value, field in values),
            template="(%(expressions)s)",
            output_field=BooleanField(),
        )
        super().__init__(here, there, template="%(expressions)s", arg_joiner=" < " if descending else " > ")


def _fields(queryset: QuerySet[Any, Any], names: Sequence[str]) -> "list[Field[Any, Any]]":
    """The column behind each name, which knows how to read its own values."""
    expressions: list[Expression] = [F(name).resolve_expression(queryset.query.clone()) for name in names]
    return [expression.output_field for expression in expressions]


def _value(row: Any, name: str) -> Any:
    if isinstance(row, dict):
        return row[name]
    for step in name.split(LOOKUP_SEP):
        row = getattr(row, step)
    return row


def _write(values: Sequence[Any]) -> str:
    text = json.dumps(values, default=str, separators=(",", ":"))[1:-1]
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str, fields: "Sequence[Field[Any, Any]]") -> "list[Bound]":
    """Read a cursor back as values of those columns; whatever was not written by us is refused, never guessed at."""
    try:
        return [(_checked(value, field), field) for value, field in zip(_decoded(cursor), fields, strict=True)]
    except (ValueError, TypeError, OverflowError, RecursionError, ValidationError) as error:
        raise InvalidInput({"cursor": ["This cursor is not one of ours; begin again without it."]}) from error


def _decoded(cursor: str) -> list[Any]:
    if len(cursor) > LONGEST_CURSOR:
        raise ValueError("too long")
    text = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    # The brackets are ours: whatever is between them, the result is a list or an error.
    return list(json.loads(b"[" + text + b"]", parse_constant=_refuse))


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no value of a column")


def _checked(value: Any, field: "Field[Any, Any]") -> Any:
    if type(value) not in (str, int) or "\0" in str(value).encode().decode():
        raise ValueError("no value that we would have written")
    cleaned = field.to_python(value)
    field.run_validators(cleaned)
    if cleaned is None or (isinstance(cleaned, datetime) and is_naive(cleaned)):
        raise ValueError("no value of that column")
    return cleaned
