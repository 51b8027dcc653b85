"""The seller's side of every supervised flow, page by page: what it shows, what it does, what it refuses and keeps."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from people import SCRIPT, Trade, browser, colleague, stands

from opengallery.kit.models import StoredFile
from opengallery.market.journal.models import Fact
from opengallery.market.orders.actions import pay_order, place_order
from opengallery.market.orders.actions.place_order import Address
from opengallery.market.policy.actions import change_setting
from opengallery.market.supervision.actions import (
    activate_code,
    collect_code,
    deliver_service,
    file_appeal,
    note_sign_off,
    reject_delivery,
    reject_request,
    ship_goods,
    submit_request,
)
from opengallery.market.supervision.models import Appeal, Shipment
from opengallery.market.timetable.actions import press_due
from opengallery.market.unsubscription.actions import agree_unsubscription, request_unsubscription, send_return
from opengallery.market.unsubscription.models import Unsubscription

PDF = b"%PDF-1.4\n%%EOF\n"
spec = pytest.mark.spec
ADDRESS = Address("Lin Wei", "+65 6123 4567", "8 Marina View, Singapore")
ANSWERS = {1: "Done", 2: "Agreed", 3: "Signed", 4: "Trained"}


class Deal(Trade):
    """A purchase of any kind, step by step, up to the seller's page that is looked at."""

    def bought(self, what, on="2020-01-01 10:00"):
        """The buyer orders and pays."""
        stands(self.at(on))
        goods = {"address": ADDRESS} if what == "hardware" else {}
        order = place_order([self.world.choice(what)], by=self.buyer, at=self.at(on), **goods)
        pay_order(order, method="balance", by=self.buyer, at=self.at(on))
        self.number, self.line = order.number, f"{order.number}-000001"
        return self

    def requested(self, text="Move three companies", on="2020-01-02 10:00", **more):
        """The buyer submits a request."""
        stands(self.at(on))
        submit_request(self.flow, text=text, by=self.buyer, at=self.at(on), **more)
        return self

    def handed_in(self, on="2020-01-03 10:00", **more):
        """The seller delivers, answering each criterion."""
        stands(self.at(on))
        said = {item["number"]: "Done" for item in self.flow.line.terms.criteria}
        deliver_service(self.flow, service_result="Done", files=[self.proof()], answers=said, by=self.seller,
                        at=self.at(on), **more)  # fmt: skip
        return self

    def shipped(self, on="2020-01-03 10:00"):
        """The seller ships the goods."""
        stands(self.at(on))
        said = {item["number"]: "Tested" for item in self.flow.line.terms.criteria}
        ship_goods(self.flow, carrier="swiftline", number="SW 1234", answers=said, by=self.seller, at=self.at(on))
        return self

    def undone(self, amount="1000.00", on="2020-01-04 10:00", **more):
        """The buyer asks for money back."""
        stands(self.at(on))
        self.row = request_unsubscription(self.flow, amount=amount, reason="no_longer_needed", by=self.buyer,
                                          at=self.at(on), **more)  # fmt: skip
        return self

    def page(self, name):
        """The address of one of the seller's pages of the flow."""
        return reverse(f"seller:{name}", args=[self.line])

    @property
    def request(self):
        """The unsubscription as it is now."""
        return Unsubscription.objects.select_related("flow__line__order").get(pk=self.row.pk)

    def review(self, name="unsubscription"):
        """The address of one of the pages of the unsubscription."""
        return reverse(f"seller:{name}", args=[self.row.public_id])


@pytest.fixture
def deal(world, at, proof):
    """One purchase to be told."""
    return Deal(world, at, proof)


@pytest.fixture
def seller(world):
    """The seller's browser."""
    return browser(world, "seller")


def text_of(answer):
    """What is written on a page."""
    html = re.sub(r"<(script|style).*?</\1>", " ", answer.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", html).split()).replace("&#x27;", "'").replace("&amp;", "&")


def row_of(page, number):
    """The table row that tells of an order."""
    rows = re.findall(r"<tr>.*?</tr>", page.content.decode(), re.DOTALL)
    return next((row for row in rows if number in row), "")


def upload(name="proof.pdf", body=PDF):
    return SimpleUploadedFile(name, body)


def operation(seller, deal):
    """The links of the Operation column, with where they lead."""
    row = row_of(seller.get(reverse("seller:supervision")), deal.number)
    cell = row[row.index('class="operation"') :]
    return {words: url for url, words in re.findall(r'<a href="([^"]+)">([^<]+)</a>', cell)}


# ---- The Operation column --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "label", "page"),
    [
        ("license_yearly", "License delivered offline", "delivery"),
        ("license_code", "License delivered offline", "delivery"),
        ("hardware", "Deliver Service", "shipment"),
    ],
)
def test_what_is_to_be_delivered_after_the_payment(seller, deal, what, label, page):
    deal.bought(what)
    assert operation(seller, deal) == {label: deal.page(page), "Details": deal.page("flow")}


@pytest.mark.parametrize("what", ["professional_service", "saas_supervised"])
@spec("AT-37")
def test_a_request_is_confirmed_and_then_delivered(seller, deal, what):
    deal.bought(what)
    assert operation(seller, deal) == {"Details": deal.page("flow")}
    deal.requested()
    assert operation(seller, deal) == {"Confirm the request": deal.page("request"), "Details": deal.page("flow")}
    seller.post(deal.page("request-acceptance"), {"confirmed": "1"})
    assert operation(seller, deal) == {"Deliver Service": deal.page("delivery"), "Details": deal.page("flow")}
    deal.handed_in()
    assert operation(seller, deal) == {"Details": deal.page("flow")}


def test_the_other_licences(seller, deal, world, at):
    deal.bought("license_package")
    assert operation(seller, deal) == {"Details": deal.page("flow")}
    reject_delivery(deal.flow, reason="broken", cited={1: "An archive that opens"}, by=deal.buyer,
                    at=at("2020-01-02 09:00"))  # fmt: skip
    assert "License delivered offline" in operation(seller, deal)
    deal.bought("license_idcode")
    assert operation(seller, deal) == {"Details": deal.page("flow")}
    deal.requested("", code="HOST-77")
    assert "License delivered offline" in operation(seller, deal)
    assert "HOST-77" in text_of(seller.get(deal.page("delivery")))


def test_the_activation_is_proven_by_the_seller(seller, deal):
    deal.bought("license_code").handed_in(code="NW-1")
    assert operation(seller, deal) == {"Details": deal.page("flow")}
    collect_code(deal.flow, by=deal.buyer, at=deal.at("2020-01-04 10:00"))
    assert operation(seller, deal) == {
        "Upload proof of activation": deal.page("activation"), "Details": deal.page("flow"),
    }  # fmt: skip


def test_a_role_that_does_not_deliver_sees_no_operation(world, deal):
    deal.bought("professional_service").requested()
    assert operation(colleague(world, "seller", "finance"), deal) == {"Details": deal.page("flow")}


def test_what_holds_a_flow_is_a_badge_and_its_clock_stands_still(seller, deal, at):
    deal.bought("license_yearly").undone(on="2020-01-02 10:00")
    stands(at("2020-02-01 10:00"))
    row = row_of(seller.get(reverse("seller:supervision")), deal.number)
    assert "Unsubscription under review" in row
    assert "License delivered offline" not in row
    assert "Overdue" not in row
    file_appeal(deal.flow, ground="seller_does_not_deliver", reason="No word", by=deal.buyer, at=at("2020-02-02 10:00"))
    row = row_of(seller.get(reverse("seller:supervision")), deal.number)
    assert "Appeal open" in row
    late = Deal(deal.world, deal.at, deal.proof).bought("license_yearly", on="2020-01-01 10:00")
    stands(at("2020-02-02 10:00"))
    assert "Overdue" in row_of(seller.get(reverse("seller:supervision")), late.number)


def test_only_a_delivery_can_be_overdue(seller, deal, at):
    deal.bought("license_code").handed_in(code="NW-1")
    collect_code(deal.flow, by=deal.buyer, at=at("2020-01-03 11:00"))
    stands(at("2021-01-01 10:00"))
    assert "Overdue" not in row_of(seller.get(reverse("seller:supervision")), deal.number)


def test_the_overview_offers_the_same_operation(seller, deal):
    deal.bought("professional_service").requested()
    page = seller.get(reverse("seller:home"))
    assert f'<a href="{deal.page("request")}">Confirm the request</a>' in row_of(page, deal.number)
    Deal(deal.world, deal.at, deal.proof).bought("license_yearly").undone()
    assert "Unsubscriptions 1" in text_of(seller.get(reverse("seller:home")))


def test_statements_of_supervision_do_not_grow_with_flows_of_every_kind(seller, deal, django_assert_max_num_queries):
    deal.bought("license_yearly")
    url = reverse("seller:supervision")
    with django_assert_max_num_queries(10) as asked:
        seller.get(url)
        of_one = len(asked)
    for what in ("professional_service", "hardware", "license_code", "saas_supervised", "license_idcode"):
        deal.bought(what)
    deal.undone(amount="1.00")
    with django_assert_max_num_queries(of_one):
        page = seller.get(url)
    assert page.content.decode().count('class="operation"') == 6


# ---- Whose pages they are --------------------------------------------------------------------------------------------


PAGES = ("delivery", "shipment", "activation", "request", "request-acceptance", "request-rejection", "appeal")


@spec("AT-85")
@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_others_does_not_exist_and_is_not_every_roles(world, deal, name):
    deal.bought("professional_service").requested()
    for stranger in ("other_seller", "buyer", "other_buyer"):
        client = browser(world, stranger)
        assert (client.get(deal.page(name)).status_code, client.post(deal.page(name)).status_code) == (404, 404)
    finance = colleague(world, "seller", "finance")
    assert (finance.get(deal.page(name)).status_code, finance.post(deal.page(name)).status_code) == (403, 403)
    assert deal.flow.state == "wait_request_confirm"


@spec("AT-85")
def test_an_unsubscription_of_others_does_not_exist_and_is_not_every_roles(world, deal):
    deal.bought("license_yearly").undone()
    names = ("unsubscription", "unsubscription-review", "return-acceptance", "return-refusal")
    said = {"decision": "agree", "comments": "yes", "reason": "no", "confirmed": "1"}
    for stranger in ("other_seller", "buyer", "other_buyer"):
        client = browser(world, stranger)
        assert {client.get(deal.review(name)).status_code for name in names} == {404}
        assert {client.post(deal.review(name), said).status_code for name in names[1:]} == {404}
        assert deal.number not in client.get(reverse("seller:unsubscriptions")).content.decode()
        assert "Meridian" not in client.get(reverse("seller:customers")).content.decode().split("<main")[1]
    viewer = colleague(world, "seller", "viewer")
    assert viewer.get(deal.review()).status_code == 200
    assert "Agree" not in text_of(viewer.get(deal.review()))
    assert {viewer.post(deal.review(name), said).status_code for name in names[1:]} == {403}
    purchaser = colleague(world, "seller", "purchaser")
    for url in (deal.review(), reverse("seller:unsubscriptions"), reverse("seller:customers")):
        assert purchaser.get(url).status_code == 403
    assert deal.request.state == "pending_review"


def test_a_page_whose_step_is_not_open_leads_to_the_flow(seller, deal):
    deal.bought("license_yearly").handed_in()
    for name in ("delivery", "shipment", "activation", "request"):
        answer = seller.get(deal.page(name), follow=True)
        assert answer.redirect_chain == [(deal.page("flow"), 302)]
        assert "It stands at “Waiting for the user to confirm acceptance”" in text_of(answer)
    deal.undone()
    assert "An unsubscription is under review" in text_of(seller.get(deal.page("delivery"), follow=True))
    for name in ("request-acceptance", "request-rejection"):
        assert seller.get(deal.page(name)).status_code == 302
    for name in ("unsubscription-review", "return-acceptance", "return-refusal"):
        assert seller.get(deal.review(name))["Location"] == deal.review()


# ---- Confirm the request ---------------------------------------------------------------------------------------------


@spec("AT-37", "AT-41")
def test_the_request_is_read_and_accepted(seller, deal, proof):
    deal.bought("professional_service").requested("Move three companies", files=[proof("sow.pdf")])
    page = text_of(seller.get(deal.page("request")))
    for text in ("Confirm the request", "Move three companies", "sow.pdf", "Accept request", "Reject request",
                 "You have 20 days from now to deliver it."):  # fmt: skip
        assert text in page, text
    asked = seller.post(deal.page("request-acceptance"))
    assert asked.status_code == 200
    assert "Accept the request?" in text_of(asked)
    assert deal.flow.state == "wait_request_confirm"
    answer = seller.post(deal.page("request-acceptance"), {"confirmed": "1"})
    assert answer["Location"] == deal.page("flow")
    assert deal.flow.label == "Waiting for the seller to provide the service"
    assert deal.flow.requests.get().outcome == "accepted"
    key = StoredFile.objects.get(name="sow.pdf").key
    file = seller.get(reverse("seller:file", args=[deal.line, key]))
    assert b"".join(file.streaming_content) == PDF
    assert browser(deal.world, "other_seller").get(reverse("seller:file", args=[deal.line, key])).status_code == 404


@spec("AT-39")
def test_the_request_is_sent_back_with_a_reason(world, seller, deal):
    deal.bought("saas_supervised").requested("Ten users")
    asked = seller.post(deal.page("request-rejection"), {"reason": "Which names?"})
    assert 'name="reason" value="Which names?"' in asked.content.decode()
    assert seller.post(deal.page("request-rejection"), {"reason": "Which names?", "confirmed": "1"}).status_code == 302
    assert (deal.flow.state, deal.flow.request_rejections) == ("wait_request", 1)
    deal.requested("Ten users: …", on="2020-01-03 10:00")
    page = text_of(seller.get(deal.page("request")))
    assert page.index("Request 2") < page.index("Request 1")
    assert "Which names?" in page
    assert "Ten users: …" in page


@pytest.mark.parametrize("reason", ["", "  \r\n ", "x" * 1001])
def test_a_request_is_not_sent_back_without_a_reason(seller, deal, reason):
    deal.bought("professional_service").requested()
    before = Fact.objects.count()
    page = seller.post(deal.page("request-rejection"), {"reason": reason, "confirmed": "1"})
    assert page.status_code == 422
    assert 'id="id_reason_error"' in page.content.decode()
    assert reason.strip() in page.content.decode()
    assert (deal.flow.state, Fact.objects.count()) == ("wait_request_confirm", before)


def test_the_second_of_two_answers_is_told_and_its_reason_kept(seller, deal, at):
    deal.bought("professional_service").requested()
    reject_request(deal.flow, reason="no", by=deal.seller, at=at("2020-01-02 11:00"))
    page = seller.post(deal.page("request-rejection"), {"reason": "My long reason", "confirmed": "1"})
    assert page.status_code == 409
    assert "That step is not open now" in text_of(page)
    assert "My long reason" in text_of(page)
    assert "Accept request" not in text_of(page)
    assert deal.flow.request_rejections == 1


@spec("AT-40")
def test_nothing_is_delivered_before_the_request_is_accepted(seller, deal):
    deal.bought("professional_service").requested()
    page = seller.post(deal.page("delivery"), {"service_result": "All moved", "confirmed": "1",
                                               "deliverables": [upload()], "answer_1": "yes"})  # fmt: skip
    assert page.status_code in (409, 422)
    assert "All moved" in page.content.decode()
    assert (deal.flow.deliveries_count, StoredFile.objects.filter(name="proof.pdf").count()) == (0, 0)


# ---- Delivery: criteria ----------------------------------------------------------------------------------------------


@pytest.fixture
def asked_for(seller, deal):
    """A professional service whose request is accepted; it has five criteria, the last may be left out."""
    deal.bought("professional_service").requested()
    seller.post(deal.page("request-acceptance"), {"confirmed": "1"})
    return deal


def hand_in(seller, deal, **fields):
    """Send the delivery form as the page does after "OK", each mandatory criterion answered."""
    said = {"service_result": "All moved", "deliverables": [upload()], "deliverables_kind": ["acceptance"],
            "confirmed": "1", **{f"answer_{n}": text for n, text in ANSWERS.items()}}  # fmt: skip
    return seller.post(deal.page("delivery"), {k: v for k, v in (said | fields).items() if v is not None})


def test_the_form_shows_each_criterion_and_the_template(seller, asked_for):
    page = seller.get(asked_for.page("delivery"))
    text = text_of(page)
    for words in ("1. All open items of the agreed cut-off date", "5. A recording of the training",
                  "Answer it, or name a file that proves it.", "Acceptance record.docx", "Move three companies"):  # fmt: skip
        assert words in text, words
    assert page.content.decode().count('name="deliverables_proves"') == 5
    url = re.search(r'href="([^"]+)" download>Acceptance record.docx', page.content.decode()).group(1)
    assert b"".join(seller.get(url).streaming_content).startswith(b"PK")


def test_answers_and_what_each_file_proves_are_kept(seller, asked_for):
    answer = hand_in(
        seller, asked_for, answer_2="", deliverables=[upload("balances.pdf"), upload("mapping.pdf")],
        deliverables_kind=["acceptance", "other"], deliverables_proves_0=["2"], deliverables_proves_1=["3", "1"],
    )  # fmt: skip
    assert answer.status_code == 302
    delivery = asked_for.flow.deliveries.get()
    assert delivery.answers == {"1": "Done", "3": "Signed", "4": "Trained"}
    assert [(part.file.name, part.kind, part.proves) for part in delivery.deliverables.all()] == [
        ("balances.pdf", "acceptance", [2]), ("mapping.pdf", "other", [1, 3]),
    ]  # fmt: skip
    page = text_of(seller.get(asked_for.page("flow")))
    for words in ("Acceptance criteria", "What the delivery says", "Trained", "balances.pdf", "mapping.pdf"):
        assert words in page, words


def test_without_script_the_ticks_hold_for_all_files(seller, asked_for):
    hand_in(seller, asked_for, answer_2="", deliverables=[upload("a.pdf"), upload("b.pdf")], deliverables_proves=["2"])
    assert [part.proves for part in asked_for.flow.deliveries.get().deliverables.all()] == [[2], [2]]


def test_a_mandatory_criterion_is_answered_or_proven(seller, asked_for):
    page = hand_in(seller, asked_for, answer_3=" ")
    assert page.status_code == 422
    assert "Criterion 3 is mandatory" in text_of(page)
    assert '<a href="#id_answers">' in page.content.decode()
    assert 'id="id_answers"' in page.content.decode()
    for kept in ("All moved", "Trained", "Agreed"):
        assert kept in page.content.decode()
    assert asked_for.flow.state == "wait_delivery"
    assert not StoredFile.objects.filter(name="proof.pdf").exists()


@pytest.mark.parametrize("number", ["9", "-1", "one", "9" * 40, "²"])
def test_what_is_no_criterion_is_proven_by_nothing(seller, asked_for, number):
    page = hand_in(seller, asked_for, deliverables_proves_0=[number, "1"])
    assert page.status_code == 422
    assert "There is no acceptance criterion" in text_of(page)
    assert asked_for.flow.state == "wait_delivery"


def test_ticks_stay_after_a_refusal(seller, asked_for):
    page = hand_in(seller, asked_for, service_result="", deliverables_proves=["2"])
    assert page.status_code == 422
    assert re.search(r'name="deliverables_proves" value="2"[^>]* checked', page.content.decode())


def test_after_a_rejection_the_cited_criteria_stand_above_and_are_answered(seller, asked_for, at):
    hand_in(seller, asked_for)
    reject_delivery(asked_for.flow, reason="Not complete", cited={2: "Months 30 to 36 as well", 5: "The recording"},
                    by=asked_for.buyer, at=at("2020-01-05 10:00"))  # fmt: skip
    page = text_of(seller.get(asked_for.page("delivery")))
    head = page[: page.index("Service result 1") if "Service result 1" in page else page.index("Service result")]
    for words in ("Delivery 1 was rejected", "Not complete", "2. Trial balances", "Months 30 to 36 as well",
                  "5. A recording", "The recording"):  # fmt: skip
        assert words in head, words
    assert "Cited in the last rejection; it would be met by: Months 30 to 36 as well" in page
    refused = hand_in(seller, asked_for)
    assert refused.status_code == 422
    assert "Criterion 5 was cited in the last rejection: say what has changed." in text_of(refused)
    assert hand_in(seller, asked_for, answer_5="Enclosed").status_code == 302
    assert asked_for.flow.deliveries_count == 2


def test_a_package_that_was_rejected_says_why_although_nothing_was_delivered(seller, deal, at):
    deal.bought("license_package")
    reject_delivery(deal.flow, reason="It asks questions", cited={1: "A silent installer"}, by=deal.buyer,
                    at=at("2020-01-02 10:00"))  # fmt: skip
    page = text_of(seller.get(deal.page("delivery")))
    for words in ("What was delivered was rejected", "It asks questions", "A silent installer"):
        assert words in page


@spec("AT-101")
def test_script_in_what_the_customer_writes_is_shown_and_not_run(seller, deal, at):
    deal.bought("professional_service").requested(SCRIPT)
    pages = [deal.page("request"), deal.page("flow")]
    shown = [seller.get(url).content.decode() for url in pages]
    seller.post(deal.page("request-acceptance"), {"confirmed": "1"})
    hand_in(seller, deal, service_result=SCRIPT, answer_1=SCRIPT)
    reject_delivery(deal.flow, reason=SCRIPT, cited={1: SCRIPT}, by=deal.buyer, at=at("2020-01-05 10:00"))
    shown += [seller.get(deal.page(name)).content.decode() for name in ("delivery", "flow")]
    deal.undone(amount="10.00", words=SCRIPT, on="2020-01-06 10:00")
    shown += [seller.get(deal.review()).content.decode()]
    refused = seller.post(deal.review("unsubscription-review"), {"comments": SCRIPT, "decision": "agree"})
    file_appeal(deal.flow, ground="other_buyer", reason=SCRIPT, demand=SCRIPT, by=deal.buyer, at=at("2020-01-07 10:00"))
    shown += [refused.content.decode(), seller.get(deal.page("flow")).content.decode()]
    for html in shown:
        assert SCRIPT not in html
        assert "&lt;script&gt;" in html


def test_a_delivery_under_the_platforms_review_says_so(world, seller, deal, at):
    change_setting("platform_review", True, reason="subsidised", by=world.actor("operator"), at=at("2019-12-31"))
    deal.bought("license_yearly")
    assert "The platform reviews it first." in text_of(seller.get(deal.page("delivery")))
    answer = seller.post(deal.page("delivery"), {"service_result": "Key", "deliverables": [upload()],
                                                 "confirmed": "1"}, follow=True)  # fmt: skip
    assert "The platform reviews it before Meridian Logistics does." in text_of(answer)
    assert deal.flow.state == "wait_platform_review"


# ---- Delivery and activation of a code -------------------------------------------------------------------------------


def test_a_code_is_issued_without_files(seller, deal):
    deal.bought("license_code")
    page = text_of(seller.get(deal.page("delivery")))
    assert "Authorization code" in page
    assert "Actual enabling time" not in page
    said = {"service_result": "Collect it", "answer_1": "yes", "answer_2": "yes", "confirmed": "1"}
    refused = seller.post(deal.page("delivery"), said | {"code": " "})
    assert refused.status_code == 422
    assert 'id="id_code_error"' in refused.content.decode()
    answer = seller.post(deal.page("delivery"), said | {"code": "NW-50-XYZ"}, follow=True)
    assert "is asked to collect the code" in text_of(answer)
    assert deal.flow.state == "wait_code_pickup"
    assert "NW-50-XYZ" in text_of(seller.get(deal.page("flow")))


def test_a_code_is_not_asked_of_other_products(seller, asked_for):
    assert 'name="code"' not in seller.get(asked_for.page("delivery")).content.decode()


def test_the_activation_is_proven_once_it_happened(world, seller, deal, at):
    deal.bought("license_code").handed_in(code="NW-1")
    collect_code(deal.flow, by=deal.buyer, at=at("2020-01-04 10:00"))
    url = deal.page("activation")
    page = seller.get(url)
    assert "The code has not been activated yet" in text_of(page)
    assert 'name="service_result"' not in page.content.decode()
    said = {"service_result": "50 vehicles", "confirmed": "1"}
    refused = seller.post(url, said | {"deliverables": [upload()]})
    assert refused.status_code == 409
    assert "50 vehicles" in refused.content.decode()
    activate_code("NW-1", by=deal.seller, at=at("2020-01-05 10:00"))
    stands(at("2020-01-06 10:00"))
    assert "Upload proof of activation" in text_of(seller.get(url))
    without = seller.post(url, said)
    assert without.status_code == 422
    assert 'id="id_deliverables_error"' in without.content.decode()
    unticked = seller.post(url, {"service_result": "50 vehicles", "deliverables": [upload()]})
    assert (unticked.status_code, deal.flow.state) == (422, "wait_code_activation")
    assert StoredFile.objects.filter(name="proof.pdf").count() == 1
    answer = seller.post(url, said | {"deliverables": [upload()], "deliverables_kind": ["validity_screenshot"]})
    assert answer["Location"] == deal.page("flow")
    assert deal.flow.state == "completed"
    assert deal.flow.line.resource.start_at == at("2020-01-05 10:00")


# ---- Shipment --------------------------------------------------------------------------------------------------------


def ship(seller, deal, **fields):
    """Send the shipment form as the page does after "OK"."""
    said = {"carrier": "swiftline", "number": "SW 1234", "remarks": "Two parcels", "answer_1": "Sealed",
            "answer_2": "On the note", "answer_3": "Tested", "confirmed": "1"}  # fmt: skip
    return seller.post(deal.page("shipment"), {k: v for k, v in (said | fields).items() if v is not None})


@spec("AT-46")
def test_shipping(seller, deal, at):
    deal.bought("hardware")
    page = text_of(seller.get(deal.page("shipment")))
    for words in ("Lin Wei", "+65 6123 4567", "8 Marina View, Singapore", "Swiftline Express", "Oceanic Freight",
                  "Give the carrier this telephone number", "answers within 3 working days", "Express number",
                  "Other proof", "10 days after the parcel was signed for"):  # fmt: skip
        assert words in page, words
    stands(at("2020-01-05 10:00"))
    answer = ship(seller, deal, deliverables=[upload("note.pdf")], deliverables_proves_0=["2"])
    assert answer["Location"] == deal.page("flow")
    assert deal.flow.label == "Waiting for the user to confirm acceptance"
    shipment = Shipment.objects.get()
    assert (shipment.carrier_id, shipment.number) == ("swiftline", "SW 1234")
    details = text_of(seller.get(deal.page("flow")))
    for words in ("Swiftline Express", "SW 1234", "Two parcels", "note.pdf", "8 Marina View, Singapore"):
        assert words in details, words
    assert "https://track.swiftline.example/SW%201234" in seller.get(deal.page("flow")).content.decode()
    assert "8 Marina View, Singapore" in text_of(seller.get(reverse("seller:order", args=[deal.number])))


@spec("AT-47")
@pytest.mark.parametrize(
    ("fields", "at_field"),
    [({"carrier": ""}, "carrier"), ({"carrier": "pigeon"}, "carrier"), ({"number": "  "}, "number"),
     ({"number": "9" * 61}, "number"), ({"remarks": "x" * 1001}, "remarks"), ({"confirmed": None}, "")],
)  # fmt: skip
def test_a_shipment_without_carrier_or_number_is_refused(seller, deal, fields, at_field):
    deal.bought("hardware")
    page = ship(seller, deal, **fields)
    assert page.status_code == 422
    if at_field:
        assert f'id="id_{at_field}_error"' in page.content.decode()
    for kept in ("Sealed", "On the note"):
        assert kept in page.content.decode()
    assert (deal.flow.state, Shipment.objects.count()) == ("wait_delivery", 0)


def test_the_chosen_carrier_stays_after_a_refusal(seller, deal):
    deal.bought("hardware")
    assert '<option value="oceanic" selected>' in ship(seller, deal, carrier="oceanic", number="").content.decode()


@spec("AT-50")
@pytest.mark.parametrize(("phone", "hint"), [("+86 10 5550 0000", True), ("+65 6123 4567", False)])
def test_a_parcel_signed_for_under_another_phone_is_pointed_out(world, seller, deal, at, phone, hint):
    deal.bought("hardware").shipped()
    stands(at("2020-01-06 10:00"))
    note_sign_off(Shipment.objects.get(), signed_at=at("2020-01-05 10:00"), phone=phone, by=world.actor("operator"),
                  at=at("2020-01-06 10:00")) if not hint else sign_off_by_carrier(deal, at, phone)  # fmt: skip
    page = text_of(seller.get(deal.page("flow")))
    assert ("Ask the customer to accept by hand" in page) == hint


def sign_off_by_carrier(deal, at, phone):
    """The carrier's news, as its callback brings it."""
    from opengallery.kit.actor import CLOCK

    note_sign_off(Shipment.objects.get(), signed_at=at("2020-01-05 10:00"), phone=phone, by=CLOCK,
                  at=at("2020-01-06 10:00"))  # fmt: skip


# ---- Appeal ----------------------------------------------------------------------------------------------------------


def appeal(seller, deal, **fields):
    """Send the appeal form as the page does after "OK"."""
    said = {"ground": "customer_rejects_wrongly", "reason": "All was as agreed", "demand": "Accept it",
            "confirmed": "1"}  # fmt: skip
    return seller.post(deal.page("appeal"), {k: v for k, v in (said | fields).items() if v is not None})


@spec("AT-54", "AT-63")
def test_an_appeal_stops_everything(seller, deal):
    deal.bought("license_yearly")
    assert "Initiate Appeal" in text_of(seller.get(deal.page("flow")))
    page = text_of(seller.get(deal.page("appeal")))
    for words in ("Initiate Appeal", "Letter of Commitment on Requesting Appeal Handling", "Proof of the delivery",
                  "within 3 working days", "Demand"):  # fmt: skip
        assert words in page, words
    assert "The seller does not deliver" not in page
    assert appeal(seller, deal)["Location"] == deal.page("flow")
    details = seller.get(deal.page("flow"))
    for words in ("Appeal open", "Appeal of the seller", "All was as agreed", "Accept it"):
        assert words in text_of(details), words
    assert "License delivered offline" not in operation(seller, deal)
    assert deal.page("appeal") not in details.content.decode()
    assert deal.page("delivery") not in details.content.decode()
    second = appeal(seller, deal, reason="Once more")
    assert second.status_code == 409
    assert "Once more" in second.content.decode()
    assert Appeal.objects.count() == 1
    assert seller.get(deal.page("appeal"))["Location"] == deal.page("flow")


@spec("AT-55")
@pytest.mark.parametrize(
    ("fields", "at_field"),
    [({"reason": " "}, "reason"), ({"reason": "x" * 2001}, "reason"), ({"demand": "x" * 2001}, "demand"),
     ({"ground": ""}, "ground"), ({"ground": "seller_does_not_deliver"}, "ground"), ({"ground": "nonsense"}, "ground"),
     ({"confirmed": None}, "")],
)  # fmt: skip
def test_an_appeal_that_says_too_little_is_refused(seller, deal, fields, at_field):
    deal.bought("license_yearly")
    page = appeal(seller, deal, deliverables=[upload()], **fields)
    assert page.status_code == 422
    if at_field:
        assert f'href="#id_{at_field}"' in page.content.decode()
    assert Appeal.objects.count() == 0
    assert deal.flow.held_by == ""


@pytest.mark.parametrize(
    ("ground", "kind"),
    [
        pytest.param("customer_unreachable", "letter_of_commitment", marks=spec("AT-56")),
        pytest.param("customer_does_not_accept", "delivery_proof", marks=spec("AT-57")),
    ],
)
def test_a_ground_needs_its_file(seller, deal, ground, kind):
    deal.bought("license_yearly").handed_in()
    files = StoredFile.objects.count()
    for said in ({}, {"files": [upload()], "files_kind": ["other"]}):
        page = appeal(seller, deal, ground=ground, **said)
        assert page.status_code == 422
        assert "This needs a file" in text_of(page)
        assert re.search(rf'value="{ground}"[^>]* checked', page.content.decode())
        assert (Appeal.objects.count(), StoredFile.objects.count()) == (0, files)
    answer = appeal(seller, deal, ground=ground, files=[upload("letter.pdf")], files_kind=[kind])
    assert answer.status_code == 302
    assert Appeal.objects.get().files.get().kind == kind
    page = seller.get(deal.page("flow"))
    key = StoredFile.objects.get(name="letter.pdf").key
    assert reverse("seller:file", args=[deal.line, key]) in page.content.decode()
    assert b"".join(seller.get(reverse("seller:file", args=[deal.line, key])).streaming_content) == PDF


def test_the_decision_is_read_on_the_flow(world, seller, deal, at):
    from opengallery.market.supervision.actions import decide_appeal

    deal.bought("license_yearly")
    appeal(seller, deal)
    decide_appeal(Appeal.objects.get(), decision="resume", note="Both wrote to us", by=world.actor("operator"),
                  at=at("2020-01-03 10:00"))  # fmt: skip
    page = text_of(seller.get(deal.page("flow")))
    assert "Both wrote to us" in page
    assert "Resume: the flow goes on where it stood" in page
    assert "License delivered offline" in operation(seller, deal)


@spec("AT-61", "AT-64")
def test_an_appeal_that_is_not_possible_is_not_offered(world, seller, deal, at):
    change_setting("appeal_gate", "classic", reason="as in 2023", by=world.actor("operator"), at=at("2019-12-31"))
    deal.bought("license_yearly").handed_in()
    assert "Initiate Appeal" not in text_of(seller.get(deal.page("flow")))
    assert seller.get(deal.page("appeal"))["Location"] == deal.page("flow")
    early = appeal(seller, deal)
    assert early.status_code == 409
    assert "All was as agreed" in early.content.decode()
    stands(at("2020-01-08 10:00:01"))
    assert "Initiate Appeal" in text_of(seller.get(deal.page("flow")))
    deal.accepted("2020-01-08 11:00")
    assert appeal(seller, deal).status_code == 409


# ---- Unsubscriptions -------------------------------------------------------------------------------------------------


def review(seller, deal, decision="agree", **fields):
    """Send the review as the page does after "OK"."""
    said = {"comments": "As we agreed by telephone", "decision": decision, "confirmed": "1"} | fields
    return seller.post(deal.review("unsubscription-review"), {k: v for k, v in said.items() if v is not None})


def test_the_list_offers_the_review(seller, deal):
    deal.bought("license_yearly").undone(amount="400.00")
    row = row_of(seller.get(reverse("seller:unsubscriptions")), deal.number)
    for words in ("400.00 USD", "of 1,000.00 USD", "No longer needed", "Pending the seller&#x27;s review", "Meridian"):
        assert words in row, words
    assert f'<a href="{deal.review()}">Review</a>' in row
    review(seller, deal, "reject")
    row = row_of(seller.get(reverse("seller:unsubscriptions")), deal.number)
    assert f'<a href="{deal.review()}">Details</a>' in row


def test_search_criteria_of_unsubscriptions(seller, deal):
    deal.bought("license_yearly").undone(on="2020-01-04 10:00")
    url = reverse("seller:unsubscriptions")
    for query, status, found in [
        ({"order_no": deal.number}, 200, True), ({"order_no": "CS99"}, 200, False), ({"customer": "merid"}, 200, True),
        ({"customer": "kestrel"}, 200, False), ({"status": "pending_review"}, 200, True),
        ({"status": "refunded"}, 200, False), ({"placed_from": "2020-01-04", "placed_to": "2020-01-04"}, 200, True),
        ({"placed_from": "2020-01-05"}, 200, False), ({"status": "lost"}, 422, False), ({"colour": "red"}, 422, False),
        ({"placed_from": "2020-02-02", "placed_to": "2020-02-01"}, 422, False), ({"cursor": "stale"}, 422, False),
        ({"order_no": "\0"}, 200, True),
    ]:  # fmt: skip
        page = seller.get(url, query)
        assert (page.status_code, deal.row.public_id in page.content.decode()) == (status, found), query


@spec("AT-67")
def test_agreeing_gives_the_money_back(seller, deal, at):
    deal.bought("license_yearly").undone()
    page = text_of(seller.get(deal.review()))
    for words in ("Unsubscriptions Details", "1,000.00 USD", "Review comments", "Agree", "Reject",
                  "Your turn: review the unsubscription", "gets 1,000.00 USD back within three hours"):  # fmt: skip
        assert words in page, words
    answer = review(seller, deal, files=[upload("mail.pdf")])
    assert answer["Location"] == deal.review()
    assert deal.request.state == "refunding"
    key = StoredFile.objects.get(name="mail.pdf").key
    url = reverse("seller:unsubscription-file", args=[deal.row.public_id, key])
    assert url in seller.get(deal.review()).content.decode()
    assert b"".join(seller.get(url).streaming_content) == PDF
    assert seller.get(reverse("seller:unsubscription-file", args=[deal.row.public_id, "nothing"])).status_code == 404
    assert browser(deal.world, "other_seller").get(url).status_code == 404
    press_due(until=at("2020-01-04 13:00"))
    stands(at("2020-01-04 13:00"))
    assert (deal.request.state, deal.flow.state) == ("refunded", "terminated")
    page = text_of(seller.get(deal.review()))
    assert "Refunded" in page
    assert "As we agreed by telephone" in page
    order = text_of(seller.get(reverse("seller:order", args=[deal.number])))
    assert "Unsubscribed" in order
    assert "refunded: 1,000.00 USD" in order
    assert "Unsubscribed" in row_of(seller.get(reverse("seller:orders"), {"order_no": deal.number}), deal.number)


def test_a_part_of_the_price_needs_the_acceptance_document_of_what_is_kept(seller, deal):
    deal.bought("license_yearly").undone(amount="400.00")
    assert "Needed to agree: the acceptance document of the part that is kept." in text_of(seller.get(deal.review()))
    page = review(seller, deal)
    assert page.status_code == 422
    assert "A partial refund needs the acceptance document" in text_of(page)
    assert review(seller, deal, files=[upload("kept.pdf")]).status_code == 302


@spec("AT-68")
def test_rejecting_ends_the_request(seller, deal):
    deal.bought("license_yearly").undone()
    review(seller, deal, "reject", comments="It is on its way")
    assert (deal.request.state, deal.flow.held_by) == ("rejected", "")
    assert "It is on its way" in text_of(seller.get(deal.review()))
    assert "License delivered offline" in operation(seller, deal)


@pytest.mark.parametrize(
    ("decision", "fields", "said"),
    [
        ("agree", {"comments": " "}, "A comment is needed"), ("agree", {}, "Upload the communication"),
        ("reject", {"comments": ""}, "A comment is needed"), ("reject", {"comments": "x" * 1001}, "at most 1,000"),
        ("agree", {"files": [("tool.exe", b"MZ")]}, "tool.exe: this kind of file is not accepted"),
        ("agree", {"files": [("mail.pdf", PDF)], "confirmed": None}, "Tick the box"),
        ("reject", {"confirmed": None}, "Tick the box"), ("maybe", {}, "Press Agree or Reject"),
        (None, {}, "Press Agree or Reject"),
    ],
)  # fmt: skip
def test_a_review_that_says_too_little_is_refused_and_kept(seller, deal, decision, fields, said):
    deal.bought("license_yearly").undone()
    fields = fields | ({"files": [upload(*file) for file in fields["files"]]} if "files" in fields else {})
    page = review(seller, deal, decision, **fields)
    assert page.status_code == 422
    assert said in text_of(page)
    assert fields.get("comments", "As we agreed by telephone").strip() in page.content.decode()
    assert deal.request.state == "pending_review"
    assert StoredFile.objects.filter(name="mail.pdf").count() == 0


def test_of_two_reviewers_the_second_is_told(seller, deal):
    deal.bought("license_yearly").undone()
    assert review(seller, deal, "reject").status_code == 302
    page = review(seller, deal, comments="I would agree", files=[upload("mail.pdf")])
    assert page.status_code == 409
    assert "That step is not open now" in text_of(page)
    assert "I would agree" in text_of(page)
    assert (deal.request.state, StoredFile.objects.filter(name="mail.pdf").count()) == ("rejected", 0)


@spec("AT-75")
@pytest.mark.parametrize("shared", [True, False])
def test_contact_data_is_shown_only_if_the_customer_ticked_it(world, seller, deal, shared):
    deal.bought("license_yearly").undone(share_contact=shared)
    email = world.members["buyer"].user.email
    for url in (deal.review(), deal.page("flow"), reverse("seller:unsubscriptions"), reverse("seller:customers"),
                reverse("seller:order", args=[deal.number])):  # fmt: skip
        expected = shared and url in (deal.review(), deal.page("flow"))
        assert (email in seller.get(url).content.decode()) == expected, url
    assert ("has not agreed to share contact data" in text_of(seller.get(deal.review()))) != shared


def test_the_flow_leads_to_the_review(seller, deal):
    deal.bought("license_yearly").undone()
    page = seller.get(deal.page("flow"))
    assert f'href="{deal.review()}">Review the unsubscription</a>' in page.content.decode()
    assert "Unsubscription under review" in text_of(page)


def test_while_an_appeal_is_open_the_review_stands_still(seller, deal, at):
    deal.bought("license_yearly").undone()
    file_appeal(deal.flow, ground="other_buyer", reason="No answer", by=deal.buyer, at=at("2020-01-05 10:00"))
    page = text_of(seller.get(deal.review()))
    assert "The operator is to decide the appeal" in page
    assert "Review comments" not in page
    assert review(seller, deal, files=[upload()]).status_code == 409
    row = row_of(seller.get(reverse("seller:unsubscriptions")), deal.number)
    assert "Appeal open" in row
    assert ">Review<" not in row


def test_a_silent_sellers_review_passes_to_the_operator(seller, deal, at):
    deal.bought("license_yearly").undone(on="2020-01-04 10:00")
    press_due(until=at("2020-01-19 10:00"))
    stands(at("2020-01-19 10:00"))
    page = text_of(seller.get(deal.review()))
    assert "The operator is to decide the unsubscription" in page
    assert "Review comments" not in page
    assert review(seller, deal, files=[upload()]).status_code == 403


@pytest.fixture
def returned(deal, at, proof):
    """Goods that the buyer has sent back."""
    deal.bought("hardware").shipped().undone(amount="3900.00")
    agree_unsubscription(deal.request, comments="Send them", files=[proof()], by=deal.seller, at=at("2020-01-05 10:00"))
    send_return(deal.request, carrier="oceanic", number="OC 9", by=deal.buyer, at=at("2020-01-06 10:00"))
    stands(at("2020-01-08 10:00"))
    return deal


def test_agreeing_to_take_goods_back_asks_for_them_first(seller, deal):
    deal.bought("hardware").shipped().undone(amount="3900.00")
    assert "has 10 days to send the goods back" in text_of(seller.get(deal.review()))
    answer = seller.post(deal.review("unsubscription-review"), {
        "comments": "Send them", "decision": "agree", "confirmed": "1", "files": [upload()]}, follow=True)  # fmt: skip
    assert "The customer is to send the goods back" in text_of(answer)
    assert deal.request.state == "wait_return"


@spec("AT-77")
def test_goods_that_are_back_are_accepted(seller, returned):
    page = text_of(seller.get(returned.review()))
    for words in ("Your turn: check the returned goods", "Oceanic Freight", "OC 9", "Accept the returned goods",
                  "Refuse the returned goods"):  # fmt: skip
        assert words in page, words
    assert "Accept the returned goods?" in text_of(seller.post(returned.review("return-acceptance")))
    assert returned.request.state == "wait_return_check"
    assert seller.post(returned.review("return-acceptance"), {"confirmed": "1"}).status_code == 302
    assert returned.request.state == "refunding"
    again = seller.post(returned.review("return-acceptance"), {"confirmed": "1"})
    assert again.status_code == 409
    assert "Accept the returned goods?" not in text_of(again)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001])
def test_goods_are_refused_only_with_a_reason(seller, returned, reason):
    page = seller.post(returned.review("return-refusal"), {"reason": reason, "confirmed": "1"})
    assert page.status_code == 422
    assert reason.strip() in page.content.decode()
    assert returned.request.state == "wait_return_check"
    asked = seller.post(returned.review("return-refusal"), {"reason": "Another device"})
    assert 'name="reason" value="Another device"' in asked.content.decode()
    seller.post(returned.review("return-refusal"), {"reason": "Another device", "confirmed": "1"})
    assert returned.request.state == "wait_return"
    assert "Another device" in text_of(seller.get(returned.review()))
    late = seller.post(returned.review("return-refusal"), {"reason": "And dented", "confirmed": "1"})
    assert late.status_code == 409
    assert "And dented" in text_of(late)


# ---- Customers -------------------------------------------------------------------------------------------------------


def test_customers_are_grouped_from_the_own_orders(world, seller, deal, at):
    page = seller.get(reverse("seller:customers"))
    assert "No customers yet" in text_of(page)
    deal.bought("license_yearly", on="2020-01-01 10:00").bought("license_monthly", on="2020-01-05 10:00")
    theirs = Deal(world, at, deal.proof)
    theirs.buyer = world.actor("other_buyer")
    theirs.bought("license_monthly", on="2020-01-03 10:00")
    Deal(world, at, deal.proof).bought("other_license_yearly", on="2020-01-06 10:00")
    stands(at("2020-01-07 10:00"))
    page = seller.get(reverse("seller:customers"))
    html = page.content.decode()
    ours, others = row_of(page, "Meridian Logistics"), row_of(page, "Kestrel Retail")
    assert '<td class="amount" data-label="Orders">2</td>' in ours
    assert "linwei" in ours
    assert deal.number in ours
    assert '<td class="amount" data-label="Orders">1</td>' in others
    assert html.index("Meridian Logistics") < html.index("Kestrel Retail")
    assert world.members["buyer"].user.email not in html
    assert deal.number in seller.get(re.search(r'href="(/seller/orders/[^"]+)"', ours).group(1)).content.decode()
    found = seller.get(reverse("seller:customers"), {"customer": "kestr"}).content.decode()
    assert ("Kestrel Retail" in found, "Meridian Logistics" in found) == (True, False)
    assert "Nothing matches" in text_of(seller.get(reverse("seller:customers"), {"customer": "nobody"}))
    for query in ({"colour": "red"}, {"cursor": "stale"}):
        assert seller.get(reverse("seller:customers"), query).status_code == 422


@pytest.mark.parametrize("name", ["customers", "unsubscriptions"])
def test_statements_of_the_new_lists_do_not_grow(world, seller, deal, django_assert_max_num_queries, name):
    deal.bought("license_yearly").undone()
    url = reverse(f"seller:{name}")
    with django_assert_max_num_queries(10) as asked:
        seller.get(url)
        of_one = len(asked)
    for _ in range(5):
        deal.bought("license_monthly").undone(amount="1.00")
    theirs = Deal(world, deal.at, deal.proof)
    theirs.buyer = world.actor("other_buyer")
    theirs.bought("license_monthly")
    with django_assert_max_num_queries(of_one):
        assert seller.get(url).status_code == 200


def test_customers_follow_each_other_on_pages(world, seller, deal, monkeypatch):
    from opengallery.doors import listing

    monkeypatch.setattr(listing, "ROWS", 1)
    deal.bought("license_monthly", on="2020-01-01 10:00")
    theirs = Deal(world, deal.at, deal.proof)
    theirs.buyer = world.actor("other_buyer")
    theirs.bought("license_monthly", on="2020-01-02 10:00")
    first = seller.get(reverse("seller:customers"))
    assert row_of(first, "Kestrel Retail")
    following = re.search(r'rel="next" href="([^"]+)"', first.content.decode()).group(1).replace("&amp;", "&")
    assert row_of(seller.get(following), "Meridian Logistics")


def test_the_navigation_leads_there(seller):
    html = seller.get(reverse("seller:home")).content.decode()
    for name, label in (("unsubscriptions", "Unsubscriptions"), ("customers", "Customers")):
        assert re.search(rf'href="{reverse(f"seller:{name}")}"[^>]*>\s*{label}', html), name
