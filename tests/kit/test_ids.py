"""Numbers and identifiers."""

import re
from datetime import UTC, datetime, timedelta

from opengallery.kit.ids import line_number, new_id, order_number


def test_an_order_number_carries_the_platforms_day():
    number = order_number(datetime(2025, 3, 17, 16, tzinfo=UTC))
    assert re.fullmatch(r"CS250318\d{4}[A-Z2-9]{4}", number)
    assert line_number(number, 1) == f"{number}-000001"


def test_ids_sort_by_time_and_differ():
    start = datetime(2025, 3, 18, tzinfo=UTC)
    ids = [new_id("bill", start + timedelta(milliseconds=n)) for n in range(100)]
    assert ids == sorted(ids)
    assert all(re.fullmatch(r"bill_[0-9a-hjkmnp-tv-z]{26}", made) for made in ids)
    assert len({new_id("bill", start) for _ in range(1000)}) == 1000
