"""The operator's list of logistics companies, from which sellers choose when they ship (S-4)."""

import re

from opengallery.kit.problems import InvalidInput
from opengallery.kit.texts import is_text
from opengallery.kit.verbs import atomic
from opengallery.market.catalog.rules import link_error, words_error
from opengallery.market.supervision.models import Carrier

CODE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?")
LEAST_SECRET, LONGEST_SECRET = 16, 80
PLACE = "{number}"  # where a tracking number goes in a tracking address


@atomic
def add_carrier(code: str, *, name: str, secret: str, tracking_url: str = "") -> Carrier:
    """Put a carrier on the list; the same code again changes it and offers it again.

    `secret` is what the carrier signs its news with; `tracking_url` may hold "{number}". InvalidInput by field, and for
    a name that another carrier has.
    """
    name = " ".join(name.split())
    errors: dict[str, list[str]] = {}
    if not CODE.fullmatch(code):
        errors["code"] = ["A code has 1 to 30 small letters, digits and hyphens."]
    if error := words_error(name, most=80, what="The name"):
        errors["name"] = [error]
    elif Carrier.objects.filter(name=name).exclude(code=code).exists():
        errors["name"] = ["There is another carrier of this name."]
    if tracking_url and (error := link_error(tracking_url.replace(PLACE, "0" * len(PLACE)))):
        errors["tracking_url"] = [error]
    if not LEAST_SECRET <= len(secret) <= LONGEST_SECRET or not is_text(secret):
        errors["secret"] = [f"The secret has {LEAST_SECRET} to {LONGEST_SECRET} characters."]
    if errors:
        raise InvalidInput(errors)
    carrier, _ = Carrier.objects.update_or_create(
        code=code, defaults={"name": name, "tracking_url": tracking_url, "secret": secret, "offered": True}
    )
    return carrier


@atomic
def withdraw_carrier(carrier: Carrier) -> None:
    """Offer a carrier no longer; parcels that travel with it are followed to their end. Again changes nothing."""
    Carrier.objects.filter(pk=carrier.pk).update(offered=False)
    carrier.offered = False
