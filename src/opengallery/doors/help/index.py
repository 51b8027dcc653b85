"""The help center's first page: every guide, by console."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from opengallery.doors.help.guide import CONSOLES, pages
from opengallery.doors.pages import ANYONE, page


@page(right=ANYONE)
def index(request: HttpRequest) -> HttpResponse:
    """List the guides."""
    groups = [
        {"label": label, "pages": [one for one in pages().values() if one.console == console]}
        for console, label in CONSOLES.items()
    ]
    return render(request, "help/index.html", {"groups": groups})
