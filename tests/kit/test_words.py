"""Search words, against the database that compares them."""

import pytest
from django.contrib.postgres.search import SearchVectorField
from django.db import connection, models
from django.test.utils import isolate_apps
from hypothesis import given
from hypothesis import strategies as st

from opengallery.kit.words import LONGEST_WORD, MOST_WORDS, Words, matches, tsquery_of, words_of


def test_words_are_lower_case_letters_and_digits_each_once():
    assert words_of("Data Migration, data!", "CS2503180001ABCD-000001", "buyer@Example.com") == [
        "data",
        "migration",
        "cs2503180001abcd",
        "000001",
        "buyer",
        "example",
        "com",
    ]


def test_chinese_becomes_characters_and_pairs():
    assert words_of("云市场Cloud备份") == ["云", "市", "场", "云市", "市场", "cloud", "备", "份", "备份"]


def test_wide_letters_ligatures_and_case_do_not_matter():
    assert words_of("ＣＬＯＵＤ ﬁle Straße") == ["cloud", "file", "strasse"]


def test_a_search_asks_for_beginnings_and_for_pairs():
    assert tsquery_of("Data migr") == "'data':* & 'migr':*"
    assert tsquery_of("云市场") == "'云市' & '市场'"
    assert tsquery_of("云") == "'云'"
    assert tsquery_of("备份cloud") == "'备份' & 'cloud':*"
    assert tsquery_of("a a A") == "'a':*"


def test_words_may_bear_a_mark_that_names_their_field():
    assert tsquery_of("data 云 市场", mark="n:") == "'n:data':* & 'n:云' & 'n:市场'"


@pytest.mark.parametrize("text", ["", "   ", "!?*", "' & | :* ()", "_-_", "\\"])
def test_without_a_word_there_is_no_search(text):
    assert tsquery_of(text) is None
    assert words_of(text) == []


def test_words_and_searches_are_bounded():
    endless = "长" * 5000 + " " + "x" * 5000 + " " + " ".join(str(number) for number in range(5000))
    assert len(words_of(endless)) == MOST_WORDS
    assert max(map(len, words_of("x" * 5000))) == LONGEST_WORD
    assert (tsquery_of(" ".join(str(number) for number in range(100))) or "").count("&") == 15
    assert tsquery_of("x" * 5000) == f"'{'x' * LONGEST_WORD}':*"


@pytest.fixture(scope="module")
def notes(django_db_setup, django_db_blocker):
    """A table with a column of words, and one that points to it."""
    with isolate_apps("opengallery.kit"):

        class Note(models.Model):
            text = models.TextField()
            words = SearchVectorField()

            class Meta:
                app_label = "kit"
                db_table = "test_words_note"

        class Mark(models.Model):
            note = models.ForeignKey(Note, models.CASCADE)

            class Meta:
                app_label = "kit"
                db_table = "test_words_mark"

    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            editor.create_model(Note)
            editor.create_model(Mark)
        yield Note, Mark
        with connection.schema_editor() as editor:
            editor.delete_model(Mark)
            editor.delete_model(Note)


TEXTS = ["Cloud Backup licence, yearly", "云市场 数据备份", "O'Reilly \\ & | ! :* cloudy", "CS2503180001ABCD-000001"]


@pytest.fixture
def filled(notes, db):
    note, mark = notes
    rows = note.objects.bulk_create(note(text=text, words=Words(*words_of(text))) for text in TEXTS)
    mark.objects.bulk_create(mark(note=row) for row in rows)
    return note, mark


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("cloud", [0, 2]),
        ("CLOUD", [0, 2]),
        ("cloudy", [2]),
        ("backup cloud", [0]),
        ("cloud 备份", []),
        ("备份", [1]),
        ("市场", [1]),
        ("场", [1]),
        ("份备", []),
        ("cs2503180001", [3]),
        ("CS2503180001ABCD-000001", [3]),
        ("o'reilly", [2]),
        ("'; drop table test_words_note; --", []),
        ("", [0, 1, 2, 3]),
        ("  ", [0, 1, 2, 3]),
        ("& | ! :*", []),
        ("nowhere", []),
    ],
)
def test_a_search_finds_what_holds_all_its_words(filled, asked, found):
    note, mark = filled

    assert [row.text for row in note.objects.filter(matches("words", asked)).order_by("id")] == [
        TEXTS[index] for index in found
    ]
    related = mark.objects.filter(matches("note__words", asked)).order_by("id").select_related("note")
    assert [row.note.text for row in related] == [TEXTS[index] for index in found]


def test_a_search_combines_with_other_conditions(filled):
    note, _ = filled

    assert note.objects.filter(matches("words", "cloud") & ~models.Q(text__contains="yearly")).count() == 1
    assert note.objects.exclude(matches("words", "cloud")).count() == 2


def test_marked_words_are_found_by_their_mark_alone(filled):
    note, _ = filled
    note.objects.filter(text=TEXTS[0]).update(words=Words(*(f"n:{word}" for word in words_of("Cloud 备份"))))

    assert note.objects.filter(matches("words", "clou 备份", mark="n:")).count() == 1
    assert not note.objects.filter(matches("words", "cloud", mark="c:")).exists()
    assert note.objects.filter(matches("words", "cloud")).get().text == TEXTS[2]


def test_words_can_be_rewritten(filled):
    note, _ = filled
    note.objects.update(words=Words(*words_of("something else")))
    note.objects.filter(text=TEXTS[0]).update(words=Words())

    assert note.objects.filter(matches("words", "else")).count() == len(TEXTS) - 1


@given(st.text(max_size=500))
def test_whatever_is_stored_is_found_by_itself_and_breaks_nothing(notes, django_db_blocker, text):
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SELECT array_to_tsvector(%s::text[])", [words_of(text)])
        asked = tsquery_of(text)
        if asked:
            cursor.execute("SELECT array_to_tsvector(%s::text[]) @@ %s::tsquery", [words_of(text), asked])
            assert cursor.fetchone() == (True,)
