"""@call: the right an endpoint needs, named above its body; its query, its idempotency key, its answer."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from opengallery.doors.api.v1.answers import answer, etag_of, names, refused, written
from opengallery.doors.api.v1.bodies import check_query, query_of
from opengallery.doors.api.v1.keys import key_of
from opengallery.doors.api.v1.problems import ChangedMeanwhile
from opengallery.doors.pages import ANYONE, MEMBER, actor_of
from opengallery.kit import clock
from opengallery.kit.idempotency import once
from opengallery.kit.problems import NotAllowed, Problem

P = ParamSpec("P")
M = TypeVar("M", bound=Model)
SAFE = ("GET", "HEAD", "OPTIONS")
KEY = "Idempotency-Key"
MATCH = "If-Match"


def call(*rights: str) -> Callable[[Callable[P, Any]], Callable[P, HttpResponse]]:
    """Guard an endpoint. `rights`: rows of identity.rights, one of which is enough; or ANYONE, or MEMBER."""

    def guard(view: Callable[P, Any]) -> Callable[P, HttpResponse]:
        known = query_of(view)

        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            request = cast(HttpRequest, args[0])
            check_right(request, rights)
            check_query(request, known)

            def make() -> HttpResponse:
                try:
                    # Only safe calls stream; what is kept under a key has its content at hand.
                    return cast(HttpResponse, answer(request, view(*args, **kwargs)))
                except Problem as problem:
                    return refused(problem)

            return make() if request.method in SAFE else change(request, make)

        cast(Any, guarded).right = " or ".join(rights)
        return guarded

    return guard


def check_right(request: HttpRequest, rights: tuple[str, ...]) -> None:
    """NotAllowed (403) unless the actor's role holds one of the rights."""
    if rights[0] not in (ANYONE, MEMBER) and not any(actor_of(request).may(right) for right in rights):
        raise NotAllowed("Ask an owner of your organisation for it.", right=rights[0])


def change(request: HttpRequest, make: Callable[[], HttpResponse]) -> HttpResponse:
    """Make an unsafe call: once per idempotency key; in a transaction when it depends on an ETag."""
    key = request.headers.get(KEY)
    if key is not None:
        return once(request, caller=key_of(request), key=key, at=clock.wall(), call=make)
    if MATCH in request.headers:
        with transaction.atomic():
            return make()
    return make()


def find_for_change(request: HttpRequest, find: Callable[[HttpRequest, str], M], shape: Callable[[M], Any], name: str,
                    *, lock: Callable[[M], Any]) -> M:  # fmt: skip
    """Return the row of that name, or NotFound. With If-Match it is locked; ChangedMeanwhile (412) for another ETag.

    `shape` is what GET shows of the row. `lock` takes the locks that the verbs take, in their order, so that nothing
    slips in between and nobody waits for each other.
    """
    row = find(request, name)
    match = request.headers.get(MATCH)
    if match is None:
        return row
    lock(row)
    row = find(request, name)
    etag = etag_of(written(shape(row)))
    if not names(match, etag):
        raise ChangedMeanwhile("Read it again, then decide again.", etag=etag)
    return row
