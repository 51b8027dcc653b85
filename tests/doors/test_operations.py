"""The Operations Console, page by page: right and scope, what it shows, what it decides, what it refuses."""

import re
from datetime import date

import pytest
from django.urls import reverse
from people import SCRIPT, Trade, browser, colleague, stands

from opengallery.kit import clock
from opengallery.kit.env import env
from opengallery.kit.models import StoredFile
from opengallery.kit.money import Money
from opengallery.market.billing.actions import balance_of, grant_credit
from opengallery.market.billing.models import Bill, CreditLine, Payee, Run, Transaction
from opengallery.market.journal.models import Fact
from opengallery.market.ledger.models import Account
from opengallery.market.orders.actions import pay_order
from opengallery.market.policy.models import Holiday, Policy, Value
from opengallery.market.policy.settings import SETTINGS
from opengallery.market.supervision.actions import reject_delivery
from opengallery.market.timetable.actions import press_due

LISTS = ("sellers", "orders", "supervision", "bills", "balances", "ledger", "policy", "holidays", "journal")


@pytest.fixture
def trade(world, at, proof):
    """One purchase to be told."""
    return Trade(world, at, proof)


@pytest.fixture
def operator(world):
    """The operator's browser."""
    return browser(world, "operator")


@pytest.fixture
def billed(trade, at):
    """A sale whose bill is drawn."""
    trade.placed().paid().delivered().accepted()
    press_due(until=at("2020-04-30 00:00"))
    stands(at("2020-04-30 00:00"))
    return trade


def words(page):
    """What is written on a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).replace("&#x27;", "'").split())


def org(world, name="buyer"):
    """The organisation of one of the people."""
    return world.members[name].organisation


def pages_to_see(world, trade):
    """Every page that whoever may see the console sees."""
    key = StoredFile.objects.get(deliverable__delivery__flow=trade.flow).key
    return [
        reverse("operations:home"),
        *(reverse(f"operations:{name}") for name in LISTS),
        reverse("operations:order", args=[trade.number]),
        reverse("operations:flow", args=[trade.line]),
        reverse("operations:file", args=[trade.line, key]),
        reverse("operations:bill", args=[Bill.objects.get().public_id]),
        reverse("operations:balance", args=[org(world).public_id]),
        reverse("operations:accounts", args=["customer_balance", "USD"]),
        reverse("operations:statement", args=[Account.objects.first().pk]),
        reverse("operations:setting", args=["bill_day"]),
        reverse("operations:fact", args=[Fact.objects.first().pk]),
    ]


def pages_to_decide(world):
    """Every page that decides something."""
    buyer, seller = org(world).public_id, org(world, "seller").public_id
    return [
        reverse("operations:run"),
        reverse("operations:top-up", args=[buyer]),
        reverse("operations:repayment", args=[buyer]),
        reverse("operations:credit", args=[buyer]),
        reverse("operations:certification", args=[seller]),
        reverse("operations:clock"),
    ]


# ---- Right and scope -------------------------------------------------------------------------------------------------


def test_the_operator_sees_every_page(world, operator, billed):
    for url in pages_to_see(world, billed) + pages_to_decide(world):
        answer = operator.get(url)
        assert answer.status_code == 200, url
        assert b"".join(answer)


def test_an_auditor_sees_and_decides_nothing(world, billed, at):
    auditor = colleague(world, "operator", "auditor")
    for url in pages_to_see(world, billed):
        answer = auditor.get(url)
        assert answer.status_code == 200, url
        assert b"".join(answer)
    assert {auditor.get(url).status_code for url in pages_to_decide(world)} == {403}
    for name, args in (("setting", ["bill_day"]), ("holidays", [])):
        answer = auditor.post(reverse(f"operations:{name}", args=args), {"value": "3", "reason": "x", "confirmed": "1"})
        assert answer.status_code == 403
    assert not Value.objects.exists()


def test_nobody_else_gets_in(world, billed, client):
    pages = pages_to_see(world, billed) + pages_to_decide(world)
    assert {client.get(url)["Location"].partition("?")[0] for url in pages} == {"/account/login/"}
    for name in ("buyer", "seller", "other_buyer", "other_seller"):
        stranger = browser(world, name)
        assert {stranger.get(url).status_code for url in pages} == {403}, name


def test_what_is_not_there_is_404(operator, trade):
    trade.placed().paid()
    for url in ("orders/CS0/", "supervision/CS0-000001/", f"supervision/{trade.line}/files/none/", "bills/none/",
                "balances/none/", "balances/none/top-up/", "sellers/none/certification/", "ledger/none/USD/",
                "ledger/999999/", "policy/none/", "journal/999999/"):  # fmt: skip
        assert operator.get(f"/operations/{url}").status_code == 404, url


# ---- Orders, flows, bills --------------------------------------------------------------------------------------------


def test_orders_and_flows_of_all_with_both_parties(operator, trade):
    trade.placed().paid().delivered()
    pages = [reverse("operations:orders"), reverse("operations:supervision")]
    pages += [reverse("operations:order", args=[trade.number]), reverse("operations:flow", args=[trade.line])]
    for url in pages:
        said = words(operator.get(url))
        for text in (trade.number, "Meridian Logistics", "Northwind Software"):
            assert text in said, url
    details = words(operator.get(reverse("operations:flow", args=[trade.line])))
    assert "The customer is to accept or reject the delivery" in details
    assert "Your turn" not in details
    assert "Deliver service" not in details


@pytest.mark.spec("AT-86")
def test_search_criteria(operator, trade):
    trade.placed().paid()
    for name, query, found in [
        ("orders", {"customer": "meridian"}, True), ("orders", {"status": "completed"}, False),
        ("supervision", {"order_status": "processing"}, True), ("supervision", {"product": "harbor"}, False),
        ("journal", {"stream": trade.number}, True), ("journal", {"verb": "deliver_service"}, False),
    ]:  # fmt: skip
        page = operator.get(reverse(f"operations:{name}"), query)
        assert page.status_code == 200
        assert (f">{trade.number}<" in page.content.decode()) == found, query
    for name, query in [
        ("orders", {"status": "lost"}), ("supervision", {"flow_status": "lost"}), ("bills", {"cycle": "2020"}),
        ("bills", {"status": "lost"}), ("journal", {"verb": "lost"}), ("balances", {"colour": "red"}),
        ("sellers", {"colour": "red"}), ("journal", {"cursor": "x"}),
    ]:  # fmt: skip
        assert operator.get(reverse(f"operations:{name}"), query).status_code == 422, query


def test_the_overview(world, operator, trade, at):
    trade.placed().paid()
    Payee.objects.filter(pk=org(world, "seller").pk).update(certified_at=None)
    stands(at("2020-04-10 10:00"))
    said = words(operator.get(reverse("operations:home")))
    for text in ("Orders in supervision 1", "Overdue deliveries 1", "Older than 90 days 1", "Overdue longest",
                 "Northwind Software has sold something, but its business information is not certified"):  # fmt: skip
        assert text in said


def test_running_a_cycle(operator, trade, at):
    trade.placed().paid().delivered().accepted()
    press_due(until=at("2020-03-31 00:00"))
    stands(at("2020-04-02 00:00"))
    url = reverse("operations:run")
    assert 'value="202003"' in operator.get(url).content.decode()
    asked = operator.post(url, {"cycle": "202003"})
    assert (asked.status_code, Bill.objects.count()) == (200, 0)
    assert 'name="confirmed" value="1"' in asked.content.decode()
    done = operator.post(url, {"cycle": "202003", "confirmed": "1"}, follow=True)
    assert "Cycle 202003 is finished: bills 1, lines 1." in words(done)
    assert "850.00 USD" in words(done)
    again = operator.post(url, {"cycle": "202003", "confirmed": "1"}, follow=True)
    assert again.status_code == 200
    assert Bill.objects.count() == 1


@pytest.mark.parametrize(("cycle", "status"), [("2020", 422), ("", 422), ("202013", 422), ("203001", 409)])
def test_a_cycle_that_cannot_be_run(operator, at, world, cycle, status):
    stands(at("2020-04-02 00:00"))
    page = operator.post(reverse("operations:run"), {"cycle": cycle, "confirmed": "1"})
    assert page.status_code == status
    assert f'value="{cycle}"' in page.content.decode() or not cycle


# ---- Money -----------------------------------------------------------------------------------------------------------


def test_crediting_a_balance(world, operator):
    before = balance_of(org(world).pk, "USD")
    url = reverse("operations:top-up", args=[org(world).public_id])
    said = {"amount": "1,250.50", "reference": "transfer 4711"}
    asked = operator.post(url, said)
    assert "1,250.50 USD" in words(asked)
    assert "Meridian Logistics" in words(asked)
    assert balance_of(org(world).pk, "USD") == before
    for _ in range(2):
        done = operator.post(url, said | {"confirmed": "1"}, follow=True)
        assert "1,250.50 USD credited to Meridian Logistics." in words(done)
    assert (balance_of(org(world).pk, "USD") - before).amount() == "1250.50"
    other = operator.post(url, said | {"amount": "1", "confirmed": "1"})
    assert other.status_code == 422
    assert "Another amount was credited with this note" in words(other)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"amount": "much"}, "Write an amount"), ({"amount": ""}, "Write an amount"), ({"amount": "-5"}, "positive"),
        ({"amount": "0"}, "positive"), ({"amount": "0.001"}, "at most 2 decimals"), ({"reference": ""}, "The note has"),
        ({"reference": "x" * 41}, "The note has"), ({"amount": "1e5"}, "Write an amount"),
    ],
)  # fmt: skip
def test_a_credit_that_makes_no_sense(world, operator, said, error):
    before = balance_of(org(world).pk, "USD")
    typed = {"amount": "10.00", "reference": "note 1"} | said
    page = operator.post(reverse("operations:top-up", args=[org(world).public_id]), typed | {"confirmed": "1"})
    assert page.status_code == 422
    assert error in words(page)
    for value in typed.values():
        assert value in page.content.decode()
    assert balance_of(org(world).pk, "USD") == before


@pytest.mark.spec("AT-93")
def test_credit_and_its_repayment(world, operator, trade, at):
    page = reverse("operations:balance", args=[org(world).public_id])
    url = reverse("operations:credit", args=[org(world).public_id])
    assert "Credit limit of Meridian Logistics: 5,000.00 USD." in words(
        operator.post(url, {"amount": "5000", "confirmed": "1"}, follow=True)
    )
    pay_order(trade.placed().order, method="credit", by=trade.buyer, at=at("2020-01-01 10:00"))
    assert "Credit used 1,000.00 USD" in words(operator.get(page))
    repay = reverse("operations:repayment", args=[org(world).public_id])
    too_much = operator.post(repay, {"amount": "1000.01", "confirmed": "1"})
    assert too_much.status_code == 409
    assert "1,000.00 USD are owed" in words(too_much)
    done = operator.post(repay, {"amount": "1000", "confirmed": "1"}, follow=True)
    assert "Repayment of 1,000.00 USD by Meridian Logistics recorded." in words(done)
    assert "Credit used 0.00 USD" in words(done)
    assert Transaction.objects.get().paid_at == clock.now()


def test_a_limit_is_not_negative(world, operator):
    grant_credit(org(world), limit=Money.of("10", "USD"))
    page = operator.post(reverse("operations:credit", args=[org(world).public_id]), {"amount": "-1", "confirmed": "1"})
    assert page.status_code == 422
    assert CreditLine.objects.get().limit_units == Money.of("10", "USD").units


def test_the_ledger(world, operator, billed):
    said = words(operator.get(reverse("operations:ledger")))
    for text in ("Trial balance, USD", "Balanced", "Owed to sellers 1 0.00 USD 850.00 USD 850.00 USD",
                 "Platform fees earned 1 0.00 USD 150.00 USD 150.00 USD"):  # fmt: skip
        assert text in said
    accounts = operator.get(reverse("operations:accounts", args=["seller_payable", "USD"]))
    assert "Northwind Software" in words(accounts)
    account = Account.objects.get(code="seller_payable")
    statement = words(operator.get(reverse("operations:statement", args=[account.pk])))
    assert f"line_ready seller {billed.line} Paid, not yet delivered" in statement
    assert "850.00 USD" in statement


@pytest.mark.spec("AT-92")
def test_certifying_a_seller(world, operator, trade, at):
    Payee.objects.filter(pk=org(world, "seller").pk).update(certified_at=None)
    trade.placed().paid().delivered().accepted()
    press_due(until=at("2020-04-30 00:00"))
    assert not Bill.objects.exists()
    stands(at("2020-04-30 00:00"))
    url = reverse("operations:certification", args=[org(world, "seller").public_id])
    assert url in operator.get(reverse("operations:sellers")).content.decode()
    for bad in ("", " ", "x" * 121):
        page = operator.post(url, {"beneficiary": bad, "confirmed": "1"})
        assert page.status_code == 422
        assert "1 to 120 characters" in words(page)
    assert operator.post(url, {"beneficiary": "Northwind GmbH"}).status_code == 200
    done = operator.post(url, {"beneficiary": "Northwind GmbH", "confirmed": "1"}, follow=True)
    assert "Northwind Software is certified." in words(done)
    assert "Northwind GmbH" in words(done)
    press_due(until=at("2020-05-30 00:00"))
    assert Bill.objects.get().cycle == "202004"


# ---- Policy ----------------------------------------------------------------------------------------------------------


def test_changing_a_setting_plans_the_runs_anew(world, operator, at):
    stands(at("2020-01-01 00:00"))
    assert Run.objects.get().due_at == at("2020-01-07 02:00")
    url = reverse("operations:setting", args=["bill_day"])
    asked = operator.post(url, {"value": "9", "reason": "Auditors need two days"})
    assert "bill_day is 9 from now on" in words(asked)
    assert not Value.objects.exists()
    done = operator.post(url, {"value": "9", "reason": "Auditors need two days", "confirmed": "1"}, follow=True)
    for text in ("bill_day is 9 from now on.", "Auditors need two days", "Ines Moreau"):
        assert text in words(done)
    assert Run.objects.get().due_at == at("2020-01-09 02:00")
    assert "Day of the month on which last month's bills are drawn bill_day 9 7 D15" in words(
        operator.get(reverse("operations:policy"))
    )


@pytest.mark.parametrize(
    ("key", "said", "error"),
    [
        ("bill_day", {"value": "29", "reason": "x"}, "at most 28"),
        ("bill_day", {"value": "x", "reason": "x"}, "Write a whole number"),
        ("bill_day", {"value": "8", "reason": "  "}, "Say why"),
        ("enabling_time_field", {"value": "maybe", "reason": "x"}, "Choose Yes or No"),
        ("appeal_gate", {"value": "never", "reason": "x"}, "one of: any_time, classic"),
        ("auto_accept_days_license", {"value": "7", "reason": "x"}, "at least 8"),
        ("auto_accept_days_license", {"value": "-1", "reason": "x"}, "at least 8"),
        ("settlement_currency", {"value": "euros", "reason": "x"}, "3 capital letters"),
    ],
)  # fmt: skip
def test_a_setting_that_does_not_fit(world, operator, key, said, error):
    page = operator.post(reverse("operations:setting", args=[key]), said | {"confirmed": "1"})
    assert page.status_code == 422
    assert error in words(page)
    assert not Value.objects.exists()


def test_switches_and_texts(world, operator, at):
    stands(at("2020-01-01 00:00"))
    for key, value, stored in [
        ("enabling_time_field", "False", False), ("settlement_currency", "EUR", "EUR"),
        ("appeal_gate", "classic", "classic"), ("auto_close_days", "365", 365), ("auto_close_days", "0", 0),
    ]:  # fmt: skip
        operator.post(reverse("operations:setting", args=[key]), {"value": value, "reason": "x", "confirmed": "1"})
        assert Policy.at(at("2020-01-01 00:00"))[key] == stored


def test_the_policy_page_shows_every_setting_and_what_it_means(world, operator):
    page = words(operator.get(reverse("operations:policy")))
    for row in SETTINGS.values():
        assert f"{row.meaning} {row.key} " in page
    assert "auto_close_days Off Off D5" in page
    assert "appeal_gate At any time while the flow runs" in page


def test_a_control_fits_its_setting(world, operator):
    """A choice is a list of its values in words; what 0 switches off says so."""
    gate = operator.get(reverse("operations:setting", args=["appeal_gate"])).content.decode()
    assert re.findall(r'<option value="(\w+)"', gate) == ["any_time", "classic"]
    switch = words(operator.get(reverse("operations:setting", args=["auto_close_days"])))
    assert "A whole number from 1 to 3,650, or 0: switched off." in switch
    assert "Range 1 – 3650, or 0: off" in switch


def test_a_holiday_moves_the_run(world, operator, at):
    stands(at("2020-01-01 00:00"))
    url = reverse("operations:holidays")
    said = {"day": "2020-01-07", "name": "Orthodox Christmas"}
    assert operator.post(url, said).status_code == 200
    assert not Holiday.objects.exists()
    done = operator.post(url, said | {"confirmed": "1"}, follow=True)
    assert "Orthodox Christmas" in words(done)
    assert Holiday.objects.get().day == date(2020, 1, 7)
    assert Run.objects.get().due_at == at("2020-01-08 02:00")
    for bad, error in (({"day": "2020-02-30"}, "Write a day"), ({"name": " "}, "Say which holiday")):
        page = operator.post(url, said | bad | {"confirmed": "1"})
        assert page.status_code == 422
        assert error in words(page)


# ---- Journal and clock -----------------------------------------------------------------------------------------------


def test_a_fact_with_its_place_in_the_chain(operator, trade):
    trade.placed().paid()
    first, second = Fact.objects.of(trade.number)[:2]
    page = words(operator.get(reverse("operations:fact", args=[second.pk])))
    for text in ("Hash fits", bytes(second.hash).hex(), bytes(first.hash).hex(), "&quot;verb&quot;", "Fact before"):
        assert text in page
    listed = operator.get(reverse("operations:journal")).content.decode()
    assert listed.index(f"#{second.sequence}") < listed.index(f"#{first.sequence}")


@pytest.mark.spec("AT-101")
def test_script_is_shown_and_not_run(world, operator, trade, at):
    trade.placed().paid().delivered(result=SCRIPT)
    reject_delivery(trade.flow, reason=SCRIPT, by=world.actor("buyer"), at=at("2020-02-21 10:00"))
    fact = Fact.objects.get(verb="reject_delivery")
    operator.post(reverse("operations:setting", args=["bill_day"]), {"value": "8", "reason": SCRIPT, "confirmed": "1"})
    for url in (reverse("operations:flow", args=[trade.line]), reverse("operations:order", args=[trade.number]),
                reverse("operations:fact", args=[fact.pk]), reverse("operations:setting", args=["bill_day"]),
                reverse("operations:orders") + f"?customer={SCRIPT}"):  # fmt: skip
        html = operator.get(url).content.decode()
        assert SCRIPT not in html
        assert "&lt;script&gt;" in html, url


def test_moving_the_clock_says_what_ran(operator, trade, at):
    trade.placed().paid().delivered().accepted("2020-03-01 10:00")
    url = reverse("operations:clock")
    assert "1 Mar 2020, 13:00" in words(operator.get(url))
    done = operator.post(url, {"step": "three_hours"}, follow=True)
    assert clock.now() == at("2020-03-01 13:00")
    said = words(done)
    assert "What ran" in said
    assert "Order completed" in said[said.index("What ran") :]
    operator.post(url, {"step": "hour"})
    operator.post(url, {"step": "day"})
    assert clock.now() == at("2020-03-02 14:00")
    done = operator.post(url, {"to": "2020-04-07T02:00"}, follow=True)
    assert "Bill drawn" in words(done)
    assert clock.now() == at("2020-04-07 02:00")
    operator.post(url, {"step": "due"})
    assert clock.now() > at("2020-04-07 02:00")


@pytest.mark.parametrize("to", ["", "tomorrow", "2020-02-30T00:00", "2019-01-01T00:00"])
def test_the_clock_does_not_go_where_it_cannot(world, operator, at, to):
    stands(at("2020-01-01 00:00"))
    page = operator.post(reverse("operations:clock"), {"to": to})
    assert page.status_code == 422
    assert 'id="id_to_error"' in page.content.decode()
    assert clock.now() == at("2020-01-01 00:00")


def test_an_ordinary_installation_has_no_clock(world, operator, monkeypatch):
    from opengallery.doors.operations import clock as door

    class Ordinary:
        sandbox = False

    monkeypatch.setattr(door, "env", Ordinary())
    assert env.sandbox
    assert operator.get(reverse("operations:clock")).status_code == 404
    assert operator.post(reverse("operations:clock"), {"step": "day"}).status_code == 404


# ---- Lists cost the same whatever their rows -------------------------------------------------------------------------


@pytest.mark.parametrize("name", LISTS)
def test_statements_of_a_list_do_not_grow(world, operator, at, proof, name, django_assert_max_num_queries):
    url = reverse(f"operations:{name}")
    Trade(world, at, proof).placed().paid()
    with django_assert_max_num_queries(10) as asked:
        operator.get(url)
        of_one = len(asked)
    for _ in range(12):
        Trade(world, at, proof).placed().paid()
    with django_assert_max_num_queries(of_one):
        assert operator.get(url).status_code == 200
