"""Pages that are the same for every visitor may be kept for a minute."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import conditional_page

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
SECONDS = 60


def same_for_visitors(view: View[P]) -> View[P]:
    """Let the answer to a browser without cookies be kept for a minute, with an ETag; everybody else's is private.

    Without cookies there is no session and no message to show, so nothing of the page belongs to one person.
    """

    @wraps(view)
    def cached(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        patch_vary_headers(response, ["Cookie", "HX-Request"])
        if request.COOKIES or response.status_code != 200:
            patch_cache_control(response, private=True, no_cache=True)
        else:
            patch_cache_control(response, public=True, max_age=SECONDS)
        return response

    return cast(View[P], conditional_page(cached))
