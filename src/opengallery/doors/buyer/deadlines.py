"""My deadlines, as this console sees them."""

from django.http import HttpRequest, HttpResponse

from opengallery.doors.deadlines import show_deadlines
from opengallery.doors.pages import page


@page(right="orders:view")
def deadlines(request: HttpRequest) -> HttpResponse:
    """What is due, by when, and what happens then."""
    return show_deadlines(request, "buyer")
