"""Search words: what a text is found by, and what a search asks for, in alphabets and in Chinese.

PostgreSQL's own parser knows no Chinese and no dictionary is installed, so the words are made here: runs of letters
and digits, and of Chinese and Japanese writing each character and each pair. The pairs stand for words well enough.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import Any

from django.contrib.postgres.search import SearchVectorField
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, Lookup, Q, Value
from django.db.models.sql.compiler import SQLCompiler

LONGEST_WORD = 64
MOST_WORDS = 2000
MOST_ASKED = 16
LONGEST_QUESTION = 400
# Han with its extensions, the iteration mark and the zero; Hiragana, Katakana and Bopomofo. Korean has spaces.
UNSPACED = re.compile(
    r"[\u3005-\u3007\u3040-\u30ff\u3105-\u312f\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


def words_of(*texts: str) -> list[str]:
    """Return the words by which these texts are to be found: lower-case, each once, at most 2000 of 64 characters."""
    words: dict[str, None] = {}
    for text in texts:
        for run, unspaced in _runs(text):
            words.update(dict.fromkeys([*run, *_pairs(run)] if unspaced else [run[:LONGEST_WORD]]))
            if len(words) >= MOST_WORDS:
                return list(words)[:MOST_WORDS]
    return list(words)


def tsquery_of(text: str, *, mark: str = "") -> str | None:
    """Return a search as PostgreSQL's tsquery writes it: every word must occur, a spaced one at least as a beginning.

    `mark` stands before each word, for columns whose words name their field. None when the text holds no word. Of a
    long text the first 400 characters and 16 terms count.
    """
    terms: dict[str, None] = {}
    for run, unspaced in _runs(text[:LONGEST_QUESTION]):
        if not unspaced:
            terms[f"{_quoted(mark + run[:LONGEST_WORD])}:*"] = None
        else:
            terms.update(dict.fromkeys(_quoted(mark + part) for part in (_pairs(run) or [run])))
    return " & ".join(list(terms)[:MOST_ASKED]) or None


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    """Cut a text where letters and digits end, and where spaced and unspaced writing meet."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    for kind, letters in groupby(plain, _kind):
        if kind:
            yield "".join(letters), kind == "unspaced"


def _kind(letter: str) -> str:
    if unicodedata.category(letter)[0] not in "LNM":
        return ""
    return "unspaced" if UNSPACED.match(letter) else "spaced"


def _pairs(run: str) -> list[str]:
    return [first + second for first, second in pairwise(run)]


def _quoted(word: str) -> str:
    """Quote a lexeme; letters and digits need it only where they could be read as something else, so always."""
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


class Words(Func):
    """The value of a tsvector column, from words_of(…); for create, bulk_create and update."""

    function = "array_to_tsvector"
    template = "%(function)s((%(expressions)s)::text[])"

    def __init__(self, *tokens: str) -> None:
        super().__init__(Value(list(tokens)), output_field=SearchVectorField())


@SearchVectorField.register_lookup
class HasWords(Lookup):
    """`words__has_words="'cloud':* & 'backup':*"`: the column holds what the tsquery asks for."""

    lookup_name = "has_words"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Compare in PostgreSQL; the search is cast, not parsed: tsquery_of has written it in full."""
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} @@ %s::tsquery", (*parameters, self.rhs)


def matches(column: str, text: str, *, mark: str = "") -> Q:
    """Return the condition that the tsvector `column` ("line__words") is found by what a person typed.

    Nothing typed asks for nothing, so everything matches; signs without a word are found nowhere.
    """
    if not text.strip():
        return Q()
    asked = tsquery_of(text, mark=mark)
    return Q(**{f"{column}__has_words": asked}) if asked else Q(pk__in=[])
