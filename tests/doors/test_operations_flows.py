"""The operator's part of supervision: appeals, review, sign-off, override, unsubscriptions, carriers."""

import re
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from people import SCRIPT, Trade, browser, colleague, stands

from opengallery.kit.money import Money
from opengallery.market.billing.actions import balance_of, decide
from opengallery.market.journal.models import Fact
from opengallery.market.orders.actions import pay_order, place_order
from opengallery.market.orders.actions.place_order import Address
from opengallery.market.supervision.actions import (
    accept_request,
    deliver_service,
    file_appeal,
    reject_delivery,
    ship_goods,
    submit_request,
)
from opengallery.market.supervision.models import Appeal, Carrier, Flow, Shipment
from opengallery.market.timetable.actions import press_due
from opengallery.market.unsubscription.actions import request_unsubscription
from opengallery.market.unsubscription.models import Unsubscription

ANSWERS = dict.fromkeys(range(1, 5), "As agreed.")
OK = {"confirmed": "1"}


@pytest.fixture
def trade(world, at, proof):
    """One purchase to be told."""
    return Trade(world, at, proof)


@pytest.fixture
def operator(world):
    """The operator's browser."""
    return browser(world, "operator")


def words(page):
    """What is written on a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).replace("&#x27;", "'").split())


def page(name, *args):
    """The address of one of the operator's pages."""
    return reverse(f"operations:{name}", args=args)


def appealed(trade, at, on="2020-03-02 10:00", who="buyer", **said):
    """One of the sides appeals."""
    stands(at(on))
    ground = {"buyer": "delivery_not_as_agreed", "seller": "customer_rejects_wrongly"}[who]
    return file_appeal(trade.flow, **{"ground": ground, "reason": "The key does not work", "demand": "Another key"} | said,
                       by=trade.world.actor(who), at=at(on))  # fmt: skip


@pytest.fixture
def appeal(trade, at):
    """An appeal of the buyer about a delivered licence."""
    return appealed(trade.placed().paid().delivered(), at)


@pytest.fixture
def goods(world, at):
    """Goods on their way since 17 June 2025; it is the 21st."""
    address = Address("Lin Wei", "+65 6123 4567", "8 Marina View, Singapore")
    order = place_order([world.choice("hardware")], by=world.actor("buyer"), at=at("2025-06-02 10:00"), address=address)
    pay_order(order, method="balance", by=world.actor("buyer"), at=at("2025-06-02 10:10"))
    ship_goods(Flow.objects.with_order().get(), carrier="swiftline", number="SW-1", answers=ANSWERS, by=world.actor("seller"),
               at=at("2025-06-17 10:00"))  # fmt: skip
    stands(at("2025-06-21 09:00"))
    return Flow.objects.with_order().get()


@pytest.fixture
def reviewed(world, at, trade):
    """A delivery that waits for the platform's review."""
    decide("platform_review", True, reason="We look at first deliveries", by=world.actor("operator"),
           at=at("2019-12-15 10:00"))  # fmt: skip
    return trade.placed().paid().delivered()


@pytest.fixture
def unanswered(trade, at):
    """A request to undo a purchase that the seller has left alone for 15 days."""
    trade.placed().paid()
    request_unsubscription(trade.flow, amount="250.00", reason="no_longer_needed", words="We closed the branch",
                           share_contact=False, by=trade.buyer, at=at("2020-01-05 10:00"))  # fmt: skip
    press_due(until=at("2020-01-21 00:00"))
    stands(at("2020-01-21 09:00"))
    return Unsubscription.objects.get()


def pages_of(flow, appeal="none", request="none"):
    """Every page that is for the operator alone: what is seen, what is decided."""
    seen = [page("appeals"), page("appeal", appeal), page("unsubscriptions"), page("unsubscription", request),
            page("carriers"), page("carrier", "swiftline")]  # fmt: skip
    decided = [
        page("decision", appeal), page("review", flow), page("approval", flow), page("sending-back", flow),
        page("sign-off", flow), page("override", flow), page("unsubscription-agreement", request),
        page("unsubscription-rejection", request), page("carrier-withdrawal", "swiftline"),
        page("carrier-secret", "swiftline"),
    ]  # fmt: skip
    return SimpleNamespace(seen=seen, decided=decided)


# ---- Right and scope -------------------------------------------------------------------------------------------------


def test_an_auditor_sees_everything_and_decides_nothing(world, appeal, at):
    auditor = colleague(world, "operator", "auditor")
    pages = pages_of(appeal.flow.number, appeal.public_id)
    assert {auditor.get(url).status_code for url in pages.seen if "none" not in url} == {200}
    before = Fact.objects.count()
    for url in [*pages.decided, page("carriers"), page("carrier", "swiftline")]:
        assert auditor.post(url, {"decision": "resume", "note": "x", **OK}).status_code == 403, url
    assert (Fact.objects.count(), Appeal.objects.get().state, Carrier.objects.filter(offered=True).count()) == (
        before, "open", 2)  # fmt: skip
    said = words(auditor.get(page("appeal", appeal.public_id)))
    assert "Amount to refund" not in said
    assert "Add a carrier" not in words(auditor.get(page("carriers")))
    assert "Override" not in words(auditor.get(page("flow", appeal.flow.number)))


@pytest.mark.parametrize("who", ["buyer", "seller", "other_buyer", "other_seller"])
def test_the_parties_do_not_get_in(world, appeal, who):
    pages = pages_of(appeal.flow.number, appeal.public_id)
    person = browser(world, who)
    assert {person.get(url).status_code for url in pages.seen + pages.decided} == {403}
    assert {person.post(url, {"decision": "resume", "note": "x", **OK}).status_code for url in pages.decided} == {403}
    assert Appeal.objects.get().state == "open"


def test_visitors_are_asked_to_log_in(client, appeal):
    pages = pages_of(appeal.flow.number, appeal.public_id)
    for url in pages.seen + pages.decided:
        assert client.post(url).headers["Location"].startswith("/account/login/"), url


def test_what_is_not_there_is_404(operator, world):
    pages = pages_of("CS0-000001")
    for url in pages.decided + pages.seen:
        if "swiftline" not in url and url not in (page("appeals"), page("unsubscriptions"), page("carriers")):
            assert operator.get(url).status_code == 404, url
            assert operator.post(url, OK).status_code in (404, 405), url
    for url in (page("carrier", "nobody"), page("carrier-secret", "nobody"), page("appeals") + "?view=none"):
        assert operator.get(url).status_code == 404, url


# ---- Appeals ---------------------------------------------------------------------------------------------------------


@pytest.mark.spec("AT-58")
def test_the_queue_stands_by_due_time_and_marks_what_is_overdue(operator, world, at, proof):
    monday = (
        Trade(world, at, proof).placed(on="2025-06-01 09:00").paid("2025-06-01 10:00").delivered("2025-06-02 10:00")
    )
    friday = (
        Trade(world, at, proof).placed(on="2025-06-01 09:00").paid("2025-06-01 10:00").delivered("2025-06-02 10:00")
    )
    later = appealed(monday, at, "2025-06-16 10:00")
    first = appealed(friday, at, "2025-06-13 10:00")
    assert at("2025-06-18 23:59") < first.due_at <= at("2025-06-19 00:00")
    stands(at("2025-06-18 23:00"))
    said = words(operator.get(page("appeals")))
    assert said.index(friday.number) < said.index(monday.number)
    assert "Overdue" not in said
    stands(at("2025-06-19 00:00:01"))
    said = words(operator.get(page("appeals")))
    assert said.count("Overdue") == 1
    assert said.index(friday.number) < said.index("Overdue") < said.index(monday.number)
    assert "Overdue" in words(operator.get(page("appeal", first.public_id)))
    assert "Overdue" not in words(operator.get(page("appeal", later.public_id)))


def test_the_queue_is_searched_and_keeps_its_view(operator, appeal):
    assert appeal.stream in words(operator.get(page("appeals") + "?filed_by=buyer"))
    assert appeal.stream in words(operator.get(page("appeals") + f"?view=open&order_no={appeal.stream}"))
    assert appeal.stream not in words(operator.get(page("appeals") + "?filed_by=seller"))
    assert appeal.stream not in words(operator.get(page("appeals") + "?order_no=CS0"))
    assert appeal.stream not in words(operator.get(page("appeals") + "?view=decided"))
    assert operator.get(page("appeals") + "?filed_by=operator").status_code == 422
    assert operator.get(page("appeals") + "?colour=red").status_code == 422
    assert 'name="view" value="decided"' in operator.get(page("appeals") + "?view=decided").content.decode()


def test_both_sides_facts_and_files_in_one_view(operator, world, at, proof):
    """A professional service: request with a file, a delivery with criteria, a cited rejection, the seller's appeal."""
    buyer, seller = world.actor("buyer"), world.actor("seller")
    trade = Trade(world, at, proof).placed("professional_service").paid()
    submit_request(
        trade.flow, text="Move us by March", files=[proof("old-books.pdf")], by=buyer, at=at("2020-01-02 10:00")
    )
    accept_request(trade.flow, by=seller, at=at("2020-01-03 10:00"))
    deliver_service(trade.flow, service_result="Moved", files=[proof("balances.pdf")], kinds=["acceptance"], proves=[[1, 2]],
                    answers={3: "Mapping signed", 4: "Trained in February"}, by=seller,
                    at=at("2020-02-20 12:00"))  # fmt: skip
    reject_delivery(trade.flow, reason="Two years only", cited={2: "The third year as well"}, by=buyer,
                    at=at("2020-03-01 10:00"))  # fmt: skip
    appeal = appealed(trade, at, who="seller", files=[proof("contract.pdf")], kinds=["other"])
    html = operator.get(page("appeal", appeal.public_id))
    said = words(html)
    for text in (
        "Appeal of the seller", "The customer rejects what was agreed", "The key does not work", "Another key",
        "contract.pdf", "Request 1", "Move us by March", "old-books.pdf", "Delivery 1", "Moved", "balances.pdf",
        "Mapping signed", "Trial balances of the last 36 months", "Two years only", "The third year as well",
        "Operation log", "Waiting for the seller to provide the service", "Meridian Logistics", "Northwind Software",
        "buyer@meridian.example", "seller@northwind.example", "support@northwind.example", "placed the order",
    ):  # fmt: skip
        assert text in said, text
    files = set(re.findall(r'href="(/operations/supervision/[^"]+/files/[^"]+)"', html.content.decode()))
    assert len(files) == 3
    for url in files:
        assert b"".join(operator.get(url)) == b"%PDF-1.4\n%%EOF\n"


@pytest.mark.parametrize(
    ("decision", "state", "label"),
    [
        ("resume", "wait_acceptance", "Resume"),
        ("return_to_seller", "wait_delivery", "Return to the seller"),
        ("accept_for_buyer", "completed", "Accept for the customer"),
        ("terminate_and_refund", "terminated", "Terminate and refund"),
    ],
)
@pytest.mark.spec("AT-59", "AT-60")
def test_the_operator_decides(operator, world, appeal, trade, decision, state, label):
    before = balance_of(world.members["buyer"].organisation_id, "USD")
    url = page("decision", appeal.public_id)
    given = {
        "decision": decision,
        "amount": "100.50" if decision == "terminate_and_refund" else "",
        "note": "Seen both",
    }
    asked = words(operator.post(url, given))
    assert label in asked
    assert "cannot be taken back" in asked
    assert Appeal.objects.get().state == "open"
    answer = operator.post(url, given | OK, follow=True)
    assert answer.redirect_chain == [(page("appeal", appeal.public_id), 302)]
    assert "Decided. Both sides are told." in words(answer)
    assert "Amount to refund" not in words(answer)
    appeal.refresh_from_db()
    assert (appeal.state, appeal.decision, appeal.note, appeal.decided_by) == (
        "decided",
        decision,
        "Seen both",
        "Ines Moreau",
    )
    assert (trade.flow.state, trade.flow.held_by) == (state, "")
    refunded = balance_of(world.members["buyer"].organisation_id, "USD") - before
    assert refunded == Money.of("100.50" if decision == "terminate_and_refund" else "0", "USD")
    for who, start in (("buyer", "my"), ("seller", "seller")):
        assert "Seen both" in words(browser(world, who).get(f"/{start}/supervision/{trade.line}/")), who
    assert trade.number in words(operator.get(page("appeals") + "?view=decided"))


@pytest.mark.parametrize("amount", ["", "0", "-5", "abc", "10.005", "99999999.00", "NaN", "1e3"])
def test_a_refused_decision_keeps_what_was_typed(operator, appeal, trade, amount):
    given = {"decision": "terminate_and_refund", "amount": amount, "note": "", **OK}
    answer = operator.post(page("decision", appeal.public_id), given)
    assert answer.status_code == 422
    said = words(answer)
    assert "More than 0 and at most" in said
    assert "A reason is needed." in said
    html = answer.content.decode()
    assert re.search(r'value="terminate_and_refund"[^>]*checked', html)
    assert not amount or f'value="{amount}"' in html
    assert (Appeal.objects.get().state, trade.flow.held_by) == ("open", "appeal")


@pytest.mark.parametrize("decision", ["", "none", "end_flow"])
def test_a_decision_that_there_is_not(operator, appeal, decision):
    answer = operator.post(page("decision", appeal.public_id), {"decision": decision, "note": "My words", **OK})
    assert answer.status_code == 422
    assert "Choose a decision." in words(answer)
    assert "My words" in answer.content.decode()


def test_of_two_operators_one_is_told(operator, world, appeal):
    second = colleague(world, "operator", "operations")
    url = page("decision", appeal.public_id)
    assert second.get(page("appeal", appeal.public_id)).status_code == 200
    assert operator.post(url, {"decision": "resume", "note": "Mine", **OK}).status_code == 302
    answer = second.post(url, {"decision": "accept_for_buyer", "note": "Too late", **OK})
    assert answer.status_code == 409
    assert "It stands at “Decided”." in words(answer)
    assert (Appeal.objects.get().decision, Appeal.objects.get().note) == ("resume", "Mine")
    assert Fact.objects.filter(verb="decide_appeal").count() == 1


def test_an_appeal_about_a_running_unsubscription_shows_it(operator, trade, unanswered, at):
    appeal = appealed(trade, at, "2020-01-22 10:00", ground="seller_does_not_deliver")
    assert "We closed the branch" in words(operator.get(page("appeal", appeal.public_id)))
    listed = words(operator.get(page("unsubscriptions")))
    assert "Appeal open" in listed
    answer = operator.get(page("unsubscription", unanswered.public_id))
    assert "Agree to the unsubscription" not in re.sub(r"<dialog.*?</dialog>", "", answer.content.decode(), flags=re.S)
    refused = operator.post(page("unsubscription-rejection", unanswered.public_id), {"comments": "No", **OK})
    assert refused.status_code == 409


@pytest.mark.spec("AT-101")
def test_nothing_typed_by_others_runs(operator, trade, at):
    appeal = appealed(trade.placed().paid().delivered(result=SCRIPT), at, reason=SCRIPT, demand=SCRIPT)
    for url in (page("appeals"), page("appeal", appeal.public_id), page("flow", trade.line)):
        assert SCRIPT not in operator.get(url).content.decode(), url
    answer = operator.post(
        page("decision", appeal.public_id), {"decision": SCRIPT, "note": SCRIPT, "amount": SCRIPT, **OK}
    )
    assert SCRIPT not in answer.content.decode()


# ---- The list --------------------------------------------------------------------------------------------------------


def test_the_views_of_the_supervision_list(operator, world, at, proof, reviewed):
    old = reviewed
    overdue = Trade(world, at, proof).placed(on="2020-03-20 09:00").paid("2020-03-20 10:00")
    held = Trade(world, at, proof).placed(on="2020-03-20 09:00").paid("2020-03-20 10:00")
    appealed(held, at, "2020-03-21 10:00", ground="seller_does_not_deliver")
    fresh = Trade(world, at, proof).placed(on="2020-04-01 09:00").paid("2020-04-01 10:00")
    stands(at("2020-04-02 10:00"))

    def listed(view, more=""):
        said = words(operator.get(page("supervision") + f"?view={view}{more}"))
        return {
            name
            for name, row in (("old", old), ("overdue", overdue), ("held", held), ("fresh", fresh))
            if row.number in said
        }

    assert listed("all") == {"old", "overdue", "held", "fresh"}
    assert listed("old") == {"old"}
    assert listed("overdue") == {"overdue"}
    assert listed("appeals") == {"held"}
    assert listed("review") == {"old"}
    assert listed("overdue", "&product=Nothing") == set()
    assert listed("all", "&flow_status=wait_platform_review") == {"old"}
    assert "Appeal open" in words(operator.get(page("supervision") + "?view=appeals"))
    assert "Overdue" not in words(operator.get(page("supervision") + "?view=appeals")).replace("Overdue deliveries", "")
    assert operator.get(page("supervision") + "?view=none").status_code == 404


def test_the_overview_has_the_figures(operator, world, at, proof, reviewed):
    late = Trade(world, at, proof).placed(on="2020-02-01 09:00").paid("2020-02-01 10:00")
    appealed(late, at, "2020-02-03 10:00", ground="seller_does_not_deliver")
    Trade(world, at, proof).placed(on="2020-03-01 09:00").paid("2020-03-01 10:00")
    stands(at("2020-04-10 10:00"))
    said = words(operator.get(page("home")))
    for text in ("Orders in supervision 3", "Overdue deliveries 1", "Older than 90 days 1", "Open appeals 1 overdue: 1",
                 "To review 1", "Unsubscriptions to decide 0"):  # fmt: skip
        assert text in said, text


def test_lists_cost_the_same_for_one_row_and_for_many(operator, world, at, proof, django_assert_max_num_queries):
    def fill(count):
        for _ in range(count):
            trade = Trade(world, at, proof).placed(on="2020-03-20 09:00").paid("2020-03-20 10:00")
            appealed(trade, at, "2020-03-21 10:00", ground="seller_does_not_deliver")
            other = Trade(world, at, proof).placed(on="2020-03-20 09:00").paid("2020-03-20 10:00")
            request_unsubscription(other.flow, amount="1.00", reason="other", by=other.buyer, at=at("2020-03-21 10:00"))

    for count in (1, 8):
        fill(count)
        for url in (page("appeals"), page("supervision") + "?view=appeals", page("unsubscriptions") + "?view=all",
                    page("carriers")):  # fmt: skip
            with django_assert_max_num_queries(10):
                assert operator.get(url).status_code == 200


# ---- The platform's review -------------------------------------------------------------------------------------------


def test_a_delivery_is_approved(operator, reviewed):
    review = words(operator.get(page("review", reviewed.line)))
    assert "Key file sent" in review
    assert "proof.pdf" in review
    assert ">Review</a>" in operator.get(page("flow", reviewed.line)).content.decode()
    assert "asked to accept or reject" in words(operator.post(page("approval", reviewed.line)))
    answer = operator.post(page("approval", reviewed.line), OK, follow=True)
    assert "Approved. Meridian Logistics is asked to accept it." in words(answer)
    assert reviewed.flow.state == "wait_acceptance"
    assert "There is nothing to review now" in words(operator.get(page("review", reviewed.line), follow=True))
    assert operator.post(page("approval", reviewed.line), OK).status_code == 409


def test_a_delivery_is_sent_back_with_a_reason(operator, world, reviewed):
    url = page("sending-back", reviewed.line)
    for reason in ("", " ", "x" * 1001):
        answer = operator.post(url, {"reason": reason, **OK})
        assert answer.status_code == 422
        assert reason in answer.content.decode()
    assert reviewed.flow.state == "wait_platform_review"
    assert "deliver again" in words(operator.post(url, {"reason": "No key in it"}))
    answer = operator.post(url, {"reason": "No key in it", **OK}, follow=True)
    assert "Sent back. Northwind Software reads your reason." in words(answer)
    assert reviewed.flow.state == "wait_delivery"
    for who, start in (("buyer", "my"), ("seller", "seller")):
        assert "No key in it" in words(browser(world, who).get(f"/{start}/supervision/{reviewed.line}/")), who
    answer = operator.post(url, {"reason": "Again", **OK})
    assert (answer.status_code, "It stands at" in words(answer)) == (409, True)


# ---- Sign-off by hand ------------------------------------------------------------------------------------------------


def test_a_sign_off_is_noted_by_hand(operator, goods, at):
    url = page("sign-off", goods.number)
    assert "Note the sign-off" in words(operator.get(page("flow", goods.number)))
    said = words(operator.get(url))
    assert "Swiftline Express" in said
    assert "SW-1" in said
    assert "You vouch" in words(operator.post(url, {"signed_at": "2025-06-20T14:00"}))
    answer = operator.post(url, {"signed_at": "2025-06-20T14:00", **OK}, follow=True)
    assert "Noted." in words(answer)
    shipment = Shipment.objects.get()
    assert (shipment.signed_at, shipment.signed_source, shipment.phone_matches) == (
        at("2025-06-20 14:00"),
        "operator",
        True,
    )
    assert Flow.objects.get().accept_due_at == at("2025-06-30 14:00")
    assert "There is no parcel" in words(operator.get(url, follow=True))
    assert "There is no parcel" in words(operator.post(url, {"signed_at": "2025-06-20T15:00", **OK}, follow=True))
    assert Fact.objects.filter(verb="note_sign_off").count() == 1


@pytest.mark.parametrize(
    "typed", ["", "tomorrow", "2025-02-30T10:00", "2025-06-21T09:01", "2025-06-17T09:59", "9999-01-01T00:00"]
)
def test_a_sign_off_at_no_possible_time(operator, goods, typed):
    answer = operator.post(page("sign-off", goods.number), {"signed_at": typed, **OK})
    assert answer.status_code == 422
    assert not typed or f'value="{typed}"' in answer.content.decode()
    assert Shipment.objects.get().signed_at is None


def test_there_is_nothing_to_sign_for_without_a_parcel(operator, trade):
    trade.placed().paid().delivered()
    assert "There is no parcel" in words(operator.get(page("sign-off", trade.line), follow=True))
    assert "Note the sign-off" not in words(operator.get(page("flow", trade.line)))


# ---- Override --------------------------------------------------------------------------------------------------------


def test_an_override_shows_in_both_timelines(operator, world, trade, at):
    trade.placed().paid().delivered()
    url = page("override", trade.line)
    said = words(operator.get(url))
    assert "Resume" not in said
    assert "your reason stand in their operation logs" in said
    given = {"decision": "accept_for_buyer", "note": "The customer was bought up and answers nobody"}
    assert "who have not asked for it" in words(operator.post(url, given))
    assert trade.flow.state == "wait_acceptance"
    answer = operator.post(url, given | OK, follow=True)
    assert "Both sides are told and read your reason." in words(answer)
    assert (trade.flow.state, trade.flow.accepted_by) == ("completed", "operator")
    for who, start in (("buyer", "my"), ("seller", "seller"), ("operator", "operations")):
        said = words(browser(world, who).get(f"/{start}/supervision/{trade.line}/"))
        assert "The customer was bought up and answers nobody" in said, who
        assert "Ines Moreau" in said, who
    assert "There is nothing left to decide" in words(operator.get(url, follow=True))
    assert operator.post(url, given | OK).status_code == 409


def test_an_override_refunds(operator, world, trade):
    trade.placed().paid()
    before = balance_of(world.members["buyer"].organisation_id, "USD")
    url = page("override", trade.line)
    assert "Return to the seller" not in words(operator.get(url)), "it is with the seller already"
    operator.post(url, {"decision": "terminate_and_refund", "amount": "12.34", "note": "The seller is gone", **OK})
    assert trade.flow.state == "terminated"
    assert balance_of(world.members["buyer"].organisation_id, "USD") - before == Money.of("12.34", "USD")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"decision": "accept_for_buyer", "note": " "}, "A reason is needed."),
        ({"decision": "accept_for_buyer", "note": "x" * 2001}, "at most 2,000 characters"),
        ({"decision": "resume", "note": "x"}, "Choose a decision."),
        ({"decision": "terminate_and_refund", "note": "x", "amount": "1000000"}, "More than 0 and at most"),
    ],
)
def test_a_refused_override_keeps_what_was_typed(operator, trade, given, message):
    trade.placed().paid().delivered()
    answer = operator.post(page("override", trade.line), given | OK)
    assert answer.status_code == 422
    assert message in words(answer)
    assert given["note"] in answer.content.decode()
    assert trade.flow.state == "wait_acceptance"


def test_what_is_held_is_not_overridden(operator, appeal, trade):
    url = page("override", trade.line)
    assert "An appeal is open" in words(operator.get(url, follow=True))
    answer = operator.post(url, {"decision": "accept_for_buyer", "note": "x", **OK})
    assert (answer.status_code, trade.flow.state) == (409, "wait_acceptance")
    details = words(operator.get(page("flow", trade.line)))
    assert "Decide the appeal" in details
    assert "Override" not in details


# ---- Unsubscriptions -------------------------------------------------------------------------------------------------


def test_unsubscriptions_that_wait_for_the_operator(operator, world, unanswered, trade, at, proof):
    other = Trade(world, at, proof).placed(on="2020-01-20 09:00").paid("2020-01-20 10:00")
    request_unsubscription(other.flow, amount="1.00", reason="other", by=other.buyer, at=at("2020-01-20 11:00"))
    stands(at("2020-01-21 09:00"))
    waiting = words(operator.get(page("unsubscriptions")))
    assert trade.number in waiting
    assert other.number not in waiting
    everything = words(operator.get(page("unsubscriptions") + "?view=all"))
    assert other.number in everything
    assert other.number in words(operator.get(page("unsubscriptions") + "?view=all&status=pending_review"))
    assert trade.number not in words(operator.get(page("unsubscriptions") + "?view=all&status=pending_review"))
    assert operator.get(page("unsubscriptions") + "?status=lost").status_code == 422
    assert "Decide the unsubscription" in words(operator.get(page("flow", trade.line)))
    said = words(operator.get(page("unsubscription", unanswered.public_id)))
    for text in (
        "250.00 USD",
        "No longer needed",
        "We closed the branch",
        "Your turn: decide the unsubscription",
        "Agree",
        "Reject",
    ):
        assert text in said, text
    seller_turn = words(operator.get(page("unsubscription", Unsubscription.objects.get(flow=other.flow).public_id)))
    assert "Review comments" not in seller_turn


def test_the_operator_agrees(operator, world, unanswered, trade, at):
    before = balance_of(world.members["buyer"].organisation_id, "USD")
    url = page("unsubscription-agreement", unanswered.public_id)
    letter = SimpleUploadedFile("agreed.pdf", b"%PDF-1.4\n%%EOF\n", "application/pdf")
    answer = operator.post(url, {"comments": "The seller is silent", "files": letter, **OK}, follow=True)
    assert "Agreed. Both sides are told." in words(answer)
    assert "The seller is silent" in words(answer)
    assert "agreed.pdf" in words(answer)
    unanswered.refresh_from_db()
    assert (unanswered.state, unanswered.reviewed_by) == ("refunding", "Ines Moreau")
    press_due(until=at("2020-01-21 12:00"))
    assert trade.flow.state == "terminated"
    assert balance_of(world.members["buyer"].organisation_id, "USD") - before == Money.of("250.00", "USD")
    assert operator.post(url, {"comments": "Again", **OK}).status_code == 409


def test_the_operator_rejects(operator, world, unanswered, trade):
    second = colleague(world, "operator", "operations")
    url = page("unsubscription-rejection", unanswered.public_id)
    assert operator.post(url, {"comments": "It was delivered", **OK}).status_code == 302
    assert (Unsubscription.objects.get().state, trade.flow.held_by) == ("rejected", "")
    answer = second.post(page("unsubscription-agreement", unanswered.public_id), {"comments": "No, yes", **OK})
    assert answer.status_code == 409
    assert "It stands at “Rejected”." in words(answer)


def test_a_refused_review_keeps_what_was_typed(operator, unanswered):
    agree = page("unsubscription-agreement", unanswered.public_id)
    reject = page("unsubscription-rejection", unanswered.public_id)
    for url, given, message in (
        (agree, {"comments": "Without a file", **OK}, "acceptance document of the part that is kept"),
        (agree, {"comments": "Not asked", "files": ""}, "Tick the box above the buttons"),
        (agree, {"comments": "A program", "files": SimpleUploadedFile("x.exe", b"MZ"), **OK}, "x.exe"),
        (reject, {"comments": " ", **OK}, "A comment is needed."),
        (reject, {"comments": "y" * 1001, **OK}, "at most 1,000 characters"),
        (reject, {"comments": SCRIPT}, "Tick the box above the buttons"),
    ):
        answer = operator.post(url, given)
        assert answer.status_code == 422, message
        assert message in words(answer)
        assert (
            given["comments"].replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#x27;")
            in answer.content.decode()
        )
        assert SCRIPT not in answer.content.decode()
    assert Unsubscription.objects.get().state == "wait_operator"


def test_shipped_goods_come_back_first(operator, goods, world, at):
    request_unsubscription(goods, amount="3900.00", reason="other", by=world.actor("buyer"), at=at("2025-06-18 10:00"))
    press_due(until=at("2025-07-04 00:00"))
    stands(at("2025-07-04 09:00"))
    row = Unsubscription.objects.get()
    assert "asked to send the goods back" in words(operator.get(page("unsubscription", row.public_id)))
    letter = SimpleUploadedFile("agreed.pdf", b"%PDF-1.4\n%%EOF\n", "application/pdf")
    operator.post(page("unsubscription-agreement", row.public_id), {"comments": "Yes", "files": letter, **OK})
    row.refresh_from_db()
    assert row.state == "wait_return"


# ---- Carriers --------------------------------------------------------------------------------------------------------

NEW = {"code": "parcelair", "name": "Parcel Air", "tracking_url": "https://air.example/{number}"}


def test_a_carrier_is_added_and_its_secret_shown_once(operator):
    answer = operator.post(page("carriers"), NEW)
    row = Carrier.objects.get(code="parcelair")
    assert (row.name, row.tracking_url, row.offered, len(row.secret)) == ("Parcel Air", NEW["tracking_url"], True, 43)
    assert answer.headers["Cache-Control"] == "no-store"
    said = words(answer)
    assert row.secret in said
    assert "/callbacks/carriers/parcelair/" in said
    for url in (page("carriers"), page("carrier", "parcelair")):
        assert row.secret not in operator.get(url).content.decode()
    assert "/callbacks/carriers/parcelair/" in words(operator.get(page("carrier", "parcelair")))
    again = operator.post(page("carriers"), NEW | {"name": "Taken over"})
    assert again.status_code == 422
    assert "There is a carrier with this code" in words(again)
    assert Carrier.objects.get(code="parcelair").secret == row.secret


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"code": "Parcel Air"}, "small letters, digits and hyphens"),
        ({"code": ""}, "small letters, digits and hyphens"),
        ({"code": "a\0b"}, ""),
        ({"name": ""}, "name"),
        ({"name": SCRIPT * 10}, "name"),
        ({"name": "Swiftline Express"}, "There is another carrier of this name."),
        ({"tracking_url": "javascript:alert(1)"}, "Write an address such as"),
        ({"tracking_url": "https://air.example/" + "x" * 175 + "{number}"}, "at most 200 characters"),
    ],
)
def test_a_refused_carrier_keeps_what_was_typed(operator, given, message):
    answer = operator.post(page("carriers"), NEW | given)
    if given.get("code") == "a\0b":
        assert Carrier.objects.filter(code="ab").exists(), "nobody types NUL, and nobody's browser sends it"
        return
    assert answer.status_code == 422
    assert message in words(answer)
    assert SCRIPT not in answer.content.decode()
    assert 'value="Parcel Air"' in answer.content.decode() or "name" in given
    assert Carrier.objects.count() == 2


def test_a_carrier_is_changed_withdrawn_and_offered_again(operator):
    url, before = page("carrier", "swiftline"), Carrier.objects.get(code="swiftline")
    assert operator.post(url, {"name": "Swiftline", "tracking_url": ""}).status_code == 302
    row = Carrier.objects.get(code="swiftline")
    assert (row.name, row.tracking_url, row.secret) == ("Swiftline", "", before.secret)
    assert operator.post(url, {"name": "Oceanic Freight", "tracking_url": "x"}).status_code == 422
    assert "Parcels under way are followed" in words(operator.post(page("carrier-withdrawal", "swiftline")))
    assert Carrier.objects.get(code="swiftline").offered
    operator.post(page("carrier-withdrawal", "swiftline"), OK)
    assert not Carrier.objects.get(code="swiftline").offered
    assert "Withdrawn" in words(operator.get(page("carriers")))
    assert operator.post(page("carrier-secret", "swiftline"), OK).status_code == 404
    operator.post(url, {"name": "Swiftline", "tracking_url": ""})
    assert Carrier.objects.get(code="swiftline").offered


def test_a_new_secret_replaces_the_old_one(operator):
    before = Carrier.objects.get(code="swiftline")
    assert "signs with the old secret is refused" in words(operator.post(page("carrier-secret", "swiftline")))
    assert Carrier.objects.get(code="swiftline").secret == before.secret
    answer = operator.post(page("carrier-secret", "swiftline"), OK)
    row = Carrier.objects.get(code="swiftline")
    assert row.secret != before.secret
    assert row.secret in words(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    assert (row.name, row.tracking_url) == (before.name, before.tracking_url)


def test_a_get_changes_nothing(operator, appeal):
    pages = pages_of(appeal.flow.number, appeal.public_id)
    before = (Fact.objects.count(), list(Carrier.objects.values()))
    for url in pages.decided:
        if "none" not in url:
            assert operator.get(url).status_code in (200, 302), url
    assert (Fact.objects.count(), list(Carrier.objects.values())) == before
