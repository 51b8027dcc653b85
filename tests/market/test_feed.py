"""The feed: each fact once, those of one order in the order of their chain."""

from opengallery.kit.actor import CLOCK
from opengallery.market.journal.models import Publication, fact_of


def test_facts_of_one_order_are_published_in_their_sequence(tale):
    """Of two written at once, the one that got its number first may have waited for the other."""
    order = tale.orders(when="2020-01-01 10:00")
    tale.relays()
    first, second = (fact_of(order, verb, by=CLOCK, at=order.placed_at) for verb in ("first", "second"))
    first.pk, second.pk = 2_000_000_001, 2_000_000_000
    first.save(force_insert=True)
    second.save(force_insert=True)
    tale.relays()
    feed = Publication.objects.filter(fact__stream=order.number).order_by("pk").values_list("fact__verb", flat=True)
    assert list(feed) == ["place_order", "first", "second"]


def test_each_fact_is_published_once(tale):
    order = tale.buys(when="2020-01-01 10:00")
    tale.relays()
    tale.relays()
    feed = Publication.objects.filter(fact__stream=order.number).order_by("pk").values_list("fact__sequence", flat=True)
    assert list(feed) == [1, 2, 3]
