"""Who gets what: the settlement formula with its documented figures (money spec 5.1, 5.8)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opengallery.kit.calendar import local
from opengallery.kit.money import Money
from opengallery.market.billing.rules import Charge, crumbs, settlement
from opengallery.market.billing.schedule import next_cycle, run_at


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


def charge(net: str, *, fee_bp: int = 1500, wht: str = "") -> Charge:
    return Charge("line", 1, 2, usd(net), fee_bp, usd(wht) if wht else None)


@pytest.mark.spec("AT-97", "TB1")
def test_the_documented_settlement():
    """Gross 1,000 with 150 VAT, customer WHT 50, 15 %, seller WHT 100, DST 20."""
    net = usd("1000.00") - usd("150.00")
    assert net == usd("850.00")
    sold = Charge("line", 1, 2, net, 1500, customer_wht=usd("50.00"))
    assert (str(sold.base), str(sold.fee), str(sold.sellers)) == ("800.00 USD", "120.00 USD", "680.00 USD")
    settled = settlement([sold], seller_taxes=[usd("100.00"), usd("20.00")], currency="USD")
    assert settled.payable().amount() == "560.00"


@pytest.mark.parametrize(
    ("net", "fee", "sellers"),
    [
        ("1200.00", "180.00", "1020.00"),
        ("1000.00", "150.00", "850.00"),
        ("0.01", "0.0015", "0.0085"),
        ("10.03", "1.5045", "8.5255"),
    ],
)
def test_plain_sales(net, fee, sellers):
    sold = charge(net)
    assert (sold.fee, sold.sellers) == (usd(fee), usd(sellers))


@pytest.mark.spec("TB2")
def test_three_lines_are_rounded_once():
    lines = [charge("10.03")] * 3
    exact = settlement(lines, seller_taxes=[], currency="USD")
    assert (exact.amount(), exact.payable().amount(), crumbs(exact).amount()) == ("25.5765", "25.58", "0.0035")


def test_crumbs_can_be_taken_away():
    assert crumbs(usd("25.574")).amount() == "-0.004"
    assert crumbs(usd("25.57")) == Money.zero("USD")


@pytest.mark.spec("TA2", "TA3", "AT-95")
@pytest.mark.parametrize(
    ("cycle", "holidays", "expected"),
    [
        ("201901", [], "2019-02-07 02:00"),
        ("202003", [], "2020-04-07 02:00"),
        ("202505", [], "2025-06-09 02:00"),
        ("202505", ["2025-06-09"], "2025-06-10 02:00"),
        ("202412", [], "2025-01-07 02:00"),
    ],
)
def test_when_bills_are_drawn(cycle, holidays, expected, at):
    days = {at(day).date() for day in holidays}
    assert f"{local(run_at(cycle, day=7, hour=2, holidays=days)):%Y-%m-%d %H:%M}" == expected


def test_cycles_follow_each_other():
    assert [next_cycle(cycle) for cycle in ("202001", "202012")] == ["202002", "202101"]


nets = st.integers(0, 10**17)


@given(net=nets, fee_bp=st.integers(0, 9_999), wht=nets)
def test_nothing_is_lost_in_sharing(net, fee_bp, wht):
    sold = Charge("line", 1, 2, Money(net, "USD"), fee_bp, Money(min(net, wht), "USD"))
    assert sold.fee + sold.sellers == sold.base
    assert 0 <= sold.fee.units <= sold.base.units


@given(lines=st.lists(nets, max_size=20), fee_bp=st.integers(0, 9_999))
def test_what_is_paid_and_its_crumbs_are_the_exact_sum(lines, fee_bp):
    exact = settlement([Charge("line", 1, 2, Money(net, "USD"), fee_bp) for net in lines], seller_taxes=[],
                       currency="USD")  # fmt: skip
    assert exact.payable() - crumbs(exact) == exact
