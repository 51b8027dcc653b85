"""The feed of events, and the sandbox's clock."""

import dataclasses

import pytest
from program import refused, told

from opengallery.doors.api.v1 import clock as clock_door
from opengallery.doors.api.v1.shapes.events import PLACES
from opengallery.doors.api.v1.shapes.facts import EVENTS
from opengallery.doors.flows import WORDS
from opengallery.market.billing import states as billing_states
from opengallery.market.catalog import states as catalog_states
from opengallery.market.journal.models import Living
from opengallery.market.journal.relay import relay_facts
from opengallery.market.orders import states as order_states
from opengallery.market.supervision import states as flow_states


def read(program, **query):
    relay_facts({})
    return told(program.get("/events", **query))


def test_a_life_as_its_parties_read_it(api):
    start = read(api.operator)["last"]
    line = api.delivered()
    told(api.buyer.rejects(line))
    told(api.seller.delivers(line))
    told(api.buyer.accepts(line))
    api.goes("2020-02-08 00:00")
    events = read(api.buyer, after=start)["items"]
    assert [(event["event"], event["sequence"]) for event in events] == [
        ("order.placed", 1), ("order.paid", 2), ("flow.started", 3), ("flow.delivered", 4), ("flow.rejected", 5),
        ("flow.delivered", 6), ("flow.accepted", 7), ("resource.started", 8), ("order.completed", 9),
    ]  # fmt: skip
    order = line[:-7]
    assert {event["order"] for event in events} == {order}
    assert [event["subject"] for event in events[:3]] == [order, order, line]
    assert events[0]["action_required"] == {"by": "buyer", "until": "2020-01-08T02:00:00Z"}
    delivered = events[3]
    assert (delivered["by"]["name"], delivered["by"]["organisation"]) == ("Clara Brandt", "Northwind Software")
    assert delivered["action_required"] == {"by": "buyer", "until": None}
    assert delivered["data"]["files"][0]["name"] == "proof.pdf"
    assert events[2]["action_required"] == {"by": "seller", "until": "2020-01-03T02:00:00Z"}
    assert events[-1]["at"] == "2020-01-01T05:00:00Z"
    assert events[-1]["by"]["clock"]
    assert events[-1]["action_required"] is None
    assert told(api.buyer.get(events[-1]["href"]))["number"] == order
    sellers = [event["event"] for event in read(api.seller, after=start)["items"]]
    assert sellers == [event["event"] for event in events] + ["bill.drawn"]
    assert read(api.other_buyer, after=start)["items"] == read(api.other_seller, after=start)["items"] == []
    assert len(read(api.operator, after=start)["items"]) == len(sellers)
    assert "fee" not in str(events)


def test_the_feed_is_read_in_pieces_and_again(api):
    start = read(api.seller)["last"]
    for _ in range(3):
        api.delivered()
    everything = read(api.seller, after=start)
    assert (len(everything["items"]), everything["next"]) == (12, None)
    after, pieces = start, []
    while after is not None:
        page = read(api.seller, after=after, limit=5)
        pieces += page["items"]
        after = page["next"]
    assert pieces == everything["items"]
    positions = [int(event["position"]) for event in pieces]
    assert positions == sorted(set(positions))
    assert read(api.seller, after=positions[3])["items"] == pieces[4:]
    assert read(api.seller, after=everything["last"]) == {"items": [], "next": None, "last": everything["last"]}


def test_what_is_not_relayed_yet_comes_later_and_in_order(api):
    start = read(api.buyer)["last"]
    api.bought()
    assert told(api.buyer.get("/events", after=start))["items"] == []
    assert len(read(api.buyer, after=start)["items"]) == 3


def test_every_verb_has_its_event():
    lives = [order_states.ORDER, order_states.RESOURCE, billing_states.BILL, catalog_states.PRODUCT]
    verbs = {move.verb for life in [*lives, *flow_states.LIVES.values()] for move in life.moves}
    assert verbs <= set(EVENTS)
    assert len(set(EVENTS.values())) == len(EVENTS)


def test_the_clock_goes_forward(api):
    assert told(api.operator.get("/clock")) == {"now": "2020-01-01T02:00:00Z", "sandbox": True}
    for advance, now in [
        ("PT3H", "2020-01-01T05:00:00Z"), ("P1D", "2020-01-02T05:00:00Z"), ("P1M", "2020-02-02T05:00:00Z"),
        ("P1Y2M3W4DT5H6M7S", "2021-04-27T10:06:07Z"), ("PT0S", "2021-04-27T10:06:07Z"),
    ]:  # fmt: skip
        assert told(api.operator.post("/clock", {"advance": advance}))["now"] == now
    assert told(api.operator.post("/clock", {"to": "2021-05-01T08:00:00+08:00"}))["now"] == "2021-05-01T00:00:00Z"
    assert told(api.operator.get("/clock"))["now"] == "2021-05-01T00:00:00Z"


@pytest.mark.parametrize(
    "body",
    [
        {}, {"advance": "PT3H", "to": "2021-01-01T00:00:00Z"}, {"advance": ""}, {"advance": "3h"}, {"advance": "P"},
        {"advance": "PT"}, {"advance": "-PT3H"}, {"advance": "P999Y"}, {"advance": "P99999D"}, {"advance": "PT1.5H"},
        {"advance": 3}, {"to": "tomorrow"}, {"to": "2021-01-01"}, {"to": "2021-01-01T00:00:00"},
        {"to": "2019-12-31T00:00:00Z"}, {"to": "9999-12-31T23:59:59Z"}, {"to": "0001-01-01T00:00:00+14:00"},
    ],
)  # fmt: skip
def test_where_the_clock_cannot_go(api, body):
    refused(api.operator.post("/clock", body), 422, "invalid-input")
    assert told(api.operator.get("/clock"))["now"] == "2020-01-01T02:00:00Z"


def test_an_ordinary_installation_has_no_clock(api, monkeypatch):
    monkeypatch.setattr(clock_door, "env", dataclasses.replace(clock_door.env, sandbox=False))
    refused(api.operator.get("/clock"), 404, "not-found")
    refused(api.operator.post("/clock", {"advance": "PT3H"}), 404, "not-found")


def test_every_kind_of_thing_has_a_place_and_every_verb_a_name():
    def below(parent):
        return [found for child in parent.__subclasses__() for found in (child, *below(child))]

    kinds = {found.kind for found in below(Living) if not found._meta.abstract}
    assert kinds == set(PLACES) | {"exchange", "purchasing_rules"}
    assert set(WORDS) <= set(EVENTS)
