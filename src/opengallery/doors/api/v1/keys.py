"""Who calls: the bearer of an organisation's key, or, where the endpoint is for everybody, a visitor."""

from typing import Any, cast

from django.http import HttpRequest
from ninja.security import HttpBearer

from opengallery.doors.pages import now_of
from opengallery.kit.actor import VISITOR
from opengallery.kit.problems import NotSignedIn
from opengallery.market.identity.actions import actor_of_token


class ApiKey(HttpBearer):
    """The key of a program: it acts as the person who issued it, within that person's role."""

    def __call__(self, request: HttpRequest) -> str:
        """Set `request.actor` and return the key's id; NotSignedIn without a valid key."""
        key: str | None = super().__call__(request)
        if key is None:
            raise NotSignedIn("Send the header “Authorization: Bearer …” with a key of your organisation.")
        return key

    def authenticate(self, request: HttpRequest, token: str) -> str:
        """Find the key."""
        found = actor_of_token(token.strip(), at=now_of(request))
        if found is None:
            raise NotSignedIn("This key is not known, or it has been revoked.")
        cast(Any, request).actor, key = found
        return key


class ApiKeyOrNot(ApiKey):
    """For what everybody may see: a visitor without a key, but never somebody with a wrong one."""

    def __call__(self, request: HttpRequest) -> str:
        """Return the key's id, or a visitor's."""
        if "Authorization" in request.headers:
            return super().__call__(request)
        cast(Any, request).actor = VISITOR
        return "visitor"


def key_of(request: HttpRequest) -> str:
    """The id of the key that the call was made with."""
    return cast(str, cast(Any, request).auth)
