"""One verb, one transaction: the outermost verb opens it, the verbs it calls join it."""

from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import transaction

P = ParamSpec("P")
R = TypeVar("R")
_inside: ContextVar[bool] = ContextVar("inside_a_verb", default=False)


def atomic(verb: Callable[P, R]) -> Callable[P, R]:
    """Make a function a verb: all of it happens, or nothing.

    Unlike nested `transaction.atomic` an inner verb costs no savepoint (two round trips each): if it is refused,
    the whole of the outer verb is undone, so nobody may catch an inner verb's problem and go on.
    """

    @wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if _inside.get():
            return verb(*args, **kwargs)
        token = _inside.set(True)
        try:
            with transaction.atomic():
                return verb(*args, **kwargs)
        finally:
            _inside.reset(token)

    return run
