"""The pages of the types of refusal, made from the classes themselves."""

import inspect
from dataclasses import dataclass
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.pages import ANYONE, page
from opengallery.kit.problems import NotFound, Problem

# status → what to do, for a person and for a program
ADVICE = {
    401: gettext_lazy(
        "Log in, or send the header “Authorization: Bearer” with a key that has not been revoked. The same credentials "
        "get the same answer."
    ),
    403: gettext_lazy(
        "Ask an owner of your organisation for a role that includes it, or leave the step to the party whose turn it "
        "is. “next_actions” of the order or the flow names what is open to you."
    ),
    404: gettext_lazy("Check the address. What belongs to somebody else looks exactly like what does not exist."),
    405: gettext_lazy("The “Allow” header names the methods of this address."),
    409: gettext_lazy(
        "Nothing was changed. Read how things stand now, then choose among the steps in “next_actions”. The same call "
        "gets the same answer until something has happened."
    ),
    412: gettext_lazy("Read it again and look at what has changed; then, if you still want it, send the new ETag."),
    413: gettext_lazy("Send smaller or fewer files. Nothing was stored."),
    415: gettext_lazy("Send the kind of body that “accepts” names."),
    422: gettext_lazy(
        "Correct what is named under “errors”: each pointer leads to the place in what you sent. Nothing was changed."
    ),
    429: gettext_lazy("Wait as long as “Retry-After” says, then try again."),
    500: gettext_lazy(
        "Nothing was changed. Try again later, with the same idempotency key; if it stays, tell the operator when it "
        "was."
    ),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of refusal as its page shows it."""

    slug: str
    title: str
    explanation: str
    status: int

    @property
    def status_text(self) -> str:
        """The status as HTTP calls it: "409 Conflict"."""
        return f"{self.status} {HTTPStatus(self.status).phrase}"

    @property
    def url(self) -> str:
        """The address of its page."""
        return reverse("problems:problem", args=[self.slug])

    @property
    def advice(self) -> str:
        """What to do."""
        return str(ADVICE.get(self.status, ""))


@page(ANYONE)
def problems(request: HttpRequest) -> HttpResponse:
    """Every type, by status."""
    rows = sorted(kinds().values(), key=lambda kind: (kind.status, kind.slug))
    return render(request, "problems/problems.html", {"kinds": rows})


@page(ANYONE)
def problem(request: HttpRequest, slug: str) -> HttpResponse:
    """One type: what it means and what to do."""
    kind = kinds().get(slug)
    if kind is None:
        raise NotFound
    crumbs = [{"label": _("Problem types"), "url": reverse("problems:problems")}, {"label": kind.title, "url": None}]
    return render(request, "problems/problem.html", {"kind": kind, "breadcrumbs": crumbs})


def kinds() -> dict[str, Kind]:
    """Every type of refusal in the house, by its slug."""
    return {kind.slug: kind for kind in (described(found) for found in refusals(Problem))}


def refusals(parent: type[Problem]) -> list[type[Problem]]:
    """The classes below one, however deep."""
    return [found for child in parent.__subclasses__() for found in (child, *refusals(child))]


def described(refusal: type[Problem]) -> Kind:
    """The class in words: the first line of its docstring is the title, what follows explains it."""
    title, *more = inspect.cleandoc(refusal.__doc__ or "").splitlines()
    # The slug belongs to the class, not to what __init__ makes of an occurrence.
    nameless = Problem.__new__(refusal)
    return Kind(nameless.slug, title, "\n".join(more).strip(), refusal.status)
