"""After the sale, at the pages and the API: tickets, ratings, service hours; for whom, and what is refused."""

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from people import SCRIPT, Trade, browser, colleague, stands
from program import Program, pdf, refused, told

from opengallery.kit.models import StoredFile
from opengallery.market.aftersales.actions import escalate_ticket, open_ticket, publish_rating, rate_order
from opengallery.market.aftersales.models import Rating, Ticket
from opengallery.market.journal.models import Fact
from opengallery.market.orders.models import Resource
from opengallery.market.sellers.models import Seller
from opengallery.market.timetable.actions import press_due

SCORES = {"product_quality": 5, "delivery_speed": 4, "service_attitude": 3}
MONDAY = "2020-01-06 10:00"


def text_of(response):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


@pytest.fixture
def trade(world, at, proof):
    """Paid; the clock stands at a Monday."""
    trade = Trade(world, at, proof).placed().paid()
    stands(at(MONDAY))
    return trade


@pytest.fixture
def completed(trade, at):
    """Delivered, accepted, completed."""
    trade.delivered().accepted("2020-03-01 10:00")
    press_due(until=at("2020-03-01 14:00"))
    stands(at("2020-03-02 10:00"))
    return trade


@pytest.fixture
def asked(trade, at):
    """A ticket that the buyer opened."""
    return open_ticket(trade.order, title="The key is refused", text="For another host?", by=trade.buyer, at=at(MONDAY))


def standing(row):
    return type(row).objects.get(pk=row.pk)


def resource_page(trade):
    return f"/my/resources/{Resource.objects.get(order=trade.order).public_id}/"


# ---- Tickets at the pages


def test_a_ticket_goes_from_hand_to_hand(world, trade):
    """The buyer asks from the resource's page, the seller accepts and answers, the buyer marks it as resolved."""
    buyer, seller = browser(world, "buyer"), browser(world, "seller")
    page = buyer.get(resource_page(trade)).content.decode()
    opening = unescape(re.search(r'href="(/my/tickets/opening/[^"]+)"', page)[1])
    assert f'value="{trade.number}"' in buyer.get(opening).content.decode()
    resource = Resource.objects.get(order=trade.order)
    log = SimpleUploadedFile("log.txt", b"refused\n", content_type="text/plain")
    answer = buyer.post("/my/tickets/opening/", {
        "order_no": trade.number, "resource": resource.public_id, "title": "The key is refused",
        "text": f"It says\r\n{SCRIPT}", "attachments": [log],
    })  # fmt: skip
    ticket = Ticket.objects.get()
    assert (answer.status_code, answer.url) == (302, f"/my/tickets/{ticket.public_id}/")
    assert (ticket.resource, ticket.messages.get().text) == (resource, f"It says\n{SCRIPT}")
    mine, theirs = f"/my/tickets/{ticket.public_id}/", f"/seller/tickets/{ticket.public_id}/"
    assert SCRIPT not in buyer.get(mine).content.decode()
    listed = text_of(seller.get("/seller/tickets/"))
    assert ("The key is refused" in listed, "To be accepted" in listed) == (True, True)
    page = seller.get(theirs)
    assert "Your turn: accept the ticket" in text_of(page)
    assert "Accept ticket" in text_of(page)
    key = ticket.messages.get().files.get().file_id
    download = seller.get(f"{theirs}files/{key}/")
    assert b"".join(download.streaming_content) == b"refused\n"
    assert seller.post(f"{theirs}acceptance/").url == theirs
    assert "Processing" in text_of(seller.get("/seller/tickets/"))
    assert (
        seller.post(f"{theirs}answer/", {"text": "A new key is enclosed.", "attachments": [pdf("key.pdf")]}).url
        == theirs
    )
    assert "Waiting for customer feedback" in text_of(seller.get(theirs))
    page = text_of(buyer.get(mine))
    assert all(
        words in page for words in ("Your turn: answer", "A new key is enclosed.", "key.pdf", "Mark as resolved")
    )
    assert buyer.post(f"{mine}resolution/", {"text": ""}).url == mine
    assert standing(ticket).state == "resolved"
    page = text_of(buyer.get(mine))
    assert ("Open again" in page, "the ticket closes by itself" in page) == (True, True)


def test_the_platform_decides_an_escalated_ticket(world, asked, at):
    buyer, operator = browser(world, "buyer"), browser(world, "operator")
    mine, theirs = f"/my/tickets/{asked.public_id}/", f"/operations/tickets/{asked.public_id}/"
    assert buyer.post(f"{mine}escalation/", {"text": "Nobody answers the hotline."}).url == mine
    listed = text_of(operator.get("/operations/tickets/?status=escalated"))
    assert "The key is refused" in listed
    page = text_of(operator.get(theirs))
    assert all(
        words in page for words in ("Nobody answers the hotline.", "Northwind Software", "Meridian Logistics", "Decide")
    )
    assert operator.post(f"{theirs}decision/", {"text": "The seller sends a key today."}).url == theirs
    assert "Decided by the platform" in text_of(buyer.get(mine))
    # Closing is for good, so it is asked once more.
    refusal = operator.post(f"{theirs}closing/", {"text": "Settled."})
    assert (refusal.status_code, "Tick the box" in text_of(refusal)) == (422, True)
    assert operator.post(f"{theirs}closing/", {"text": "Settled.", "confirmed": "1"}).url == theirs
    assert standing(asked).state == "closed"
    assert "Send" not in text_of(buyer.get(mine)).split("Conversation")[1]


def test_an_overdue_decision_is_seen(world, asked, at):
    escalate_ticket(asked, text="Nobody there", by=world.actor("buyer"), at=at(MONDAY))
    stands(at("2020-01-09 10:01"))
    client = browser(world, "operator")
    assert "Overdue" in text_of(client.get("/operations/tickets/"))
    assert "time to decide is over" in text_of(client.get(f"/operations/tickets/{asked.public_id}/"))


def test_what_belongs_to_others_does_not_exist(world, asked, trade, at, proof):
    """Also a file of another ticket, and a side's page for the other side."""
    other = open_ticket(
        trade.order, title="Other", text="x", files=[proof("a.txt", b"a\n")], by=trade.buyer, at=at(MONDAY)
    )
    key = other.messages.get().files.get().file_id
    before = Fact.objects.count()
    pages = {
        "my": (f"/my/tickets/{asked.public_id}/", ("reply", "escalation", "resolution", "reopening")),
        "seller": (f"/seller/tickets/{asked.public_id}/", ("acceptance", "answer")),
    }
    for name, doors in {
        "other_buyer": ("my",),
        "other_seller": ("my", "seller"),
        "seller": ("my",),
        "buyer": (),
    }.items():
        client = browser(world, name)
        for door in doors:
            place, nouns = pages[door]
            assert client.get(place).status_code == 404, (name, place)
            assert client.get(f"{place}files/{key}/").status_code == 404
            for noun in nouns:
                assert client.post(f"{place}{noun}/", {"text": "mine"}).status_code == 404, (name, place, noun)
            assert trade.number not in text_of(client.get(f"/{door}/tickets/"))
    buyer = browser(world, "buyer")
    assert buyer.get(f"/my/tickets/{asked.public_id}/files/{key}/").status_code == 404
    download = buyer.get(f"/my/tickets/{other.public_id}/files/{key}/")
    assert b"".join(download.streaming_content) == b"a\n"
    assert buyer.post(f"/my/tickets/{asked.public_id}/decision/", {"text": "mine"}).status_code == 404
    assert buyer.get(f"/operations/tickets/{asked.public_id}/").status_code == 403
    assert Client().get(f"/my/tickets/{asked.public_id}/").status_code == 302
    assert Fact.objects.count() == before


@pytest.mark.parametrize(
    ("door", "who", "role", "noun", "status"),
    [
        ("my", "buyer", "viewer", "reply", 403),
        ("my", "buyer", "acceptor", "reply", 403),
        ("my", "buyer", "purchaser", "reply", 302),
        ("seller", "seller", "finance", "acceptance", 403),
        ("seller", "seller", "delivery", "acceptance", 302),
        ("operations", "operator", "auditor", "escalation", 403),
        ("operations", "operator", "operations", "escalation", 302),
    ],
)
def test_each_step_needs_its_right(world, asked, door, who, role, noun, status):
    client = colleague(world, who, role)
    place = f"/{door}/tickets/{asked.public_id}/"
    page = client.get(place)
    assert page.status_code == 200
    assert (f"{noun}/" in page.content.decode()) == (status == 302)
    assert client.post(f"{place}{noun}/", {"text": "words"}).status_code == status


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"order_no": "CS000"}, "no order of this number"),
        ({"order_no": ""}, "no order of this number"),
        ({"title": ""}, "A title is needed."),
        ({"title": "x" * 101}, "at most 100 characters"),
        ({"text": " "}, "A message is needed."),
        ({"text": "x" * 2001}, "at most 2,000 characters"),
        ({"attachments": [SimpleUploadedFile("run.exe", b"MZ")]}, "run.exe: this kind of file is not accepted"),
        ({"attachments": [SimpleUploadedFile("empty.txt", b"")]}, "empty.txt: the file is empty"),
    ],
)
def test_a_wrong_ticket_is_refused_and_keeps_what_was_typed(world, trade, changes, said):
    form = {"order_no": trade.number, "title": "A title of mine", "text": "Words of mine"} | changes
    files = StoredFile.objects.count()
    answer = browser(world, "buyer").post("/my/tickets/opening/", form)
    assert (answer.status_code, said in text_of(answer)) == (422, True)
    if "title" not in changes:
        assert "A title of mine" in answer.content.decode()
    assert (Ticket.objects.count(), StoredFile.objects.count()) == (0, files)


def test_an_unpaid_order_and_anothers_order_have_no_ticket(world, trade):
    form = {"title": "A title", "text": "Words"}
    other = browser(world, "other_buyer").post("/my/tickets/opening/", form | {"order_no": trade.number})
    assert (other.status_code, "no order of this number" in text_of(other)) == (422, True)
    trade.placed("license_monthly", on=MONDAY)
    unpaid = browser(world, "buyer").post("/my/tickets/opening/", form | {"order_no": trade.number})
    assert (unpaid.status_code, "needs an order that has been paid" in text_of(unpaid)) == (409, True)
    assert not Ticket.objects.exists()


def test_a_step_too_late_says_so_and_keeps_the_words(world, asked):
    buyer = browser(world, "buyer")
    place = f"/my/tickets/{asked.public_id}/"
    assert buyer.post(f"{place}resolution/").status_code == 302
    answer = buyer.post(f"{place}reply/", {"text": "One thing more"})
    assert (answer.status_code, "That step is not open now" in text_of(answer)) == (409, True)
    assert "One thing more" in answer.content.decode()
    assert buyer.post(f"{place}nonsense/").status_code == 404
    assert buyer.get(f"{place}reply/").url == place


@pytest.mark.parametrize(("who", "door"), [("buyer", "my"), ("seller", "seller"), ("operator", "operations")])
def test_lists_filter_and_cost_the_same(world, trade, at, who, door, django_assert_max_num_queries):
    for number in range(12):
        open_ticket(trade.order, title=f"Question {number}", text="x", by=trade.buyer, at=at(MONDAY))
    client = browser(world, who)
    client.get(f"/{door}/tickets/")
    with django_assert_max_num_queries(9):
        assert "Question 11" in text_of(client.get(f"/{door}/tickets/"))
    found = text_of(client.get(f"/{door}/tickets/?title=question+7&order_no={trade.number[:6]}&status=open"))
    assert ("Question 7" in found, "Question 8" in found) == (True, False)
    wrong = client.get(f"/{door}/tickets/?status=nonsense")
    assert (wrong.status_code, "There is no status" in text_of(wrong)) == (422, True)
    assert "No ticket matches" in text_of(client.get(f"/{door}/tickets/?title=%00never"))


def test_the_consoles_lead_there(world):
    for who, door, words in (
        ("buyer", "my", ["Tickets"]), ("seller", "seller", ["Customer Tickets", "Customer Ratings"]),
        ("operator", "operations", ["Tickets", "Ratings"]),
    ):  # fmt: skip
        pane = browser(world, who).get(f"/{door}/").content.decode().split('class="pane"')[1].split("</nav>")[0]
        for word in words:
            address = re.search(rf'href="([^"]+)"[^>]*>{word}<', pane)[1]
            assert browser(world, who).get(address).status_code == 200


# ---- Service hours


def hours_form(**changes):
    return {
        "days": ["1", "2", "3", "4", "5"], "start": "08:00", "end": "17:00", "offset": "60", "languages": "English, German",
        "content": "Faults and questions of use", "phone": "+49 30 555 0100", "email": "help@northwind.example",
        "takes_tickets": "on",
    } | changes  # fmt: skip


def test_service_hours_and_contacts_are_shown_where_one_needs_them(world, trade):
    answer = browser(world, "seller").post("/seller/support/", hours_form())
    assert (answer.status_code, answer.url) == (302, "/seller/support/")
    product = world.products["ledgerline"].public_id
    for client, address in ((Client(), f"/products/{product}/"), (browser(world, "buyer"), resource_page(trade))):
        page = text_of(client.get(address))
        for words in ("Mon–Fri, 08:00–17:00 (GMT+01:00)", "English, German", "Faults and questions of use",
                      "+49 30 555 0100", "help@northwind.example"):  # fmt: skip
            assert words in page, (address, words)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"days": ["1", "2", "3", "4"]}, "at least 5 days a week"),
        ({"days": ["9", "2", "3", "4", "x"]}, "Days are numbers"),
        ({"days": []}, "at least 5 days a week"),
        ({"end": "15:59"}, "at least 8 hours a day"),
        ({"start": "early"}, "Write a time such as 09:00."),
        ({"end": ""}, "Write a time such as 09:00."),
        ({"offset": "7"}, "Choose a time zone."),
        ({"languages": ""}, "This is needed."),
        ({"content": "x" * 501}, "At most 500 characters"),
        ({"phone": "030 555"}, "Write the hotline with its country"),
        ({"email": "nobody"}, "Write an e-mail address"),
    ],
)
def test_less_than_8_hours_on_5_days_is_refused(world, changes, said):
    before = Seller.objects.get(store="northwind").support_hours
    answer = browser(world, "seller").post("/seller/support/", hours_form(**changes))
    assert (answer.status_code, said in text_of(answer)) == (422, True)
    assert Seller.objects.get(store="northwind").support_hours == before


def test_only_those_who_may_state_the_hours(world):
    assert colleague(world, "seller", "delivery").get("/seller/support/").status_code == 403
    assert browser(world, "seller").post("/seller/support/", hours_form(takes_tickets="")).status_code == 302
    without = {name: value for name, value in hours_form().items() if name != "takes_tickets"}
    browser(world, "seller").post("/seller/support/", without)
    assert not Seller.objects.get(store="northwind").answers_tickets


# ---- Ratings at the pages


@pytest.mark.spec("AT-105")
def test_a_rating_from_the_form_to_the_product_page(world, completed):
    """Submitted at the bottom of Resource Details, under review, published, in the mean of the product page."""
    buyer, operator, seller = (browser(world, name) for name in ("buyer", "operator", "seller"))
    place = resource_page(completed)
    assert "Submit rating" in text_of(buyer.get(place))
    assert buyer.post(f"{place}rating/", SCORES | {"comment": f"Good {SCRIPT}"}).url == place
    rating = Rating.objects.get()
    page = text_of(buyer.get(place))
    assert ("Under review" in page, "Change rating" in page, "Withdraw" in page) == (True, True, True)
    product = f"/products/{completed.order.lines.get().product.public_id}/"
    assert "Good" not in text_of(Client().get(product)).split("About this product")[1].split("What you agree")[0]
    assert rating.order.number not in text_of(seller.get("/seller/ratings/"))
    desk = f"/operations/ratings/{rating.public_id}/"
    assert rating.order.number in text_of(operator.get("/operations/ratings/?status=under_review"))
    assert "Publish" in text_of(operator.get(desk))
    assert operator.post(f"{desk}publication/", {"version": "1"}).url == desk
    page = Client().get(product)
    assert SCRIPT not in page.content.decode()
    shown = text_of(page)
    assert all(words in shown for words in ("1 rating", "5.0 of 5", "3.0 of 5", "M***", "Good"))
    assert "Meridian" not in shown
    reply = f"/seller/ratings/{rating.public_id}/reply/"
    assert seller.post(reply, {"reply": "Thank you"}).url == f"/seller/ratings/{rating.public_id}/"
    assert "Thank you" in text_of(Client().get(product))


@pytest.mark.spec("AT-105")
@pytest.mark.parametrize("wrong", ["0", "6", "2.5", "", "-1", "five", "٣", "9" * 30])
def test_a_wrong_score_is_refused_and_what_was_typed_stays(world, completed, wrong):
    place = resource_page(completed)
    answer = browser(world, "buyer").post(f"{place}rating/", SCORES | {"delivery_speed": wrong, "comment": "My words"})
    assert answer.status_code == 422
    assert "Give delivery speed a whole number from 1 to 5." in text_of(answer)
    assert "My words" in answer.content.decode()
    assert not Rating.objects.exists()


@pytest.mark.spec("AT-105")
def test_before_completion_there_is_no_form(world, trade):
    place = resource_page(trade)
    client = browser(world, "buyer")
    assert "Submit rating" not in text_of(client.get(place))
    answer = client.post(f"{place}rating/", SCORES)
    assert (answer.status_code, "Only a completed purchase can be rated" in text_of(answer)) == (409, True)
    assert not Rating.objects.exists()


def test_a_rating_is_changed_refused_and_withdrawn(world, completed):
    buyer, operator = browser(world, "buyer"), browser(world, "operator")
    place = resource_page(completed)
    buyer.post(f"{place}rating/", SCORES)
    buyer.post(f"{place}rating/", SCORES | {"product_quality": 1})
    rating = Rating.objects.get()
    assert (rating.version, rating.product_quality) == (2, 1)
    desk = f"/operations/ratings/{rating.public_id}/"
    stale = operator.post(f"{desk}publication/", {"version": "1"})
    assert (stale.status_code, "has changed since you read it" in text_of(stale)) == (409, True)
    silent = operator.post(f"{desk}refusal/", {"version": "2", "reason": " "})
    assert (silent.status_code, "A reason is needed." in text_of(silent)) == (422, True)
    assert operator.post(f"{desk}refusal/", {"version": "2", "reason": "Names a person."}).url == desk
    assert "Names a person." in text_of(buyer.get(place))
    asked = buyer.post(f"{place}rating/withdrawal/")
    assert "Withdraw the rating?" in text_of(asked)
    assert buyer.post(f"{place}rating/withdrawal/", {"confirmed": "1"}).url == place
    assert standing(rating).state == "withdrawn"
    assert "Submit rating" in text_of(buyer.get(place))
    assert buyer.post(f"{place}rating/withdrawal/", {"confirmed": "1"}).status_code == 404


def test_two_moderators_at_once(world, completed):
    rating = rate_order(completed.order, scores=SCORES, by=completed.buyer, at=completed.at("2020-03-02 10:00"))
    first, second = colleague(world, "operator", "operations"), browser(world, "operator")
    desk = f"/operations/ratings/{rating.public_id}/"
    assert first.post(f"{desk}publication/", {"version": "1"}).status_code == 302
    late = second.post(f"{desk}publication/", {"version": "1"})
    assert (late.status_code, "That step is not open now" in text_of(late)) == (409, True)


def test_whose_rating_it_is(world, completed):
    rating = rate_order(completed.order, scores=SCORES, by=completed.buyer, at=completed.at("2020-03-02 10:00"))
    place = resource_page(completed)
    for name in ("other_buyer", "seller"):
        client = browser(world, name)
        assert client.post(f"{place}rating/", SCORES).status_code == 404
        assert client.post(f"{place}rating/withdrawal/", {"confirmed": "1"}).status_code == 404
    for name, role in (("operator", "auditor"), ("buyer", "owner"), ("seller", "owner")):
        client = colleague(world, name, role)
        assert client.post(f"/operations/ratings/{rating.public_id}/publication/", {"version": "1"}).status_code == 403
    publish_rating(rating, version=1, by=world.actor("operator"), at=completed.at("2020-03-02 10:00"))
    for name, status in (("seller", 200), ("other_seller", 404)):
        assert browser(world, name).get(f"/seller/ratings/{rating.public_id}/").status_code == status
    assert browser(world, "other_seller").post(f"/seller/ratings/{rating.public_id}/reply/").status_code == 404
    assert colleague(world, "buyer", "viewer").post(f"{place}rating/", SCORES).status_code == 403
    assert standing(rating).version == 1


# ---- The API


@pytest.fixture
def programs(world):
    return {name: Program(token) for name, token in world.tokens.items()}


def verbs(shape):
    return sorted(action["action"] for action in shape["next_actions"])


def test_a_ticket_by_program(programs, trade):
    """Each side finds its steps in next_actions, and every one of them works."""
    buyer, seller, operator = programs["buyer"], programs["seller"], programs["operator"]
    opened = buyer.post(f"/orders/{trade.number}/tickets", {"title": "The key is refused", "text": "For another host?"})
    ticket = told(opened, 201)
    assert opened["Location"] == ticket["href"] == f"/api/v1/tickets/{ticket['id']}"
    assert (ticket["state"], ticket["turn"], ticket["handled_by"]) == ("open", "seller", "seller")
    assert (ticket["deadline"]["outcome"], ticket["deadline"]["at"]) == ("escalated", "2020-01-07T02:00:00Z")
    assert verbs(ticket) == ["escalate_ticket", "reply_ticket", "resolve_ticket"]
    seen = told(seller.get(f"/tickets/{ticket['id']}"))
    assert (verbs(seen), seen["seller_label"]) == (["accept_ticket"], "To be accepted")
    for verb in ("accept_ticket", "answer_ticket"):
        [step] = [action for action in seen["next_actions"] if action["action"] == verb]
        body = {"text": "A new key is enclosed."} if verb == "answer_ticket" else None
        seen = told(seller.call(step["method"], step["href"], body))
    ticket = told(buyer.form(f"/tickets/{ticket['id']}/reply", {"text": "Still refused.", "files": [pdf("log.pdf")]}))
    [file] = ticket["messages"][-1]["files"]
    assert (file["name"], seller.get(file["href"]).status_code) == ("log.pdf", 200)
    ticket = told(buyer.post(f"/tickets/{ticket['id']}/escalation", {"text": "No help."}))
    seen = told(operator.get(f"/tickets/{ticket['id']}"))
    assert verbs(seen) == ["answer_ticket", "close_ticket", "decide_ticket", "return_ticket"]
    assert seen["deadline"]["outcome"] == "overdue"
    told(operator.post(f"/tickets/{ticket['id']}/decision", {"text": "A key today."}))
    ticket = told(buyer.post(f"/tickets/{ticket['id']}/reopening", {"text": "It is tomorrow."}))
    ticket = told(buyer.post(f"/tickets/{ticket['id']}/resolution"))
    assert (ticket["state"], verbs(ticket)) == ("resolved", ["reopen_ticket"])
    told(operator.post(f"/tickets/{ticket['id']}/closing", {"text": "Done."}))
    seen = told(buyer.get(f"/tickets/{ticket['id']}"))
    assert (seen["state"], seen["deadline"], seen["next_actions"]) == ("closed", None, [])
    assert [row["side"] for row in seen["messages"]] == [
        "buyer",
        "seller",
        "buyer",
        "buyer",
        "operator",
        "buyer",
        "operator",
    ]
    assert next(row["event"] for row in seen["log"]) == "ticket.opened"
    assert [row["id"] for row in told(buyer.get("/tickets", status="closed", side="buyer"))["items"]] == [seen["id"]]


def test_strangers_find_no_ticket(programs, asked, trade):
    for name in ("other_buyer", "other_seller"):
        program = programs[name]
        refused(program.get(f"/tickets/{asked.public_id}"), 404, "not-found")
        for noun in ("acceptance", "answer", "reply", "escalation", "resolution", "reopening"):
            refused(program.post(f"/tickets/{asked.public_id}/{noun}", {"text": "mine"}), 404, "not-found")
        assert told(program.get("/tickets"))["items"] == []
        refused(program.post(f"/orders/{trade.number}/tickets", {"title": "t", "text": "x"}), 404, "not-found")
    assert standing(asked).state == "open"


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/text", "/title"]),
        ({"title": 7, "text": "x"}, ["/title"]),
        ({"title": "t", "text": ["x"]}, ["/text"]),
        ({"title": "x" * 101, "text": "x"}, ["/title"]),
        ({"title": "t", "text": "\ud800"}, ["/text"]),
        ({"title": "t", "text": "x", "resource": "res_other"}, ["/resource"]),
        (["title"], [""]),
    ],
)
def test_a_ticket_of_bad_json(programs, trade, body, pointers):
    problem = refused(programs["buyer"].post(f"/orders/{trade.number}/tickets", body), 422, "invalid-input")
    assert sorted(error["pointer"] for error in problem["errors"]) == pointers
    assert not Ticket.objects.exists()


def test_a_refused_step_says_how_things_stand(programs, asked):
    problem = refused(programs["seller"].post(f"/tickets/{asked.public_id}/answer", {"text": "x"}), 409, "move-refused")
    assert (problem["state"], [row["action"] for row in problem["next_actions"]]) == ("open", ["accept_ticket"])
    refused(programs["operator"].post(f"/tickets/{asked.public_id}/acceptance"), 403)
    refused(programs["buyer"].form(f"/tickets/{asked.public_id}/reply", {"text": "x", "files": "words"}), 422)
    refused(programs["buyer"].call("POST", f"/tickets/{asked.public_id}/reply", "{", headers={}), 422, "body-not-read")


@pytest.mark.spec("AT-105")
def test_a_rating_by_program(programs, completed):
    buyer, seller, operator = programs["buyer"], programs["seller"], programs["operator"]
    place = f"/orders/{completed.number}/rating"
    rating = told(buyer.post(place, SCORES | {"comment": "Quick."}), 201)
    assert (rating["state"], rating["label"], verbs(rating)) == (
        "under_review", "Under review", ["change_rating", "withdraw_rating"])  # fmt: skip
    refused(buyer.post(place, SCORES), 409, "already-rated")
    refused(seller.get(place), 404)
    product = completed.order.lines.get().product.public_id
    assert told(Program().get(f"/products/{product}/ratings")) == {
        "score": {"count": 0, "product_quality": None, "delivery_speed": None, "service_attitude": None},
        "items": [], "next": None,
    }  # fmt: skip
    rating = told(buyer.call("PUT", place, SCORES | {"delivery_speed": 2}))
    seen = told(operator.get("/ratings", status="under_review"))["items"]
    assert [(row["id"], row["version"], verbs(row)) for row in seen] == [
        (rating["id"], 2, ["publish_rating", "refuse_rating"])]  # fmt: skip
    refused(operator.post(f"/ratings/{rating['id']}/publication", {"version": 1}), 409, "rating-changed")
    told(operator.post(f"/ratings/{rating['id']}/publication", {"version": 2}))
    refused(buyer.delete(place), 409, "move-refused")
    told(seller.post(f"/ratings/{rating['id']}/reply", {"reply": "Thank you"}))
    shown = told(Program().get(f"/products/{product}/ratings"))
    assert shown["score"] == {"count": 1, "product_quality": "5.0", "delivery_speed": "2.0", "service_attitude": "3.0"}
    assert [(row["author"], row["delivery_speed"], row["reply"]) for row in shown["items"]] == [
        ("M***", 2, "Thank you")
    ]
    told(operator.post(f"/ratings/{rating['id']}/refusal", {"version": 2, "reason": "Names a person."}))
    assert told(buyer.delete(place))["state"] == "withdrawn"
    refused(buyer.get(place), 404)


@pytest.mark.spec("AT-105")
@pytest.mark.parametrize("wrong", [0, 6, 2.5, "5", None, True, 10**40])
def test_a_wrong_score_by_program(programs, completed, wrong):
    place = f"/orders/{completed.number}/rating"
    problem = refused(programs["buyer"].post(place, SCORES | {"product_quality": wrong}), 422, "invalid-input")
    assert [error["pointer"] for error in problem["errors"]] == ["/product_quality"]
    assert not Rating.objects.exists()


@pytest.mark.spec("AT-105")
def test_before_completion_a_program_rates_nothing(programs, trade):
    problem = refused(programs["buyer"].post(f"/orders/{trade.number}/rating", SCORES), 409, "not-ratable")
    assert problem["state"] == "processing"
    refused(programs["other_buyer"].post(f"/orders/{trade.number}/rating", SCORES), 404)
    refused(programs["seller"].post(f"/orders/{trade.number}/rating", SCORES), 403)
    assert not Rating.objects.exists()
