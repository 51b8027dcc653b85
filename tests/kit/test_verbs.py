"""One verb is one transaction; one bad row stops no sweep."""

import pytest
from django.db import OperationalError

from opengallery.kit.models import SandboxClock
from opengallery.kit.problems import Problem
from opengallery.kit.verbs import atomic, press_each


@pytest.fixture
def note(world, at):
    @atomic
    def write(day: str, *, fail: bool = False) -> None:
        SandboxClock.objects.create(at=at(day))
        if fail:
            raise Problem

    return write


@pytest.fixture
def noted(world):
    before = SandboxClock.objects.count()
    return lambda: SandboxClock.objects.count() - before


def test_a_refused_verb_leaves_nothing(note, noted):
    with pytest.raises(Problem):
        note("2020-01-01", fail=True)
    assert noted() == 0


def test_an_inner_verbs_refusal_undoes_the_outer(note, noted):
    @atomic
    def outer() -> None:
        note("2020-01-01")
        note("2020-01-02", fail=True)

    with pytest.raises(Problem):
        outer()
    assert noted() == 0
    note("2020-01-03")
    assert noted() == 1


def test_a_row_that_fails_is_put_off_and_the_rest_go_on(note, noted):
    put_off = []
    done = press_each(
        ["2020-01-01", "bad", "2020-01-03"], lambda day: note(day, fail=day == "bad"), put_off=put_off.append
    )
    assert (done, put_off, noted()) == (3, ["bad"], 2)


def test_a_failing_database_is_nobodys_fault():
    def fails(row: str) -> None:
        raise OperationalError

    with pytest.raises(OperationalError):
        press_each(["row"], fails, put_off=pytest.fail)
