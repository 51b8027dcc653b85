"""The table of letters: nothing that somebody waits for happens in silence (spec 2.9)."""

import importlib
import pkgutil
import string
from collections.abc import Iterator

import pytest

import opengallery.market
from opengallery.kit.actor import Party
from opengallery.kit.states import Life
from opengallery.market.identity.actions import add_person
from opengallery.market.notices.kinds import CHANNELS, GROUPS, TYPES
from opengallery.market.notices.letters import LETTERS, SILENT
from opengallery.market.notices.models import Notice
from opengallery.market.notices.rules import moment, tidy
from opengallery.market.notices.words import Words
from opengallery.market.purchasing.actions import change_purchasing_rules
from opengallery.market.supervision.actions import decide_appeal, file_appeal
from opengallery.market.supervision.models import Appeal


def lives() -> Iterator[tuple[str, Life]]:
    """Every life of the house, whoever wrote it."""
    for package in pkgutil.iter_modules(opengallery.market.__path__, "opengallery.market."):
        try:
            states = importlib.import_module(f"{package.name}.states")
        except ModuleNotFoundError:
            continue
        for name, value in vars(states).items():
            rows = value.items() if isinstance(value, dict) else [("", value)]
            yield from ((f"{package.name}.{name} {key}", life) for key, life in rows if isinstance(life, Life))


VERBS = {move.verb for _, life in lives() for move in life.moves}


def test_every_verb_of_every_life_tells_somebody_or_says_why_not():
    assert len(list(lives())) > 12
    assert VERBS - set(LETTERS) - set(SILENT) == set()
    assert set(LETTERS) & set(SILENT) == set()
    assert all(reason.endswith(".") and len(reason.split()) > 4 for reason in SILENT.values())


def test_whose_turn_comes_is_told():
    """Where a move hands the turn to a party, a letter goes to that party."""
    from opengallery.market.supervision.states import LIVES, TURN
    from opengallery.market.unsubscription.states import TURN as REVIEW
    from opengallery.market.unsubscription.states import UNSUBSCRIPTION

    handed = [(move, TURN) for life in LIVES.values() for move in life.moves]
    handed += [(move, REVIEW) for move in UNSUBSCRIPTION.moves]
    untold = {
        (move.verb, turns[move.target].value)
        for move, turns in handed
        if move.target in turns and turns[move.target] != Party.CLOCK and turns.get(move.source) != turns[move.target]
        if turns[move.target] not in {letter.to for letter in LETTERS.get(move.verb, ())}
    }
    # Who takes a step back does not have to be told that the own turn has come again.
    assert untold == {("withdraw_request", "buyer"), ("retract_acceptance", "buyer")}


WORDS = {"subject", "order", "by", "name", "note", "deadline", "outcome"}
DATA = {"days_left", "amount", "currency", "line", "refunded", "kept", "member", "stand_in", "title"}


def test_every_letter_can_be_filled_in():
    words = Words(subject="CS1", by="Meridian {0}", note="{subject} % $ \\ \n", deadline="", order="CS1")
    for verb, letters in LETTERS.items():
        for letter in letters:
            used = {name for _, name, _, _ in string.Formatter().parse(letter.subject + letter.text) if name}
            assert used <= WORDS | DATA, verb
            assert len(letter.subject.format_map(words)) < 160
            assert "{" not in letter.text.format_map(words).replace("{0}", "").replace("{subject}", "")
            assert letter.kind.type in TYPES


def test_every_group_has_letters_and_every_channel_has_columns():
    assert {letter.kind.group for letters in LETTERS.values() for letter in letters} == set(GROUPS)
    columns = {field.name for field in Notice._meta.get_fields()}
    assert {f"{channel}_{name}" for channel in CHANNELS for name in ("due_at", "tries", "sent_at")} <= columns


@pytest.mark.parametrize(
    ("verb", "to", "type"),
    [("accept_delivery", "seller", 101), ("decide_appeal", "seller", 501), ("decide_appeal", "buyer", 501),
     ("release_resource", "buyer", 103), ("note_overdue", "seller", 501)],
)  # fmt: skip
def test_the_numbers_of_the_specification(verb, to, type):
    assert type in {letter.kind.type for letter in LETTERS[verb] if letter.to == to}


def told(**who) -> list[str]:
    return list(Notice.objects.filter(**who).order_by("fact_id", "pk").values_list("subject", flat=True))


def test_an_appeal_is_told_to_the_other_side_and_to_the_operator_and_its_end_to_both(tale, world, at):
    order = tale.buys(when="2020-01-01 10:00")
    tale.relays()
    Notice.objects.all().delete()
    file_appeal(tale.flow(order), ground="seller_does_not_deliver", reason="Nobody answers.",
                by=world.actor("buyer"), at=at("2020-01-10 10:00"))  # fmt: skip
    tale.relays()
    people = {name: world.members[name].user for name in ("buyer", "seller", "operator", "other_seller")}
    assert told(user=people["seller"]) == [f"Appeal: {order.number}"]
    assert told(user=people["buyer"]) == []
    assert told(user=people["operator"]) == [f"Appeal to decide: {order.number}"]
    assert "decides by 15 Jan 2020, 23:59 (GMT+08:00)" in Notice.objects.get(user=people["seller"]).text
    Notice.objects.all().delete()

    decide_appeal(Appeal.objects.get(), decision="resume", note="Both sides have talked.",
                  by=world.actor("operator"), at=at("2020-01-11 10:00"))  # fmt: skip
    tale.relays()
    assert told(user=people["seller"]) == told(user=people["buyer"]) == [f"Appeal decided: {order.number}"]
    decided = Notice.objects.get(user=people["buyer"])
    assert (decided.type, decided.group) == (501, "appeals")
    assert decided.text == "Resume: the flow goes on where it stood. Both sides have talked."
    assert told(user=people["other_seller"]) == []


def test_a_letter_says_by_when_and_what_happens_then(tale, world):
    order = tale.buys(when="2020-01-01 10:00")
    tale.relays()
    text = Notice.objects.get(subject__startswith="New order to deliver").text
    due = moment(tale.flow(order).promised_at)
    assert f"By {due}. After this time the delivery is overdue" in text
    assert due.endswith("Jan 2020, 10:00 (GMT+08:00)")


def test_only_members_of_the_operators_organisation_hear_what_the_operator_hears(tale, world, at):
    """An auditor looks, and decides nothing."""
    add_person(world.members["operator"].organisation, email="audit@gallery.example", username="audits", full_name="",
               password=None, role="auditor")  # fmt: skip
    order = tale.buys(when="2020-01-01 10:00")
    file_appeal(tale.flow(order), ground="other_buyer", reason="Look at it.", by=world.actor("buyer"),
                at=at("2020-01-10 10:00"))  # fmt: skip
    tale.relays()
    heard = Notice.objects.filter(subject__startswith="Appeal to decide").values_list("user__username", flat=True)
    assert list(heard) == ["imoreau"]


def test_a_letter_that_is_late_tells_no_other_steps_deadline(tale):
    """Paid and delivered before the worker came to tell of either, at one instant of a sandbox."""
    order = tale.buys(when="2020-01-01 10:00")
    tale.delivers(order, "2020-01-01 10:00")
    tale.relays()
    texts = dict(Notice.objects.values_list("subject", "text"))
    assert texts[f"New order to deliver: {order.number}-000001"].endswith("then enter the service result.")
    assert texts[f"Delivered: {order.number}-000001"].endswith("it waits until the customer accepts or rejects.")


def test_an_order_to_approve_says_until_when(tale, world, at):
    """The letter goes to those who may approve."""
    change_purchasing_rules(approval_above="100.00", acceptance_above="", purchase_order_required=False,
                            cost_centre_required=False, by=world.actor("buyer"), at=at("2020-01-01 09:00"))  # fmt: skip
    order = tale.orders(when="2020-01-01 10:00")
    tale.relays()
    notice = Notice.objects.get(subject=f"To approve: {order.number}")
    assert notice.text.endswith("By 8 Jan 2020, 10:00 (GMT+08:00); then the order is canceled.")
    assert notice.text.startswith("Lin Wei has placed an order")


def test_what_somebody_wrote_stays_one_line_with_one_stop():
    assert tidy("Rejected: no key.\r\n Deliver again..  By noon.") == "Rejected: no key. Deliver again. By noon."
    assert tidy("Why?. Because.") == "Why? Because."
