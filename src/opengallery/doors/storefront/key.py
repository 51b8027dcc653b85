"""The installation's public key, for everybody who checks a dossier."""

from django.http import HttpRequest, HttpResponse

from opengallery.doors.pages import ANYONE, page
from opengallery.kit.signing import public_key


@page(right=ANYONE)
def key(request: HttpRequest) -> HttpResponse:
    """The Ed25519 public key in hexadecimal, one line of text: what `opengallery verify --key` is given."""
    return HttpResponse(public_key().hex() + "\n", content_type="text/plain; charset=ascii")
