"""Tickets: whose turn it is, who may do what, what happens when nobody acts."""

from itertools import product

import pytest
from django.db import transaction

from opengallery.kit.actor import CLOCK, Party
from opengallery.kit.problems import InvalidInput, MoveRefused, NotYourTurn
from opengallery.kit.states import Life
from opengallery.market.aftersales import states
from opengallery.market.aftersales.actions import (
    accept_ticket,
    answer_ticket,
    close_ticket,
    decide_ticket,
    escalate_ticket,
    open_ticket,
    press_due_tickets,
    reopen_ticket,
    reply_ticket,
    resolve_ticket,
    return_ticket,
)
from opengallery.market.aftersales.models import Message, Ticket
from opengallery.market.aftersales.problems import TicketNeedsPurchase
from opengallery.market.journal.models import Fact
from opengallery.market.orders.models import Resource
from opengallery.market.policy.models import Value
from opengallery.market.sellers.models import Seller

VERBS = {
    verb.__name__: verb
    for verb in (accept_ticket, answer_ticket, close_ticket, decide_ticket, escalate_ticket, reopen_ticket, reply_ticket,
                 resolve_ticket, return_ticket)
}  # fmt: skip
MONDAY = "2020-01-06 10:00"


def said(verb: str) -> dict[str, str]:
    return {} if verb == "accept_ticket" else {"text": "This is why."}


def test_a_ticket_from_question_to_close(sold):
    """Accept, processing, waiting for customer feedback (L33); then resolved, and closed after seven days."""
    files = [sold.proof("log.txt", b"refused\n")]
    ticket = sold.asks(MONDAY, files=files)
    assert (ticket.state, ticket.label, ticket.seller_label, ticket.turn) == (
        "open",
        "Open",
        "To be accepted",
        "seller",
    )
    assert ticket.due_at == sold.at("2020-01-07 10:00")
    ticket = sold.does(accept_ticket, ticket, "2020-01-06 11:00", by=sold.seller)
    assert (ticket.seller_label, ticket.due_at) == ("Processing", sold.at("2020-01-07 11:00"))
    ticket = sold.does(answer_ticket, ticket, "2020-01-06 12:00", by=sold.seller, text="Which host?")
    assert (ticket.seller_label, ticket.turn) == ("Waiting for customer feedback", "buyer")
    assert ticket.due_at == sold.at("2020-01-13 12:00")
    ticket = sold.does(reply_ticket, ticket, "2020-01-07 12:00", by=sold.buyer, text="host-7")
    assert (ticket.state, ticket.due_at) == ("answering", sold.at("2020-01-08 12:00"))
    ticket = sold.does(answer_ticket, ticket, "2020-01-07 13:00", by=sold.seller, text="A new key is enclosed.",
                       files=[sold.proof("key.txt", b"key\n")])  # fmt: skip
    ticket = sold.does(resolve_ticket, ticket, "2020-01-07 14:00", by=sold.buyer)
    assert (ticket.state, ticket.turn, ticket.due_at) == ("resolved", "", sold.at("2020-01-14 14:00"))
    assert press_due_tickets(until=sold.at("2020-01-14 13:59")) == 0
    assert press_due_tickets(until=sold.at("2020-01-15 00:00")) == 1
    ticket = sold.again(ticket)
    assert (ticket.state, ticket.state_since, ticket.due_at) == ("closed", sold.at("2020-01-14 14:00"), None)
    rows = Message.objects.filter(ticket=ticket)
    assert [(row.version, row.side, row.verb) for row in rows] == [
        (1, "buyer", "open_ticket"), (2, "seller", "answer_ticket"), (3, "buyer", "reply_ticket"),
        (4, "seller", "answer_ticket"),
    ]  # fmt: skip
    assert [[part.file.name for part in row.files.all()] for row in rows] == [["log.txt"], [], [], ["key.txt"]]
    facts = Fact.objects.of(sold.trade.number).filter(subject=ticket.public_id)
    assert [fact.verb for fact in facts] == ["open_ticket", "accept_ticket", "answer_ticket", "reply_ticket",
                                             "answer_ticket", "resolve_ticket", "close_ticket"]  # fmt: skip
    assert {(fact.buyer_id, fact.seller_id) for fact in facts} == {(ticket.buyer_id, ticket.seller_id)}


@pytest.mark.parametrize(
    ("steps", "due", "then"),
    [
        ([], "2020-01-07 10:00", "escalated"),
        (["accept_ticket"], "2020-01-07 10:01", "escalated"),
        (["accept_ticket", "answer_ticket"], "2020-01-13 10:02", "closed"),
        (["resolve_ticket"], "2020-01-13 10:01", "closed"),
        (["escalate_ticket"], None, "escalated"),
    ],
)
def test_silence(sold, steps, due, then):
    """Nobody acts: what the state promised happens at the instant it promised; the operator is never decided for."""
    ticket = sold.asks(MONDAY)
    for minute, verb in enumerate(steps, start=1):
        by = sold.seller if verb in ("accept_ticket", "answer_ticket") else sold.buyer
        ticket = sold.does(VERBS[verb], ticket, f"2020-01-06 10:0{minute}", by=by, **said(verb))
    assert ticket.due_at == (sold.at(due) if due else None)
    press_due_tickets(until=sold.at("2020-01-13 12:00"))
    ticket = sold.again(ticket)
    assert ticket.state == then
    if due:
        assert ticket.state_since == sold.at(due)
    else:
        assert ticket.decide_by == sold.at("2020-01-09 10:01")


def test_a_friday_question_is_not_late_on_monday(sold):
    ticket = sold.asks("2020-01-10 22:00")  # 15:00 at the seller's
    assert ticket.due_at == sold.at("2020-01-13 22:00")


def test_the_times_are_the_operators(sold):
    for key, value in (("ticket_answer_hours", 2), ("ticket_close_days", 1), ("ticket_decision_days", 1)):
        Value.objects.create(key=key, value=value, valid_from=sold.at("2020-01-01 00:00"))
    ticket = sold.asks(MONDAY)
    assert ticket.due_at == sold.at("2020-01-06 12:00")
    ticket = sold.does(escalate_ticket, ticket, "2020-01-06 10:30", by=sold.buyer, text="Nobody there")
    assert ticket.decide_by == sold.at("2020-01-07 10:30")
    ticket = sold.does(resolve_ticket, ticket, "2020-01-06 11:00", by=sold.buyer)
    assert ticket.due_at == sold.at("2020-01-07 11:00")


def test_the_platform_steps_in_and_decides(sold):
    """Escalated by the buyer, heard from the seller, decided by the operator; opened again it stays with the platform."""
    ticket = sold.asks(MONDAY)
    ticket = sold.does(escalate_ticket, ticket, "2020-01-06 11:00", by=sold.buyer, text="The hotline does not answer.")
    assert (ticket.state, ticket.route, ticket.turn) == ("escalated", "platform", "operator")
    assert (ticket.due_at, ticket.decide_by) == (None, sold.at("2020-01-09 11:00"))
    ticket = sold.does(answer_ticket, ticket, "2020-01-06 12:00", by=sold.seller, text="We were ill.")
    ticket = sold.does(reply_ticket, ticket, "2020-01-06 13:00", by=sold.buyer, text="Get well.")
    assert (ticket.state, ticket.state_since, ticket.decide_by) == (
        "escalated", sold.at("2020-01-06 11:00"), sold.at("2020-01-09 11:00"))  # fmt: skip
    ticket = sold.does(answer_ticket, ticket, "2020-01-07 10:00", by=sold.operator, text="Does it work now?")
    assert (ticket.state, ticket.turn, ticket.decide_by) == ("wait_buyer", "buyer", None)
    with pytest.raises(NotYourTurn):
        answer_ticket(ticket, text="And we say", by=sold.seller, at=sold.at("2020-01-07 10:30"))
    ticket = sold.does(reply_ticket, ticket, "2020-01-07 11:00", by=sold.buyer, text="No.")
    assert ticket.state == "escalated"
    ticket = sold.does(decide_ticket, ticket, "2020-01-07 12:00", by=sold.operator, text="A new key until Friday.")
    assert (ticket.state, ticket.due_at) == ("resolved", sold.at("2020-01-14 12:00"))
    ticket = sold.does(reopen_ticket, ticket, "2020-01-11 12:00", by=sold.buyer, text="Friday has passed.")
    assert (ticket.state, ticket.route) == ("escalated", "platform")
    ticket = sold.does(close_ticket, ticket, "2020-01-12 12:00", by=sold.operator, text="Settled by an appeal.")
    assert (ticket.state, ticket.due_at, ticket.decide_by) == ("closed", None, None)


def test_the_platform_returns_a_ticket(sold):
    ticket = sold.asks(MONDAY)
    press_due_tickets(until=sold.at("2020-01-08 10:00"))
    ticket = sold.does(return_ticket, ticket, "2020-01-08 10:00", by=sold.operator, text="Answer until tomorrow.")
    assert (ticket.state, ticket.route, ticket.due_at) == ("answering", "seller", sold.at("2020-01-09 10:00"))
    ticket = sold.does(resolve_ticket, ticket, "2020-01-08 11:00", by=sold.buyer)
    ticket = sold.does(reopen_ticket, ticket, "2020-01-08 12:00", by=sold.buyer, text="No, again.")
    assert (ticket.state, ticket.route) == ("answering", "seller")


@pytest.mark.parametrize("changes", [{"takes_tickets": False}, {"support_start": None, "support_end": None}])
def test_tickets_go_to_the_platform_when_the_seller_takes_none(sold, changes):
    """N10: to the seller if it accepts tickets, with at least 5 × 8 hours; else to the platform."""
    Seller.objects.filter(pk=sold.seller.organisation_id).update(**changes)
    ticket = sold.asks(MONDAY)
    assert (ticket.state, ticket.route, ticket.turn) == ("escalated", "platform", "operator")


def test_what_is_added_meanwhile_moves_no_deadline(sold):
    ticket = sold.asks(MONDAY)
    ticket = sold.does(reply_ticket, ticket, "2020-01-06 15:00", by=sold.buyer, text="It says error 7.")
    assert (ticket.state, ticket.due_at, ticket.state_since) == (
        "open", sold.at("2020-01-07 10:00"), sold.at(MONDAY))  # fmt: skip
    ticket = sold.does(accept_ticket, ticket, "2020-01-06 16:00", by=sold.seller)
    ticket = sold.does(answer_ticket, ticket, "2020-01-06 17:00", by=sold.seller, text="Try this.")
    ticket = sold.does(answer_ticket, ticket, "2020-01-07 17:00", by=sold.seller, text="Or this.")
    assert ticket.due_at == sold.at("2020-01-14 17:00")  # a new question, and the customer's full time for it


def test_only_the_buyer_of_a_paid_order_asks(sold):
    for name in ("seller", "other_buyer", "other_seller", "operator"):
        with pytest.raises(NotYourTurn):
            open_ticket(sold.trade.order, title="t", text="x", by=getattr(sold, name), at=sold.at(MONDAY))
    sold.trade.placed("license_monthly")
    with pytest.raises(TicketNeedsPurchase):
        sold.asks(MONDAY)
    assert not Ticket.objects.exists()


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        ({"title": "", "text": " \n"}, ["text", "title"]),
        ({"title": "x" * 101}, ["title"]),
        ({"text": "x" * 2001}, ["text"]),
        ({"text": "nul \0"}, ["text"]),
    ],
)
def test_bad_words_are_refused_all_at_once(sold, words, fields):
    with pytest.raises(InvalidInput) as refusal:
        sold.asks(MONDAY, **words)
    assert sorted(refusal.value.errors) == fields
    assert not Ticket.objects.exists()


def test_a_ticket_may_be_about_one_resource_of_the_order(sold):
    resource = Resource.objects.get(order=sold.trade.order)
    assert sold.asks(MONDAY, resource=resource).resource == resource
    sold.trade.placed("license_monthly").paid()
    with pytest.raises(InvalidInput) as refusal:
        sold.asks(MONDAY, resource=resource)
    assert list(refusal.value.errors) == ["resource"]


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb not in ("accept_ticket", "resolve_ticket")])
def test_each_step_of_a_person_needs_words(sold, verb):
    ticket = sold.asks(MONDAY)
    who, place = {
        "answer_ticket": (sold.seller, "answering"), "reply_ticket": (sold.buyer, "open"),
        "escalate_ticket": (sold.buyer, "open"), "reopen_ticket": (sold.buyer, "resolved"),
    }.get(verb, (sold.operator, "escalated"))  # fmt: skip
    if place == "escalated":
        ticket = sold.does(escalate_ticket, ticket, MONDAY, by=sold.buyer, text="now")
    elif place != "open":
        step = {"answering": (accept_ticket, sold.seller), "resolved": (resolve_ticket, sold.buyer)}[place]
        ticket = sold.does(step[0], ticket, MONDAY, by=step[1])
    for text in ("", " ", "x" * 2001):
        with pytest.raises(InvalidInput) as refusal:
            VERBS[verb](ticket, text=text, by=who, at=sold.at(MONDAY))
        assert list(refusal.value.errors) == ["text"]
    assert sold.again(ticket).state == place


def test_of_two_at_once_one_is_told(sold):
    ticket = sold.asks(MONDAY)
    slower = sold.again(ticket)
    accept_ticket(ticket, by=sold.seller, at=sold.at("2020-01-06 11:00"))
    with pytest.raises(MoveRefused):
        accept_ticket(slower, by=sold.seller, at=sold.at("2020-01-06 11:00"))
    # The clock saw the timer of before the acceptance.
    late = sold.again(ticket)
    late.due_at = sold.at("2020-01-07 10:00")
    with pytest.raises(MoveRefused):
        escalate_ticket(late, by=CLOCK, at=sold.at("2020-01-07 10:00"))
    assert sold.again(ticket).state == "answering"


def test_strangers_see_nothing(sold):
    sold.asks(MONDAY)
    seen = {name: Ticket.objects.visible_to(getattr(sold, name)).count()
            for name in ("buyer", "seller", "operator", "other_buyer", "other_seller")}  # fmt: skip
    assert seen == {"buyer": 1, "seller": 1, "operator": 1, "other_buyer": 0, "other_seller": 0}


def reachable(life: Life) -> set[str]:
    found, waiting = set(), [life.born]
    while waiting:
        state = waiting.pop()
        if state not in found:
            found.add(state)
            waiting += [move.target for move in life.moves_from(state)]
    return found


@pytest.mark.parametrize("route", states.TICKETS)
def test_every_state_is_reached_and_the_clock_knows_what_to_do(route):
    life = states.TICKETS[route]
    assert reachable(life) == set(life.states)
    for state in life.states:
        by_clock = life.moves_from(state, {Party.CLOCK})
        if state in (states.ESCALATED, states.CLOSED):
            assert not by_clock
        elif (route, state) != (states.PLATFORM, states.ANSWERING):  # returned: the ticket is at the seller then
            assert len(by_clock) == 1
        if state in states.TURN and (route, state) != (states.PLATFORM, states.ANSWERING):
            assert states.TURN[state] in {move.who for move in life.moves_from(state)}
    written = [(move.source, move.verb, move.who) for move in life.moves]
    assert len(written) == len(set(written))
    assert life.is_final(states.CLOSED)


def standing(sold, route: str, state: str) -> Ticket:
    """A ticket that stands there."""
    if route == states.PLATFORM:
        Seller.objects.filter(pk=sold.seller.organisation_id).update(takes_tickets=False)
    ticket = sold.asks(MONDAY)
    by = sold.seller if route == states.SELLER else sold.operator
    steps = {"answering": ["accept_ticket"], "resolved": ["resolve_ticket"], "escalated": [], "open": []}
    steps["wait_buyer"] = ["accept_ticket", "answer_ticket"] if route == states.SELLER else ["answer_ticket"]
    steps["closed"] = [*steps["wait_buyer"], "close_ticket"]
    for verb in steps[state]:
        who = {"resolve_ticket": sold.buyer, "close_ticket": CLOCK}.get(verb, by)
        ticket = sold.does(VERBS[verb], ticket, "2020-01-06 11:00", by=who, **({} if who is CLOCK else said(verb)))
    assert (ticket.route, ticket.state) == (route, state)
    return ticket


CELLS = [
    (route, state)
    for route, state in product(states.TICKETS, states.LABELS)
    if (route, state) not in {("platform", "open"), ("platform", "answering"), ("seller", "escalated")}
]


@pytest.mark.parametrize(("route", "state"), CELLS)
def test_who_may_do_what_where(sold, route, state):
    """Every verb by everybody, on the real row: the table's target, or the right refusal and nothing changed."""
    ticket = standing(sold, route, state)
    people = {"buyer": Party.BUYER, "seller": Party.SELLER, "operator": Party.OPERATOR, "other_buyer": None,
              "other_seller": None}  # fmt: skip
    facts = Fact.objects.count()
    for (name, party), verb in product(people.items(), VERBS):
        rows = [move for move in ticket.life.moves_from(state) if move.verb == verb]
        mine = [move for move in rows if move.who == party]
        if mine:
            with transaction.atomic():
                after = sold.does(VERBS[verb], ticket, "2020-01-06 12:00", by=getattr(sold, name), **said(verb))
                assert after.state == mine[0].target
                transaction.set_rollback(True)
            continue
        with pytest.raises(NotYourTurn if rows else MoveRefused):
            VERBS[verb](sold.again(ticket), by=getattr(sold, name), at=sold.at("2020-01-06 12:00"), **said(verb))
    assert Fact.objects.count() == facts
    assert sold.again(ticket).state == state
