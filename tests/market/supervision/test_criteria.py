"""Acceptance is bound to criteria: what was agreed is answered, what is missing is named (beyond 2)."""

import json
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opengallery.kit.problems import InvalidInput
from opengallery.market.catalog.models import Product
from opengallery.market.supervision import rules

WAIT_ACCEPTANCE = "Waiting for the user to confirm acceptance"
YES = {1: "Yes.", 2: "Yes.", 3: "Yes."}


@pytest.fixture
def confirmed(tale):
    """A service with three mandatory criteria and one that is not, with the seller."""
    order = tale.buys("saas_supervised", when="2025-06-02 09:00")
    tale.submits(order, "2025-06-02 10:00")
    tale.confirms(order, "2025-06-02 11:00")
    return order


def test_they_are_frozen_into_the_order(tale, world, confirmed):
    Product.objects.filter(pk=world.products["cloudbooks"].pk).update(criteria=[])
    criteria = tale.flow(confirmed).line.terms.criteria
    assert [(item["number"], item["mandatory"]) for item in criteria] == [(1, True), (2, True), (3, True), (4, False)]
    with pytest.raises(InvalidInput):
        tale.delivers(confirmed, "2025-06-03 09:00", answers={})


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"answers": {}}, "answers", "Criterion 1 is mandatory"),
        ({"answers": {1: "Yes.", 3: "Yes."}}, "answers", "Criterion 2 is mandatory"),
        ({"answers": YES | {2: "   "}}, "answers", "Criterion 2 is mandatory"),
        ({"answers": YES | {5: "Yes."}}, "answers", "There is no acceptance criterion 5"),
        ({"answers": YES | {0: ""}}, "answers", "There is no acceptance criterion 0"),
        ({"answers": YES | {4: "x" * 501}}, "answers", "at most 500"),
        ({"answers": YES, "proves": [[7]]}, "proves", "There is no acceptance criterion 7"),
        ({"answers": YES, "proves": [[1], [2]]}, "proves", "more lists than files"),
    ],
)
def test_what_a_delivery_must_answer(tale, confirmed, said, field, words):
    facts = tale.verbs(confirmed)
    with pytest.raises(InvalidInput, match=words) as refusal:
        tale.delivers(confirmed, "2025-06-03 09:00", **said)
    assert list(refusal.value.errors) == [field]
    assert (tale.verbs(confirmed), tale.flow(confirmed).deliveries_count) == (facts, 0)


def test_a_file_can_prove_what_is_not_said(tale, confirmed):
    delivery = tale.delivers(confirmed, "2025-06-03 09:00", files=2, proves=[[3, 1, 1], [2]], answers={4: " Later. "})
    assert [row.proves for row in delivery.deliverables.all()] == [[1, 3], [2]]
    assert delivery.answers == {"4": "Later."}
    said = json.loads(tale.facts(confirmed)[-1].body)["data"]
    assert ([file["proves"] for file in said["files"]], said["answers"]) == ([[1, 3], [2]], {"4": "Later."})


@pytest.mark.parametrize(
    "cited", [{}, {5: "This."}, {1: ""}, {1: "  "}, {1: "x" * 501}, {2: "This.", 3: ""}, {1: "null \0 byte"}]
)
def test_a_rejection_names_what_is_missing(tale, confirmed, cited):
    tale.delivers(confirmed, "2025-06-03 09:00")
    facts = tale.verbs(confirmed)
    with pytest.raises(InvalidInput) as refusal:
        tale.rejects(confirmed, "2025-06-03 10:00", cited=cited)
    assert list(refusal.value.errors) == ["cited"]
    assert (tale.verbs(confirmed), tale.flow(confirmed).label) == (facts, WAIT_ACCEPTANCE)


def test_all_faults_of_a_rejection_are_told_at_once(tale, confirmed):
    tale.delivers(confirmed, "2025-06-03 09:00")
    with pytest.raises(InvalidInput) as refusal:
        tale.rejects(confirmed, "2025-06-03 10:00", " ", cited={})
    assert list(refusal.value.errors) == ["reason", "cited"]


def test_a_redelivery_answers_what_was_cited(tale, confirmed):
    tale.delivers(confirmed, "2025-06-03 09:00", answers=YES)
    tale.rejects(confirmed, "2025-06-03 10:00", cited={4: " Our directory logs in. "})
    assert tale.flow(confirmed).deliveries.get().cited == {"4": "Our directory logs in."}
    with pytest.raises(InvalidInput, match="Criterion 4 was cited in the last rejection"):
        tale.delivers(confirmed, "2025-06-04 09:00", answers=YES, proves=[[4]])
    tale.delivers(confirmed, "2025-06-04 09:00", answers=YES | {4: "It is connected now."})
    assert tale.flow(confirmed).label == WAIT_ACCEPTANCE


def test_what_was_cited_is_still_open_after_the_platform_sent_it_back(tale):
    tale.sets("platform_review", True)
    order = tale.buys("saas_supervised", when="2025-06-02 09:00")
    tale.submits(order, "2025-06-02 10:00")
    tale.confirms(order, "2025-06-02 11:00")
    tale.delivers(order, "2025-06-03 09:00", answers=YES)
    tale.approves(order, "2025-06-03 10:00")
    tale.rejects(order, "2025-06-03 11:00", cited={4: "Our directory logs in."})
    tale.delivers(order, "2025-06-04 09:00", answers=YES | {4: "Done."})
    tale.sends_back(order, "2025-06-04 10:00")
    with pytest.raises(InvalidInput, match="Criterion 4 was cited"):
        tale.delivers(order, "2025-06-05 09:00", answers=YES)


def test_without_criteria_nothing_is_asked_and_nothing_can_be_named(tale):
    order = tale.buys("license_yearly", when="2025-06-02 09:00")
    with pytest.raises(InvalidInput, match="There is no acceptance criterion 1"):
        tale.delivers(order, "2025-06-03 09:00", answers={1: "Yes."})
    tale.delivers(order, "2025-06-03 09:00")
    with pytest.raises(InvalidInput, match="There is no acceptance criterion 1"):
        tale.rejects(order, "2025-06-03 10:00", cited={1: "This."})
    assert tale.rejects(order, "2025-06-03 10:00").delivery_rejections == 1


numbers = st.integers(0, 5)
words = st.sampled_from(["", " ", "It does.", "x" * 500, "x" * 501])
criteria = st.lists(st.booleans(), max_size=4).map(
    lambda flags: [{"number": n, "text": "…", "mandatory": flag} for n, flag in enumerate(flags, start=1)]
)


@given(criteria=criteria, cited=st.dictionaries(numbers, words, max_size=4))
def test_no_rejection_without_a_citation(criteria, cited):
    """A rejection is formed well exactly if each item exists and says what would satisfy, and one is named."""
    known = {item["number"] for item in criteria}
    well = set(cited) <= known and (bool(cited) or not criteria)
    well = well and all(text.strip() and len(text) <= 500 for text in cited.values())
    assert (rules.cited_error(cited, criteria=criteria) == "") == well


@given(
    criteria=criteria,
    answers=st.dictionaries(numbers, words, max_size=4),
    proven=st.sets(st.integers(1, 4)),
    cited=st.sets(st.integers(1, 4)),
)
def test_no_delivery_with_an_unanswered_mandatory_item(criteria, answers, proven, cited):
    known = {item["number"] for item in criteria}
    given_ = {number for number, text in answers.items() if text.strip()}
    well = set(answers) <= known and all(len(text) <= 500 for text in answers.values() if text.strip())
    well = well and all(
        (item["number"] in given_ or item["number"] in proven or not item["mandatory"])
        and (item["number"] in given_ or item["number"] not in cited)
        for item in criteria
    )
    said = rules.answers_error(answers, proven=proven, cited=cited, criteria=criteria)
    assert (said == "") == well


@settings(max_examples=12, deadline=None, database=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])  # fmt: skip
@given(steps=st.lists(st.tuples(st.booleans(), st.dictionaries(st.integers(1, 4), words, max_size=4),
                                st.sets(st.integers(1, 4), max_size=2)), min_size=4, max_size=12))  # fmt: skip
def test_no_path_around_the_criteria(tale, confirmed, steps):
    """Whatever is tried: each rejection on record cites, and what stands before the customer answers every item."""
    with transaction.atomic():
        for turn, (rejects, said, proven) in enumerate(steps):
            when = f"2025-06-{3 + turn:02d} 10:00"
            try:
                with transaction.atomic():
                    if tale.flow(confirmed).label != WAIT_ACCEPTANCE:
                        tale.delivers(confirmed, when, answers=said, proves=[sorted(proven)])
                    elif rejects:
                        tale.rejects(confirmed, when, cited=said)
            except InvalidInput:
                continue
        check(tale, confirmed)
        transaction.set_rollback(True)


def check(tale: Any, order: Any) -> None:
    """Read it from the facts alone."""
    cited: set[str] = set()
    for fact in tale.facts(order):
        said = json.loads(fact.body)["data"]
        if fact.verb == "reject_delivery":
            cited = set(said["cited"])
            assert cited <= {"1", "2", "3", "4"}
            assert all(text.strip() for text in said["cited"].values())
            assert cited
        if fact.verb == "deliver_service":
            answered = set(said.get("answers", {}))
            proven = {str(number) for file in said["files"] for number in file.get("proves", [])}
            assert {"1", "2", "3"} <= answered | proven
            assert cited <= answered
