"""SQL by hand, where it saves round trips: many rows at once by COPY, and one statement for what belongs together."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from django.db import connection
from django.db.models import Model
from psycopg import Cursor, sql

FEW = 20


def copy_rows(model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows of the named columns; triggers and constraints hold as for any insert, keys are not read back."""
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    # Django's own wrapper of errors does not reach below its cursor: a refused row is an IntegrityError here too.
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.cursor.copy(into) as copy:
        for row in rows:
            copy.write_row(row)


def insert_rows(model: type[Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert few rows by one INSERT, many by COPY, which takes three more round trips to begin and to end."""
    if len(rows) > FEW:
        copy_rows(model, columns, rows)
        return
    places = sql.SQL(", ").join(
        [sql.SQL("({})").format(sql.SQL(", ").join([sql.Placeholder()] * len(columns)))] * len(rows)
    )
    into = sql.SQL("INSERT INTO {} ({}) VALUES {}").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, columns)), places
    )
    run_sql(into.as_string(None), [cell for row in rows for cell in row])


class Prepared(Cursor[Any]):
    """Binds parameters at the server, which keeps the plan: for statements written by hand, never for Django's own."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        """Run a statement whose text is always the same."""
        return super().execute(query, params, prepare=True, **options)


def run_sql(statement: str, parameters: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run one statement, prepared once per connection, and return its rows, if it has any.

    No arithmetic on parameters in it: they have the type of what they are compared with or written to (decision 7).
    """
    connection.ensure_connection()
    wrap: Any = connection._prepare_cursor  # type: ignore[attr-defined]  # for query counts and translated errors
    with wrap(Prepared(connection.connection)) as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall()) if cursor.description else []
