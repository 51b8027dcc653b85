"""Keyset pages: every row once, in order, however the cursor is handled."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from opengallery.kit.models import StoredFile
from opengallery.kit.paging import page_of
from opengallery.kit.problems import InvalidInput

NOON = datetime(2020, 3, 1, 12, tzinfo=UTC)
ORDER = ("-uploaded_at", "-key")


@contextmanager
def at_most_refused_at(field: str) -> Iterator[None]:
    """Let pass what works, and what is refused at that field."""
    refused = {field}
    try:
        yield
    except InvalidInput as refusal:
        refused = set(refusal.errors)
    assert refused == {field}


def stored(number: int, at: datetime, organisation: int = 1) -> StoredFile:
    return StoredFile(
        key=f"file_{number:04d}",
        name=f"{number}.pdf",
        size=number,
        sha256="0" * 64,
        content_type="application/pdf",
        organisation_id=organisation,
        uploaded_at=at,
    )


@pytest.fixture
def files(db):
    """Twenty-five files, of which each five arrived at the same instant, to the microsecond."""
    return StoredFile.objects.bulk_create(
        stored(number, NOON + timedelta(microseconds=number // 5)) for number in range(25)
    )


def walk(queryset, **choices):
    items, cursor = [], None
    while True:
        page = page_of(queryset, cursor=cursor, **choices)
        items += page.items
        cursor = page.next
        if cursor is None:
            return items


@pytest.mark.parametrize("limit", [1, 2, 5, 7, 24, 25, 26])
@pytest.mark.parametrize(
    ("order", "backwards"),
    [(ORDER, True), (("uploaded_at", "key"), False), (("-key",), True), (("size", "key"), False)],
)
def test_walking_the_pages_meets_every_row_once_in_order(files, order, backwards, limit):
    found = walk(StoredFile.objects.all(), order=order, limit=limit)

    assert [file.pk for file in found] == sorted((file.pk for file in files), reverse=backwards)


def test_a_cursor_still_works_when_rows_come_and_go(files):
    first = page_of(StoredFile.objects.all(), order=ORDER, limit=5)
    StoredFile.objects.filter(pk=first.items[-1].pk).delete()
    stored(99, NOON + timedelta(hours=1)).save()

    second = page_of(StoredFile.objects.all(), order=ORDER, limit=5, cursor=first.next)

    assert [file.pk for file in second.items] == [f"file_{number:04d}" for number in (19, 18, 17, 16, 15)]


def test_rows_may_be_dictionaries(files):
    found = walk(StoredFile.objects.values("uploaded_at", "key"), order=ORDER, limit=4)

    assert [row["key"] for row in found] == [f"file_{number:04d}" for number in range(24, -1, -1)]


def test_a_page_is_one_statement_and_counts_nothing(files, django_assert_num_queries):
    with django_assert_num_queries(1):
        page_of(StoredFile.objects.all(), order=ORDER, limit=5)


def test_a_page_starts_in_the_composite_index(files):
    first = page_of(StoredFile.objects.filter(organisation_id=1), order=("-organisation_id", "-uploaded_at"), limit=5)
    with CaptureQueriesContext(connection) as queries:
        page_of(
            StoredFile.objects.filter(organisation_id=1),
            order=("-organisation_id", "-uploaded_at"),
            limit=5,
            cursor=first.next,
        )
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("EXPLAIN " + queries[0]["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "Index Scan Backward using files_of_a_day" in plan
    assert "Index Cond: (" in plan
    assert "ROW(organisation_id, uploaded_at) < ROW(" in plan
    assert "Sort" not in plan


def test_fifty_rows_unless_asked_otherwise(db):
    StoredFile.objects.bulk_create(stored(number, NOON) for number in range(230))

    assert len(page_of(StoredFile.objects.all(), order=ORDER).items) == 50
    assert len(page_of(StoredFile.objects.all(), order=ORDER, limit="").items) == 50
    assert len(page_of(StoredFile.objects.all(), order=ORDER, limit="200").items) == 200


@pytest.mark.parametrize("limit", [0, -1, 201, "0", "201", "ten", "1.5", "٣", "9" * 5000, " 5", "True"])
def test_a_limit_out_of_range_is_refused(db, limit):
    with pytest.raises(InvalidInput) as refusal:
        page_of(StoredFile.objects.all(), order=ORDER, limit=limit)

    assert set(refusal.value.errors) == {"limit"}


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        '"2020-03-01 12:00:00+00:00"',
        '"2020-03-01 12:00:00","file_1"',
        '"yesterday","file_1"',
        'null,"file_1"',
        'NaN,"file_1"',
        '"2020-03-01 12:00:00+00:00",null',
        '"2020-03-01 12:00:00+00:00","file_\\u0000"',
        '"2020-03-01 12:00:00+00:00","file_\\ud800"',
        f'"2020-03-01 12:00:00+00:00","{"x" * 41}"',
        '"2020-03-01 12:00:00+00:00","file_1",1',
        '["2020-03-01 12:00:00+00:00","file_1"]',
        "1],[2",
        "[" * 700,
    ],
)
def test_a_cursor_that_is_not_ours_is_refused(db, text):
    with pytest.raises(InvalidInput) as refusal:
        page_of(StoredFile.objects.all(), order=ORDER, cursor=encoded(text) or "!")

    assert set(refusal.value.errors) == {"cursor"}


@pytest.mark.parametrize("number", [str(2**63), "1e400", "-1e999", str(10**30), '"1_0x"', "{}", '"\\u0000"'])
def test_numbers_that_no_column_holds_are_refused(db, number):
    with pytest.raises(InvalidInput):
        page_of(StoredFile.objects.all(), order=("size", "key"), cursor=encoded(f'{number},"file_1"'))


@given(cursor=st.one_of(st.text(max_size=60), st.text(alphabet="ABCabc012-_=", max_size=60)))
def test_no_cursor_breaks_the_page(django_db_setup, django_db_blocker, cursor):
    with django_db_blocker.unblock(), at_most_refused_at("cursor"):
        page_of(StoredFile.objects.all(), order=ORDER, cursor=cursor)


@given(
    values=st.lists(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=45),
            lambda inner: st.lists(inner, max_size=2),
        ),
        min_size=2,
        max_size=2,
    )
)
def test_no_forged_values_break_the_page(django_db_setup, django_db_blocker, values):
    cursor = base64.urlsafe_b64encode(json.dumps(values)[1:-1].encode()).decode()
    with django_db_blocker.unblock():
        for order in (ORDER, ("size", "key"), ("-organisation_id", "-uploaded_at")):
            with at_most_refused_at("cursor"):
                page_of(StoredFile.objects.all(), order=order, cursor=cursor)


def test_an_order_that_runs_both_ways_is_a_mistake_of_ours(db):
    with pytest.raises(ValueError, match="one way"):
        page_of(StoredFile.objects.all(), order=("-uploaded_at", "key"))
