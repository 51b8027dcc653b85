"""One verb, one transaction: the outermost verb opens it, the verbs it calls join it. And one row after the other."""

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from datetime import timedelta
from functools import wraps
from typing import ParamSpec, TypeVar

import structlog
from django.db import OperationalError, transaction

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
PUT_OFF = timedelta(hours=1)
log = structlog.get_logger()
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


def inside_a_verb() -> bool:
    """Tell whether a verb is running: what cannot be undone, such as a call of another system, waits for its end."""
    return _inside.get()


def press_each(rows: Iterable[T], verb: Callable[[T], object], *, put_off: Callable[[T], object]) -> int:
    """Call a verb for each row; one that fails is reported and put off, so that it cannot stop the rest.

    Returns how many rows there were. A failing database is not the row's fault: OperationalError is raised.
    """
    count = 0
    for row in rows:
        count += 1
        try:
            verb(row)
        except OperationalError:
            raise
        except Exception:
            log.exception("put off", row=str(row), verb=getattr(verb, "__name__", ""))
            put_off(row)
    return count
