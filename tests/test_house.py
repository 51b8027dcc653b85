"""The laws of the house."""

import ast
import importlib
import pkgutil
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import allauth
import pytest
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver

import opengallery
from opengallery.kit.problems import Problem
from opengallery.kit.states import Life
from opengallery.market.identity.rights import RIGHTS, ROLES
from opengallery.market.notices.letters import LETTERS
from opengallery.market.policy.settings import SETTINGS
from opengallery.project.reactions import AFTER, WITHIN
from opengallery.project.reference import every_life

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "opengallery"
DOORS = SOURCE / "doors"
ALL_LIVES: list[Life] = [*every_life().values()]


@cache
def modules() -> dict[Path, ast.Module]:
    """Every module of ours, read."""
    paths = [path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts]
    return {path.relative_to(SOURCE): ast.parse(path.read_text()) for path in paths}


@cache
def tracked() -> dict[str, str]:
    """Every tracked file that is text."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    texts = {}
    for name in filter(None, listed.split("\0")):
        try:
            texts[name] = (ROOT / name).read_text()
        except (UnicodeDecodeError, FileNotFoundError):
            continue
    return texts


def words_of_code() -> set[str]:
    """Every string constant of our modules."""
    return {
        node.value
        for tree in modules().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_calls_only_fall(monkeypatch):
    from importlinter.cli import lint_imports

    monkeypatch.chdir(ROOT)
    assert lint_imports(no_cache=True) == 0


def calls(tree: ast.Module) -> Iterator[str]:
    """The dotted names of everything that a module calls."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            yield ast.unparse(node.func)


CLOCKS = re.compile(r"(^|\.)(datetime\.now|utcnow|date\.today|datetime\.today|timezone\.now|time\.time|time_ns|Now)$")


def test_nobody_but_the_clock_reads_the_clock():
    """Waiting is measured with `time.monotonic`, which tells no time of day."""
    readers = {str(path): [call for call in calls(tree) if CLOCKS.search(call)] for path, tree in modules().items()}
    assert {path: found for path, found in readers.items() if found} == {"kit/clock.py": ["datetime.now"]}


def subclasses(kind: type) -> Iterator[type]:
    for child in kind.__subclasses__():
        yield child
        yield from subclasses(child)


def load_everything() -> None:
    """Import every module of ours, so that every class is known."""
    for module in pkgutil.walk_packages(opengallery.__path__, "opengallery."):
        if ".migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def test_every_problem_is_one_sentence():
    load_everything()
    problems = {kind for kind in subclasses(Problem) if kind.__module__.startswith("opengallery.")}
    assert len(problems) > 15
    for kind in problems:
        said = (kind.__doc__ or "").strip()
        assert re.fullmatch(r"[A-Z][^\n]*[^.\s]\.", said), f"{kind.__name__}: {said!r} is not one sentence"
        assert ". " not in said, f"{kind.__name__}: {said!r} is more than one sentence"
        assert 400 <= kind.status <= 500, kind.__name__
    slugs = [kind().slug if kind.__init__ is Problem.__init__ else kind.__name__ for kind in problems]
    assert len(slugs) == len(set(slugs))


def recorded() -> set[str]:
    """The verbs of all facts that our code writes."""
    verbs = {move.verb for life in ALL_LIVES for move in life.moves}
    for tree in modules().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("record", "fact_of") and len(node.args) > 1:
                verb = node.args[1]
                verbs |= {verb.value} if isinstance(verb, ast.Constant) else set()
    return verbs


def test_letters_and_reactions_are_about_facts_that_exist():
    assert set(LETTERS) <= recorded()
    assert set(WITHIN) | (set(AFTER) - {"*"}) <= recorded()
    assert {letter.right for letters in LETTERS.values() for letter in letters} <= set(RIGHTS)


def test_no_life_is_missing():
    """Every life that a states module defines is in the reference, and so under every law of this file."""
    load_everything()
    known = [id(life) for life in ALL_LIVES]
    assert len(known) == len(set(known)) > 20
    written = {
        id(life): f"{path}: {name}"
        for path in modules()
        if path.name == "states.py" and path.parts[0] == "market"
        for name, value in vars(importlib.import_module(f"opengallery.market.{path.parts[1]}.states")).items()
        for life in (value.values() if isinstance(value, dict) else [value])
        if isinstance(life, Life)
    }
    assert {name for life, name in written.items() if life not in known and not name.endswith(": package")} == set()


# Rows that a verb of another name carries out: the person names a decision, or the row depends on what was shipped.
CARRIED_OUT_BY = {
    "return_to_seller": "carry_out",
    "accept_for_buyer": "carry_out",
    "agree_with_return": "agree_unsubscription",
    "end_unsubscription": "follow_appeal",
}


def test_one_verb_one_function_one_name():
    """What a life calls a verb is what the function is called; what only the clock does may be a row of a table."""
    defined = {
        node.name: node
        for path, tree in modules().items()
        if "actions" in path.parts or path.name == "actions.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    }
    by_hand = {move.verb for life in ALL_LIVES for move in life.moves if move.who != "clock"}
    assert by_hand - set(CARRIED_OUT_BY) <= set(defined)
    assert set(CARRIED_OUT_BY) <= by_hand - set(defined)
    for row, verb in CARRIED_OUT_BY.items():
        assert row in [node.value for node in ast.walk(defined[verb]) if isinstance(node, ast.Constant)], verb


def test_a_verb_has_a_small_file():
    """One verb a file. Small steps of one matter may stand together, as long as all of them fit on a few screens."""
    for path, tree in modules().items():
        if "actions" in path.parts and path.name != "__init__.py":
            verbs = [
                node.name
                for node in tree.body
                if isinstance(node, ast.FunctionDef) and "atomic" in [ast.unparse(mark) for mark in node.decorator_list]
            ]
            length = len((SOURCE / path).read_text().splitlines())
            assert length <= (300 if len(verbs) < 2 else 160), f"{path}: {length} lines for {verbs}"


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def views(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns, address)
        elif isinstance(pattern, URLPattern):
            yield address, pattern.callback


def test_every_view_names_the_right_it_needs():
    """allauth guards its own pages; the interface names rights with each operation."""
    ours = {
        address: view
        for address, view in views(get_resolver().url_patterns)
        if not view.__module__.startswith(("allauth.", "opengallery.doors.api.", "ninja.", "django."))
        and not address.startswith("api/v1/")
    }
    assert len(ours) > 20
    rights = {address: getattr(view, "right", None) for address, view in ours.items()}
    assert {address for address, right in rights.items() if right not in {*RIGHTS, "anyone", "member"}} == set()
    for door, kinds in (("seller/", ("sales:", "money:")), ("operations/", ("operations:",))):
        named = {address: right for address, right in rights.items() if address.startswith(door)}
        assert {address for address, right in named.items() if not right.startswith((*kinds, "member"))} == set()


def test_every_right_and_every_setting_is_used():
    by_table = {"market/identity/rights.py", "market/policy/settings.py"}
    asked = {
        node.value
        for path, tree in modules().items()
        if str(path) not in by_table
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    # A name put together, such as f"auto_accept_days_{flow}", asks for all that begin so.
    families = {
        str(node.values[0].value)
        for path, tree in modules().items()
        if str(path) not in by_table
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant)
        if re.fullmatch(r"[a-z_]{5,}_", str(node.values[0].value))
    }
    assert set(RIGHTS) - asked == set()
    assert {key for key in set(SETTINGS) - asked if not key.startswith(tuple(families))} == set()
    assert {right for _, rights in ROLES.values() for right in rights} == set(RIGHTS)


def test_every_right_opens_a_page_or_an_endpoint():
    """A right that only a table or a letter names would open nothing."""
    asked = {
        node.value
        for path, tree in modules().items()
        if path.parts[0] == "doors"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(RIGHTS) - asked == set()


# Django and allauth ask for these.
BY_NAME = {"400.html", "403.html", "403_csrf.html", "404.html", "429.html", "500.html"}


def test_no_template_is_unused():
    """A template is named in our code or in another template, or stands in the place of one of allauth's."""
    templates = [path.relative_to(DOORS) for kind in ("*.html", "*.txt") for path in DOORS.rglob(kind)]
    templates = [path for path in templates if path.parts[0] != "static"]
    mentioned = {word.partition("#")[0] for word in words_of_code()}
    for path in templates:
        mentioned |= set(re.findall(r"[\w/.-]+\.(?:html|txt)", (DOORS / path).read_text()))
    theirs = Path(allauth.__file__).parent / "templates"
    unused = [
        str(path)
        for path in templates
        if str(path) not in mentioned | BY_NAME and path.name not in mentioned and not (theirs / path).exists()
    ]
    assert unused == []


# Taken apart, so that this file is not its own only finding.
FORBIDDEN = {
    "a package registry": re.compile(
        "|".join(["py" + "pi\\.org", "python" + "hosted", "npm" + "js\\.", "crates" + "\\.io"])
    ),
    "a machine's path": re.compile(
        "|".join(["/wo" + "rk/", "\\.\\./sha" + "red", "\\.libr" + "ary/", "/ho" + "me/[a-z]"])
    ),
    "something unfinished": re.compile("\\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"]) + ")\\b"),
    "a test that is passed over": re.compile("mark\\.(" + "|".join(["sk" + "ip\\(", "xf" + "ail"]) + ")"),
}


# Without Chromium the guide cannot be walked; the run says so.
ALLOWED = {"a test that is passed over": {"tests/guide/conftest.py": ["sk" + "ip("]}}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_file_names(what):
    found = {name: sorted(set(FORBIDDEN[what].findall(text))) for name, text in tracked().items()}
    assert {name: hits for name, hits in found.items() if hits} == ALLOWED.get(what, {})


def test_names_say_what_a_thing_is():
    vague = re.compile(r"(Service|Manager|Helper|Utils?|Util)$")
    classes = {
        f"{path}: {node.name}"
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and vague.search(node.name)
    }
    assert classes == set()
    assert {str(path) for path in modules() if path.stem in ("utils", "helpers", "services", "managers")} == set()
