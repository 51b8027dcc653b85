"""SaaS and professional services: asked for, answered, delivered, accepted; and what is not supervised (spec 6.3)."""

from datetime import date

import pytest

from opengallery.kit.money import Money
from opengallery.kit.problems import InvalidInput, MoveRefused
from opengallery.market.billing.models import Transaction
from opengallery.market.catalog.actions import add_specification
from opengallery.market.catalog.models import CONSULTING, Product
from opengallery.market.journal.models import Fact
from opengallery.market.orders import states as order_states
from opengallery.market.orders.actions import LineChoice, pay_order, place_order
from opengallery.market.orders.models import Order
from opengallery.market.orders.problems import NotOnSale, NotRenewable
from opengallery.market.orders.states import ORDER, ORDER_TYPES, RESOURCE
from opengallery.market.supervision.models import Flow, Request
from opengallery.market.supervision.problems import SamePerson, TooSoonToRemind

WAIT_REQUEST = "Waiting for the user to submit a request"
WAIT_CONFIRM = "Waiting for the seller to confirm the request"
WAIT_DELIVERY = "Waiting for the seller to provide the service"
WAIT_ACCEPTANCE = "Waiting for the user to confirm acceptance"
ENOUGH = "x" * 2000


@pytest.fixture
def paid(tale):
    """AT-36's order."""
    return tale.buys("saas_supervised", when="2025-06-02 09:00")


@pytest.fixture
def asked(tale, paid):
    """AT-37's order."""
    tale.submits(paid, "2025-06-02 10:00", "Ten users; see the file.", files=1)
    return paid


def verbs_open(tale, order, name, at):
    """The verbs that are open to somebody now."""
    return [step.verb for step in tale.flow(order).steps_for(tale.who(name), at)]


@pytest.mark.spec("AT-36")
@pytest.mark.parametrize("what", ["saas_supervised", "professional_service"])
def test_the_buyer_is_asked_first(tale, at, what):
    order = tale.buys(what, when="2025-06-02 09:00")
    flow = tale.flow(order)
    assert (flow.template, flow.label, flow.turn) == ("standard", WAIT_REQUEST, "buyer")
    assert (flow.promised_at, flow.overdue_due_at) == (None, None)
    assert verbs_open(tale, order, "buyer", at("2025-06-02 09:00")) == ["submit_request"]
    assert verbs_open(tale, order, "seller", at("2025-06-02 09:00")) == []
    assert order.label == "Processing"


@pytest.mark.spec("AT-37")
def test_the_request_comes_to_the_seller(tale, asked, at):
    flow = tale.flow(asked)
    assert (flow.label, flow.turn, flow.requests_count) == (WAIT_CONFIRM, "seller", 1)
    request = flow.requests.get()
    assert (request.version, request.text, request.submitted_by) == (1, "Ten users; see the file.", "Lin Wei")
    assert [row.file.name for row in request.files.all()] == ["proof1.pdf"]
    assert tale.verbs(asked)[-1] == "submit_request"
    assert verbs_open(tale, asked, "seller", at("2025-06-02 11:00")) == ["accept_request", "reject_request"]
    assert verbs_open(tale, asked, "buyer", at("2025-06-02 11:00")) == ["withdraw_request"]


@pytest.mark.spec("AT-38")
@pytest.mark.parametrize("text", ["", "  ", "\n\t", ENOUGH + "x", "null \0 byte"])
def test_an_empty_request_is_refused(tale, paid, text):
    with pytest.raises(InvalidInput) as refusal:
        tale.submits(paid, "2025-06-02 10:00", text)
    assert list(refusal.value.errors) == ["text"]
    assert (tale.flow(paid).label, tale.flow(paid).requests_count) == (WAIT_REQUEST, 0)
    assert not Request.objects.filter(flow=tale.flow(paid)).exists()


def test_a_request_of_2000_characters_will_do(tale, paid):
    assert tale.submits(paid, "2025-06-02 10:00", ENOUGH).version == 1


@pytest.mark.spec("AT-39")
def test_a_rejected_request_is_corrected_and_the_first_one_stays(tale, asked):
    flow = tale.refuses(asked, "2025-06-02 12:00", "  Which users? ")
    assert (flow.label, flow.request_rejections) == (WAIT_REQUEST, 1)
    tale.submits(asked, "2025-06-02 13:00", "These ten users.")
    flow = tale.flow(asked)
    assert (flow.label, flow.request_rejections, flow.requests_count) == (WAIT_CONFIRM, 1, 2)
    said = [(row.version, row.text, row.outcome, row.reason) for row in flow.requests.all()]
    assert said == [(1, "Ten users; see the file.", "rejected", "Which users?"), (2, "These ten users.", "", "")]


@pytest.mark.parametrize("reason", ["", " ", "x" * 1001])
def test_a_rejected_request_needs_a_reason(tale, asked, reason):
    with pytest.raises(InvalidInput) as refusal:
        tale.refuses(asked, "2025-06-02 12:00", reason)
    assert list(refusal.value.errors) == ["reason"]
    assert (tale.flow(asked).label, tale.flow(asked).request_rejections) == (WAIT_CONFIRM, 0)


def test_a_request_can_be_withdrawn_and_counts_as_no_rejection(tale, asked):
    """Q30."""
    flow = tale.withdraws(asked, "2025-06-02 12:00")
    assert (flow.label, flow.request_rejections) == (WAIT_REQUEST, 0)
    assert flow.requests.get().outcome == "withdrawn"
    tale.submits(asked, "2025-06-02 13:00")
    tale.confirms(asked, "2025-06-02 14:00")
    with pytest.raises(MoveRefused, match=WAIT_DELIVERY):
        tale.withdraws(asked, "2025-06-02 15:00")


@pytest.mark.spec("AT-40")
def test_nothing_is_delivered_before_the_request_is_accepted(tale, paid):
    with pytest.raises(MoveRefused, match=WAIT_REQUEST):
        tale.delivers(paid, "2025-06-02 09:30")
    tale.submits(paid, "2025-06-02 10:00")
    facts = tale.verbs(paid)
    with pytest.raises(MoveRefused, match=WAIT_CONFIRM):
        tale.delivers(paid, "2025-06-02 11:00")
    assert tale.verbs(paid) == facts
    assert tale.flow(paid).deliveries_count == 0


@pytest.mark.spec("AT-41")
@pytest.mark.parametrize("what", ["saas_supervised", "professional_service"])
def test_the_whole_way(tale, at, what):
    order = tale.buys(what, when="2025-06-02 09:00")
    seen = [tale.flow(order).label]
    tale.submits(order, "2025-06-02 10:00")
    seen.append(tale.flow(order).label)
    flow = tale.confirms(order, "2025-06-02 11:00")
    seen.append(flow.label)
    assert flow.promised_at == at("2025-06-02 11:00") + (flow.promised_at - flow.state_since)
    assert (flow.promised_at - flow.state_since).days == flow.line.terms.delivery_days
    tale.delivers(order, "2025-06-02 16:00")
    seen.append(tale.flow(order).label)
    tale.accepts(order, "2025-06-03 09:00")
    seen.append(tale.flow(order).label)
    assert seen == [WAIT_REQUEST, WAIT_CONFIRM, WAIT_DELIVERY, WAIT_ACCEPTANCE, "Completed"]
    tale.passes("2025-06-03 11:59:59")
    assert tale.order(order).label == "Processing"
    tale.passes("2025-06-03 12:00:00")
    assert tale.order(order).completed_at == at("2025-06-03 12:00:00")


@pytest.mark.spec("AT-19", "AT-20")
@pytest.mark.parametrize(
    ("product", "paid", "accepted", "shown"),
    [
        pytest.param("cloudbooks", "2023-01-01", "2023-03-01", (date(2023, 3, 1), date(2024, 3, 1)), id="E2"),
        pytest.param("cloudbooks", "2020-01-01", "2020-03-01", (date(2020, 3, 1), date(2021, 3, 1)), id="E3"),
        pytest.param("migration", "2020-01-01", "2020-03-01", (date(2020, 3, 1), date(2021, 3, 1)), id="E4"),
    ],
)
def test_the_examples_of_the_documents(tale, world, at, product, paid, accepted, shown):
    """E2 to E4: a year of a service starts when it is accepted, not when it is paid."""
    made = add_specification(world.products[product], name="One year", prices={"year": Money.of("1200", "USD")},
                             at=at("2019-12-02 09:00"))  # fmt: skip
    tale.begins(f"{paid} 10:00")
    choice = LineChoice(made.public_id, made.skus.get().code, 1, "year", 1)
    order = place_order([choice], by=world.actor("buyer"), at=at(f"{paid} 10:00"))
    pay_order(order, method="balance", by=world.actor("buyer"), at=at(f"{paid} 10:00"))
    tale.submits(order, f"{paid} 11:00")
    tale.confirms(order, f"{paid} 12:00")
    tale.delivers(order, f"{paid} 13:00")
    resource = tale.accepts(order, f"{accepted} 10:00")
    assert (resource.start_at, resource.end) == (at(f"{accepted} 10:00"), shown[1])
    assert resource.start_at.astimezone(at(paid).tzinfo).date() == shown[0]


def test_a_rejected_service_is_promised_anew(tale, at):
    """Q26: what is delivered again has the promised time again."""
    order = tale.buys("professional_service", when="2025-06-02 09:00")
    tale.submits(order, "2025-06-02 10:00")
    assert tale.confirms(order, "2025-06-03 11:00").promised_at == at("2025-06-23 11:00")
    tale.delivers(order, "2025-06-20 10:00")
    flow = tale.rejects(order, "2025-06-21 12:00")
    assert (flow.promised_at, flow.overdue_due_at) == (at("2025-07-11 12:00"), at("2025-07-11 12:00"))


@pytest.mark.spec("AT-42")
def test_a_service_that_is_ready_to_use(tale, at):
    """Without an endpoint it is there at once; with one: tests of provisioning."""
    order = tale.buys("saas_instant", when="2025-06-02 09:00")
    assert (order.label, order.completed_at) == ("Completed", at("2025-06-02 09:00"))
    assert not Flow.objects.filter(line__order=order).exists()
    resource = tale.resource(order)
    assert (resource.label, resource.start_at, resource.end) == ("Active", at("2025-06-02 09:00"), date(2025, 7, 2))
    sale = tale.sale(order)
    assert (sale.get_supervision_display(), sale.ready_at) == ("N/A", at("2025-06-02 09:00"))
    tale.passes("2025-07-07 02:00")
    assert tale.sale(order).bill.cycle == "202506"


@pytest.mark.spec("AT-44", "AT-74")
@pytest.mark.parametrize("what", ["image", "saas_instant", "content"])
def test_what_is_not_supervised_never_comes_there(tale, what):
    order = tale.buys(what, when="2025-06-02 09:00")
    for name in ("buyer", "seller", "operator"):
        assert not Flow.objects.visible_to(tale.who(name)).exists()
    assert order.lines.get().terms.flow is None
    assert "start_flow" not in tale.verbs(order)
    tale.passes("2025-06-30 00:00")
    assert not Flow.objects.exists()


@pytest.mark.spec("AT-45", "AT-74")
def test_a_consulting_service_cannot_be_ordered(tale, world, at):
    advice = world.products["advice"]
    assert (advice.delivery_method, advice.external_url) == (CONSULTING, "https://www.northwind.example/consulting")
    for unit in ("year", "month", "one_time"):
        with pytest.raises(InvalidInput):
            add_specification(advice, name="A day", prices={unit: Money.of("900", "USD")}, at=at("2025-06-01 09:00"))
        with pytest.raises(InvalidInput) as refusal:
            place_order([LineChoice(advice.public_id, "any", 1, unit, 1)], by=world.actor("buyer"),
                        at=at("2025-06-02 09:00"))  # fmt: skip
        assert list(refusal.value.errors) == ["lines.0.specification"]
    Product.objects.filter(pk=world.products["ledgerline"].pk).update(delivery_method=CONSULTING)
    with pytest.raises(NotOnSale):
        tale.orders("license_yearly", when="2025-06-02 09:00")
    assert not Order.objects.exists()


@pytest.mark.spec("AT-90")
def test_there_is_no_way_to_change_a_specification(tale, paid, asked):
    """No order of that kind, no move of that name; the nearest thing, a renewal, is refused while it is supervised."""
    assert set(ORDER_TYPES) == {"new", "renew", "unsubscribe"}
    for life in (ORDER, RESOURCE):
        assert not [move for move in life.moves if "change" in move.verb]
        for state in life.states:
            with pytest.raises(MoveRefused):
                life.find(state, "change_specification", {"buyer"})
    with pytest.raises(NotRenewable, match="under supervision"):
        tale.renews(asked, "2025-06-02 12:00")
    assert Order.objects.count() == 1
    assert tale.order(paid).state == order_states.PROCESSING


@pytest.mark.spec("AT-103")
def test_the_buyer_reminds_once_a_day(tale, asked, at):
    flow = tale.reminds(asked, "2025-06-03 10:00")
    assert flow.reminded_at == at("2025-06-03 10:00")
    assert tale.verbs(asked)[-1] == "remind_seller"
    for soon in ("2025-06-03 10:00:01", "2025-06-04 09:59:59"):
        with pytest.raises(TooSoonToRemind, match="2025-06-04 02:00 UTC"):
            tale.reminds(asked, soon)
    assert tale.reminds(asked, "2025-06-04 10:00").reminded_at == at("2025-06-04 10:00")
    assert tale.verbs(asked).count("remind_seller") == 2


@pytest.mark.spec("AT-103")
def test_nobody_is_reminded_while_the_ball_is_with_the_buyer(tale, paid):
    with pytest.raises(MoveRefused, match=WAIT_REQUEST):
        tale.reminds(paid, "2025-06-03 10:00")
    tale.submits(paid, "2025-06-03 11:00")
    tale.confirms(paid, "2025-06-03 12:00")
    tale.delivers(paid, "2025-06-03 13:00")
    assert not tale.flow(paid).may_remind(tale.at("2025-06-03 14:00"))
    with pytest.raises(MoveRefused, match=WAIT_ACCEPTANCE):
        tale.reminds(paid, "2025-06-03 14:00")
    assert not Fact.objects.filter(verb="remind_seller").exists()


def test_the_platform_looks_first_where_the_order_says_so(tale, at):
    """F11, a switch of the day on which the order was placed."""
    tale.sets("platform_review", True)
    order = tale.buys("license_yearly", when="2025-06-02 09:00")
    tale.sets("platform_review", False, "2025-06-02 10:00")
    assert tale.flow(tale.buys("license_yearly", when="2025-06-02 11:00")).template == "license"
    tale.delivers(order, "2025-06-03 09:00")
    flow = tale.flow(order)
    assert (flow.label, flow.turn) == ("Platform review", "operator")
    with pytest.raises(InvalidInput):
        tale.sends_back(order, "2025-06-03 10:00", " ")
    flow = tale.sends_back(order, "2025-06-03 10:00", "The certificate is another company's.")
    assert (flow.label, flow.delivery_rejections, flow.promised_at) == (WAIT_DELIVERY, 0, at("2025-06-05 10:00"))
    assert (flow.deliveries.get().outcome, flow.deliveries.get().reason) == (
        "rejected", "The certificate is another company's.",
    )  # fmt: skip
    tale.delivers(order, "2025-06-04 09:00")
    assert tale.approves(order, "2025-06-04 10:00").label == WAIT_ACCEPTANCE
    tale.accepts(order, "2025-06-05 10:00")
    assert list(flow.deliveries.values_list("outcome", flat=True)) == ["rejected", "accepted"]


def test_two_people_accept_above_the_organisations_amount(tale, world, asked, at):
    """Beyond 10, and a delivery that the operator sent back is accepted by two people again."""
    from opengallery.market.identity.actions import add_person
    from opengallery.market.purchasing.models import Rule
    from opengallery.market.purchasing.states import RULE

    buyer = world.members["buyer"].organisation
    Rule.objects.create(organisation=buyer, currency="USD", acceptance_units=Money.of("1000", "USD").units,
                        state=RULE.born, state_since=at("2025-06-01 09:00"))  # fmt: skip
    second = add_person(buyer, email="second@meridian.example", username="second", full_name="Second", password=None,
                        role="owner").actor()  # fmt: skip
    world.members["second"] = type("Member", (), {"actor": lambda self: second})()
    tale.confirms(asked, "2025-06-02 12:00")
    tale.delivers(asked, "2025-06-03 09:00")
    tale.accepts(asked, "2025-06-03 10:00")
    assert tale.flow(asked).label == WAIT_ACCEPTANCE
    with pytest.raises(SamePerson):
        tale.accepts(asked, "2025-06-03 10:01")
    tale.overrides(asked, "return_to_seller", "2025-06-03 11:00")
    tale.delivers(asked, "2025-06-04 09:00")
    tale.accepts(asked, "2025-06-04 10:00", by="second")
    assert tale.flow(asked).label == WAIT_ACCEPTANCE, "the first acceptance was of another delivery"
    tale.accepts(asked, "2025-06-04 10:30", by="buyer")
    assert tale.flow(asked).label == "Completed"
    assert tale.verbs(asked).count("accept_first") == 2
    assert Transaction.objects.get().supervised_at == at("2025-06-04 10:30")
