"""/api/v1/: the interface, its description, and a problem document for every address that is neither."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path
from django.views.decorators.csrf import csrf_exempt

from opengallery.doors.api.v1.answers import refused
from opengallery.doors.api.v1.interface import api
from opengallery.doors.api.v1.problems import NoSuchMethod
from opengallery.kit.problems import NotFound

View = Callable[..., HttpResponse]


def with_problems(view: View) -> View:
    """Say with a problem document what ninja says with a bare 404 or 405."""

    @wraps(view)
    def spoken(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if any("\0" in str(value) for value in kwargs.values()):
            return refused(NotFound())
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            return nothing_here(request)
        if response.status_code != 405:
            return response
        allowed = ", ".join(sorted(response["Allow"].split(", ")))
        refusal = refused(NoSuchMethod(f"It answers to {allowed}."))
        refusal["Allow"] = allowed
        return refusal

    return spoken


@csrf_exempt
def nothing_here(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """An address that is not one."""
    return refused(NotFound("The addresses are listed at /api/v1/docs."))


patterns, namespace, instance = api.urls
for pattern in patterns:
    if isinstance(pattern, URLPattern):
        pattern.callback = with_problems(pattern.callback)

urlpatterns = [path("", (patterns, namespace, instance)), re_path(r"^.*$", nothing_here)]
