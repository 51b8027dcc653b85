"""One guide page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from opengallery.doors.help.guide import CONSOLES, pages
from opengallery.doors.pages import ANYONE, page
from opengallery.kit.problems import NotFound


@page(right=ANYONE)
def guide_page(request: HttpRequest, console: str, name: str) -> HttpResponse:
    """Show a guide page, with its neighbours beside it."""
    guide = pages().get((console, name))
    if guide is None:
        raise NotFound
    breadcrumbs = [{"label": _("Help Center"), "url": reverse("help:index")}, {"label": guide.title, "url": None}]
    siblings = [one for one in pages().values() if one.console == console]
    shown = {"guide": guide, "siblings": siblings, "group": CONSOLES[console], "breadcrumbs": breadcrumbs}
    return render(request, "help/page.html", shown)
