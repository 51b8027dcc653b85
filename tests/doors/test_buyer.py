"""My Gallery: orders, deliveries, licences, money, people; for whom, and what is refused."""

import io
import re
import zipfile
from html import unescape

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from people import SCRIPT, Trade, browser, colleague, stands

from opengallery.doors.exports import make_export
from opengallery.doors.models import Export
from opengallery.kit.money import Money
from opengallery.market.billing.actions import grant_credit, top_up_balance
from opengallery.market.identity.actions import actor_of_token, add_member, found_organisation
from opengallery.market.identity.models import ApiKey
from opengallery.market.journal.models import Fact
from opengallery.market.notices.actions import send_notices
from opengallery.market.orders.actions import place_order
from opengallery.market.orders.models import Order, Resource
from opengallery.market.supervision.models import Flow
from opengallery.market.timetable.actions import press_due

OK = {"confirmed": "1"}


@pytest.fixture
def trade(world, at, proof):
    return Trade(world, at, proof)


@pytest.fixture
def buyer(world):
    return browser(world, "buyer")


def text_of(response):
    found = response.content.decode()
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found)).split())


def body_of(download):
    """A file, read to its end, at which the test client closes it."""
    return b"".join(download.streaming_content) if download.streaming else download.content


def pages_of(trade):
    """Every page of one purchase, with the right that it needs."""
    resource = f"res_{trade.line}"
    order, line = f"/my/orders/{trade.number}/", f"/my/supervision/{trade.line}/"
    consent = trade.order.consents.first()
    file = trade.flow.deliveries.get().deliverables.get().file_id
    return {
        order: "orders:view",
        f"{order}payment/": "orders:pay",
        f"{order}cancellation/": "orders:buy",
        f"{order}texts/{consent.text_id}/": "orders:view",
        line: "orders:view",
        f"{line}files/{file}/": "orders:view",
        f"{line}dossier/": "orders:view",
        f"{line}acceptance/": "orders:accept",
        f"{line}rejection/": "orders:accept",
        f"{line}reminder/": "orders:accept",
        f"{line}retraction/": "orders:accept",
        f"/my/resources/{resource}/": "orders:view",
    }


LISTS = tuple(
    f"/my/{name}"
    for name in ("", "orders/", "supervision/", "resources/", "exports/", "balance/", "organisation/", "messages/")
)


# ---- Who may see and do what


@pytest.mark.spec("AT-85")
def test_what_belongs_to_others_does_not_exist(world, trade):
    """For another buyer, another seller, and on this side also for the seller of the order: 404, GET and POST."""
    trade.placed().paid().delivered()
    before = Fact.objects.count()
    for name in ("other_buyer", "other_seller", "seller"):
        client = browser(world, name)
        for url in pages_of(trade):
            for method in ("get", "post"):
                answer = getattr(client, method)(url, OK | {"reason": "mine"} if method == "post" else None)
                assert answer.status_code == 404, (name, method, url)
                assert trade.number not in text_of(answer).replace(url, "")
    for name in ("other_buyer", "other_seller", "seller"):
        for url in LISTS:
            assert trade.number not in text_of(browser(world, name).get(url)), (name, url)
    assert Fact.objects.count() == before
    assert trade.flow.state == "wait_acceptance"


def test_visitors_are_asked_to_log_in(world, trade):
    trade.placed().paid().delivered()
    for url in [*pages_of(trade), *LISTS]:
        answer = Client().get(url)
        assert (answer.status_code, answer.url) == (302, f"/account/login/?next={url}")


@pytest.mark.parametrize("role", ["purchaser", "acceptor", "delivery", "finance", "viewer"])
def test_each_page_needs_the_right_it_names(world, trade, role):
    from opengallery.market.identity.rights import ROLES

    trade.placed().paid().delivered()
    client = colleague(world, "buyer", role)
    for url, right in pages_of(trade).items():
        answer = client.get(url)
        body_of(answer)
        allowed = right in ROLES[role][1]
        assert (answer.status_code == 403) is not allowed, (role, url, answer.status_code)
        if not allowed:
            assert "Your role does not include this" in text_of(answer)


def test_the_operator_has_no_gallery(world, trade):
    trade.placed().paid().delivered()
    operator = browser(world, "operator")
    assert operator.get("/my/orders/").status_code == 403
    assert operator.get(f"/my/orders/{trade.number}/").status_code == 403
    assert operator.get("/my/organisation/").status_code == 200


@pytest.mark.parametrize("url", ["/my/orders/CS0000000000XXXX/", "/my/supervision/CS0000000000XXXX-000001/",
                                 "/my/resources/res_x/", "/my/exports/exp_x/", "/my/orders/%00/"])  # fmt: skip
def test_what_does_not_exist_is_not_found(buyer, url):
    answer = buyer.get(url)
    assert answer.status_code == 404
    assert "There is nothing here that you can see" in text_of(answer)


# ---- Orders


def test_an_unpaid_order_waits_for_the_buyer(world, trade, buyer):
    trade.placed()
    page = text_of(buyer.get(f"/my/orders/{trade.number}/"))
    for words in ("Pending payment", "Your turn: pay the order", "canceled for good", "Begins with the payment",
                  "100,000.00 USD available", "within 2 days after payment", "End user license agreement"):  # fmt: skip
        assert words in page
    assert "Pay" in text_of(buyer.get("/my/orders/"))


@pytest.mark.spec("AT-01")
def test_paying_starts_the_delivery(world, trade, buyer):
    """No request is asked of the buyer, and there is nothing to accept yet."""
    trade.placed()
    stands(trade.at("2020-01-01 10:00"))
    paid = buyer.post(f"/my/orders/{trade.number}/payment/", OK | {"method": "balance"})
    assert (paid.status_code, paid.url) == (302, f"/my/orders/{trade.number}/")
    assert trade.order.label == "Processing"
    assert Flow.objects.get(line__order=trade.order).label == "Waiting for the seller to provide the service"
    row = text_of(buyer.get("/my/supervision/"))
    assert "Waiting for the seller to provide the service" in row
    assert "Accept service" not in row
    assert "View Details" in row
    assert buyer.get(f"/my/supervision/{trade.line}/acceptance/").status_code == 200
    assert "There is nothing to accept" in text_of(buyer.get(f"/my/supervision/{trade.line}/acceptance/"))


def test_without_a_script_a_page_asks_before_money_moves(world, trade, buyer):
    trade.placed()
    asked = buyer.post(f"/my/orders/{trade.number}/payment/", {"method": "balance"})
    assert "1,000.00 USD will be taken" in text_of(asked)
    assert '<input type="hidden" name="method" value="balance">' in asked.content.decode()
    assert trade.order.label == "Pending payment"


def test_opening_the_address_of_an_action_leads_back(world, trade, buyer):
    trade.placed().paid().delivered()
    for action, back in (("payment", f"/my/orders/{trade.number}/"), ("cancellation", f"/my/orders/{trade.number}/")):
        assert buyer.get(f"/my/orders/{trade.number}/{action}/").url == back
    for action in ("reminder", "retraction"):
        assert buyer.get(f"/my/supervision/{trade.line}/{action}/").url == f"/my/supervision/{trade.line}/"


def test_paying_twice_is_told(world, trade, buyer):
    trade.placed().paid()
    again = buyer.post(f"/my/orders/{trade.number}/payment/", OK | {"method": "balance"})
    assert again.status_code == 409
    assert "That step is not open now." in text_of(again)
    assert "99,000.00 USD" in text_of(buyer.get("/my/balance/"))


def test_a_balance_that_is_too_low_is_shown_before_and_refused(world, trade):
    trade.placed("license_yearly", quantity=101)
    buyer = browser(world, "buyer")
    page = buyer.get(f"/my/orders/{trade.number}/")
    assert "This does not cover the order" in text_of(page)
    assert 'data-confirm="pay"' not in page.content.decode()
    refused = buyer.post(f"/my/orders/{trade.number}/payment/", OK | {"method": "balance"})
    assert refused.status_code == 409
    assert "1,000.00 USD are missing" in text_of(refused)
    assert trade.order.label == "Pending payment"


def test_credit_is_offered_to_those_who_have_it(world, trade, buyer):
    trade.placed()
    assert "Credit" not in text_of(buyer.get(f"/my/orders/{trade.number}/"))
    assert buyer.post(f"/my/orders/{trade.number}/payment/", OK | {"method": "credit"}).status_code == 409
    assert buyer.post(f"/my/orders/{trade.number}/payment/", OK | {"method": "gold"}).status_code == 422
    grant_credit(world.members["buyer"].organisation, limit=Money.of("5000", "USD"))
    assert "5,000.00 USD available" in text_of(buyer.get(f"/my/orders/{trade.number}/"))
    assert buyer.post(f"/my/orders/{trade.number}/payment/", OK | {"method": "credit"}).status_code == 302
    assert "4,000.00 USD" in text_of(buyer.get("/my/balance/"))


def test_canceling_an_order(world, trade, buyer):
    trade.placed()
    assert "cannot be restored" in text_of(buyer.post(f"/my/orders/{trade.number}/cancellation/"))
    assert trade.order.label == "Pending payment"
    assert buyer.post(f"/my/orders/{trade.number}/cancellation/", OK).status_code == 302
    assert trade.order.label == "Canceled"
    page = text_of(buyer.get(f"/my/orders/{trade.number}/"))
    assert "Your turn" not in page
    assert buyer.post(f"/my/orders/{trade.number}/payment/", OK).status_code == 409
    assert buyer.post(f"/my/orders/{trade.number}/cancellation/", OK).status_code == 409


@pytest.mark.spec("AT-80")
def test_an_order_that_is_not_paid_in_time_is_canceled(world, trade, buyer):
    trade.placed(on="2025-06-01 10:00")
    stands(trade.at("2025-06-08 10:00"))
    late = buyer.post(f"/my/orders/{trade.number}/payment/", OK)
    assert late.status_code == 409
    press_due(until=trade.at("2025-06-08 10:00"))
    assert trade.order.label == "Canceled"
    assert trade.number in text_of(buyer.get("/my/orders/"))


def test_the_agreed_text_is_shown_word_for_word(world, trade, buyer):
    trade.placed()
    consent = trade.order.consents.get(text__kind="eula")
    page = text_of(buyer.get(f"/my/orders/{trade.number}/texts/{consent.text_id}/"))
    assert "non-exclusive right to use the software" in page
    assert consent.text_id in page
    assert buyer.get(f"/my/orders/{trade.number}/texts/{'0' * 64}/").status_code == 404


@pytest.mark.spec("AT-86")
@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ({}, 2), ({"product": "ledgerline"}, 1), ({"product": "backup"}, 1), ({"full_name": "lin"}, 2),
        ({"username": "linwei"}, 2), ({"username": "nobody"}, 0), ({"status": "pending_payment"}, 1),
        ({"status": "Processing"}, 1), ({"placed_from": "2020-01-02"}, 1), ({"placed_to": "2020-01-01"}, 1),
        ({"placed_from": "2020-01-01", "placed_to": "2020-01-02"}, 2), ({"customer": "meridian"}, 2),
        ({"customer": "kestrel"}, 0), ({"product": "%"}, 0),
    ],
)  # fmt: skip
def test_orders_are_found_by_every_criterion(world, at, trade, buyer, query, hits):
    trade.placed().paid()
    place_order([world.choice("license_monthly")], by=trade.buyer, at=at("2020-01-02 09:00"))
    place_order([world.choice("license_monthly")], by=world.actor("other_buyer"), at=at("2020-01-02 09:00"))
    answer = buyer.get("/my/orders/", query)
    assert answer.status_code == 200
    assert len(set(re.findall(r"/my/orders/(CS\w+)/", answer.content.decode()))) == hits
    if hits == 0:
        assert "Nothing matches" in text_of(answer)


@pytest.mark.spec("AT-86")
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"status": "lost"}, "There is no status"),
        ({"placed_from": "2020-02-01", "placed_to": "2020-01-01"}, "ends before it begins"),
        ({"placed_from": "2020-02-30"}, "Write a day as"),
        ({"colour": "red"}, "There is no such filter"),
        ({"cursor": "nonsense"}, "cursor"),
    ],
)
@pytest.mark.parametrize("url", ["/my/orders/", "/my/supervision/"])
def test_criteria_that_make_no_sense_are_refused_and_kept(world, buyer, url, query, words):
    query = {
        "order_status" if name == "status" and "supervision" in url else name: value for name, value in query.items()
    }
    answer = buyer.get(url, query | {"product": "kept"})
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert 'value="kept"' in answer.content.decode()


def test_an_order_number_finds_its_order(world, at, trade, buyer):
    trade.placed()
    place_order([world.choice("license_monthly")], by=trade.buyer, at=at("2020-01-02 09:00"))
    for url in ("/my/orders/", "/my/supervision/"):
        found = buyer.get(url, {"order_no": trade.number}).content.decode()
        assert len(set(re.findall(r"/my/orders/(CS\w+)/", found))) == (1 if url == "/my/orders/" else 0)


@pytest.mark.spec("AT-87")
def test_export_and_its_history(world, at, trade, buyer):
    seller = world.members["seller"]
    Order.objects.filter(pk=trade.placed().order.pk).update(customer_name="=HYPERLINK(1)")
    trade.paid()
    other = place_order([world.choice("license_one_time")], by=trade.buyer, at=at("2020-01-01 11:00"))
    Order.objects.filter(pk=other.pk).update(customer_name="=HYPERLINK(1)")
    asked = buyer.post("/my/exports/", {"status": "pending_payment", "csrfmiddlewaretoken": "x"})
    assert asked.url == "/my/exports/"
    assert "Being made" in text_of(buyer.get("/my/exports/"))
    export = Export.objects.get()
    assert buyer.get(f"/my/exports/{export.public_id}/").status_code == 404
    make_export(public_id=export.public_id)
    assert "Ready" in text_of(buyer.get("/my/exports/"))
    file = buyer.get(f"/my/exports/{export.public_id}/")
    assert file["Content-Disposition"].startswith("attachment")
    assert file["X-Content-Type-Options"] == "nosniff"
    sheet = openpyxl.load_workbook(io.BytesIO(body_of(file))).active
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[3] for row in rows[1:]] == ["Plan & Print CAD Viewer"]
    [cell] = [cell for cell in sheet[2] if cell.value == "=HYPERLINK(1)"]
    assert cell.data_type == "s"
    for name in ("other_buyer", "seller", "other_seller"):
        assert browser(world, name).get(f"/my/exports/{export.public_id}/").status_code == 404
        assert "Ready" not in text_of(browser(world, name).get("/my/exports/"))
    assert seller.organisation_id != export.organisation_id
    press_due(until=export.expires_at)
    from opengallery.doors.exports import drop_old_exports

    drop_old_exports(at=export.expires_at)
    assert "Expired" in text_of(buyer.get("/my/exports/"))
    assert buyer.get(f"/my/exports/{export.public_id}/").status_code == 404


@pytest.mark.parametrize("filters", [{"status": "lost"}, {"colour": "red"}, {"placed_from": "soon"}])
def test_an_export_that_makes_no_sense_is_refused_at_once(world, buyer, filters):
    assert buyer.post("/my/exports/", filters).status_code == 422
    assert buyer.post("/my/exports/", {"product": "a\0b"}).status_code == 302
    assert Export.objects.count() == 1


# ---- Service Supervision


@pytest.mark.spec("AT-03", "AT-05")
def test_accepting_a_delivery(world, trade, buyer):
    trade.placed().paid().delivered()
    assert "Accept service" in text_of(buyer.get("/my/supervision/"))
    stands(trade.at("2020-03-01 10:00"))
    page = text_of(buyer.get(f"/my/supervision/{trade.line}/acceptance/"))
    for words in ("Key file sent", "proof.pdf", "1 Mar 2020 – 1 Mar 2021", "at the moment of your acceptance"):
        assert words in page
    assert "over already" not in page
    asked = buyer.post(f"/my/supervision/{trade.line}/acceptance/")
    assert "1 Mar 2020, 13:00" in text_of(asked)
    assert trade.flow.state == "wait_acceptance"
    assert buyer.post(f"/my/supervision/{trade.line}/acceptance/", OK).url == f"/my/supervision/{trade.line}/"
    assert trade.flow.label == "Completed"
    assert trade.order.label == "Processing"
    assert "1 Mar 2020 – 1 Mar 2021" in text_of(buyer.get(f"/my/supervision/{trade.line}/"))
    press_due(until=trade.at("2020-03-01 13:00"))
    assert trade.order.label == "Completed"


@pytest.mark.spec("AT-18")
def test_a_period_that_is_over_already_is_warned_of(world, trade, buyer):
    trade.placed("license_monthly", on="2025-01-01 09:00").paid("2025-01-01 10:00")
    trade.delivered("2025-01-20 10:00", enabling="2025-01-01")
    stands(trade.at("2025-02-05 10:00"))
    for url in (f"/my/supervision/{trade.line}/", f"/my/supervision/{trade.line}/acceptance/"):
        page = text_of(buyer.get(url))
        assert "1 Jan 2025 – 1 Feb 2025" in page
        assert "This period is over already" in page
        assert "Grace period" in page
    assert "over already" in text_of(buyer.post(f"/my/supervision/{trade.line}/acceptance/"))
    buyer.post(f"/my/supervision/{trade.line}/acceptance/", OK)
    assert Resource.objects.get().label == "Grace period"


@pytest.mark.spec("AT-14", "AT-15", "AT-84")
def test_out_of_turn_is_told_and_changes_nothing(world, trade, buyer):
    trade.placed().paid()
    line = f"/my/supervision/{trade.line}/"
    for action in ("acceptance", "rejection", "retraction"):
        answer = buyer.post(f"{line}{action}/", OK | {"reason": "Too early"})
        assert answer.status_code == 409, action
        assert "That step is not open now." in text_of(answer)
    trade.delivered().accepted()
    facts = Fact.objects.count()
    for action in ("acceptance", "rejection"):
        assert buyer.post(f"{line}{action}/", OK | {"reason": "Too late"}).status_code == 409
    press_due(until=trade.at("2020-03-01 13:00"))
    stands(trade.at("2020-03-01 13:00"))
    facts = Fact.objects.count()
    assert buyer.post(f"{line}retraction/", OK | {"reason": "Too late"}).status_code == 409
    assert Fact.objects.count() == facts


@pytest.mark.spec("AT-10")
def test_rejecting_with_a_reason(world, trade, buyer):
    trade.placed().paid().delivered()
    assert "Reject the delivery?" in text_of(
        buyer.post(f"/my/supervision/{trade.line}/rejection/", {"reason": "key invalid"})
    )
    assert buyer.post(f"/my/supervision/{trade.line}/rejection/", OK | {"reason": "key invalid"}).status_code == 302
    assert trade.flow.label == "Waiting for the seller to provide the service"
    assert trade.flow.delivery_rejections == 1
    page = text_of(buyer.get(f"/my/supervision/{trade.line}/"))
    assert "key invalid" in page
    assert "Rejected" in page
    trade.delivered("2020-03-10 10:00", result="New key")
    page = text_of(buyer.get(f"/my/supervision/{trade.line}/"))
    assert "Delivery 2" in page
    assert "Delivery 1" in page


@pytest.mark.spec("AT-11")
@pytest.mark.parametrize("reason", ["", "   ", "\r\n\t ", "x" * 1001])
@pytest.mark.parametrize("action", ["rejection", "retraction"])
def test_a_reason_is_needed(world, trade, buyer, reason, action):
    trade.placed().paid().delivered()
    if action == "retraction":
        trade.accepted()
    state = trade.flow.state
    answer = buyer.post(f"/my/supervision/{trade.line}/{action}/", OK | {"reason": reason})
    assert answer.status_code == 422
    assert "A reason" in text_of(answer)
    assert len(reason) < 1000 or reason in answer.content.decode()
    assert trade.flow.state == state


def test_a_reason_of_a_thousand_characters_with_line_ends_is_taken(world, trade, buyer):
    trade.placed().paid().delivered()
    reason = "x" * 499 + "\r\n" + "x" * 500
    assert buyer.post(f"/my/supervision/{trade.line}/rejection/", OK | {"reason": reason}).status_code == 302


def test_taking_an_acceptance_back(world, trade, buyer):
    trade.placed().paid().delivered().accepted()
    stands(trade.at("2020-03-01 12:59"))
    assert "Retract acceptance" in text_of(buyer.get(f"/my/supervision/{trade.line}/"))
    asked = buyer.post(f"/my/supervision/{trade.line}/retraction/", {"reason": "Wrong key"})
    assert "Take the acceptance back?" in text_of(asked)
    assert buyer.post(f"/my/supervision/{trade.line}/retraction/", OK | {"reason": "Wrong key"}).status_code == 302
    assert trade.flow.state == "wait_acceptance"
    assert Resource.objects.get().start_at is None
    assert "Retract acceptance" not in text_of(buyer.get(f"/my/supervision/{trade.line}/"))


@pytest.mark.spec("AT-103")
def test_reminding_the_seller(world, trade, buyer):
    trade.placed().paid()
    url = f"/my/supervision/{trade.line}/"
    assert 'reminder/"' in buyer.get(url).content.decode()
    sent = buyer.post(f"{url}reminder/", follow=True)
    assert "Northwind Software is reminded." in text_of(sent)
    assert "The next reminder is possible from 2 Jan 2020, 10:00" in text_of(sent)
    again = buyer.post(f"{url}reminder/")
    assert again.status_code == 409
    assert "The seller has been reminded already." in text_of(again)
    stands(trade.at("2020-01-02 10:00"))
    assert buyer.post(f"{url}reminder/").status_code == 302
    trade.delivered()
    assert buyer.post(f"{url}reminder/").status_code == 409
    assert Fact.objects.filter(verb="remind_seller").count() == 2


def test_an_overdue_delivery_says_so(world, trade, buyer):
    trade.placed().paid()
    stands(trade.at("2020-01-05 10:00"))
    assert "Overdue" in text_of(buyer.get("/my/supervision/"))
    assert "The delivery is overdue. You can remind the seller." in text_of(buyer.get(f"/my/supervision/{trade.line}/"))


def test_deliverables_are_downloaded_as_attachments(world, trade, buyer):
    trade.placed().paid().delivered()
    file = trade.flow.deliveries.get().deliverables.get().file
    answer = buyer.get(f"/my/supervision/{trade.line}/files/{file.key}/")
    assert body_of(answer) == b"%PDF-1.4\n%%EOF\n"
    assert answer["Content-Disposition"].startswith('attachment; filename="proof.pdf"')
    assert answer["X-Content-Type-Options"] == "nosniff"
    other = Trade(world, trade.at, trade.proof).placed().paid().delivered()
    assert buyer.get(f"/my/supervision/{other.line}/files/{file.key}/").status_code == 404


def test_the_dossier_can_be_taken_away(world, trade, buyer):
    trade.placed().paid().delivered()
    answer = buyer.get(f"/my/supervision/{trade.line}/dossier/")
    assert answer["Content-Disposition"] == f'attachment; filename="dossier-{trade.line}.zip"'
    names = zipfile.ZipFile(io.BytesIO(body_of(answer))).namelist()
    assert any("proof" in name or "file" in name for name in names)


@pytest.mark.spec("AT-101")
def test_script_in_every_text_is_shown_as_text(world, trade, buyer):
    trade.placed().paid().delivered(result=SCRIPT)
    buyer.post(f"/my/supervision/{trade.line}/rejection/", OK | {"reason": SCRIPT})
    trade.delivered("2020-03-01 10:00", result=SCRIPT).accepted("2020-03-01 11:00")
    buyer.post("/my/organisation/keys/", {"name": SCRIPT})
    bad = buyer.post(f"/my/supervision/{trade.line}/retraction/", OK | {"reason": SCRIPT * 100})
    assert bad.status_code == 422
    for answer in [bad, *(buyer.get(url) for url in [*LISTS, *pages_of_delivered(trade)]),
                   buyer.get("/my/orders/", {"product": SCRIPT}),
                   buyer.post("/my/organisation/keys/", {"name": SCRIPT * 9})]:  # fmt: skip
        assert SCRIPT.encode() not in answer.content
    assert "&lt;script&gt;" in buyer.get(f"/my/supervision/{trade.line}/").content.decode()


def pages_of_delivered(trade):
    flow = f"/my/supervision/{trade.line}/"
    order, resource = f"/my/orders/{trade.number}/", f"/my/resources/res_{trade.line}/"
    return order, flow, f"{flow}acceptance/", f"{flow}rejection/", resource


# ---- Purchased Apps and renewal


@pytest.mark.spec("AT-09")
def test_renewing_a_licence(world, trade, buyer):
    trade.placed().paid().delivered().accepted()
    press_due(until=trade.at("2020-03-01 13:00"))
    stands(trade.at("2021-02-01 10:00"))
    url = f"/my/resources/res_{trade.line}/"
    page = text_of(buyer.get(url))
    for words in ("1 Mar 2020 – 1 Mar 2021", "1 year – 1,000.00 USD", "Mon–Fri, 09:00–18:00 (GMT+01:00)", "Active"):
        assert words in page
    placed = buyer.post(url, {"period": "year:1"})
    renewal = Order.objects.get(type="renew")
    assert placed.url == f"/my/orders/{renewal.number}/"
    assert "Not needed for a renewal" in text_of(buyer.get(placed.url))
    assert buyer.post(f"{placed.url}payment/", OK).status_code == 302
    renewal.refresh_from_db()
    assert renewal.label == "Completed"
    assert not Flow.objects.filter(line__order=renewal).exists()
    page = text_of(buyer.get(url))
    assert "1 Mar 2020 – 1 Mar 2022" in page
    assert renewal.number in page


@pytest.mark.spec("AT-89")
def test_what_cannot_be_renewed_says_why(world, trade, buyer):
    trade.placed().paid()
    url = f"/my/resources/res_{trade.line}/"
    assert "Its first order is still under supervision." in text_of(buyer.get(url))
    refused = buyer.post(url, {"period": "year:1"})
    assert refused.status_code == 409
    assert Order.objects.count() == 1
    trade.delivered().accepted()
    press_due(until=trade.at("2022-01-01 00:00"))
    assert "It has been released." in text_of(buyer.get(url))


@pytest.mark.spec("AT-13")
def test_a_one_time_licence_never_ends(world, trade, buyer):
    trade.placed("license_one_time", on="2025-06-01 09:00").paid("2025-06-01 10:00")
    trade.delivered("2025-06-02 09:00").accepted("2025-06-02 10:00")
    press_due(until=trade.at("2025-06-02 13:00"))
    page = text_of(buyer.get(f"/my/resources/res_{trade.line}/"))
    assert "2 Jun 2025 – no end" in page
    assert "A one-time licence never ends." in page


@pytest.mark.parametrize("period", ["", "year:0", "year:9", "one_time:1", "month:1", "year:x", "year:²"])
def test_a_renewal_for_a_period_that_is_not_sold_is_refused(world, trade, buyer, period):
    trade.placed().paid().delivered().accepted()
    press_due(until=trade.at("2020-03-01 13:00"))
    stands(trade.at("2020-06-01 10:00"))
    answer = buyer.post(f"/my/resources/res_{trade.line}/", {"period": period})
    assert answer.status_code == 422
    assert Order.objects.count() == 1


def test_a_viewer_sees_licences_but_does_not_renew(world, trade):
    trade.placed().paid().delivered().accepted()
    press_due(until=trade.at("2020-03-01 13:00"))
    viewer = colleague(world, "buyer", "viewer")
    assert "Your role does not include buying" in text_of(viewer.get(f"/my/resources/res_{trade.line}/"))
    assert viewer.post(f"/my/resources/res_{trade.line}/", {"period": "year:1"}).status_code == 403


# ---- Overview, balance, organisation, messages


def test_the_overview_says_what_needs_somebody_now(world, trade, buyer):
    stands(trade.at("2020-01-01 09:00"))
    assert "Nothing needs you now" in text_of(buyer.get("/my/"))
    trade.placed()
    assert "Pay or cancel" in text_of(buyer.get("/my/"))
    trade.paid().delivered()
    page = text_of(buyer.get("/my/"))
    assert "Your turn" in page
    assert "99,000.00 USD" in page
    trade.accepted()
    press_due(until=trade.at("2020-03-01 13:00"))
    stands(trade.at("2021-02-15 10:00"))
    page = text_of(buyer.get("/my/"))
    assert "Ending soon" in page
    assert "Renew" in page


def test_the_statement_of_the_balance(world, at, trade, buyer):
    trade.placed().paid()
    top_up_balance(world.members["buyer"].organisation, amount=Money.of("12.34", "USD"), at=at("2020-01-02 10:00"))
    page = text_of(buyer.get("/my/balance/"))
    for words in ("99,012.34 USD", "12.34 USD", "-1,000.00 USD", "100,000.00 USD", trade.number):
        assert words in page
    assert trade.number not in text_of(browser(world, "other_buyer").get("/my/balance/"))
    assert "No movements yet" in text_of(browser(world, "seller").get("/my/balance/"))


def test_members_and_roles(world, buyer):
    colleague(world, "buyer", "acceptor")
    page = text_of(buyer.get("/my/organisation/"))
    for words in ("Lin Wei", "buyer@meridian.example", "Owner", "Acceptor", "Accept or reject deliveries"):
        assert words in page
    assert "Clara Brandt" not in page


def test_a_key_is_shown_once_works_and_is_revoked(world, at, buyer):
    stands(at("2020-01-01 09:00"))
    issued = buyer.post("/my/organisation/keys/", {"name": "Procurement"})
    [token] = re.findall(r'<code id="new-key">(og_[\w-]+)</code>', issued.content.decode())
    assert issued["Cache-Control"] == "private, no-store"
    assert token not in buyer.get("/my/organisation/").content.decode()
    actor, _key = actor_of_token(token, at=at("2020-01-01 10:00"))
    assert actor.organisation_name == "Meridian Logistics"
    key = ApiKey.objects.get(name="Procurement")
    url = f"/my/organisation/keys/{key.public_id}/revocation/"
    assert "Revoke this key?" in text_of(buyer.post(url))
    assert actor_of_token(token, at=at("2020-01-01 10:00"))
    for name in ("other_buyer", "seller"):
        assert browser(world, name).post(url, OK).status_code == 404
    assert colleague(world, "buyer", "purchaser").post(url, OK).status_code == 403
    assert buyer.get(url).status_code == 302
    assert buyer.post(url, OK).status_code == 302
    assert actor_of_token(token, at=at("2020-01-01 10:00")) is None
    assert "Revoked" in text_of(buyer.get("/my/organisation/"))


@pytest.mark.parametrize("name", ["", "  ", "n" * 81])
def test_a_key_needs_a_name(world, buyer, name):
    before = ApiKey.objects.count()
    answer = buyer.post("/my/organisation/keys/", {"name": name})
    assert answer.status_code == 422
    assert "1 to 80 characters" in text_of(answer)
    assert ApiKey.objects.count() == before


def test_somebody_of_two_organisations_chooses_for_whom_to_act(world, at, trade, buyer):
    trade.placed()
    second = found_organisation("Second Company", at=at("2020-01-01 09:00"))
    add_member(second, world.members["buyer"].user, role="owner")
    page = buyer.get("/my/organisation/").content.decode()
    assert "Second Company" in page
    switched = buyer.post("/my/organisation/acting/", {"organisation": second.public_id})
    assert switched.url == "/my/organisation/"
    assert buyer.get(f"/my/orders/{trade.number}/").status_code == 404
    assert trade.number not in text_of(buyer.get("/my/orders/"))
    foreign = world.members["seller"].organisation.public_id
    for wrong in (foreign, "", "\0"):
        assert buyer.post("/my/organisation/acting/", {"organisation": wrong}).status_code == 404
    assert "Second Company" in text_of(buyer.get("/my/organisation/"))


def test_messages_lead_to_what_they_are_about(world, trade, buyer):
    trade.placed().paid().delivered()
    send_notices(list(Fact.objects.of(trade.number)))
    page = buyer.get("/my/messages/").content.decode()
    assert f"Delivered: {trade.line}" in page
    assert f'href="/my/supervision/{trade.line}/"' in page
    assert f'href="/seller/supervision/{trade.line}/"' in browser(world, "seller").get("/my/messages/").content.decode()
    assert trade.number not in text_of(browser(world, "other_buyer").get("/my/messages/"))
    assert "New" in text_of(buyer.get("/my/messages/"))
    assert buyer.post("/my/messages/").status_code == 302
    assert "Mark all as read" not in text_of(buyer.get("/my/messages/"))


# ---- Costs


@pytest.mark.parametrize("url", [url for url in LISTS if url != "/my/organisation/"])
def test_a_list_costs_the_same_whatever_its_length(world, at, proof, buyer, url):
    def trade(day):
        made = Trade(world, at, proof).placed(on=f"2020-01-{day:02} 09:00").paid(f"2020-01-{day:02} 10:00")
        made.delivered(f"2020-01-{day:02} 11:00")
        Trade(world, at, proof).placed(on=f"2020-01-{day:02} 12:00")
        send_notices(list(Fact.objects.of(made.number)))
        from opengallery.doors.exports import request_export

        request_export("orders", side="buyer", filters={}, by=world.actor("buyer"), at=at(f"2020-01-{day:02} 12:00"))

    trade(1)
    with CaptureQueriesContext(connection) as one:
        buyer.get(url)
    for day in range(2, 31):
        trade(day)
    with CaptureQueriesContext(connection) as thirty:
        answer = buyer.get(url)
    assert answer.status_code == 200
    assert len(thirty) == len(one), [query["sql"][:120] for query in thirty]
    assert len(thirty) <= (14 if url == "/my/" else 10), len(thirty)


def test_lists_are_read_page_by_page(world, at, proof, buyer):
    numbers = {Trade(world, at, proof).placed(on="2020-01-01 09:00").number for _ in range(32)}
    first = buyer.get("/my/orders/", {"product": "ledgerline"}).content.decode()
    [following] = re.findall(r'href="([^"]+)" rel="next"|rel="next" href="([^"]+)"', first)
    second = buyer.get(unescape("".join(following))).content.decode()
    found = [set(re.findall(r"/my/orders/(CS\w+)/", page)) for page in (first, second)]
    assert found[0] | found[1] == numbers
    assert not found[0] & found[1]
