"""Service Interface Messages: the seller sees which call failed and why, and restarts it (S-9, AT-36, AT-43)."""

import re
from html import unescape

import pytest
from django.test import Client
from people import SCRIPT, Trade, browser, colleague, stands

from opengallery.kit.outbound import CallFailed
from opengallery.market.catalog.actions import connect_product
from opengallery.market.provisioning.actions import call_endpoints
from opengallery.market.provisioning.models import Exchange
from opengallery.market.timetable.actions import press_due

URL = "/seller/interface-messages/"


def text_of(response):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


@pytest.fixture
def answers(monkeypatch):
    """What the seller's system answers to every call from now on."""
    said = [CallFailed("The answer was status 500, not 200.")]
    monkeypatch.setattr(call_endpoints, "post_json", lambda calls: [said[0] for _ in calls])
    return said


@pytest.fixture
def trade(world, at, proof, answers):
    seller = world.actor("seller")
    for key in ("watch", "cloudbooks"):
        connect_product(world.products[key], endpoint="https://saas.example/hook", by=seller, at=at("2019-12-02 09:00"))
    return Trade(world, at, proof)


def passes(trade, when):
    stands(trade.at(when))
    press_due(until=trade.at(when))


@pytest.mark.spec("AT-43")
def test_a_failed_call_is_listed_and_restarted(world, trade, answers):
    trade.placed("saas_instant").paid()
    passes(trade, "2020-01-01 14:00")
    seller = browser(world, "seller")
    page = text_of(seller.get(URL))
    for words in (trade.line, "Harbor Watch", "Failed; no further automatic call", "status 500", "Restart"):
        assert words in page
    answers[0] = {"application": {"Address": "https://meridian.watch.example"}}
    done = seller.post(f"{URL}exch_{trade.line}/restart/", follow=True)
    assert "is called again" in text_of(done)
    passes(trade, "2020-01-01 14:00")
    page = text_of(seller.get(URL))
    assert "Provisioned" in page
    assert trade.order.label == "Completed"
    again = seller.post(f"{URL}exch_{trade.line}/restart/")
    assert again.status_code == 409
    assert "That step is not open now" in text_of(again)


def test_a_restart_needs_a_press(world, trade):
    trade.placed("saas_instant").paid()
    passes(trade, "2020-01-01 14:00")
    assert browser(world, "seller").get(f"{URL}exch_{trade.line}/restart/").status_code == 302
    assert Exchange.objects.get().state == "provisioning_stopped"


def test_others_find_nothing(world, trade):
    trade.placed("saas_instant").paid()
    passes(trade, "2020-01-01 14:00")
    other = browser(world, "other_seller")
    assert trade.line not in text_of(other.get(URL))
    assert other.post(f"{URL}exch_{trade.line}/restart/").status_code == 404
    assert browser(world, "buyer").post(f"{URL}exch_{trade.line}/restart/").status_code == 404
    assert Client().post(f"{URL}exch_{trade.line}/restart/").status_code == 302
    viewer = colleague(world, "seller", "viewer")
    assert "Restart" not in text_of(viewer.get(URL))
    assert viewer.post(f"{URL}exch_{trade.line}/restart/").status_code == 403


@pytest.mark.parametrize(
    ("query", "found"),
    [("", True), ("?status=provisioning_stopped", True), ("?status=provisioned", False), ("?order_no=CS", True),
     ("?order_no=XX", False), ("?order_no=%00", True)],
)  # fmt: skip
def test_the_list_is_searched(world, trade, query, found):
    trade.placed("saas_instant").paid()
    passes(trade, "2020-01-01 14:00")
    answer = browser(world, "seller").get(URL + query)
    assert answer.status_code == 200
    assert (trade.line in text_of(answer)) is found


@pytest.mark.parametrize("query", ["?status=nonsense", "?colour=red", "?cursor=abc"])
def test_a_search_that_is_none(world, query):
    assert browser(world, "seller").get(URL + query).status_code == 422


@pytest.mark.spec("AT-36")
def test_the_buyer_sees_the_application_and_only_the_buyer(world, trade, answers):
    answers[0] = {"application": {"Address": "https://m.example/", "Initial password": "s3cret", "Note": SCRIPT}}
    trade.placed("saas_supervised").paid()
    passes(trade, "2020-01-01 10:00")
    buyer = browser(world, "buyer")
    for url in (f"/my/supervision/{trade.line}/", f"/my/resources/res_{trade.line}/"):
        page = buyer.get(url)
        assert "Application Information" in text_of(page)
        html = page.content.decode()
        assert 'href="https://m.example/"' in html
        assert "<details><summary>Show</summary><code>s3cret</code></details>" in html
        assert SCRIPT not in html
    assert "s3cret" not in browser(world, "seller").get(f"/seller/supervision/{trade.line}/").content.decode()
    resource = f"/api/v1/resources/res_{trade.line}"
    said = {
        who: Client().get(resource, headers={"Authorization": f"Bearer {world.tokens[who]}"}) for who in world.tokens
    }
    assert said["buyer"].json()["application"]["Initial password"] == "s3cret"
    assert said["operator"].json()["application"] == {}
    assert said["other_buyer"].status_code == 404


def test_the_address_of_a_system_is_changed(world, trade):
    product = world.products["watch"]
    url = f"/seller/products/{product.public_id}/endpoint/"
    seller = browser(world, "seller")
    assert 'value="https://saas.example/hook"' in seller.get(url).content.decode()
    done = seller.post(url, {"endpoint": "https://new.example/hook"}, follow=True)
    assert "https://new.example/hook" in text_of(done)
    refused = seller.post(url, {"endpoint": "javascript:alert(1)"})
    assert refused.status_code == 422
    assert "Write an address such as" in text_of(refused)
    assert 'value="javascript:alert(1)"' in refused.content.decode()
    assert seller.post(url, {"endpoint": ""}).status_code == 302
    product.refresh_from_db()
    assert product.endpoint == ""


def test_only_of_ones_own_saas_products(world, trade):
    licence = f"/seller/products/{world.products['ledgerline'].public_id}/endpoint/"
    mine = f"/seller/products/{world.products['watch'].public_id}/endpoint/"
    assert browser(world, "seller").get(licence).status_code == 404
    assert browser(world, "other_seller").post(mine, {"endpoint": "https://x.example"}).status_code == 404
    assert colleague(world, "seller", "viewer").post(mine, {"endpoint": "https://x.example"}).status_code == 403
