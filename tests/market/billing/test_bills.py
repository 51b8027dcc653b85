"""The monthly run: what is on which bill, and when (spec 4, 6.7; money spec 3, 6.1, 19 A)."""

import pytest

from opengallery.kit.money import Money
from opengallery.kit.problems import InvalidInput
from opengallery.market.billing.actions import certify_payee, grant_credit, plan_run, repay_credit, run_bills
from opengallery.market.billing.models import Bill, Payee, Run, Transaction
from opengallery.market.billing.problems import CreditNotGranted, CycleNotOver, NothingToRepay
from opengallery.market.catalog.actions import add_specification
from opengallery.market.ledger.actions import BalanceTooLow
from opengallery.market.ledger.queries import balance
from opengallery.market.orders.actions import LineChoice, place_order
from opengallery.market.policy.actions import add_holiday
from opengallery.market.policy.models import holidays
from opengallery.market.supervision.explanations import explain_all


@pytest.fixture
def sold(tale):
    """An order paid, delivered the day after, accepted at a given instant."""

    def sell(accepted: str, *, paid: str, what: str = "license_yearly", by: str = "buyer", method: str = "balance",
             seller: str = "seller", **choice: int):  # fmt: skip
        order = tale.buys(what, when=paid, by=by, method=method, **choice)
        tale.delivers(order, paid, by=seller)
        tale.accepts(order, accepted, by=by)
        return order

    return sell


def why(tale, order, at, when):
    """The answer to "why is this not billed yet"."""
    [said] = explain_all([tale.sale(order)], at=at(when))
    return said


@pytest.mark.spec("TA2", "AT-95")
def test_the_bill_of_may_is_drawn_on_monday_the_ninth(tale, sold, at):
    sold("2025-05-20 10:00", paid="2025-05-02 10:00")
    tale.passes("2025-06-08 23:59:59")
    assert not Bill.objects.exists()
    tale.passes("2025-06-30 00:00")
    [bill] = Bill.objects.all()
    assert (bill.cycle, bill.drawn_at) == ("202505", at("2025-06-09 02:00"))


@pytest.mark.spec("TA3")
def test_or_on_tuesday_when_monday_is_a_holiday(tale, sold, at):
    sold("2025-05-20 10:00", paid="2025-05-02 10:00")
    add_holiday(at("2025-06-09").date(), "Whit Monday")
    assert holidays() == {at("2025-06-09").date()}
    plan_run("202505", at=at("2025-05-25 00:00"))
    tale.passes("2025-06-30 00:00")
    assert tale.bill("202505").drawn_at == at("2025-06-10 02:00")


@pytest.mark.spec("TA4")
def test_the_month_of_the_acceptance_counts_not_that_of_the_payment(tale, sold, at):
    order = sold("2020-03-15 10:00", paid="2020-02-03 10:00")
    tale.passes("2020-03-31 00:00")
    assert tale.bill("202002") is None
    tale.passes("2020-04-07 02:00")
    assert tale.sale(order).bill == tale.bill("202003")
    assert tale.bill("202003").drawn_at == at("2020-04-07 02:00")


@pytest.mark.spec("AT-94", "TA5")
@pytest.mark.parametrize(
    ("paid", "accepted", "completed", "cycle", "drawn"),
    [
        ("2025-01-02 10:00", "2025-01-15 10:00", "2025-01-15 13:00", "202501", "2025-02-07 02:00"),
        ("2025-01-02 10:00", "2025-01-31 20:59", "2025-01-31 23:59", "202501", "2025-02-07 02:00"),
        ("2025-01-02 10:00", "2025-01-31 22:30", "2025-02-01 01:30", "202501", "2025-02-07 02:00"),
        ("2025-03-02 10:00", "2025-03-31 23:30", "2025-04-01 02:30", "202503", "2025-04-07 02:00"),
        ("2020-01-01 10:00", "2020-03-01 10:00", "2020-03-01 13:00", "202003", "2020-04-07 02:00"),
    ],
)
def test_the_acceptance_counts_not_the_completion(tale, sold, at, paid, accepted, completed, cycle, drawn):
    order = sold(accepted, paid=paid)
    tale.passes(drawn)
    assert tale.order(order).completed_at == at(completed)
    assert (tale.sale(order).bill.cycle, tale.sale(order).bill.drawn_at) == (cycle, at(drawn))


@pytest.mark.spec("TA6")
def test_a_second_later_is_a_month_later(tale, sold):
    last = sold("2025-03-31 23:59:59", paid="2025-03-02 10:00")
    first = sold("2025-04-01 00:00:00", paid="2025-03-02 10:00")
    tale.passes("2025-04-07 02:00")
    assert (tale.sale(last).bill.cycle, tale.sale(first).bill) == ("202503", None)
    tale.passes("2025-05-07 02:00")
    assert tale.sale(first).bill.cycle == "202504"


@pytest.mark.spec("TA7")
def test_a_renewal_is_billed_for_the_month_in_which_it_takes_effect(tale, sold):
    order = sold("2024-02-01 10:00", paid="2024-01-20 10:00")
    tale.passes("2025-01-31 09:00")
    renewal = tale.renews(order, "2025-01-31 10:00")
    tale.passes("2025-02-28 00:00")
    assert tale.sale(renewal).bill is None
    tale.passes("2025-03-07 02:00")
    assert tale.sale(renewal).bill.cycle == "202502"


def test_a_renewal_of_what_is_over_takes_effect_when_it_is_paid(tale, sold):
    order = sold("2024-02-01 10:00", paid="2024-01-20 10:00")
    tale.passes("2025-02-20 09:00")
    renewal = tale.renews(order, "2025-02-20 10:00")
    assert tale.sale(renewal).ready_at == tale.order(renewal).paid_at


@pytest.fixture
def on_credit(tale, world, sold, at):
    """TA8's order: bought on credit in March 2025 for 1,000.00."""
    grant_credit(world.members["buyer"].organisation, limit=Money.of("1500.00", "USD"))
    return sold("2025-03-12 10:00", paid="2025-03-10 10:00", method="credit")


def repay(world, at, amount, when):
    repay_credit(world.members["buyer"].organisation, amount=Money.of(amount, "USD"), at=at(when))


@pytest.mark.spec("AT-93", "TA8")
def test_what_was_bought_on_credit_waits_for_the_repayment(tale, world, on_credit, at):
    tale.passes("2025-04-07 02:00")
    assert tale.sale(on_credit).bill is None
    said = why(tale, on_credit, at, "2025-04-08 00:00")
    assert [condition.name for condition in said.unmet] == ["paid"]
    assert "has not repaid the credit" in said.reason
    repay(world, at, "1000.00", "2025-04-20 10:00")
    tale.passes("2025-05-07 02:00")
    sale = tale.sale(on_credit)
    assert (sale.ready_at, sale.bill.cycle) == (at("2025-04-20 10:00"), "202504")
    assert sale.sellers.amount() == "850.00"


@pytest.mark.spec("TA9", "AT-93")
def test_a_cent_that_is_owed_keeps_it_waiting(tale, world, on_credit, at):
    repay(world, at, "999.99", "2025-04-20 10:00")
    tale.passes("2025-05-07 02:00")
    assert tale.sale(on_credit).bill is None
    repay(world, at, "0.01", "2025-05-08 10:00")
    tale.passes("2025-06-09 02:00")
    assert tale.sale(on_credit).bill.cycle == "202505"


def test_all_credit_of_a_cycle_is_repaid_before_any_of_it_counts(tale, world, on_credit, at):
    second = tale.buys("license_one_time", when="2025-03-20 10:00", method="credit")
    repay(world, at, "1000.00", "2025-04-20 10:00")
    assert tale.sale(on_credit).paid_at is None
    april = tale.buys("license_one_time", when="2025-04-21 10:00", method="credit")
    repay(world, at, "250.00", "2025-04-22 10:00")
    paid = [tale.sale(order).paid_at for order in (on_credit, second, april)]
    assert paid == [at("2025-04-22 10:00"), at("2025-04-22 10:00"), None]


def test_the_limit_of_a_credit_holds(tale, world, on_credit, at):
    order = tale.orders(when="2025-03-20 10:00")
    with pytest.raises(BalanceTooLow, match=r"500\.00 USD of credit are left"):
        tale.pays(order, "2025-03-20 10:00", method="credit")
    with pytest.raises(NothingToRepay, match=r"1,000\.00 USD are owed"):
        repay(world, at, "1000.01", "2025-03-21 10:00")
    with pytest.raises(CreditNotGranted):
        repay_credit(world.members["other_buyer"].organisation, amount=Money.of("1", "USD"), at=at("2025-03-21 10:00"))
    repay(world, at, "1000.00", "2025-03-21 10:00")
    assert tale.pays(order, "2025-03-22 10:00", method="credit").label == "Processing"
    assert balance("customer_credit", world.actor("buyer").organisation_id, "USD").amount() == "1000.00"


@pytest.mark.spec("AT-92", "TA10")
@pytest.mark.parametrize(("certified", "cycle"), [("2025-04-06 10:00", "202503"), ("2025-04-08 10:00", "202504")])
def test_the_seller_is_certified_in_time_or_a_month_later(tale, world, sold, at, certified, cycle):
    seller = world.members["seller"].organisation
    Payee.objects.filter(pk=seller.pk).update(certified_at=None)
    order = sold("2025-03-20 10:00", paid="2025-03-10 10:00")
    tale.passes("2025-03-25 00:00")
    said = why(tale, order, at, "2025-03-25 00:00")
    assert ([condition.name for condition in said.unmet], said.unmet[0].cured_by) == (["certified"], "seller")
    tale.passes(certified)
    certify_payee(seller, beneficiary=seller.name, at=at(certified))
    tale.passes("2025-05-07 02:00")
    assert tale.sale(order).bill.cycle == cycle
    assert tale.sale(order).bill.total.amount() == "850.00"


@pytest.mark.spec("TA11")
def test_a_run_is_made_once(tale, sold, at):
    sold("2025-03-20 10:00", paid="2025-03-10 10:00")
    tale.passes("2025-04-07 02:00")
    late = sold("2025-03-21 10:00", paid="2025-03-10 10:00")
    tale.passes("2025-04-08 02:00")
    before = tale.bill("202503")
    run = run_bills("202503", at=at("2025-04-09 10:00"))
    assert (run.finished_at, run.bills, run.lines) == (at("2025-04-07 02:00"), 1, 1)
    after = tale.bill("202503")
    assert (after.total, after.lines_count, Bill.objects.count()) == (before.total, 1, 1)
    assert tale.sale(late).bill is None


def test_a_killed_run_goes_on_where_it_stopped(tale, sold, at, monkeypatch):
    from opengallery.market.billing.actions import bills

    sold("2025-03-20 10:00", paid="2025-03-10 10:00")
    sold("2025-03-20 10:00", paid="2025-03-10 10:00", what="other_license_yearly", seller="other_seller")
    tale.passes("2025-04-01 00:00")

    class Killed(BaseException):
        """As by a signal: nothing is caught, nothing is tidied up."""

    def progress(done: int, of: int) -> None:
        assert of == 2
        raise Killed

    with pytest.raises(Killed):
        run_bills("202503", at=at("2025-04-07 02:00"), progress=progress)
    assert (Bill.objects.count(), Run.objects.get(pk="202503").finished_at) == (1, None)
    run = run_bills("202503", at=at("2025-04-07 03:00"))
    assert (run.bills, run.lines, Bill.objects.count()) == (2, 2, 2)
    assert bills.run_bills("202503", at=at("2025-04-07 04:00")).finished_at == at("2025-04-07 03:00")


def test_a_bill_that_cannot_be_drawn_stops_no_other(tale, world, sold, at, monkeypatch):
    """Rule 17: its error is told at the end, the run stays open, and an hour later it is tried again."""
    from opengallery.market.billing.actions import bills

    sold("2025-03-20 10:00", paid="2025-03-10 10:00")
    sold("2025-03-20 10:00", paid="2025-03-10 10:00", what="other_license_yearly", seller="other_seller")
    bad = world.members["seller"].organisation_id
    good = bills.total

    def total(bill: Bill) -> None:
        if bill.seller_id == bad:
            raise ArithmeticError("does not add up")
        good(bill)

    monkeypatch.setattr(bills, "total", total)
    tale.passes("2025-04-07 02:30")
    assert (tale.bill("202503"), tale.bill("202503", "other_seller").lines_count) == (None, 1)
    run = Run.objects.get(pk="202503")
    assert (run.finished_at, run.due_at) == (None, at("2025-04-07 03:30"))
    with pytest.raises(ArithmeticError):
        run_bills("202503", at=at("2025-04-07 03:00"))
    monkeypatch.undo()
    tale.passes("2025-04-07 03:30")
    assert tale.bill("202503").drawn_at == at("2025-04-07 03:30")
    assert Run.objects.get(pk="202503").bills == 2


@pytest.mark.parametrize("cycle", ["", "2025-03", "202513", "000001", "999912"])
def test_cycles_that_are_none(world, at, cycle):
    with pytest.raises(InvalidInput) as refusal:
        run_bills(cycle, at=at("2025-04-07 02:00"))
    assert list(refusal.value.errors) == ["cycle"]


def test_no_bill_before_the_month_is_over(world, at):
    with pytest.raises(CycleNotOver):
        run_bills("202503", at=at("2025-03-31 23:59:59"))
    assert run_bills("202503", at=at("2025-04-01 00:00")).bills == 0


@pytest.mark.spec("TB2")
def test_lines_are_exact_and_the_total_is_rounded_once(tale, world, at):
    prices = {"year": Money.of("10.03", "USD")}
    made = add_specification(world.products["ledgerline"], name="Odd", prices=prices, at=at("2025-03-01 00:00"))
    choice = LineChoice(made.public_id, made.skus.get().code, 1, "year", 1)
    tale.begins("2025-03-02 10:00")
    order = tale.pays(place_order([choice] * 3, by=world.actor("buyer"), at=at("2025-03-02 10:00")), "2025-03-02 10:00")
    for line in (1, 2, 3):
        tale.delivers(order, "2025-03-03 10:00", line=line)
        tale.accepts(order, "2025-03-04 10:00", line=line)
    tale.passes("2025-04-07 02:00")
    bill = tale.bill("202503")
    assert [row.sellers.amount() for row in bill.transactions.all()] == ["8.5255"] * 3
    assert (bill.exact.amount(), bill.total.amount()) == ("25.5765", "25.58")
    assert balance("seller_payable", world.actor("seller").organisation_id, "USD").amount() == "25.58"
    assert balance("rounding", 0, "USD").amount() == "0.0035"


@pytest.mark.spec("TA14")
def test_why_is_this_not_billed_yet(tale, world, at):
    order = tale.buys(when="2025-03-10 10:00")
    said = why(tale, order, at, "2025-03-11 10:00")
    assert [condition.name for condition in said.conditions] == ["certified", "paid", "supervised", "effective"]
    assert [condition.name for condition in said.unmet] == ["supervised", "effective"]
    assert (said.unmet[0].cured_by, said.unmet[0].since) == ("seller", at("2025-03-10 10:00"))
    assert "Waiting for the seller to provide the service" in said.reason
    tale.delivers(order, "2025-03-12 10:00")
    said = why(tale, order, at, "2025-03-12 10:00")
    assert "Waiting for the user to confirm acceptance" in said.reason
    assert (said.unmet[0].cured_by, said.unmet[0].since) == ("buyer", at("2025-03-12 10:00"))
    assert (said.earliest_cycle, said.earliest_run_at) == (None, None)
    tale.accepts(order, "2025-03-13 10:00")
    said = why(tale, order, at, "2025-03-13 10:01")
    assert (said.unmet, said.earliest_cycle, said.earliest_run_at) == ([], "202503", at("2025-04-07 02:00"))
    assert "order completes" in said.reason
    tale.passes("2025-03-13 13:00")
    assert why(tale, order, at, "2025-03-14 10:00").reason == "Waiting for the bill run of 202503."
    tale.passes("2025-04-07 02:00")
    assert why(tale, order, at, "2025-04-07 03:00").reason == "Billed."


def test_each_line_of_an_order_of_two_is_billed_when_it_is_accepted(tale, at):
    """Beyond 8: the line of January does not wait for the other one."""
    order = tale.buys("license_yearly", "license_one_time", when="2025-01-02 10:00")
    for line in (1, 2):
        tale.delivers(order, "2025-01-03 10:00", line=line)
    tale.accepts(order, "2025-01-04 10:00", line=1)
    tale.passes("2025-02-07 02:00")
    assert (tale.bill("202501").lines_count, tale.bill("202501").total.amount()) == (1, "850.00")
    assert (tale.order(order).label, tale.sale(order, 2).bill) == ("Processing", None)
    tale.accepts(order, "2025-02-28 10:00", line=2)
    tale.passes("2025-03-07 02:00")
    assert [tale.sale(order, line).bill.cycle for line in (1, 2)] == ["202501", "202502"]
    assert tale.bill("202502").total.amount() == "212.50"


def test_a_seller_sees_only_its_own_bills(tale, world, sold):
    sold("2025-03-20 10:00", paid="2025-03-10 10:00")
    sold("2025-03-20 10:00", paid="2025-03-10 10:00", what="other_license_yearly", seller="other_seller")
    tale.passes("2025-04-07 02:00")
    for model in (Bill, Transaction):
        for name, count in (("seller", 1), ("other_seller", 1), ("buyer", 0), ("other_buyer", 0), ("operator", 2)):
            assert model.objects.visible_to(world.actor(name)).count() == count


def test_no_line_waits_for_the_other(tale, at):
    order = tale.buys("license_yearly", "license_one_time", when="2025-01-02 10:00")
    for line in (1, 2):
        tale.delivers(order, "2025-01-03 10:00", line=line)
    tale.accepts(order, "2025-01-04 10:00", line=1)
    said = why(tale, order, at, "2025-01-04 11:00")
    assert (said.unmet, said.earliest_cycle, said.earliest_run_at) == ([], "202501", at("2025-02-07 02:00"))
    assert "retraction" in said.reason
    tale.passes("2025-01-04 13:00")
    assert why(tale, order, at, "2025-01-05 10:00").reason == "Waiting for the bill run of 202501."
    [other] = explain_all([tale.sale(order, 2)], at=at("2025-01-05 10:00"))
    assert [condition.name for condition in other.unmet] == ["supervised", "effective"]
    tale.passes("2025-02-07 02:00")
    assert (tale.sale(order, 1).bill.cycle, tale.sale(order, 2).bill) == ("202501", None)
