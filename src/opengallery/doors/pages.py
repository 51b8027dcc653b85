"""@page: the right a page needs, named above its body; and how forms show a verb's refusal."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django import forms
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from opengallery.kit.actor import Actor
from opengallery.kit.problems import InvalidInput, NotAllowed, NotFound, Problem

P = ParamSpec("P")
M = TypeVar("M", bound=Model)
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
ANYONE = "anyone"
MEMBER = "member"


def page(right: str) -> Callable[[View[P]], View[P]]:
    """Guard a page: visitors are asked to log in, members without the right are told so (403).

    `right` is a row of identity.rights, ANYONE (also visitors), or MEMBER (whoever is signed in).
    """

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            actor = actor_of(request)
            if right != ANYONE and actor.user_id is None:
                return redirect_to_login(request.get_full_path())
            if right not in (ANYONE, MEMBER) and not actor.may(right):
                raise NotAllowed("Ask an owner of your organisation for it.", right=right)
            return view(request, *args, **kwargs)

        cast(Any, guarded).right = right
        return cast("View[P]", guarded)

    return guard


def actor_of(request: HttpRequest) -> Actor:
    """Who is acting; set by the Doorkeeper."""
    return cast(Actor, cast(Any, request).actor)


def now_of(request: HttpRequest) -> Any:
    """The instant of the request; set by the Doorkeeper."""
    return cast(Any, request).now


def find(rows: QuerySet[M], **lookup: Any) -> M:
    """Return the one row, or NotFound: what is another organisation's does not exist."""
    try:
        return rows.get(**lookup)
    except ObjectDoesNotExist:
        raise NotFound from None


def show_refusal(form: forms.Form, problem: Problem) -> None:
    """Put a verb's refusal where it belongs: at its fields, or above the form. What was typed stays."""
    if not isinstance(problem, InvalidInput):
        form.add_error(None, problem.message)
        return
    for field, messages in problem.errors.items():
        for message in messages:
            form.add_error(field if field in form.fields else None, message)
