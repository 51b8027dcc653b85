"""The Doorkeeper: who, when, and how a refusal is shown."""

from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject

from opengallery.doors.uploads import rules_of
from opengallery.kit import clock
from opengallery.kit.actor import VISITOR, Actor
from opengallery.kit.problems import NotFound, Problem
from opengallery.kit.uploads import UploadRules, refuse_oversized
from opengallery.market.identity.models import Membership
from opengallery.market.policy.models import Policy

CONTENT_SECURITY = (
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
)
VISITORS_RULES = UploadRules(max_bytes=64 * 1024, max_files=1)


class Doorkeeper:
    """Gives each request its `now` and its `actor`, and turns a Problem into a page or a problem document."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        knocking = cast(Any, request)
        knocking.now = clock.now()
        # Read when first used: a page for everybody costs no statement for the person.
        knocking.actor = SimpleLazyObject(lambda: session_actor(request))
        try:
            refuse_oversized(request, upload_rules(request))
        except Problem as problem:
            return refusal(request, problem)
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Show a foreseen refusal; anything else is a fault and goes on to Django."""
        return refusal(request, exception) if isinstance(exception, Problem) else None


def upload_rules(request: HttpRequest) -> UploadRules | None:
    """What this request may upload: the operator's limits for people and programs, next to nothing for visitors."""
    if request.content_type != "multipart/form-data":
        return None
    known = "HTTP_AUTHORIZATION" in request.META or request.user.is_authenticated
    return rules_of(Policy.at(cast(Any, request).now)) if known else VISITORS_RULES


def session_actor(request: HttpRequest) -> Actor:
    """The person who is signed in, acting for the organisation chosen in the session, or for the first one."""
    user_id = request.session.get("_auth_user_id")
    if not user_id or not request.user.is_authenticated:
        return VISITOR
    memberships = Membership.objects.filter(user_id=user_id).select_related("organisation").order_by("pk")
    chosen = request.session.get("organisation_id")
    rows = list(memberships)
    row = next((row for row in rows if row.organisation_id == chosen), rows[0] if rows else None)
    if row is not None:
        row.user = request.user  # read with the session already
    return row.actor(at=cast(Any, request).now) if row else Actor(user_id=int(user_id), name=str(request.user))


def refusal(request: HttpRequest, problem: Problem) -> HttpResponse:
    """A problem document for programs, a page for people. What is not yours looks like what does not exist."""
    if request.path.startswith(("/api/", "/callbacks/")):
        return JsonResponse(problem.document(), status=problem.status, content_type="application/problem+json")
    template = "404.html" if isinstance(problem, NotFound) else "problem.html"
    return render(request, template, {"problem": problem}, status=problem.status)
