"""The tags of the frame print one voice: amounts, instants, sizes, and never a stranger's HTML."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.template import Context, Template
from django.test import RequestFactory

from opengallery.kit.money import Money

NOON = datetime(2020, 3, 1, 4, 0, tzinfo=UTC)  # 12:00 in the platform's zone


def printed(text: str, **context: Any) -> str:
    """Render a few words of template."""
    return Template("{% load gallery %}" + text).render(Context(context))


def test_an_amount_is_printed_with_its_currency() -> None:
    assert printed("{{ a|money }} {{ b|money }}", a=Money.of("1000", "USD"), b=None) == "1,000.00 USD –"


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1.0 kB"), (999_960, "1.0 MB"), (20_000_000, "20.0 MB")],
)
def test_a_size_is_printed_in_the_largest_unit_that_fits(size: int, text: str) -> None:
    assert printed("{{ size|filesize }}", size=size) == text


@pytest.mark.parametrize(
    ("away", "text"),
    [
        (timedelta(0), "just now"),
        (timedelta(seconds=30), "in a moment"),
        (timedelta(minutes=-1), "1 minute ago"),
        (timedelta(hours=3), "in 3 hours"),
        (timedelta(days=-6, hours=-23), "6 days ago"),
        (timedelta(days=-7), "23 Feb 2020"),
    ],
)
def test_an_instant_is_told_by_its_distance_and_carries_the_exact_one(away: timedelta, text: str) -> None:
    html = printed("{% when instant %}", instant=NOON + away, now=NOON)
    assert f">{text}</time>" in html
    assert "GMT+08:00" in html


def test_an_exact_instant_is_read_in_the_platform_zone() -> None:
    html = printed('{% when instant "exact" %}', instant=NOON, now=NOON)
    assert 'title="2020-03-01 12:00:00 GMT+08:00">1 Mar 2020, 12:00</time>' in html
    assert printed("{% when instant %}", instant=None) == "–"


def test_what_people_typed_stays_text() -> None:
    assert "<script>" not in printed("{% state_badge state label %}", state="completed", label="<script>")
    request = RequestFactory().post("/")
    request.POST = QueryDict("reason=%22%3E%3Cscript%3E&csrfmiddlewaretoken=x&kind=a&kind=b")
    html = printed("{% repost %}", request=request)
    assert "<script>" not in html
    assert html.count('name="kind"') == 2
    assert "csrfmiddlewaretoken" not in html


def test_a_name_always_has_the_same_tint() -> None:
    assert printed("{{ name|tint }}", name="Atlas BI") == printed("{{ name|tint }}", name="Atlas BI")
