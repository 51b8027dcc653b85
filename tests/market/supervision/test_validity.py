"""When a licence runs from and until: the actual enabling time, renewals, and what comes after the end (spec 6.2)."""

from datetime import date, timedelta

import pytest

from opengallery.kit.calendar import local_date
from opengallery.kit.problems import InvalidInput, NotYourTurn
from opengallery.market.orders.models import Resource
from opengallery.market.orders.problems import NotRenewable
from opengallery.market.policy.actions import change_setting

YEAR, MONTH = "license_yearly", "license_monthly"
SPRING = ("2025-04-02 15:00", "2025-05-10 09:00")  # paid and delivered, in AT-21 and those after it


def shown(resource: Resource) -> str:
    """The validity as pages show it: its first and last day."""
    return f"{local_date(resource.start_at)} to {resource.end}"


def licence(tale, *, what="license_yearly", paid, delivered, enabled="", accepted):
    """A licence from payment to acceptance."""
    order = tale.buys(what, when=paid)
    tale.delivers(order, delivered, enabled=enabled)
    tale.accepts(order, accepted)
    return order


@pytest.mark.spec("AT-16", "AT-17", "AT-21", "AT-22", "AT-24")
@pytest.mark.parametrize(
    ("what", "paid", "delivered", "enabled", "accepted", "expected"),
    [
        # E1, and E5, E6: the two scenarios of one month bought on the first of January
        (YEAR, "2020-01-01 10:00", "2020-02-20 12:00", "", "2020-03-01 10:00", "2020-03-01 to 2021-03-01"),
        (MONTH, "2025-01-01 09:00", "2025-01-20 09:00", "", "2025-02-01 10:00", "2025-02-01 to 2025-03-01"),
        (MONTH, "2025-01-01 09:00", "2025-01-20 09:00", "2025-01-01", "2025-02-01 10:00", "2025-01-01 to 2025-02-01"),
        # W3, W4
        (YEAR, *SPRING, "2025-04-10", "2025-05-20 10:00", "2025-04-10 to 2026-04-10"),
        (YEAR, *SPRING, "", "2025-05-20 10:00", "2025-05-20 to 2026-05-20"),
        # the day of the payment itself, at an earlier hour
        (YEAR, *SPRING, "2025-04-02 00:00", "2025-05-20 10:00", "2025-04-02 to 2026-04-02"),
        # the moment of the delivery itself; an offset is read; the day is the platform's
        (YEAR, *SPRING, "2025-05-10 09:00", "2025-05-20 10:00", "2025-05-10 to 2026-05-10"),
        (YEAR, *SPRING, "2025-04-09T17:00:00Z", "2025-05-20 10:00", "2025-04-10 to 2026-04-10"),
    ],
)
def test_validity(tale, what, paid, delivered, enabled, accepted, expected):
    order = licence(tale, what=what, paid=paid, delivered=delivered, enabled=enabled, accepted=accepted)
    assert shown(tale.resource(order)) == expected


@pytest.mark.spec("AT-17")
def test_the_last_day_counts_to_its_last_second(tale, at):
    order = licence(tale, what="license_monthly", paid="2025-01-01 09:00", delivered="2025-01-20 09:00",
                    enabled="2025-01-01", accepted="2025-02-01 10:00")  # fmt: skip
    assert tale.resource(order).due_at == at("2025-02-01 23:59:59")
    tale.passes("2025-02-01 23:59:58")
    assert tale.resource(order).label == "Active"
    tale.passes("2025-02-02 08:00")
    resource = tale.resource(order)
    assert (resource.label, resource.state_since) == ("Grace period", at("2025-02-01 23:59:59"))


@pytest.mark.spec("AT-18")
def test_a_period_that_is_over_already_can_still_be_accepted(tale, at):
    order = licence(tale, what="license_monthly", paid="2025-01-01 09:00", delivered="2025-01-20 09:00",
                    enabled="2025-01-01", accepted="2025-02-05 10:00")  # fmt: skip
    resource = tale.resource(order)
    assert (shown(resource), resource.label) == ("2025-01-01 to 2025-02-01", "Grace period")
    tale.passes("2025-02-16 23:59:58")
    assert tale.resource(order).label == "Grace period"
    tale.passes("2025-02-16 23:59:59")
    assert tale.resource(order).label == "Frozen"


@pytest.mark.parametrize(
    ("accepted", "label", "aged"),
    [
        ("2025-02-01 23:59:58", "Active", []),
        ("2025-02-05 10:00", "Grace period", ["expire_resource"]),
        ("2025-02-20 10:00", "Frozen", ["expire_resource", "freeze_resource"]),
        ("2025-03-04 10:00", "Released", ["expire_resource", "freeze_resource", "release_resource"]),
    ],
)
def test_what_is_accepted_late_is_as_old_as_its_dates_say(tale, accepted, label, aged):
    """V8."""
    order = licence(tale, what="license_monthly", paid="2025-01-01 09:00", delivered="2025-01-20 09:00",
                    enabled="2025-01-01", accepted=accepted)  # fmt: skip
    assert tale.resource(order).label == label
    assert [verb for verb in tale.verbs(order) if verb.endswith("_resource")] == ["start_resource", *aged]


@pytest.mark.spec("AT-23", "AT-25", "AT-26")
@pytest.mark.parametrize(
    ("enabled", "sentence"),
    [
        ("2025-04-01", "before the day of payment"),
        ("2025-04-01 23:59:59", "before the day of payment"),
        ("2025-04-01T15:59:59Z", "before the day of payment"),
        ("2025-05-11", "in the future"),
        ("2025-05-10 09:00:01", "in the future"),
        ("2025-02-30", "Write a date"),
        ("tomorrow", "Write a date"),
        ("0001-01-01", "Write a date"),
        ("9999-12-31T23:59:59-08:00", "Write a date"),
        ("2025-05-10 25:00", "Write a date"),
        ("\0", "Write a date"),
    ],
)
def test_enabling_times_that_cannot_be(tale, enabled, sentence):
    order = tale.buys(when="2025-04-02 15:00")
    with pytest.raises(InvalidInput, match=sentence) as refusal:
        tale.delivers(order, "2025-05-10 09:00", enabled=enabled)
    assert list(refusal.value.errors) == ["enabling_time"]
    assert tale.flow(order).state == "wait_delivery"


@pytest.mark.spec("AT-26")
@pytest.mark.parametrize("blank", ["", "   "])
def test_an_empty_enabling_time_is_not_given(tale, blank):
    order = tale.buys(when="2025-04-02 15:00")
    assert tale.delivers(order, "2025-05-10 09:00", enabled=blank).enabling_time is None


@pytest.mark.spec("AT-27")
def test_the_last_delivery_says_when_it_was_enabled(tale):
    order = tale.buys(when="2025-04-02 15:00")
    tale.delivers(order, "2025-05-01 09:00", enabled="2025-04-10")
    tale.rejects(order, "2025-05-02 09:00")
    tale.delivers(order, "2025-05-03 09:00", enabled="2025-04-20")
    assert shown(tale.accepts(order, "2025-05-20 10:00")) == "2025-04-20 to 2026-04-20"


def test_a_redelivery_may_leave_the_enabling_time_out(tale):
    """V6 with V2: the earlier delivery's time does not come back."""
    order = tale.buys(when="2025-04-02 15:00")
    tale.delivers(order, "2025-05-01 09:00", enabled="2025-04-10")
    tale.rejects(order, "2025-05-02 09:00")
    tale.delivers(order, "2025-05-03 09:00")
    assert shown(tale.accepts(order, "2025-05-20 10:00")) == "2025-05-20 to 2026-05-20"


@pytest.mark.spec("AT-28")
def test_a_month_from_the_thirty_first(tale):
    """W1: anchored to day 31."""
    order = licence(tale, what="license_monthly", paid="2025-01-20 09:00", delivered="2025-01-30 09:00",
                    accepted="2025-01-31 09:00")  # fmt: skip
    assert tale.resource(order).end == date(2025, 2, 28)
    tale.passes("2025-02-10 09:00")
    tale.renews(order, "2025-02-10 09:00", unit="month")
    assert tale.resource(order).end == date(2025, 3, 31)


@pytest.mark.spec("AT-29")
def test_a_year_from_a_leap_day(tale):
    """W2."""
    order = licence(tale, paid="2024-02-20 09:00", delivered="2024-02-28 09:00", accepted="2024-02-29 09:00")
    assert tale.resource(order).end == date(2025, 2, 28)
    tale.passes("2024-03-10 09:00")
    for expected in (date(2026, 2, 28), date(2027, 2, 28), date(2028, 2, 29)):
        tale.renews(order, "2024-03-10 09:00")
        assert tale.resource(order).end == expected


@pytest.fixture
def term(tale):
    """A licence that runs 2025-06-01 to 2026-06-01, its order completed."""
    order = licence(tale, paid="2025-05-20 09:00", delivered="2025-05-28 09:00", accepted="2025-06-01 10:00")
    tale.passes("2025-06-01 13:00")
    assert shown(tale.resource(order)) == "2025-06-01 to 2026-06-01"
    return order


@pytest.mark.spec("AT-32", "AT-33")
@pytest.mark.parametrize("when", ["2025-12-01 10:00", "2026-06-10 10:00", "2026-06-20 10:00"])
def test_a_renewal_appends_to_the_end(tale, term, at, when):
    """W5, W6: early, in grace, and in retention, the end is the same."""
    tale.passes(when)
    tale.renews(term, when)
    resource = tale.resource(term)
    assert (resource.end, resource.label, resource.due_at) == (date(2027, 6, 1), "Active", at("2027-06-01 23:59:59"))


@pytest.mark.spec("AT-34")
def test_what_is_not_renewed_freezes_and_is_released(tale, term, at):
    for before, label, after in (
        ("2026-06-01 23:59:58", "Active", "Grace period"),
        ("2026-06-16 23:59:58", "Grace period", "Frozen"),
        ("2026-07-01 23:59:58", "Frozen", "Released"),
    ):
        tale.passes(before)
        assert tale.resource(term).label == label
        tale.passes(before[:-1] + "9")
        assert tale.resource(term).label == after
    assert tale.resource(term).due_at is None
    with pytest.raises(NotRenewable, match="released"):
        tale.renews(term, "2026-07-02 10:00")


def test_a_renewal_that_is_paid_too_late_is_refused_and_costs_nothing(tale, world, term, at):
    """The renewal was placed in retention; by the payment the resource is released, though nobody has noted it yet."""
    from opengallery.kit.problems import MoveRefused
    from opengallery.market.billing.actions import balance_of
    from opengallery.market.orders.actions import renew_resource

    tale.passes("2026-06-30 10:00")
    renewal = renew_resource(tale.resource(term), unit="year", count=1, by=world.actor("buyer"),
                             at=at("2026-06-30 10:00"))  # fmt: skip
    before = balance_of(world.actor("buyer").organisation_id, "USD")
    with pytest.raises(MoveRefused):
        tale.pays(renewal, "2026-07-02 10:00")
    assert tale.order(renewal).label == "Pending payment"
    assert balance_of(world.actor("buyer").organisation_id, "USD") == before
    assert tale.resource(term).end == date(2026, 6, 1)


@pytest.mark.spec("AT-89")
def test_nothing_is_renewed_under_supervision(tale):
    order = tale.buys(when="2025-05-20 09:00")
    with pytest.raises(NotRenewable, match="under supervision"):
        tale.renews(order, "2025-05-21 09:00")
    tale.delivers(order, "2025-05-22 09:00")
    tale.accepts(order, "2025-05-23 09:00")
    with pytest.raises(NotRenewable, match="under supervision"):
        tale.renews(order, "2025-05-23 11:59:59")
    tale.passes("2025-05-23 12:00")
    assert tale.renews(order, "2025-05-23 12:00").label == "Completed"


@pytest.mark.parametrize("name", ["seller", "other_buyer", "other_seller", "operator"])
def test_only_the_buyer_renews(tale, term, name):
    with pytest.raises(NotYourTurn):
        tale.renews(term, "2025-12-01 10:00", by=name)


@pytest.mark.parametrize(("unit", "count"), [("one_time", 1), ("week", 1), ("year", 0), ("year", 6), ("month", 12)])
def test_renewals_that_cannot_be(tale, term, unit, count):
    with pytest.raises(InvalidInput):
        tale.renews(term, "2025-12-01 10:00", unit=unit, count=count)


def test_a_renewal_runs_until_its_own_end_and_then_ages_again(tale, term, at):
    tale.passes("2026-06-20 10:00")
    tale.renews(term, "2026-06-20 10:00")
    tale.passes("2027-06-01 23:59:59")
    assert tale.resource(term).label == "Grace period"
    aged = [verb for verb in tale.verbs(term) if verb.endswith("_resource")]
    assert aged == ["start_resource", "expire_resource", "freeze_resource", "renew_resource", "expire_resource"]


@pytest.mark.spec("AT-35")
def test_without_the_field_an_enabling_time_is_never_used(tale, world, at):
    change_setting("enabling_time_field", False, reason="classic edition", by=world.actor("operator"),
                   at=at("2024-12-31 00:00"))  # fmt: skip
    order = licence(tale, what="license_monthly", paid="2025-01-01 09:00", delivered="2025-01-20 09:00",
                    enabled="2025-01-01", accepted="2025-02-01 10:00")  # fmt: skip
    assert tale.flow(order).deliveries.get().enabling_time is None
    assert shown(tale.resource(order)) == "2025-02-01 to 2025-03-01"


def test_a_switch_that_is_changed_later_does_not_reach_a_running_order(tale, world, at):
    """Q1: the order carries its switches, its grace and its delay."""
    order = tale.buys("license_monthly", when="2025-01-01 09:00")
    operator = world.actor("operator")
    for key, value in (("enabling_time_field", False), ("grace_days", 0), ("order_completion_delay_minutes", 0)):
        change_setting(key, value, reason="new rules", by=operator, at=at("2025-01-02 00:00"))
    tale.delivers(order, "2025-01-20 09:00", enabled="2025-01-01")
    resource = tale.accepts(order, "2025-02-01 10:00")
    assert shown(resource) == "2025-01-01 to 2025-02-01"
    assert resource.grace_days == 15
    assert tale.order(order).due_at - tale.flow(order).accepted_at == timedelta(hours=3)


def test_a_delay_of_nothing_completes_at_once(tale, world, at):
    """D1, Q3: configurable from 0."""
    change_setting("order_completion_delay_minutes", 0, reason="no cooling-off", by=world.actor("operator"),
                   at=at("2024-12-31 00:00"))  # fmt: skip
    order = licence(tale, paid="2025-01-01 09:00", delivered="2025-01-20 09:00", accepted="2025-02-01 10:00")
    tale.passes("2025-02-01 10:00")
    assert tale.order(order).completed_at == at("2025-02-01 10:00")
