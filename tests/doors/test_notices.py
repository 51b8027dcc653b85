"""Messages and what each person wants to hear, on the pages and through the API."""

import itertools
import re

import pytest
from django.urls import resolve
from people import Trade, browser
from program import refused, told

from opengallery.doors.buyer.messages import TOGETHER, address
from opengallery.market.aftersales.actions import open_ticket
from opengallery.market.journal.models import Fact
from opengallery.market.notices.actions import press_digests, send_notices
from opengallery.market.notices.channels import FOOT
from opengallery.market.notices.models import Choice, Notice, Phone
from opengallery.market.supervision.actions import file_appeal
from opengallery.market.unsubscription.actions import reject_unsubscription, request_unsubscription

PAGE = "/my/messages/choices/"


@pytest.fixture
def trade(world, at, proof):
    return Trade(world, at, proof)


def switches(client) -> dict[str, bool]:
    """The switches of the page, by name: on or off."""
    page = client.get(PAGE).content.decode()
    return {
        re.search(r'name="([\w-]+)"', tag)[1]: " checked" in tag
        for tag in re.findall(r'<input type="checkbox"[^>]*>', page)
    }


# ---- Pages


def test_the_grid_shows_what_holds_and_keeps_what_is_chosen(world):
    client = browser(world, "buyer")
    before = switches(client)
    assert before["orders-mail"]
    assert not before["orders-sms"]
    assert client.post(PAGE, {"orders-mail": "1", "money-sms": "1", "phone": "+49 30 123456"}).status_code == 302
    after = switches(client)
    assert {name for name, on in after.items() if on} == {"orders-mail", "money-sms"}
    assert 'value="+4930123456"' in client.get(PAGE).content.decode()
    assert all(switches(browser(world, "other_buyer"))[name] == on for name, on in before.items())


def test_a_number_that_is_none_is_refused_and_nothing_is_lost(world):
    client = browser(world, "buyer")
    answer = client.post(PAGE, {"orders-sms": "1", "phone": "030 <b>12"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Write the number with its country" in page
    assert "030 &lt;b&gt;12" in page
    assert re.search(r'name="orders-sms"[^>]* checked', page)
    assert not Choice.objects.exists()


def test_a_switch_that_there_is_not_changes_nothing(world):
    client = browser(world, "operator")
    assert client.post(PAGE, {"money-mail": "1", "gossip-mail": "1"}).status_code == 302
    assert set(Choice.objects.values_list("group", flat=True)) == {"deliveries", "appeals", "support"}


def test_visitors_sign_in_and_whoever_belongs_nowhere_reads_why(client, world):
    assert client.get(PAGE).status_code == 302
    member = world.members["buyer"]
    there = browser(world, "buyer")
    member.delete()
    assert "There is nothing to hear yet" in there.get(PAGE).content.decode()


def test_messages_lead_there_and_say_what_they_are_about(world, trade):
    trade.placed().paid().delivered()
    send_notices(list(Fact.objects.of(trade.number)))
    page = browser(world, "buyer").get("/my/messages/").content.decode()
    assert f'href="{PAGE}"' in page
    assert "Product provisioning" in page
    assert "There is no automatic acceptance" in page


def test_a_digest_leads_to_service_supervision(world, trade, at):
    trade.placed().paid()
    send_notices(list(Fact.objects.of(trade.number)))
    press_digests(until=at("2020-01-02 09:00"))
    page = browser(world, "seller").get("/my/messages/").content.decode()
    assert "1 supervised order not finished" in page
    assert 'href="/seller/supervision/"' in page


def test_what_the_operator_is_told_leads_to_the_operations_console(world, trade, at):
    trade.placed().paid()
    file_appeal(trade.flow, ground="other_buyer", reason="Look at it.", by=trade.buyer, at=at("2020-01-05 10:00"))
    send_notices(list(Fact.objects.filter(verb="file_appeal")))
    page = browser(world, "operator").get("/my/messages/").content.decode()
    assert f"Appeal to decide: {trade.number}" in page
    appeal = trade.flow.appeals.get()
    assert f'href="/operations/appeals/{appeal.public_id}/"' in page
    assert f'href="/seller/supervision/{trade.line}/"' in browser(world, "seller").get("/my/messages/").content.decode()


def test_each_side_of_an_unsubscription_is_led_to_it(world, trade, at):
    trade.placed().paid()
    row = request_unsubscription(trade.flow, amount="10.00", reason="not_delivered", by=trade.buyer,
                                 at=at("2020-01-05 10:00"))  # fmt: skip
    reject_unsubscription(row, comments="It is on its way.", by=trade.seller, at=at("2020-01-06 10:00"))
    send_notices(list(Fact.objects.filter(kind="unsubscription")))
    for who, folder in (("seller", "/seller/unsubscriptions/"), ("buyer", "/my/unsubscriptions/")):
        client = browser(world, who)
        assert f'href="{folder}{row.public_id}/"' in client.get("/my/messages/").content.decode()
        assert client.get(f"{folder}{row.public_id}/").status_code == 200


def test_every_message_leads_to_a_page(world, trade, at):
    """Every kind of fact that a letter is about has a page for each side that is told."""
    kinds = {"order", "flow", "resource", "bill", "ticket", "rating", "exchange", "appeal", "unsubscription",
             *TOGETHER}  # fmt: skip
    trade.placed()
    fact = Fact.objects.of(trade.number).first()
    for side, kind in itertools.product(("buyer", "seller", "operator"), kinds):
        row = Notice(organisation=world.members[side].organisation, fact=fact, kind=kind, about="a-subject")
        assert resolve(address(row)).func, (side, kind)


def test_each_side_of_a_ticket_is_led_to_it(world, trade, at):
    trade.placed().paid()
    ticket = open_ticket(trade.order, title="It does not start", text="What now?", by=trade.buyer,
                         at=at("2020-01-05 10:00"))  # fmt: skip
    send_notices(list(Fact.objects.filter(verb="open_ticket")))
    page = browser(world, "seller").get("/my/messages/").content.decode()
    assert "New ticket: It does not start" in page
    assert f'href="/seller/tickets/{ticket.public_id}/"' in page


def test_the_addresses_in_an_e_mail_are_ours():
    found = re.findall(r"\{base\}(\S+)", FOOT)
    assert [resolve(address).url_name for address in found] == ["messages", "choices"]


# ---- API


def test_a_program_reads_the_messages_of_its_person(api):
    line = api.delivered()
    send_notices(list(Fact.objects.of(line.rpartition("-")[0])))
    found = told(api.buyer.get("/messages", limit=1))
    [message] = found["items"]
    assert (message["subject"], message["type"], message["group"]) == (f"Delivered: {line}", 101, "deliveries")
    assert (message["kind"], message["about"], message["read_at"]) == ("flow", line, None)
    assert found["next"]
    assert told(api.other_buyer.get("/messages"))["items"] == told(api.operator.get("/messages"))["items"] == []
    assert told(api.buyer.post("/messages/reading")) == {"read": 2}
    assert told(api.buyer.post("/messages/reading")) == {"read": 0}
    assert not Notice.objects.filter(user=api.world.members["buyer"].user, read_at=None).exists()
    assert Notice.objects.filter(user=api.world.members["seller"].user, read_at=None).exists()


def test_a_program_chooses(api):
    there = told(api.buyer.get("/messages/choices"))
    assert there["phone"] == ""
    assert {row["group"]: (row["site"], row["mail"], row["sms"]) for row in there["items"]}["money"] == (
        True,
        True,
        False,
    )
    body = {"phone": "+6561234567", "items": [{"group": "money", "sms": True}, {"group": "money", "mail": False}]}
    chosen = told(api.buyer.call("PUT", "/messages/choices", body))
    assert {row["group"]: (row["mail"], row["sms"]) for row in chosen["items"]}["money"] == (False, True)
    assert chosen["phone"] == "+6561234567"
    assert told(api.buyer.call("PUT", "/messages/choices", chosen | {"items": [
        {key: row[key] for key in ("group", "mail", "sms")} for row in chosen["items"]]})) == chosen  # fmt: skip
    assert told(api.other_buyer.get("/messages/choices")) == there


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"items": [{"group": "orders", "mail": True}, {"group": "gossip", "mail": True}]}, "/items/1/group"),
        ({"phone": "12", "items": []}, "/phone"),
        ({"items": [{"group": "orders", "sms": True}]}, "/phone"),
        ({"items": [{"group": "orders", "mail": "yes"}]}, "/items/0/mail"),
        ({"items": "all"}, "/items"),
        ({"items": [{"mail": True}]}, "/items/0/group"),
        ({"phone": "+4930123456\u0000"}, "/phone"),
    ],
)
def test_what_a_program_cannot_choose(api, body, pointer):
    problem = refused(api.buyer.call("PUT", "/messages/choices", body), 422)
    assert [fault["pointer"] for fault in problem["errors"]] == [pointer]
    assert not Choice.objects.exists()
    assert not Phone.objects.exists()


def test_nobody_without_a_key(api):
    for method, path in (("GET", "/messages"), ("POST", "/messages/reading"), ("PUT", "/messages/choices")):
        refused(api.visitor.call(method, path), 401)
