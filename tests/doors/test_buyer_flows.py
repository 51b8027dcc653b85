"""My Gallery: requests, codes, criteria, shipments, appeals, unsubscriptions; for whom, and what is refused."""

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from people import SCRIPT, Trade, browser, colleague, stands

from opengallery.market.journal.models import Fact
from opengallery.market.orders.actions import pay_order, place_order
from opengallery.market.orders.actions.place_order import Address
from opengallery.market.orders.models import DeliveryAddress, Order, OrderLine
from opengallery.market.policy.models import Value
from opengallery.market.purchasing.actions import change_purchasing_rules
from opengallery.market.supervision.actions import (
    accept_delivery,
    accept_request,
    activate_code,
    collect_code,
    decide_appeal,
    deliver_service,
    file_appeal,
    note_sign_off,
    prove_activation,
    reject_delivery,
    reject_request,
    ship_goods,
    submit_request,
)
from opengallery.market.supervision.models import Appeal, Flow, Shipment
from opengallery.market.timetable.actions import press_due
from opengallery.market.unsubscription.actions import (
    agree_unsubscription,
    refuse_return,
    reject_unsubscription,
    request_unsubscription,
)
from opengallery.market.unsubscription.models import Unsubscription

OK = {"confirmed": "1"}
HARBOUR = Address("Lin Wei", "+65 6123 4567", "8 Marina View, Singapore")
DAY = "2025-07-08"


class Deal(Trade):
    """A purchase of any kind, step by step."""

    def bought(self, what, on="2025-06-02 09:00", also=()):
        stands(self.at(on))
        address = HARBOUR if "hardware" in (what, *also) else None
        choices = [self.world.choice(name) for name in (what, *also)]
        self.number = place_order(choices, by=self.buyer, at=self.at(on), address=address).number
        self.line = f"{self.number}-000001"
        pay_order(self.order, method="balance", by=self.buyer, at=self.at(on))
        return self

    def does(self, verb, on, by="buyer", **said):
        """Somebody acts on the flow."""
        stands(self.at(on))
        return verb(self.flow, by=self.world.actor(by), at=self.at(on), **said)

    def asked(self, on="2025-06-03 09:00", text="Ledgers of three companies", **said):
        self.does(submit_request, on, text=text, **said)
        return self

    def agreed(self, on="2025-06-04 09:00"):
        self.does(accept_request, on, by="seller")
        return self

    def handed(self, on="2025-06-10 09:00", result="It is done", **said):
        answers = {item["number"]: f"Answer {item['number']}" for item in self.flow.line.terms.criteria}
        self.does(deliver_service, on, by="seller", service_result=result, files=[self.proof()],
                  **{"answers": answers, **said})  # fmt: skip
        return self

    def shipped(self, on="2025-06-17 09:00"):
        answers = {item["number"]: "Packed" for item in self.flow.line.terms.criteria}
        self.does(ship_goods, on, by="seller", carrier="swiftline", number="SW 100/7", remarks="Two parcels",
                  answers=answers)  # fmt: skip
        return self

    def undone(self, on=f"{DAY} 10:00", amount="100.00", **said):
        return self.does(request_unsubscription, on, amount=amount, reason="no_longer_needed", **said)

    @property
    def url(self):
        return f"/my/supervision/{self.line}/"


@pytest.fixture
def deal(world, at, proof):
    return Deal(world, at, proof)


@pytest.fixture
def buyer(world):
    return browser(world, "buyer")


def text_of(response):
    found = re.sub(r"<script.*?</script>|<dialog.*?</dialog>", " ", response.content.decode(), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found)).split())


def dialog_of(response):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", "".join(
        re.findall(r"<dialog.*?</dialog>", response.content.decode(), flags=re.S)))).split())  # fmt: skip


def operations_of(response):
    [cell] = re.findall(r'<td class="operation".*?</td>', response.content.decode(), flags=re.S)
    return re.findall(r">([^<]+)</a>", cell)


def pdf(name="sow.pdf"):
    return SimpleUploadedFile(name, b"%PDF-1.4\n%%EOF\n")


def steps_of(response):
    [bar] = re.findall(r'<ol class="steps".*?</ol>', response.content.decode(), flags=re.S)
    return [
        (state, " ".join(label.split()))
        for state, label in re.findall(r'data-state="(\w+)".*?steps__label">([^<]+)', bar, flags=re.S)
    ]


# ---- The list: what can be done in each state


@pytest.mark.spec("AT-36", "AT-37")
def test_the_row_says_what_to_do_in_each_state(deal, buyer):
    deal.bought("professional_service")
    assert operations_of(buyer.get("/my/supervision/")) == ["Submit Request", "View Details"]
    deal.asked()
    assert operations_of(buyer.get("/my/supervision/")) == ["View Details"]
    deal.agreed().handed()
    assert operations_of(buyer.get("/my/supervision/")) == ["Confirm Acceptance", "View Details"]
    deal.does(accept_delivery, "2025-06-11 09:00")
    assert operations_of(buyer.get("/my/supervision/")) == ["View Details"]


def test_a_licence_is_accepted_as_a_service(deal, buyer):
    deal.bought("license_yearly").handed()
    assert operations_of(buyer.get("/my/supervision/")) == ["Accept service", "View Details"]


def test_a_hold_is_seen_in_the_list_and_stops_every_step(deal, buyer):
    deal.bought("professional_service")
    deal.undone("2025-06-03 09:00")
    page = buyer.get("/my/supervision/")
    assert "Unsubscription under review" in text_of(page)
    assert operations_of(page) == ["View Details"]
    deal.does(file_appeal, "2025-06-03 10:00", ground="other_buyer", reason="Nobody answers")
    page = buyer.get("/my/supervision/")
    assert "Appeal open" in text_of(page)
    assert "Overdue" not in text_of(page)


def test_the_list_costs_the_same_whatever_its_length(world, at, proof, buyer):
    def one():
        deal = Deal(world, at, proof).bought("professional_service")
        deal.undone("2025-06-03 09:00")
        return Deal(world, at, proof).bought("saas_supervised")

    one()
    urls = ("/my/supervision/", "/my/unsubscriptions/")
    few = {}
    for url in urls:
        with CaptureQueriesContext(connection) as caught:
            buyer.get(url)
        few[url] = len(caught)
    for _ in range(4):
        one()
    for url in urls:
        with CaptureQueriesContext(connection) as caught:
            assert buyer.get(url).status_code == 200
        assert len(caught) == few[url] <= 10, url


# ---- The step bar and whose turn it is


@pytest.mark.parametrize(
    ("what", "labels"),
    [
        ("license_yearly", ["Service delivered", "Delivery accepted"]),
        ("professional_service", ["Request submitted", "Request accepted", "Service delivered", "Delivery accepted"]),
        ("hardware", ["Goods shipped", "Delivery accepted"]),
        ("license_code", ["Service delivered", "Code collected", "Activation proven"]),
        ("license_idcode", ["Request submitted", "Service delivered", "Delivery accepted"]),
        ("license_package", ["Delivery accepted"]),
    ],
)
def test_every_template_has_its_step_bar_and_its_turn(deal, buyer, what, labels):
    page = buyer.get(deal.bought(what).url)
    assert steps_of(page) == [
        ("done", "Order paid"), *zip(["current", *["todo"] * 9], [*labels, "Order completed"], strict=False)
    ]  # fmt: skip
    mine = {"professional_service": "Your turn: submit the request", "license_idcode": "Your turn: submit the request",
            "license_package": "Your turn: accept or reject the delivery"}  # fmt: skip
    assert mine.get(what, "The seller is to deliver the service") in text_of(page)


def test_the_platforms_review_is_a_step_of_its_own(world, at, deal, buyer):
    Value.objects.create(key="platform_review", value=True, valid_from=at("2025-01-01 00:00"))
    deal.bought("license_yearly").handed()
    page = buyer.get(deal.url)
    assert ("current", "Reviewed by the platform") in steps_of(page)
    assert "The platform is to review the delivery" in text_of(page)
    assert "then it is your turn" in text_of(page)


def test_a_software_package_is_accepted_without_a_delivery(deal, buyer):
    deal.bought("license_package")
    page = text_of(buyer.get(f"{deal.url}acceptance/"))
    assert "2 Jun 2025 – 2 Jun 2026" in page
    assert buyer.post(f"{deal.url}acceptance/", OK).url == deal.url
    assert deal.flow.state == "completed"


def test_a_rejected_software_package_is_mended_first(deal, buyer):
    deal.bought("license_package")
    assert buyer.post(f"{deal.url}rejection/", OK | {"reason": "It does not start", "cite_1": "1",
                                                     "met_by_1": "It starts"}).url == deal.url  # fmt: skip
    page = buyer.get(deal.url)
    assert steps_of(page)[1] == ("current", "Service delivered")
    assert steps_of(buyer.get(deal.handed("2025-06-10 09:00").url))[2] == ("current", "Delivery accepted")


def test_a_flow_that_was_undone_says_so(deal, buyer):
    deal.bought("license_yearly")
    row = deal.undone(amount="1000.00")
    agree_unsubscription(row, comments="Agreed", files=[deal.proof()], by=deal.seller, at=deal.at(f"{DAY} 11:00"))
    press_due(until=deal.at(f"{DAY} 14:00"))
    page = buyer.get(deal.url)
    assert steps_of(page)[-1] == ("done", "Terminated (unsubscribed)")
    assert "1,000.00 USD" in text_of(page)
    assert "Your turn" not in text_of(page)


@pytest.mark.parametrize(("days", "words"), [(0, "Nothing is accepted automatically"), (30, "accepted automatically")])
def test_an_automatic_acceptance_is_announced_with_its_time(world, at, deal, buyer, days, words):
    Value.objects.create(key="auto_accept_days_license", value=days, valid_from=at("2025-01-01 00:00"))
    page = text_of(buyer.get(deal.bought("license_yearly").handed().url))
    assert words in page
    assert ("If you neither accept nor reject by then" in page) is (days > 0)


# ---- Requests


@pytest.mark.spec("AT-37")
def test_a_request_with_a_file_goes_to_the_seller(deal, buyer):
    deal.bought("professional_service")
    page = buyer.get(f"{deal.url}request/")
    assert "Migration request.docx" in text_of(page)
    assert "Trial balances of the last 36 months agree" in text_of(page)
    assert "Until then you can withdraw it" in dialog_of(page)
    sent = buyer.post(f"{deal.url}request/", OK | {"text": "Three companies", "attachments": [pdf(), pdf("list.pdf")]})
    assert (sent.status_code, sent.url) == (302, deal.url)
    assert deal.flow.label == "Waiting for the seller to confirm the request"
    page = buyer.get(deal.url)
    for words in ("Request 1", "Three companies", "sow.pdf", "list.pdf", "Not answered", "Request submitted",
                  "The seller is to confirm the request", "You can remind the seller, or withdraw the request"):  # fmt: skip
        assert words in text_of(page)
    for url in re.findall(r'href="([^"]+/files/[^"]+)"', page.content.decode()):
        file = buyer.get(url)
        assert b"".join(file.streaming_content).startswith(b"%PDF")
        assert file["Content-Disposition"].startswith("attachment")
        assert browser(deal.world, "other_buyer").get(url).status_code == 404


def test_the_request_template_can_be_downloaded(deal, buyer):
    deal.bought("professional_service")
    [url] = set(re.findall(r'href="([^"]+/files/[^"]+)"', buyer.get(f"{deal.url}request/").content.decode()))
    assert b"".join(buyer.get(url).streaming_content).startswith(b"PK")
    other = Deal(deal.world, deal.at, deal.proof).bought("license_yearly")
    assert buyer.get(url.replace(deal.line, other.line)).status_code == 404


@pytest.mark.spec("AT-38")
@pytest.mark.parametrize(("text", "words"), [("", "A request is needed"), (" \r\n ", "A request is needed"),
                                             ("x" * 2001, "at most 2,000 characters")])  # fmt: skip
def test_an_empty_or_endless_request_is_refused_and_kept(deal, buyer, text, words):
    deal.bought("professional_service")
    answer = buyer.post(f"{deal.url}request/", OK | {"text": text})
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert text.strip() in answer.content.decode()
    assert deal.flow.state == "wait_request"


def test_a_file_that_is_refused_keeps_the_text_and_no_file(deal, buyer):
    deal.bought("professional_service")
    bad = SimpleUploadedFile("tool.exe", b"MZ")
    answer = buyer.post(f"{deal.url}request/", OK | {"text": "Typed long ago", "attachments": bad})
    assert answer.status_code == 422
    assert "tool.exe" in text_of(answer)
    assert "Typed long ago" in answer.content.decode()
    assert deal.flow.state == "wait_request"


def test_without_a_script_the_box_says_what_will_happen(deal, buyer):
    deal.bought("professional_service")
    answer = buyer.post(f"{deal.url}request/", {"text": "Kept"})
    assert answer.status_code == 422
    assert "Tick the box above the button" in text_of(answer)
    assert "Kept" in answer.content.decode()
    assert deal.flow.state == "wait_request"


@pytest.mark.spec("AT-39")
def test_a_rejected_request_is_corrected_and_both_versions_stay(deal, buyer):
    deal.bought("professional_service").asked(text="Everything")
    deal.does(reject_request, "2025-06-04 09:00", by="seller", reason="Which companies?")
    page = text_of(buyer.get(f"{deal.url}request/"))
    assert "Request 1 was rejected" in page
    assert "Which companies?" in page
    assert ">\nEverything</textarea>" in buyer.get(f"{deal.url}request/").content.decode()
    assert buyer.post(f"{deal.url}request/", OK | {"text": "Three companies"}).status_code == 302
    page = text_of(buyer.get(deal.url))
    for words in ("Request 2", "Three companies", "Request 1", "Everything", "Which companies?", "Rejected requests 1"):
        assert words in page


def test_a_request_is_withdrawn(deal, buyer):
    deal.bought("professional_service").asked()
    assert "Withdraw request" in text_of(buyer.get(deal.url))
    assert "it is your turn again" in dialog_of(buyer.get(deal.url))
    assert "Withdraw the request?" in text_of(buyer.post(f"{deal.url}request/withdrawal/"))
    assert deal.flow.state == "wait_request_confirm"
    assert buyer.post(f"{deal.url}request/withdrawal/", OK).url == deal.url
    assert deal.flow.state == "wait_request"
    assert deal.flow.request_rejections == 0
    assert "Withdrawn" in text_of(buyer.get(deal.url))
    late = buyer.post(f"{deal.url}request/withdrawal/", OK)
    assert late.status_code == 409
    assert "That step is not open now" in text_of(late)


@pytest.mark.parametrize(("code", "shown"), [("HW-77-A", "HW-77-A"), ("", "sys_")])
def test_the_code_of_a_machine_needs_no_answer(deal, buyer, code, shown):
    deal.bought("license_idcode")
    assert "Left empty, you get one" in text_of(buyer.get(f"{deal.url}request/"))
    assert "cannot be changed afterwards" in dialog_of(buyer.get(f"{deal.url}request/"))
    assert buyer.post(f"{deal.url}request/", OK | {"code": code, "text": ""}).status_code == 302
    assert deal.flow.state == "wait_delivery"
    page = text_of(buyer.get(deal.url))
    assert "Identification code" in page
    assert shown in page


def test_no_field_for_a_code_where_none_is_asked_for(deal, buyer):
    deal.bought("professional_service")
    assert 'name="code"' not in buyer.get(f"{deal.url}request/").content.decode()
    buyer.post(f"{deal.url}request/", OK | {"code": "smuggled", "text": "Three companies"})
    assert deal.flow.requests.get().code == ""


def test_a_step_that_is_not_open_has_no_form(deal, buyer):
    deal.bought("license_yearly")
    for place in ("request", "code"):
        page = buyer.get(f"{deal.url}{place}/")
        assert "This step is not open now" in text_of(page)
        assert "data-confirm" not in page.content.decode()
        assert buyer.post(f"{deal.url}{place}/", OK | {"text": "x", "second": "1", "again": "1"}).status_code == 409
    assert deal.flow.state == "wait_delivery"


# ---- Criteria and rejections


def rows_of(page):
    """The cells of each row of the newest delivery's criteria."""
    [table, *_older] = re.findall(r'<div class="criteria">.*?</table>', page.content.decode(), flags=re.S)
    rows = re.findall(r"<tr>\s*<td.*?</tr>", table, flags=re.S)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, flags=re.S) for row in rows]
    return [[" ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in row] for row in cells]


def test_each_criterion_stands_beside_what_proves_it(deal, buyer):
    deal.bought("professional_service").asked().agreed()
    deal.handed(answers={1: "All 412 items", 3: "Signed by both", 4: "Trained on 9 June"}, proves=[[2]])
    for url in (deal.url, f"{deal.url}acceptance/", f"{deal.url}rejection/"):
        rows = rows_of(buyer.get(url))
        assert [row[1] for row in rows] == ["All 412 items", "–", "Signed by both", "Trained on 9 June", "–"], url
        assert [row[2] for row in rows] == ["–", "proof.pdf", "–", "–", "–"]
        assert len(rows[0]) == 3  # nothing was rejected yet
        assert "may be left out" in rows[4][0]


def test_before_a_delivery_the_criteria_are_shown_alone(deal, buyer):
    deal.bought("professional_service")
    for url in (deal.url, f"{deal.url}request/"):
        page = text_of(buyer.get(url))
        assert "Two key users have been trained for half a day each." in page
        assert "A recording of the training is handed over. (may be left out)" in page


def test_a_rejection_cites_criteria_and_the_next_delivery_shows_them(deal, buyer):
    deal.bought("professional_service").asked().agreed().handed()
    said = {"reason": "Not all of it", "cite_2": "1", "met_by_2": "Balances of 2023"}
    assert buyer.post(f"{deal.url}rejection/", OK | said).url == deal.url
    page = text_of(buyer.get(deal.url))
    assert "Criteria that are not met" in page
    assert "It would be met by: Balances of 2023" in page
    deal.handed("2025-06-12 09:00", answers={1: "a", 2: "2023 added", 3: "c", 4: "d"})
    rows = rows_of(buyer.get(f"{deal.url}acceptance/"))
    assert [row[3] for row in rows] == ["–", "Cited Balances of 2023", "–", "–", "–"]
    assert rows[1][1] == "2023 added"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "Name at least one acceptance criterion"),
        ({"cite_1": "1"}, "What would satisfy criterion 1"),
        ({"cite_1": "1", "met_by_1": "x" * 501}, "at most 500 characters"),
        ({"cite_9": "1", "met_by_9": "there is no such criterion"}, "Name at least one acceptance criterion"),
    ],
)
def test_a_rejection_without_a_cited_criterion_is_refused_and_kept(deal, buyer, said, words):
    deal.bought("professional_service").asked().agreed().handed()
    answer = buyer.post(f"{deal.url}rejection/", OK | {"reason": "Typed long ago"} | said)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert "Typed long ago" in answer.content.decode()
    if "cite_1" in said:
        assert re.search(r'name="cite_1"[^>]*checked', answer.content.decode())
        assert said.get("met_by_1", "")[:500] in answer.content.decode()
    assert deal.flow.state == "wait_acceptance"


def test_whoever_writes_what_is_missing_means_it(deal, buyer):
    deal.bought("professional_service").asked().agreed().handed()
    buyer.post(f"{deal.url}rejection/", OK | {"reason": "No", "met_by_3": "Signed by us"})
    assert deal.flow.deliveries.get().cited == {"3": "Signed by us"}


def test_without_a_script_a_rejection_keeps_what_was_cited(deal, buyer):
    deal.bought("professional_service").asked().agreed().handed()
    asked = buyer.post(f"{deal.url}rejection/", {"reason": "No", "cite_1": "on", "met_by_1": "All items"})
    for hidden in ('name="cite_1" value="on"', 'name="met_by_1" value="All items"', 'name="reason" value="No"'):
        assert hidden in asked.content.decode()


# ---- Two people


def test_above_the_limit_two_people_have_to_accept(world, at, deal, buyer):
    change_purchasing_rules(
        approval_above="", acceptance_above="5000", purchase_order_required=False, cost_centre_required=False,
        by=deal.buyer, at=at("2025-01-01 09:00"),
    )  # fmt: skip
    deal.bought("professional_service").asked().agreed().handed()
    url = f"{deal.url}acceptance/"
    assert "one more person has to accept" in dialog_of(buyer.get(url))
    assert "one more person has to accept" in text_of(buyer.post(url))
    assert buyer.post(url, OK).url == deal.url
    assert deal.flow.state == "wait_acceptance"
    page = buyer.get(deal.url)
    assert "One more person has to accept" in text_of(page)
    assert "Lin Wei has accepted" in text_of(page)
    assert 'acceptance/"' not in page.content.decode()
    assert "You have accepted" in text_of(buyer.get(url))
    assert operations_of(buyer.get("/my/supervision/")) == ["View Details"]
    again = buyer.post(url, OK)
    assert again.status_code == 409
    assert "Somebody else has to accept as well" in text_of(again)
    second = colleague(world, "buyer", "acceptor")
    assert operations_of(second.get("/my/supervision/")) == ["Confirm Acceptance", "View Details"]
    assert "one more person" not in dialog_of(second.get(url))
    assert second.post(url, OK).status_code == 302
    assert deal.flow.state == "completed"


def test_below_the_limit_one_person_is_enough(at, deal, buyer):
    change_purchasing_rules(
        approval_above="", acceptance_above="7000", purchase_order_required=False, cost_centre_required=False,
        by=deal.buyer, at=at("2025-01-01 09:00"),
    )  # fmt: skip
    deal.bought("professional_service").asked().agreed().handed()
    assert "one more person" not in dialog_of(buyer.get(f"{deal.url}acceptance/"))
    buyer.post(f"{deal.url}acceptance/", OK)
    assert deal.flow.state == "completed"


# ---- Authorization codes


@pytest.mark.spec("AT-78")
def test_the_code_is_collected_after_two_confirmations(deal, buyer):
    deal.bought("license_code").handed(code="ROUTE-50-XY")
    assert operations_of(buyer.get("/my/supervision/")) == ["Collect the code", "View Details"]
    url = f"{deal.url}code/"
    for page in (buyer.get(deal.url), buyer.get(url)):
        assert "ROUTE-50-XY" not in page.content.decode()
    assert "can no longer be undone" in dialog_of(buyer.get(url))
    assert "can no longer be undone" in text_of(buyer.post(url))
    asked = buyer.post(url, OK)
    assert "I know that the purchase can no longer be undone" in text_of(asked)
    refused = buyer.post(url, OK | {"second": "1"})
    assert refused.status_code == 422
    assert "you are asked a second time" in text_of(refused)
    assert deal.flow.state == "wait_code_pickup"
    assert buyer.post(url, OK | {"second": "1", "again": "on"}).url == deal.url
    assert deal.flow.state == "wait_code_activation"
    page = buyer.get(deal.url)
    for words in ("ROUTE-50-XY", "not activated yet", "The seller is to prove the activation",
                  "The authorization code has been collected."):  # fmt: skip
        assert words in text_of(page)
    assert f'href="{deal.url}unsubscription/"' not in page.content.decode()
    again = buyer.post(url, OK | {"second": "1", "again": "on"})
    assert again.status_code == 409
    activate_code("ROUTE-50-XY", by=deal.seller, at=deal.at("2025-06-12 09:00"))
    deal.does(prove_activation, "2025-06-13 09:00", by="seller", service_result="Activated", files=[deal.proof()])
    page = buyer.get(deal.url)
    assert [state for state, _label in steps_of(page)] == ["done"] * 4 + ["current"]
    assert "activated" in text_of(page)


def test_the_seller_never_sees_the_customers_page_of_the_code(deal):
    deal.bought("license_code").handed(code="ROUTE-50-XY")
    deal.does(collect_code, "2025-06-11 09:00")
    assert browser(deal.world, "seller").get(deal.url).status_code == 404


# ---- Goods


@pytest.mark.spec("AT-46")
def test_a_shipment_is_followed(deal, buyer):
    deal.bought("hardware").shipped()
    page = buyer.get(deal.url)
    for words in ("Swiftline Express", "SW 100/7", "Two parcels", "not yet"):
        assert words in text_of(page)
    assert 'href="https://track.swiftline.example/SW%20100%2F7"' in page.content.decode()
    assert ("done", "Goods shipped") in steps_of(page)
    stands(deal.at("2025-06-20 15:00"))
    note_sign_off(Shipment.objects.get(), signed_at=deal.at("2025-06-20 14:00"), by=deal.world.actor("operator"),
                  at=deal.at("2025-06-20 15:00"))  # fmt: skip
    page = text_of(buyer.get(deal.url))
    assert "20 Jun 2025, 14:00" in page
    assert "accepted automatically" in page


@pytest.mark.spec("AT-50")
def test_a_parcel_of_another_telephone_says_that_nothing_is_accepted_by_itself(deal, buyer):
    from opengallery.kit.actor import CLOCK

    deal.bought("hardware").shipped()
    note_sign_off(Shipment.objects.get(), signed_at=deal.at("2025-06-20 14:00"), phone="+65 999", by=CLOCK,
                  at=deal.at("2025-06-20 15:00"))  # fmt: skip
    page = text_of(buyer.get(deal.url))
    assert "It is not accepted automatically" in page
    assert "Nothing is accepted automatically: it waits until you accept" in page


@pytest.mark.spec("AT-51")
def test_the_address_is_modified_until_the_goods_are_shipped(deal, buyer):
    deal.bought("hardware")
    order, url = f"/my/orders/{deal.number}/", f"/my/orders/{deal.number}/address/"
    page = text_of(buyer.get(order))
    for words in ("Delivery address", "8 Marina View, Singapore", "+65 6123 4567", "Modify address"):
        assert words in page
    assert "8 Marina View" in buyer.get(url).content.decode()
    said = {"recipient": "Tan Mei", "phone": "+65 6999 0000", "address": "1 Raffles Place\r\nSingapore"}
    assert buyer.post(url, said).url == order
    assert "1 Raffles Place" in text_of(buyer.get(order))
    assert DeliveryAddress.objects.get().address == "1 Raffles Place\nSingapore"
    deal.shipped()
    page = buyer.get(order)
    assert "Modify address" not in text_of(page)
    assert "the address can no longer be changed" in text_of(page)
    assert "can no longer be changed" in text_of(buyer.get(url))
    late = buyer.post(url, said | {"recipient": "Too late"})
    assert late.status_code == 409
    assert DeliveryAddress.objects.get().recipient == "Tan Mei"


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"recipient": " "}, "The recipient is needed"), ({"phone": "12"}, "5 to 20 digits"),
        ({"phone": ""}, "A phone number is needed"), ({"address": ""}, "The address is needed"),
        ({"address": "x" * 501}, "at most 500"), ({"recipient": "\0"}, "The recipient is needed"),
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_used_is_refused_and_kept(deal, buyer, bad, words):
    deal.bought("hardware")
    said = {"recipient": "Tan Mei", "phone": "+65 6999 0000", "address": "1 Raffles Place"}
    answer = buyer.post(f"/my/orders/{deal.number}/address/", said | bad)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert any(text in answer.content.decode() for text in ("Tan Mei", "1 Raffles Place"))
    assert DeliveryAddress.objects.get().recipient == "Lin Wei"


def test_nothing_is_shipped_so_there_is_no_address(deal, buyer):
    deal.bought("license_yearly")
    assert "Delivery address" not in text_of(buyer.get(f"/my/orders/{deal.number}/"))
    for method in (buyer.get, buyer.post):
        assert method(f"/my/orders/{deal.number}/address/").status_code == 404


# ---- Appeals


@pytest.mark.spec("AT-54", "AT-60")
def test_an_appeal_holds_the_delivery_until_it_is_decided(deal, buyer):
    deal.bought("license_yearly").handed()
    url = f"{deal.url}appeal/"
    page = buyer.get(url)
    assert "Initiate Appeal" in text_of(page)
    assert "The seller does not deliver" in text_of(page)
    assert "Letter of Commitment" not in text_of(page)
    assert "neither you nor Northwind Software can act" in dialog_of(page)
    said = {"ground": "delivery_not_as_agreed", "reason": "The key is for five users", "demand": "Fifty users",
            "files": [pdf("mail.pdf")], "files_kind": "other"}  # fmt: skip
    assert buyer.post(url, OK | said).url == deal.url
    page = buyer.get(deal.url)
    for words in ("Appeal open", "The operator is to decide the appeal", "Appeal of the customer", "Fifty users",
                  "The key is for five users", "mail.pdf", "Appeal filed"):  # fmt: skip
        assert words in text_of(page)
    assert "acceptance/" not in page.content.decode()
    assert 'action="' + deal.url + 'reminder/"' not in page.content.decode()
    for action in ("acceptance", "rejection"):
        assert buyer.post(f"{deal.url}{action}/", OK | {"reason": "no"}).status_code == 409
    [file] = re.findall(r'href="([^"]+/files/[^"]+)"[^>]*>mail.pdf', page.content.decode())
    assert b"".join(buyer.get(file).streaming_content).startswith(b"%PDF")
    decide_appeal(Appeal.objects.get(), decision="resume", note="Both sides talk", by=deal.world.actor("operator"),
                  at=deal.at("2025-06-12 09:00"))  # fmt: skip
    page = buyer.get(deal.url)
    assert "Both sides talk" in text_of(page)
    assert "Resume: the flow goes on where it stood" in text_of(page)
    assert "acceptance/" in page.content.decode()


@pytest.mark.spec("AT-55")
@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"reason": " "}, "A reason is needed"), ({"reason": "x" * 2001}, "at most 2,000 characters"),
        ({"ground": "customer_unreachable"}, "Choose what the appeal is about"), ({"ground": ""}, "Choose what"),
        ({"demand": "x" * 2001}, "at most 2,000 characters"),
    ],
)  # fmt: skip
def test_an_appeal_that_says_nothing_is_refused_and_kept(deal, buyer, bad, words):
    deal.bought("license_yearly")
    said = {"ground": "other_buyer", "reason": "A reason typed long ago", "demand": "A demand typed long ago"}
    answer = buyer.post(f"{deal.url}appeal/", OK | said | bad)
    assert answer.status_code == 422
    assert words in text_of(answer)
    kept = [text for name, text in said.items() if name not in bad and name != "ground"]
    assert all(text in answer.content.decode() for text in kept)
    assert not deal.flow.held_by
    assert not Appeal.objects.exists()


@pytest.mark.spec("AT-63", "AT-64")
def test_there_is_one_appeal_at_a_time_and_none_when_all_is_over(deal, buyer):
    deal.bought("license_yearly").handed()
    said = OK | {"ground": "other_buyer", "reason": "Nobody answers"}
    assert buyer.post(f"{deal.url}appeal/", said).status_code == 302
    second = buyer.post(f"{deal.url}appeal/", said)
    assert second.status_code == 409
    assert "There is an open appeal already" in text_of(second)
    decide_appeal(Appeal.objects.get(), decision="accept_for_buyer", note="It works", at=deal.at("2025-06-12 09:00"),
                  by=deal.world.actor("operator"))  # fmt: skip
    assert "Initiate Appeal" not in text_of(buyer.get(deal.url))
    assert "This step is not open now" in text_of(buyer.get(f"{deal.url}appeal/"))
    assert buyer.post(f"{deal.url}appeal/", said).status_code == 409
    assert Appeal.objects.count() == 1


def test_the_classic_gate_says_from_when_an_appeal_is_possible(world, at, deal, buyer):
    Value.objects.create(key="appeal_gate", value="classic", valid_from=at("2025-01-01 00:00"))
    deal.bought("license_yearly", on="2025-06-01 10:00")
    page = text_of(buyer.get(deal.url))
    assert "Initiate Appeal" not in page
    assert "you can appeal to the operator after 6 Jun 2025, 10:00" in page
    said = OK | {"ground": "seller_does_not_deliver", "reason": "Nothing arrived"}
    stands(at("2025-06-06 10:00"))
    assert buyer.post(f"{deal.url}appeal/", said).status_code == 409
    stands(at("2025-06-06 10:01"))
    assert "Initiate Appeal" in text_of(buyer.get(deal.url))
    assert buyer.post(f"{deal.url}appeal/", said).status_code == 302


def test_the_sellers_appeal_is_read_here_too(deal, buyer):
    deal.bought("license_yearly").handed()
    deal.does(file_appeal, "2025-06-20 09:00", by="seller", ground="other_seller", reason="They do not answer")
    page = text_of(buyer.get(deal.url))
    assert "Appeal of the seller" in page
    assert "They do not answer" in page


# ---- Unsubscriptions


@pytest.mark.spec("AT-66", "AT-67")
def test_a_purchase_is_undone_by_agreement(deal, buyer):
    deal.bought("license_yearly")
    stands(deal.at(f"{DAY} 09:00"))
    listed = buyer.get("/my/unsubscriptions/")
    assert operations_of(listed) == ["Unsubscribe", "View Details"]
    assert "No requests yet" in text_of(listed)
    url = f"{deal.url}unsubscription/"
    page = buyer.get(url)
    assert 'value="1000.00"' in page.content.decode()
    assert "Give my contact details to the seller" in text_of(page)
    assert ">Refund</button>" in page.content.decode()
    assert "Until then the delivery stands still" in dialog_of(page)
    said = {"amount": "600.00", "reason": "agreed_with_seller", "words": "As we said on the telephone"}
    asked = buyer.post(url, said)
    assert ">Refund</button>" in asked.content.decode()
    assert not Unsubscription.objects.exists()
    made = buyer.post(url, OK | said)
    row = Unsubscription.objects.get()
    assert made.url == f"/my/unsubscriptions/{row.public_id}/"
    page = text_of(buyer.get(made.url))
    for words in ("600.00 USD", "Agreed with the seller", "As we said on the telephone", "Pending the seller's review",
                  "The seller is to review the unsubscription", "not given to the seller", "the operator decides"):  # fmt: skip
        assert words in page
    assert "600.00 USD" in text_of(buyer.get("/my/unsubscriptions/"))
    page = buyer.get(deal.url)
    assert "Unsubscription under review" in text_of(page)
    assert f'href="{made.url}"' in page.content.decode()
    agree_unsubscription(row, comments="As agreed", files=[deal.proof("mail.pdf")], by=deal.seller,
                         at=deal.at(f"{DAY} 10:00"))  # fmt: skip
    press_due(until=deal.at(f"{DAY} 13:00"))
    undoing = Order.objects.get(type="unsubscribe")
    page = buyer.get(made.url)
    for words in ("Refunded", "As agreed", "mail.pdf", undoing.number):
        assert words in text_of(page)
    order = text_of(buyer.get(f"/my/orders/{deal.number}/"))
    assert "Unsubscribed" in order
    assert "600.00 USD refunded" in order
    page = text_of(buyer.get(f"/my/orders/{undoing.number}/"))
    for words in ("Unsubscription", "Undoes order", deal.number, "600.00 USD", "Refund"):
        assert words in page
    assert "Begins with the payment" not in page
    assert "Unsubscribed" in text_of(buyer.get("/my/orders/"))


@pytest.mark.spec("AT-65")
@pytest.mark.parametrize("amount", ["0", "-5", "1000.01", "abc", "", "10.005", "1e3000", "NaN", "Infinity", "\0"])
def test_an_amount_that_cannot_be_asked_is_refused_and_kept(deal, buyer, amount):
    deal.bought("license_yearly")
    said = {"amount": amount, "reason": "other", "words": "Typed long ago", "share_contact": "on"}
    answer = buyer.post(f"{deal.url}unsubscription/", OK | said)
    assert answer.status_code == 422
    assert "More than 0 and at most 1,000.00 USD" in text_of(answer)
    assert "Typed long ago" in answer.content.decode()
    assert re.search(r'name="share_contact"[^>]*checked', answer.content.decode())
    assert not Unsubscription.objects.exists()


@pytest.mark.parametrize(("bad", "words"), [({"reason": ""}, "Choose a reason"), ({"reason": "spite"}, "Choose a reason"),
                                            ({"words": "x" * 1001}, "at most 1,000 characters")])  # fmt: skip
def test_a_request_needs_one_of_the_reasons(deal, buyer, bad, words):
    deal.bought("license_yearly")
    answer = buyer.post(f"{deal.url}unsubscription/", OK | {"amount": "12.34", "reason": "other"} | bad)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert 'value="12.34"' in answer.content.decode()


@pytest.mark.spec("AT-75")
@pytest.mark.parametrize("shared", [True, False])
def test_contact_details_are_given_only_when_ticked(deal, buyer, shared):
    deal.bought("license_yearly")
    said = OK | {"amount": "1.00", "reason": "other"} | ({"share_contact": "on"} if shared else {})
    page = text_of(buyer.get(buyer.post(f"{deal.url}unsubscription/", said).url))
    assert ("buyer@meridian.example" in page) is shared
    assert Unsubscription.objects.get().contact_email == ("buyer@meridian.example" if shared else "")


@pytest.mark.spec("AT-68", "AT-69")
def test_a_request_is_withdrawn_or_rejected_and_can_be_made_again(deal, buyer):
    deal.bought("license_yearly")
    row = deal.undone()
    url = f"/my/unsubscriptions/{row.public_id}/"
    assert "Withdraw the request?" in text_of(buyer.post(f"{url}withdrawal/"))
    assert buyer.post(f"{url}withdrawal/", OK).url == url
    assert "Withdrawn" in text_of(buyer.get(url))
    assert not deal.flow.held_by
    again = buyer.post(f"{url}withdrawal/", OK)
    assert again.status_code == 409
    assert f'href="{deal.url}unsubscription/"' in buyer.get("/my/unsubscriptions/").content.decode()
    second = deal.undone(f"{DAY} 11:00")
    reject_unsubscription(second, comments="It works for others", by=deal.seller, at=deal.at(f"{DAY} 12:00"))
    page = text_of(buyer.get(f"/my/unsubscriptions/{second.public_id}/"))
    assert "It works for others" in page
    assert "Rejected" in page
    assert "It works for others" in text_of(buyer.get(deal.url))


@pytest.mark.spec("AT-71", "AT-72")
def test_what_is_completed_cannot_be_undone(deal, buyer):
    deal.bought("license_yearly").handed()
    deal.does(accept_delivery, f"{DAY} 10:00")
    stands(deal.at(f"{DAY} 12:00"))
    assert "Unsubscribe" in text_of(buyer.get(deal.url))
    stands(deal.at(f"{DAY} 13:00"))
    press_due(until=deal.at(f"{DAY} 13:00"))
    said = OK | {"amount": "1.00", "reason": "other"}
    late = buyer.post(f"{deal.url}unsubscription/", said)
    assert late.status_code == 409
    assert "The order is completed" in text_of(late)
    assert "Nothing can be undone now" in text_of(buyer.get("/my/unsubscriptions/"))


def test_what_was_undone_before_it_began_never_ran(deal, buyer):
    deal.bought("license_yearly")
    agree_unsubscription(deal.undone(), comments="Fine", files=[deal.proof()], by=deal.seller,
                         at=deal.at(f"{DAY} 11:00"))  # fmt: skip
    press_due(until=deal.at(f"{DAY} 14:00"))
    for url in ("/my/resources/", f"/my/resources/res_{deal.line}/"):
        page = text_of(buyer.get(url))
        assert "Released" in page
        assert "never began" in page


@pytest.mark.spec("AT-74")
def test_what_is_not_supervised_is_not_offered(deal, buyer):
    deal.bought("image")
    assert "Nothing can be undone now" in text_of(buyer.get("/my/unsubscriptions/"))


@pytest.mark.spec("AT-76", "AT-77")
def test_goods_are_sent_back_before_the_refund(deal, buyer):
    deal.bought("hardware").shipped()
    row = deal.undone("2025-06-18 09:00", amount="3900.00")
    agree_unsubscription(row, comments="Send it back", files=[deal.proof()], by=deal.seller,
                         at=deal.at("2025-06-19 09:00"))  # fmt: skip
    stands(deal.at("2025-06-20 09:00"))
    url = f"/my/unsubscriptions/{row.public_id}/"
    page = buyer.get(url)
    for words in ("Your turn: send the goods back", "counts as withdrawn", "Swiftline Express"):
        assert words in text_of(page)
    assert "Have you sent the goods back?" in text_of(
        buyer.post(f"{url}return/", {"carrier": "swiftline", "number": "1"})
    )
    bad = buyer.post(f"{url}return/", OK | {"carrier": "nobody", "number": "KEPT-1"})
    assert bad.status_code == 422
    assert "Choose a carrier of the list" in text_of(bad)
    assert 'value="KEPT-1"' in bad.content.decode()
    assert "The tracking number is needed" in text_of(buyer.post(f"{url}return/", OK | {"carrier": "swiftline"}))
    assert buyer.post(f"{url}return/", OK | {"carrier": "oceanic", "number": "RT 9"}).url == url
    page = buyer.get(url)
    assert "The seller is to check the returned goods" in text_of(page)
    assert 'href="https://oceanic.example/parcels?no=RT%209"' in page.content.decode()
    late = buyer.post(f"{url}return/", OK | {"carrier": "oceanic", "number": "RT 10"})
    assert late.status_code == 409
    assert "That step is not open now" in text_of(late)
    row.refresh_from_db()
    refuse_return(row, reason="The seal is broken", by=deal.seller, at=deal.at("2025-06-25 09:00"))
    page = text_of(buyer.get(url))
    assert "The seal is broken" in page
    assert "Initiate Appeal" in page


def test_an_appeal_makes_the_request_stand_still(deal, buyer):
    deal.bought("license_yearly")
    row = deal.undone()
    deal.does(file_appeal, f"{DAY} 12:00", ground="other_buyer", reason="Silence")
    page = text_of(buyer.get(f"/my/unsubscriptions/{row.public_id}/"))
    assert "The request stands still until the appeal is decided" in page
    assert "Withdraw" not in page.replace("Withdrawn", "")
    assert buyer.post(f"/my/unsubscriptions/{row.public_id}/withdrawal/", OK).status_code == 409


# ---- Several lines


def test_each_line_of_an_order_has_its_own_state_grace_and_refund(deal, buyer):
    deal.bought("license_yearly", also=("license_monthly", "hardware"))
    lines = list(OrderLine.objects.filter(order=deal.order).order_by("number"))
    assert len(lines) == 3
    deal.handed().does(accept_delivery, f"{DAY} 10:00")
    undone = Flow.objects.with_order().get(number=lines[1].number)
    row = request_unsubscription(
        undone, amount="40.00", reason="other", by=deal.buyer, at=deal.at(f"{DAY} 10:10")
    )  # fmt: skip
    agree_unsubscription(row, comments="Fine", files=[deal.proof()], by=deal.seller, at=deal.at(f"{DAY} 10:20"))
    press_due(until=deal.at(f"{DAY} 10:30"))
    page = text_of(buyer.get(f"/my/orders/{deal.number}/"))
    for words in ("Acceptance can be taken back until 8 Jul 2025, 13:00", "40.00 USD refunded", "Delivery address",
                  "Waiting for the seller to provide the service", "Terminated (unsubscribed)"):  # fmt: skip
        assert words in page
    press_due(until=deal.at(f"{DAY} 13:00"))
    stands(deal.at(f"{DAY} 13:00"))
    page = text_of(buyer.get(f"/my/orders/{deal.number}/"))
    assert "Acceptance can be taken back" not in page
    assert "Completed 8 Jul 2025, 13:00" in page
    assert deal.order.state == "processing"


def test_the_log_of_a_line_tells_nothing_of_the_others(deal, buyer):
    deal.bought("license_yearly", also=("license_monthly",))
    other = Flow.objects.with_order().get(number=f"{deal.number}-000002")
    row = request_unsubscription(other, amount="1.00", reason="other", words="Of the other line", by=deal.buyer,
                                 at=deal.at(f"{DAY} 10:00"))  # fmt: skip
    reject_unsubscription(row, comments="Not this one", by=deal.seller, at=deal.at(f"{DAY} 11:00"))
    file_appeal(other, ground="other_buyer", reason="Appeal of the other line", by=deal.buyer,
                at=deal.at(f"{DAY} 12:00"))  # fmt: skip
    here, there = text_of(buyer.get(deal.url)), text_of(buyer.get(f"/my/supervision/{other.number}/"))
    for words in ("Of the other line", "Not this one", "Appeal of the other line"):
        assert words not in here
        assert words in there


# ---- Who may see and do what


def pages_of(deal, row):
    """Every page of issue B's buyer, with the right that it needs."""
    flow, request = deal.url, f"/my/unsubscriptions/{row.public_id}/"
    return {
        f"{flow}request/": "orders:accept",
        f"{flow}request/withdrawal/": "orders:accept",
        f"{flow}code/": "orders:accept",
        f"{flow}appeal/": "orders:accept",
        f"{flow}unsubscription/": "orders:buy",
        request: "orders:view",
        f"{request}withdrawal/": "orders:buy",
        f"{request}return/": "orders:buy",
        f"/my/orders/{deal.number}/address/": "orders:buy",
    }


@pytest.mark.spec("AT-85")
def test_what_belongs_to_others_does_not_exist(world, deal):
    row = deal.bought("hardware").undone("2025-06-03 09:00")
    before = Fact.objects.count()
    for name in ("other_buyer", "other_seller", "seller"):
        client = browser(world, name)
        for url in pages_of(deal, row):
            for answer in (client.get(url), client.post(url, OK | {"reason": "mine", "text": "x", "amount": "1"})):
                assert answer.status_code == 404, (name, url)
        assert deal.number not in text_of(client.get("/my/unsubscriptions/"))
    assert Fact.objects.count() == before


@pytest.mark.parametrize("role", ["purchaser", "acceptor", "finance", "viewer"])
def test_each_page_needs_the_right_it_names(world, deal, role):
    from opengallery.market.identity.rights import ROLES

    row = deal.bought("hardware").undone("2025-06-03 09:00")
    client = colleague(world, "buyer", role)
    for url, right in pages_of(deal, row).items():
        allowed = right in ROLES[role][1]
        assert (client.get(url).status_code == 403) is not allowed, (role, url)
        if not allowed:
            assert client.post(url, OK).status_code == 403
    page = client.get("/my/unsubscriptions/")
    assert page.status_code == 200


def test_a_viewer_is_offered_nothing(world, deal):
    deal.bought("hardware").shipped()
    client = colleague(world, "buyer", "viewer")
    page = client.get(deal.url).content.decode()
    for place in ("acceptance/", "rejection/", "appeal/", "unsubscription/", "reminder/"):
        assert f'{deal.url}{place}"' not in page
    assert operations_of(client.get("/my/supervision/")) == ["View Details"]
    assert operations_of(client.get("/my/unsubscriptions/")) == ["View Details"]
    assert "Modify address" not in text_of(client.get(f"/my/orders/{deal.number}/"))


@pytest.mark.spec("AT-101")
def test_script_in_every_text_is_shown_as_text(deal, buyer):
    deal.bought("professional_service")
    deal.asked(text=SCRIPT)
    deal.does(reject_request, "2025-06-03 10:00", by="seller", reason=SCRIPT)
    shown = [buyer.get(deal.url), buyer.get(f"{deal.url}request/"),
             buyer.post(f"{deal.url}request/", OK | {"text": SCRIPT * 100})]  # fmt: skip
    deal.asked("2025-06-03 11:00", text=SCRIPT).agreed()
    deal.handed(result=SCRIPT, answers=dict.fromkeys(range(1, 6), SCRIPT))
    shown.append(buyer.post(f"{deal.url}rejection/", OK | {"reason": SCRIPT, "met_by_1": SCRIPT * 20}))
    deal.does(reject_delivery, "2025-06-11 09:00", reason=SCRIPT, cited={1: SCRIPT})
    deal.handed("2025-06-12 09:00", result=SCRIPT, answers=dict.fromkeys(range(1, 6), SCRIPT))
    row = deal.undone(words=SCRIPT)
    reject_unsubscription(row, comments=SCRIPT, by=deal.seller, at=deal.at(f"{DAY} 12:00"))
    said = {"ground": "other_buyer", "reason": SCRIPT, "demand": SCRIPT}
    shown.append(buyer.post(f"{deal.url}appeal/", OK | said | {"reason": SCRIPT * 100}))
    assert buyer.post(f"{deal.url}appeal/", OK | said).status_code == 302
    decide_appeal(Appeal.objects.get(), decision="resume", note=SCRIPT, by=deal.world.actor("operator"),
                  at=deal.at("2025-07-09 09:00"))  # fmt: skip
    shown.append(buyer.post(f"{deal.url}unsubscription/", OK | {"amount": SCRIPT, "reason": SCRIPT, "words": SCRIPT}))
    shown += [buyer.get(url) for url in (deal.url, f"{deal.url}acceptance/", f"{deal.url}rejection/",
                                         f"/my/unsubscriptions/{row.public_id}/", "/my/unsubscriptions/",
                                         f"/my/orders/{deal.number}/")]  # fmt: skip
    other = Deal(deal.world, deal.at, deal.proof).bought("hardware")
    place = {"recipient": SCRIPT, "phone": "+65 6999 0000", "address": SCRIPT}
    shown.append(buyer.post(f"/my/orders/{other.number}/address/", place | {"phone": SCRIPT}))
    assert buyer.post(f"/my/orders/{other.number}/address/", place).status_code == 302
    shown.append(buyer.get(f"/my/orders/{other.number}/"))
    for answer in shown:
        assert SCRIPT.encode() not in answer.content
        assert answer.status_code in (200, 422)
    assert "&lt;script&gt;" in buyer.get(deal.url).content.decode()
