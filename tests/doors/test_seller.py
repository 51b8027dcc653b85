"""The Seller Console, page by page: right and scope, what it shows, what it refuses, what it keeps."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from people import SCRIPT, Trade, browser, colleague, stands, uploaded

from opengallery.doors.exports import make_export
from opengallery.kit.models import StoredFile
from opengallery.market.billing.actions import grant_credit
from opengallery.market.billing.models import Bill, Payee, Transaction
from opengallery.market.catalog.models import Product
from opengallery.market.journal.models import Fact
from opengallery.market.orders.actions import pay_order
from opengallery.market.policy.actions import change_setting
from opengallery.market.supervision.actions import reject_delivery
from opengallery.market.timetable.actions import press_due

PDF = b"%PDF-1.4\n%%EOF\n"
spec = pytest.mark.spec
LISTS = ("products", "orders", "supervision", "exports", "transactions", "bills")


@pytest.fixture
def trade(world, at, proof):
    """One purchase to be told."""
    return Trade(world, at, proof)


@pytest.fixture
def seller(world):
    """The seller's browser."""
    return browser(world, "seller")


def row_of(page, number):
    """The table row that tells of an order."""
    rows = re.findall(r"<tr>.*?</tr>", page.content.decode(), re.DOTALL)
    return next((row for row in rows if number in row), "")


def words(html):
    """What is written on it."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def upload(name="proof.pdf", body=PDF):
    return SimpleUploadedFile(name, body)


def deliver(client, trade, **fields):
    """Send the delivery form as the page does after "OK"."""
    said = {"service_result": "Key file sent", "deliverables": [upload()], "deliverables_kind": ["acceptance"],
            "enabling_time": "", "confirmed": "1"} | fields  # fmt: skip
    return client.post(reverse("seller:delivery", args=[trade.line]), said)


# ---- Right and scope -------------------------------------------------------------------------------------------------


def pages_of(trade):
    """Every page of the console about one billed sale."""
    bill = Bill.objects.get()
    sale = Transaction.objects.get(key=trade.line)
    key = StoredFile.objects.get(deliverable__delivery__flow=trade.flow).key
    return {
        "own": [
            reverse("seller:order", args=[trade.number]), reverse("seller:flow", args=[trade.line]),
            reverse("seller:delivery", args=[trade.line]), reverse("seller:file", args=[trade.line, key]),
            reverse("seller:transaction", args=[sale.public_id]), reverse("seller:bill", args=[bill.public_id]),
        ],
        "lists": [reverse("seller:home"), *(reverse(f"seller:{name}") for name in LISTS)],
    }  # fmt: skip


@pytest.fixture
def billed(trade, at):
    """A sale whose bill is drawn."""
    trade.placed().paid().delivered().accepted()
    press_due(until=at("2020-04-30 00:00"))
    stands(at("2020-04-30 00:00"))
    return trade


@pytest.mark.spec("AT-85")
def test_what_belongs_to_others_does_not_exist(world, billed):
    pages = pages_of(billed)
    for stranger in ("other_seller", "buyer", "other_buyer"):
        client = browser(world, stranger)
        assert {client.get(url).status_code for url in pages["own"]} == {404}, stranger
        for url in pages["lists"]:
            page = client.get(url)
            assert page.status_code == 200
            assert billed.number not in page.content.decode()


def test_a_visitor_is_asked_to_log_in_and_a_role_without_the_right_is_told(world, billed, client):
    pages = pages_of(billed)
    for url in pages["own"] + pages["lists"]:
        answer = client.get(url)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/account/login/?next=")
    purchaser = colleague(world, "seller", "purchaser")
    assert {purchaser.get(url).status_code for url in pages["own"] + pages["lists"]} == {403}


def test_each_role_sees_what_its_rights_name(world, trade):
    trade.placed().paid()
    delivery = colleague(world, "seller", "delivery")
    assert delivery.get(reverse("seller:delivery", args=[trade.line])).status_code == 200
    assert delivery.get(reverse("seller:transactions")).status_code == 403
    assert b"Not billed yet" not in delivery.get(reverse("seller:home")).content
    assert b"Why is this not billed yet" not in delivery.get(reverse("seller:flow", args=[trade.line])).content
    finance = colleague(world, "seller", "finance")
    assert finance.get(reverse("seller:delivery", args=[trade.line])).status_code == 403
    assert finance.get(reverse("seller:transactions")).status_code == 200
    assert "License delivered offline" not in finance.get(reverse("seller:supervision")).content.decode()


def test_every_page_shows_to_its_own(seller, billed):
    pages = pages_of(billed)
    for url in pages["own"] + pages["lists"]:
        answer = seller.get(url)
        assert answer.status_code in (200, 302), url
        assert b"".join(answer) is not None
    away = seller.get(reverse("seller:delivery", args=[billed.line]))
    assert away["Location"] == reverse("seller:flow", args=[billed.line])


# ---- Service Supervision ---------------------------------------------------------------------------------------------


@pytest.mark.spec("AT-01")
def test_the_row_says_license_delivered_offline(seller, trade):
    trade.placed().paid()
    row = row_of(seller.get(reverse("seller:supervision")), trade.number)
    assert f'<a href="{reverse("seller:delivery", args=[trade.line])}">License delivered offline</a>' in row
    assert f'<a href="{reverse("seller:flow", args=[trade.line])}">Details</a>' in row
    assert "Waiting for the seller to provide the service" in row
    assert "Processing" in row
    assert "1,000.00 USD" in row


@pytest.mark.spec("AT-02")
def test_an_unpaid_order_is_not_in_supervision(seller, trade):
    trade.placed()
    assert trade.number not in seller.get(reverse("seller:supervision")).content.decode()
    assert "Pending payment" in row_of(seller.get(reverse("seller:orders")), trade.number)


def test_once_delivered_the_row_only_offers_details(seller, trade):
    trade.placed().paid().delivered()
    row = row_of(seller.get(reverse("seller:supervision")), trade.number)
    assert "License delivered offline" not in row
    assert "Details" in row
    assert "Waiting for the user to confirm acceptance" in row


def test_a_delivery_that_is_late_is_marked(seller, trade, at):
    trade.placed().paid("2020-01-01 10:00")
    assert "Overdue" not in row_of(seller.get(reverse("seller:supervision")), trade.number)
    stands(at("2020-01-03 10:00:01"))
    assert "Overdue" in row_of(seller.get(reverse("seller:supervision")), trade.number)
    assert "1 overdue" in words(seller.get(reverse("seller:home")).content.decode())


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, True), ({"product": "ledgerline"}, True), ({"product": "harbor"}, False), ({"customer": "merid"}, True),
        ({"placed_from": "2020-01-01", "placed_to": "2020-01-01"}, True), ({"placed_from": "2020-01-02"}, False),
        ({"flow_status": "wait_delivery"}, True), ({"flow_status": "wait_acceptance"}, False),
        ({"flow_status": "Waiting for the seller to provide the service"}, True),
        ({"order_status": "processing"}, True), ({"order_status": "completed"}, False),
    ],
)  # fmt: skip
def test_search_criteria_of_supervision(seller, trade, query, found):
    trade.placed().paid()
    page = seller.get(reverse("seller:supervision"), query)
    assert (trade.number in page.content.decode()) == found
    by_number = seller.get(reverse("seller:supervision"), query | {"order_no": trade.number})
    assert (trade.line in by_number.content.decode()) == found


@pytest.mark.parametrize(
    "query", [{"flow_status": "nonsense"}, {"colour": "red"}, {"placed_from": "2020-02-02", "placed_to": "2020-02-01"},
              {"placed_from": "tomorrow"}, {"cursor": "stale"}],
)  # fmt: skip
def test_criteria_that_make_no_sense_are_refused_and_kept(seller, trade, query):
    trade.placed().paid()
    page = seller.get(reverse("seller:supervision"), query)
    assert page.status_code == 422
    assert trade.number not in page.content.decode()
    assert 'role="alert"' in page.content.decode()
    if "placed_from" in query:
        assert f'value="{query["placed_from"]}"' in page.content.decode()


def test_the_newer_name_of_the_list_keeps_the_criteria(seller):
    answer = seller.get("/seller/delivery/?flow_status=wait_delivery")
    assert (answer.status_code, answer["Location"]) == (302, "/seller/supervision/?flow_status=wait_delivery")


# ---- Deliver service -------------------------------------------------------------------------------------------------


def test_the_form_reads_as_the_guide_says(seller, trade):
    trade.placed().paid()
    page = words(seller.get(reverse("seller:delivery", args=[trade.line])).content.decode())
    for text in ("Deliver service", "Service result", "Deliverables", "Actual enabling time", "optional"):
        assert text in page
    assert "From the day of payment (2020-01-01) to now" in page
    assert "Left empty, the validity period starts with the acceptance." in page


@pytest.mark.spec("AT-03")
def test_delivering(world, seller, trade, at):
    trade.placed().paid()
    stands(at("2020-02-20 12:00"))
    answer = deliver(
        seller, trade, deliverables=[upload(body=PDF.ljust(1024 * 1024)), upload("sow.pdf")],
        deliverables_kind=["acceptance", "sow"],
    )  # fmt: skip
    assert answer["Location"] == reverse("seller:flow", args=[trade.line])
    assert trade.flow.label == "Waiting for the user to confirm acceptance"
    assert trade.order.label == "Processing"
    page = seller.get(answer["Location"]).content.decode()
    assert "Meridian Logistics is asked to accept it" in page
    delivery = trade.flow.deliveries.get()
    assert [(part.file.name, part.kind) for part in delivery.deliverables.all()] == [
        ("proof.pdf", "acceptance"), ("sow.pdf", "sow"),
    ]  # fmt: skip
    assert delivery.submitted_at == at("2020-02-20 12:00")
    row = row_of(browser(world, "buyer").get("/my/supervision/"), trade.number)
    assert "Accept service" in row


@pytest.mark.spec("AT-04")
def test_without_ok_nothing_changes(seller, trade):
    trade.placed().paid()
    before = Fact.objects.count()
    page = deliver(seller, trade, confirmed=[])
    assert page.status_code == 422
    assert "Tick the box" in page.content.decode()
    assert "Key file sent" in page.content.decode()
    assert trade.flow.state == "wait_delivery"
    assert (uploaded().count(), Fact.objects.count()) == (0, before)


@pytest.mark.spec("AT-102")
@pytest.mark.parametrize("text", ["", "   \r\n ", "x" * 1001])
def test_the_service_result_has_1_to_1000_characters(seller, trade, text):
    trade.placed().paid()
    page = deliver(seller, trade, service_result=text)
    assert page.status_code == 422
    assert "The service result" in words(page.content.decode())
    assert trade.flow.state == "wait_delivery"
    assert uploaded().count() == 0
    if text.strip():
        assert text in page.content.decode()


def test_a_line_end_counts_as_one_character(seller, trade):
    trade.placed().paid()
    assert deliver(seller, trade, service_result="\r\n".join(["x" * 249] * 4)).status_code == 302
    assert "\r" not in trade.flow.deliveries.get().service_result


@pytest.mark.spec("AT-99")
@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([("tool.exe", b"MZ")], "tool.exe: this kind of file is not accepted"),
        ([("empty.pdf", b"")], "empty.pdf: the file is empty"),
        ([("large.pdf", PDF.ljust(20 * 1024 * 1024 + 1))], "large.pdf: the file is larger than 20 MB"),
        ([(f"f{n}.pdf", PDF) for n in range(1, 12)], "f11.pdf: at most 10 files"),
        ([("page.pdf", b"<html><script>alert(1)</script></html>")], "page.pdf: the content is not"),
        ([], "At least one deliverable is needed"),
    ],
)
def test_files_that_are_not_accepted_are_named(seller, trade, files, said):
    trade.placed().paid()
    page = deliver(seller, trade, deliverables=[upload(*file) for file in files])
    assert page.status_code == 422
    assert said in words(page.content.decode()).replace("&#x27;", "'")
    assert "Key file sent" in page.content.decode()
    assert trade.flow.state == "wait_delivery"
    assert uploaded().count() == 0


@pytest.mark.spec("AT-99")
def test_exactly_20_megabytes_are_accepted(seller, trade):
    trade.placed().paid()
    assert deliver(seller, trade, deliverables=[upload(body=PDF.ljust(20 * 1024 * 1024))]).status_code == 302


def test_an_unknown_kind_of_file_is_refused_at_its_field(seller, trade):
    trade.placed().paid()
    page = deliver(seller, trade, deliverables_kind=["poem"])
    assert page.status_code == 422
    assert "poem" in page.content.decode()


def test_without_script_one_kind_holds_for_all_files(seller, trade):
    trade.placed().paid()
    deliver(seller, trade, deliverables=[upload("a.pdf"), upload("b.pdf")], deliverables_kind=["sow"])
    assert [part.kind for part in trade.flow.deliveries.get().deliverables.all()] == ["sow", "sow"]


@pytest.mark.parametrize(
    ("typed", "on", "said"),
    [
        pytest.param("2025-04-01T12:00", "2025-05-20 10:00", "before the day of payment", marks=spec("AT-23")),
        pytest.param("2025-04-02T00:00", "2025-05-20 10:00", "", marks=spec("AT-24")),
        pytest.param("2025-05-11T00:00", "2025-05-10 10:00", "cannot be in the future", marks=spec("AT-25")),
        pytest.param("2025-02-30", "2025-05-20 10:00", "Write a date and time", marks=spec("AT-26")),
        pytest.param("tomorrow", "2025-05-20 10:00", "Write a date and time", marks=spec("AT-26")),
        pytest.param("", "2025-05-20 10:00", "", marks=spec("AT-26")),
    ],
)
def test_the_actual_enabling_time(seller, trade, at, typed, on, said):
    trade.placed(on="2025-04-02 14:00").paid("2025-04-02 15:00")
    stands(at(on))
    page = deliver(seller, trade, enabling_time=typed)
    if not said:
        assert page.status_code == 302
        expected = at("2025-04-02 00:00") if typed else None
        assert trade.flow.deliveries.get().enabling_time == expected
        return
    assert page.status_code == 422
    html = page.content.decode()
    assert said in html
    assert f'value="{typed}"' in html
    assert 'id="id_enabling_time_error"' in html
    assert trade.flow.state == "wait_delivery"


@pytest.mark.spec("AT-35")
def test_without_the_switch_the_field_is_not_there_and_not_used(world, seller, trade, at):
    change_setting("enabling_time_field", False, reason="as in 2025", by=world.actor("operator"), at=at("2019-12-31"))
    trade.placed().paid()
    assert b"Actual enabling time" not in seller.get(reverse("seller:delivery", args=[trade.line])).content
    deliver(seller, trade, enabling_time="2020-01-01T00:00")
    assert trade.flow.deliveries.get().enabling_time is None


@pytest.mark.spec("AT-14")
def test_delivering_twice_is_refused_and_the_text_kept(seller, trade):
    trade.placed().paid()
    deliver(seller, trade)
    page = deliver(seller, trade, service_result="again")
    assert page.status_code == 409
    assert "That step is not open now" in page.content.decode()
    assert "again" in page.content.decode()
    assert (trade.flow.deliveries_count, uploaded().count()) == (1, 1)


@pytest.mark.spec("AT-101")
def test_script_is_shown_and_not_run(world, seller, trade, at):
    trade.placed().paid().delivered(result=SCRIPT)
    reject_delivery(trade.flow, reason=SCRIPT, by=world.actor("buyer"), at=at("2020-02-21 10:00"))
    Product.objects.update(name=SCRIPT)
    for url in [reverse("seller:flow", args=[trade.line]), reverse("seller:delivery", args=[trade.line]),
                reverse("seller:order", args=[trade.number]), reverse("seller:products"),
                reverse("seller:orders") + f"?product={SCRIPT}"]:  # fmt: skip
        html = seller.get(url).content.decode()
        assert SCRIPT not in html
        assert "&lt;script&gt;" in html


# ---- Details ---------------------------------------------------------------------------------------------------------


def test_details_answer_at_a_glance(world, seller, trade, at):
    trade.placed().paid().delivered()
    reject_delivery(trade.flow, reason="key invalid", by=world.actor("buyer"), at=at("2020-02-21 10:00"))
    trade.delivered("2020-02-22 12:00", result="New key").accepted()
    page = words(seller.get(reverse("seller:flow", args=[trade.line])).content.decode())
    for text in ("Accepted; the order completes by itself", "Delivery 2", "Delivery 1", "key invalid", "New key",
                 "proof.pdf", "Seller", "Clara Brandt", "Service delivered", "Delivery rejected",
                 "Why is this not billed yet?", "The customer has paid", "Earliest bill: cycle 202003",
                 "1 Mar 2020 – 1 Mar 2021"):  # fmt: skip
        assert text in page, text


@pytest.mark.spec("AT-104")
def test_the_operation_log_names_time_actor_action_from_to_note(world, seller, trade, at):
    trade.placed().paid().delivered()
    reject_delivery(trade.flow, reason="key invalid", by=world.actor("buyer"), at=at("2020-02-21 10:00"))
    page = seller.get(reverse("seller:flow", args=[trade.line])).content.decode()
    log = words(page[page.index("Operation log") :])
    rejected = log[log.index("Delivery rejected") :]
    for text in ("21 Feb 2020, 10:00", "Lin Wei · Meridian Logistics", "Waiting for the user to confirm acceptance",
                 "Waiting for the seller to provide the service", "key invalid"):  # fmt: skip
        assert text in rejected


def test_a_deliverable_comes_as_an_attachment(seller, trade):
    trade.placed().paid().delivered()
    key = uploaded().get().key
    answer = seller.get(reverse("seller:file", args=[trade.line, key]))
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.spec("AT-85")
def test_a_file_is_found_only_under_its_own_flow(seller, world, at, proof, trade):
    trade.placed().paid().delivered()
    other = Trade(world, at, proof).placed(on="2020-01-02 09:00").paid("2020-01-02 10:00")
    key = uploaded().get().key
    assert seller.get(reverse("seller:file", args=[other.line, key])).status_code == 404
    assert seller.get(f"/seller/supervision/{trade.line}/files/nothing/").status_code == 404


# ---- Orders and exports ----------------------------------------------------------------------------------------------


@pytest.mark.spec("AT-86")
@pytest.mark.parametrize(
    ("query", "status", "found"),
    [
        ({"full_name": "lin"}, 200, True), ({"full_name": "nobody"}, 200, False), ({"username": "linwei"}, 200, True),
        ({"product": "Accounting"}, 200, True), ({"status": "processing"}, 200, True), ({"status": "lost"}, 422, False),
        ({"placed_from": "2020-01-01", "placed_to": "2020-01-31"}, 200, True),
        ({"placed_from": "2020-02-01", "placed_to": "2020-01-31"}, 422, False),
    ],
)  # fmt: skip
def test_search_criteria_of_orders(seller, trade, query, status, found):
    trade.placed().paid()
    page = seller.get(reverse("seller:orders"), query)
    assert (page.status_code, trade.number in page.content.decode()) == (status, found)


@pytest.mark.spec("AT-87")
def test_export_and_its_history(world, seller, trade):
    trade.placed().paid()
    page = seller.get(reverse("seller:orders"), {"status": "processing"})
    assert '<input type="hidden" name="status" value="processing">' in page.content.decode()
    assert seller.post(reverse("seller:exports"), {"status": "processing"}).status_code == 302
    assert "Being made" in seller.get(reverse("seller:exports")).content.decode()
    from opengallery.doors.models import Export

    export = Export.objects.get()
    url = reverse("seller:export", args=[export.public_id])
    assert seller.get(url).status_code == 404
    make_export(export.public_id)
    history = seller.get(reverse("seller:exports")).content.decode()
    assert url in history
    assert b"".join(seller.get(url).streaming_content).startswith(b"PK")
    assert browser(world, "other_seller").get(url).status_code == 404
    assert browser(world, "buyer").get(url).status_code == 404


def test_an_export_with_criteria_that_make_no_sense_is_refused(seller, trade):
    trade.placed().paid()
    assert seller.post(reverse("seller:exports"), {"status": "lost"}).status_code == 422
    assert "No exports yet" in seller.get(reverse("seller:exports")).content.decode()


# ---- Transactions and bills ------------------------------------------------------------------------------------------


def test_each_unbilled_row_says_which_condition_fails(world, seller, trade, at, proof):
    trade.placed().paid()
    page = seller.get(reverse("seller:transactions"))
    assert "Waiting for the seller to provide the service" in row_of(page, trade.number)
    trade.delivered()
    page = seller.get(reverse("seller:transactions"))
    assert "Waiting for the user to confirm acceptance" in row_of(page, trade.number)
    Payee.objects.filter(pk=world.members["seller"].organisation_id).update(certified_at=None)
    page = seller.get(reverse("seller:transactions"))
    assert "Your business information is not certified" in row_of(page, trade.number)
    sale = Transaction.objects.get()
    details = words(seller.get(reverse("seller:transaction", args=[sale.public_id])).content.decode())
    for text in ("It is your turn", "waiting since", "Platform fee 15", "850.00 USD", "platform_fee_bp"):
        assert text in details


@pytest.mark.spec("AT-93")
def test_a_sale_on_credit_says_so(world, seller, trade, at):
    trade.placed()
    buyer = world.members["buyer"].organisation
    grant_credit(buyer, limit=trade.order.total)
    pay_order(trade.order, method="credit", by=trade.buyer, at=at("2020-01-01 10:00"))
    page = seller.get(reverse("seller:transactions"))
    assert "has not repaid the credit" in row_of(page, trade.number)
    assert "Unpaid" in row_of(page, trade.number)


def test_search_criteria_of_transactions(seller, billed):
    for query, found in [({"bill_status": "billed"}, True), ({"bill_status": "unbilled"}, False),
                         ({"supervision": "completed"}, True), ({"supervision": "in_progress"}, False),
                         ({"cycle": "202003"}, True), ({"cycle": "202002"}, False), ({"customer": "merid"}, True),
                         ({"order_no": billed.number}, True), ({"order_no": "CS99"}, False)]:  # fmt: skip
        page = seller.get(reverse("seller:transactions"), query)
        assert (page.status_code, "Ledgerline Accounting" in page.content.decode()) == (200, found), query
    for query in ({"bill_status": "lost"}, {"supervision": "lost"}, {"cycle": "2020"}, {"colour": "red"}):
        assert seller.get(reverse("seller:transactions"), query).status_code == 422


def test_a_bill_with_its_derivation(seller, billed):
    row = row_of(seller.get(reverse("seller:bills")), "202003")
    assert "850.00 USD" in row
    bill = Bill.objects.get()
    page = words(seller.get(reverse("seller:bill", args=[bill.public_id])).content.decode())
    for text in (billed.line, "1,000.00 USD", "− 150.00 USD", "850.00 USD", "15", "Pending approval",
                 "7 Apr 2020, 02:00", "the total is rounded once"):  # fmt: skip
        assert text in page, text


@pytest.mark.spec("TB2")
def test_lines_are_exact_and_the_total_is_rounded_once(world, seller, at, proof):
    prices = world.specifications["license_one_time"].skus.get().prices
    prices.update(amount_units=1_003_000_000)
    for day in (1, 2, 3):
        trade = Trade(world, at, proof).placed("license_one_time", on=f"2020-01-0{day} 09:00")
        trade.paid(f"2020-01-0{day} 10:00").delivered(f"2020-01-0{day} 11:00").accepted(f"2020-01-0{day} 12:00")
    press_due(until=at("2020-02-28 00:00"))
    page = words(seller.get(reverse("seller:bill", args=[Bill.objects.get().public_id])).content.decode())
    assert page.count("8.5255 USD") == 3
    assert "Exact sum of the lines 25.5765 USD" in page
    assert "Rounding 0.0035 USD" in page
    assert "Total 25.58 USD" in page


@pytest.mark.spec("AT-92")
def test_without_certification_the_pages_say_why_they_are_empty(world, seller, trade, at):
    Payee.objects.filter(pk=world.members["seller"].organisation_id).update(certified_at=None)
    trade.placed().paid().delivered().accepted()
    press_due(until=at("2020-04-30 00:00"))
    for url in (reverse("seller:home"), reverse("seller:bills")):
        assert "Your business information is not certified" in seller.get(url).content.decode()


# ---- Lists cost the same whatever their rows -------------------------------------------------------------------------


@pytest.mark.parametrize("name", LISTS)
def test_statements_of_a_list_do_not_grow_with_its_rows(world, seller, at, proof, name, django_assert_max_num_queries):
    def sell(count):
        for _ in range(count):
            trade = Trade(world, at, proof).placed(on="2020-01-01 09:00").paid("2020-01-01 09:00")
        seller.post(reverse("seller:exports"), {})
        return trade

    url = reverse(f"seller:{name}")
    sell(1)
    with django_assert_max_num_queries(10) as asked:
        seller.get(url)
        of_one = len(asked)
    sell(12)
    with django_assert_max_num_queries(of_one):
        page = seller.get(url)
    assert page.status_code == 200


def test_pages_of_a_list_follow_each_other(world, seller, at, proof):
    numbers = set()
    for minute in range(22):
        when = at("2020-01-01 09:00") + timedelta(minutes=minute)
        numbers.add(Trade(world, at, proof).placed(on=f"{when:%Y-%m-%d %H:%M}").number)
    first = seller.get(reverse("seller:orders"), {"status": "pending_payment"})
    following = re.search(r'rel="next" href="([^"]+)"', first.content.decode()).group(1).replace("&amp;", "&")
    assert "status=pending_payment" in following
    second = seller.get(following)
    seen = [set(re.findall(r"CS\d{10}[A-Z0-9]{4}", page.content.decode())) for page in (first, second)]
    assert [len(some) for some in seen] == [20, 2]
    assert seen[0] | seen[1] == numbers
