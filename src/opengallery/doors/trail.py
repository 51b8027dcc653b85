"""The breadcrumb above a page's title."""

from typing import Any

from django.urls import reverse


def trail(*places: tuple[Any, str], here: Any) -> list[dict[str, Any]]:
    """The way to a page: (label, name of a URL, or the URL itself) for each place above it, then the page itself."""
    return [{"label": label, "url": place if place.startswith("/") else reverse(place)} for label, place in places] + [
        {"label": here, "url": None}
    ]
