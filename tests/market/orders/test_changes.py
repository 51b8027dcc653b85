"""What a change of a running subscription costs (spec 3.5)."""

import pytest

from opengallery.kit.money import Money
from opengallery.market.orders.rules import expansion_fee, upgrade_fee


def usd(amount):
    return Money.of(amount, "USD")


def test_an_upgrade_pays_the_difference_of_the_days_left():
    """W7: 100 to 160 a month, 182 days left."""
    assert upgrade_fee(usd("100.00"), usd("160.00"), unit="month", days=182) == usd("364.00")
    assert upgrade_fee(usd("100.00"), usd("160.00"), unit="month", days=182, discount_bp=9_000) == usd("327.60")
    assert upgrade_fee(usd("365.00"), usd("730.00"), unit="year", days=1) == usd("1.00")


@pytest.mark.spec("AT-96")
def test_more_pieces_pay_the_price_of_the_new_total():
    tiers = {1: usd("10.00"), 11: usd("8.00"), 100: usd("5.00")}
    assert expansion_fee(tiers, added=5, total=15, days=100, discount_bp=9_000) == usd("3600.00")
    assert expansion_fee(tiers, added=5, total=10, days=100) == usd("5000.00")
    assert expansion_fee(tiers, added=90, total=100, days=1) == usd("450.00")
