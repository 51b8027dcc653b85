"""A seller's system is asked to provide what was bought: at once, then once an hour, then no more (AT-36, 42, 43)."""

import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from opengallery.kit import outbound
from opengallery.kit.actor import CLOCK, Party
from opengallery.kit.problems import MoveRefused, NotYourTurn
from opengallery.market.catalog.actions import connect_product
from opengallery.market.notices.models import Notice
from opengallery.market.orders.models import Resource
from opengallery.market.provisioning import states
from opengallery.market.provisioning.actions import call_due_endpoints, call_endpoints, restart_provisioning
from opengallery.market.provisioning.models import Exchange, application_of
from opengallery.market.provisioning.rules import read_application
from opengallery.market.supervision.models import Flow

GOOD = {
    "application": {"Address": "https://meridian.watch.example", "User name": "linwei", "Initial password": "s3cret"}
}


class System:
    """The seller's system: what it was asked, and what it answers now."""

    def __init__(self):
        self.heard, self.status, self.said = [], 200, GOOD
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.heard.append((self.headers["Idempotency-Key"], body))
                said = json.dumps(outer.said).encode()
                self.send_response(outer.status)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *args):
                """Say nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/provisioning"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()


@pytest.fixture
def system(world, at, monkeypatch):
    """Both SaaS products of the world are provided by one system."""
    monkeypatch.setattr(outbound, "env", replace(outbound.env, call_private=True))
    running = System()
    for key in ("watch", "cloudbooks"):
        connect_product(world.products[key], endpoint=running.url, by=world.actor("seller"), at=at("2019-12-02 09:00"))
    yield running
    running.http.shutdown()
    running.http.server_close()


@pytest.fixture
def exchange():
    """The exchange of an order as it is now."""
    return lambda order: Exchange.objects.get(line__order=order)


@pytest.mark.spec("AT-42")
def test_an_answer_completes_an_unsupervised_order(tale, system, exchange):
    order = tale.buys("saas_instant", when="2020-01-01 10:00")
    assert (order.label, system.heard) == ("Processing", [])
    tale.passes("2020-01-01 10:00")
    [(key, body)] = system.heard
    line = order.lines.get()
    assert key == line.number
    assert body == {
        "order": order.number, "line": line.number, "product": line.terms.product,
        "specification": line.terms.specification, "quantity": 1, "period": {"unit": "month", "count": 1},
    }  # fmt: skip
    assert tale.order(order).label == "Completed"
    assert tale.resource(order).label == "Active"
    assert exchange(order).label == "Provisioned"
    assert application_of(line.resource_id, tale.world.actor("buyer")) == GOOD["application"]
    assert not Flow.objects.exists()
    assert tale.sale(order).completed_at == tale.at("2020-01-01 10:00")


@pytest.mark.spec("AT-42")
def test_without_an_endpoint_it_is_there_at_once(tale):
    order = tale.buys("saas_instant", when="2020-01-01 10:00")
    assert (order.label, tale.resource(order).label) == ("Completed", "Active")
    assert not Exchange.objects.exists()
    assert not Flow.objects.exists()


@pytest.mark.spec("AT-36")
def test_a_supervised_order_shows_the_application_before_its_flow_ends(tale, system):
    order = tale.buys("saas_supervised", when="2020-01-01 10:00")
    buyer, resource = tale.world.actor("buyer"), tale.resource(order)
    assert application_of(resource.pk, buyer) == {}
    tale.passes("2020-01-01 10:00")
    assert application_of(resource.pk, buyer) == GOOD["application"]
    assert tale.flow(order).label == "Waiting for the user to submit a request"
    assert (tale.order(order).label, tale.resource(order).label) == ("Processing", "Pending")


@pytest.mark.spec("AT-43")
def test_a_failing_system_is_called_four_times_and_restarted_by_hand(tale, system, exchange):
    system.status = 500
    order = tale.buys("saas_instant", when="2020-01-01 10:00")
    calls = []
    for hour in range(10, 17):
        tale.passes(f"2020-01-01 {hour}:59")
        calls.append(len(system.heard))
    assert calls == [1, 2, 3, 4, 4, 4, 4]
    row = exchange(order)
    assert (row.label, row.due_at) == ("Failed; no further automatic call", None)
    assert row.called_at == tale.at("2020-01-01 13:00")
    assert "status 500" in row.error
    assert (tale.order(order).label, tale.resource(order).label) == ("Processing", "Pending")
    assert {key for key, _ in system.heard} == {order.lines.get().number}
    tale.relays()
    told = set(Notice.objects.filter(about=row.public_id).values_list("user__email", flat=True))
    assert "seller@northwind.example" in told

    system.status = 200
    restart_provisioning(row, by=tale.world.actor("seller"), at=tale.at("2020-01-02 09:00"))
    tale.passes("2020-01-02 09:00")
    assert (tale.order(order).label, exchange(order).label, len(system.heard)) == ("Completed", "Provisioned", 5)
    assert tale.resource(order).start_at == tale.at("2020-01-02 09:00")
    with pytest.raises(MoveRefused):
        restart_provisioning(exchange(order), by=tale.world.actor("seller"), at=tale.at("2020-01-02 10:00"))
    tale.passes("2020-01-05 09:00")
    assert len(system.heard) == 5
    assert tale.verbs(order).count("complete_provisioning") == tale.verbs(order).count("complete_order") == 1


def test_four_more_calls_after_a_restart(tale, system, exchange):
    system.status = 503
    order = tale.buys("saas_instant", when="2020-01-01 10:00")
    tale.passes("2020-01-01 20:00")
    restart_provisioning(exchange(order), by=tale.world.actor("seller"), at=tale.at("2020-01-02 09:00"))
    tale.passes("2020-01-02 23:00")
    assert len(system.heard) == 8
    assert exchange(order).state == states.STOPPED


def test_a_system_that_recovers_by_itself(tale, system, exchange):
    system.said = {"application": {}}
    order = tale.buys("saas_instant", when="2020-01-01 10:00")
    tale.passes("2020-01-01 11:30")
    assert exchange(order).state == states.RETRYING
    system.said = GOOD
    tale.passes("2020-01-01 12:00")
    assert tale.order(order).completed_at == tale.at("2020-01-01 12:00")


def test_the_seller_may_restart_before_the_last_call(tale, system, exchange):
    system.status = 500
    order = tale.buys("saas_instant", when="2020-01-01 10:00")
    tale.passes("2020-01-01 10:10")
    system.status = 200
    restart_provisioning(exchange(order), by=tale.world.actor("seller"), at=tale.at("2020-01-01 10:20"))
    tale.passes("2020-01-01 10:20")
    assert tale.order(order).completed_at == tale.at("2020-01-01 10:20")


@pytest.mark.parametrize("who", ["buyer", "other_seller", "operator"])
def test_nobody_else_restarts(tale, system, exchange, who):
    system.status = 500
    order = tale.buys("saas_instant", when="2020-01-01 10:00")
    tale.passes("2020-01-01 20:00")
    with pytest.raises(NotYourTurn):
        restart_provisioning(exchange(order), by=tale.world.actor(who), at=tale.at("2020-01-02 09:00"))


def test_a_restart_uses_the_address_of_today(tale, system, exchange):
    seller = tale.world.actor("seller")
    product = tale.world.products["watch"]
    connect_product(product, endpoint="http://127.0.0.1:1/gone", by=seller, at=tale.at("2020-01-01 09:00"))
    order = tale.buys("saas_instant", when="2020-01-01 10:00")
    tale.passes("2020-01-01 20:00")
    assert system.heard == []
    connect_product(product, endpoint=system.url, by=seller, at=tale.at("2020-01-02 09:00"))
    restart_provisioning(exchange(order), by=seller, at=tale.at("2020-01-02 09:00"))
    tale.passes("2020-01-02 09:00")
    assert tale.order(order).label == "Completed"


def test_a_crash_after_the_call_repeats_it_and_never_loses_it(tale, system, exchange, monkeypatch):
    """The intent was written before the call; its outcome never was."""
    order = tale.buys("saas_instant", when="2020-01-01 10:00")

    class Crash(BaseException):
        pass

    def crash(calls):
        outbound.post_json(calls)
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(call_endpoints, "post_json", crash)
        with pytest.raises(Crash):
            call_due_endpoints(until=tale.at("2020-01-01 10:00"))
    row = exchange(order)
    assert (row.calls, row.state, row.due_at) == (1, states.WAITING, tale.at("2020-01-01 11:00"))
    tale.passes("2020-01-01 11:00")
    assert len(system.heard) == 2
    assert tale.order(order).completed_at == tale.at("2020-01-01 11:00")


def test_crashes_count_as_calls(tale, system, exchange, monkeypatch):
    order = tale.buys("saas_instant", when="2020-01-01 10:00")

    class Crash(BaseException):
        pass

    def crash(calls):
        if calls:
            raise Crash
        return []

    monkeypatch.setattr(call_endpoints, "post_json", crash)
    for hour in range(10, 14):
        with pytest.raises(Crash):
            call_due_endpoints(until=tale.at(f"2020-01-01 {hour}:00"))
    call_due_endpoints(until=tale.at("2020-01-01 14:00"))
    assert exchange(order).state == states.STOPPED


def test_of_two_answers_the_first_counts(tale, system, exchange):
    """The seller restarts while a call is under way: both calls succeed, it is provisioned once."""
    order = tale.buys("saas_instant", when="2020-01-01 10:00")
    now = tale.at("2020-01-01 10:00")
    first = Exchange.objects.due(now).get()
    assert call_endpoints.claim_call(first, at=now)
    second = Exchange.objects.due(tale.at("2020-01-01 11:00")).get()
    assert call_endpoints.claim_call(second, at=tale.at("2020-01-01 11:00"))
    call_endpoints.note_outcome(second, GOOD, at=tale.at("2020-01-01 11:00"))
    call_endpoints.note_outcome(first, {"application": {"Address": "late"}}, at=tale.at("2020-01-01 11:01"))
    assert exchange(order).application == GOOD["application"]
    assert tale.verbs(order).count("complete_provisioning") == 1


def test_two_pressers_make_one_call(tale, system):
    tale.buys("saas_instant", when="2020-01-01 10:00")
    now = tale.at("2020-01-01 10:00")
    one, other = Exchange.objects.due(now).get(), Exchange.objects.due(now).get()
    assert call_endpoints.claim_call(one, at=now)
    assert call_endpoints.claim_call(other, at=now) is None


def test_what_was_undone_is_not_asked_for_any_more(tale, system, exchange):
    system.status = 500
    order = tale.buys("saas_supervised", when="2020-01-01 10:00")
    tale.passes("2020-01-01 10:30")
    Resource.objects.filter(order=order).update(state="released", start_at=tale.at("2020-01-01 10:30"))
    tale.passes("2020-01-01 20:00")
    assert (exchange(order).label, len(system.heard)) == ("No longer needed", 1)


def test_an_ordinary_installation_that_was_away_has_not_tried(tale, system, exchange, monkeypatch):
    """Three hours of silence are no three calls: the next one is an hour after this one."""
    system.status = 500
    order = tale.buys("saas_instant", when="2020-01-01 10:00")
    monkeypatch.setattr(call_endpoints, "env", replace(call_endpoints.env, sandbox=False))
    call_due_endpoints(until=tale.at("2020-01-01 15:00"))
    row = exchange(order)
    assert (row.called_at, row.due_at) == (tale.at("2020-01-01 15:00"), tale.at("2020-01-01 16:00"))


def test_the_application_is_the_buyers_alone(tale, system):
    order = tale.buys("saas_instant", when="2020-01-01 10:00")
    tale.passes("2020-01-01 10:00")
    resource = tale.resource(order)
    for who in ("seller", "other_buyer", "operator"):
        assert application_of(resource.pk, tale.world.actor(who)) == {}
    assert application_of(resource.pk, CLOCK) == {}
    assert application_of(None, tale.world.actor("buyer")) == {}
    assert all("s3cret" not in fact.body for fact in tale.facts(order))


def test_a_renewal_calls_nobody(tale, system):
    order = tale.buys("saas_instant", when="2020-01-01 10:00")
    tale.passes("2020-01-01 10:00")
    tale.renews(order, "2020-01-10 10:00", unit="month")
    tale.passes("2020-01-10 20:00")
    assert len(system.heard) == 1


@pytest.mark.parametrize(
    "said",
    [
        {}, {"application": None}, {"application": []}, {"application": {}}, {"application": "x"},
        {"application": {"Address": ""}}, {"application": {"Address": None}}, {"application": {"": "x"}},
        {"application": {"Address": ["x"]}}, {"application": {"Address": {"a": "b"}}}, {"application": {"a": "\0"}},
        {"application": {"a": "\ud800"}}, {"application": {"a" * 61: "x"}}, {"application": {"a": "x" * 1001}},
        {"application": {str(n): "x" for n in range(21)}},
    ],
)  # fmt: skip
def test_what_is_no_application(said):
    with pytest.raises(ValueError, match="application"):
        read_application(said)


def test_numbers_and_yes_or_no_are_words():
    said = {"application": {"Port": 8443, "Trial": False, "Ready": True, "Address": " https://x.example "}}
    assert read_application(said) == {"Port": "8443", "Trial": "no", "Ready": "yes", "Address": "https://x.example"}


def test_the_table_is_the_specification():
    """D10 and AT-43, written down a second time."""
    rows = {(move.source, move.verb, move.who, move.target) for move in states.EXCHANGE.moves}
    wait, retry, stop, done, end = states.WAITING, states.RETRYING, states.STOPPED, states.PROVISIONED, states.ENDED
    assert rows == {
        (wait, "complete_provisioning", Party.CLOCK, done), (retry, "complete_provisioning", Party.CLOCK, done),
        (wait, "fail_provisioning", Party.CLOCK, retry), (retry, "repeat_failure", Party.CLOCK, retry),
        (wait, "stop_provisioning", Party.CLOCK, stop), (retry, "stop_provisioning", Party.CLOCK, stop),
        (retry, "restart_provisioning", Party.SELLER, wait), (stop, "restart_provisioning", Party.SELLER, wait),
        (wait, "end_provisioning", Party.CLOCK, end), (retry, "end_provisioning", Party.CLOCK, end),
    }  # fmt: skip
