"""A carrier's news: who received a parcel, and when (spec S-4, F10)."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from opengallery.doors.callbacks.signatures import check_signature
from opengallery.doors.pages import ANYONE, now_of, page
from opengallery.kit.actor import CLOCK
from opengallery.kit.problems import InvalidInput, NotFound, Problem
from opengallery.kit.texts import is_text
from opengallery.kit.uploads import BodyTooLarge
from opengallery.kit.verbs import atomic
from opengallery.market.orders.models import DeliveryAddress
from opengallery.market.orders.rules import same_phone
from opengallery.market.supervision.actions import note_sign_off
from opengallery.market.supervision.models import Carrier, Flow, Shipment

LARGEST = 8 * 1024
NUMBER_MAX, PHONE_MAX, INSTANT_MAX = 60, 40, 40
FIELDS = ("number", "signed_at", "phone")


class OtherNews(Problem):
    """Other news of this parcel has been taken already."""


@dataclass(frozen=True, slots=True)
class News:
    """Which parcel was signed for, when, and by which telephone the carrier knows the recipient, if it says so."""

    number: str
    signed_at: datetime
    phone: str | None


@csrf_exempt  # signed by its secret; no browser's cookie counts here
@require_POST
@page(right=ANYONE)
def news(request: HttpRequest, code: str) -> HttpResponse:
    """Take {"number", "signed_at", "phone"?}, signed as `signatures` says; 200 also for what is known already.

    401 for a carrier that is not ours and for a wrong, old or missing signature, without saying which; 404 for a parcel
    that nobody sent with this carrier; 409 for what contradicts earlier news; 413; 422 for what cannot be read and for
    a time in the future or before the shipment. A carrier that is no longer offered still tells of its parcels.
    """
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise BodyTooLarge(f"At most {LARGEST:,} bytes can be sent at once.")
    carrier = Carrier.objects.filter(code=code).first()
    check_signature(request, body, secret=carrier.secret if carrier else None)
    said, now = read(body), now_of(request)
    if said.signed_at > now:
        raise InvalidInput({"signed_at": ["It is in the future."]})
    return JsonResponse({"number": said.number, "news": take(code, said, at=now)})


def read(body: bytes) -> News:
    """The news as it was sent; InvalidInput for what is not like that."""
    try:
        told: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidInput({"": ["It is not JSON."]}) from error
    if not isinstance(told, dict):
        raise InvalidInput({"": ["It is not a JSON object."]})
    number, instant, phone = told.get("number"), told.get("signed_at"), told.get("phone")
    signed_at = instant_of(instant)
    errors = {
        "number": "" if is_line(number, NUMBER_MAX) else "A parcel's number has 1 to 60 characters.",
        "signed_at": "" if signed_at else "Write an instant with its offset, such as 2025-06-20T14:00:00+08:00.",
        "phone": "" if phone is None or is_line(phone, PHONE_MAX) else "A phone number has 1 to 40 characters.",
        "": "" if set(told) <= set(FIELDS) else f"There is nothing to say but: {', '.join(FIELDS)}.",
    }
    found = {field: [error] for field, error in errors.items() if error}
    if found or signed_at is None:
        raise InvalidInput(found)
    return News(str(number).strip(), signed_at, phone)


def is_line(value: Any, most: int) -> bool:
    """Whether it is a text of 1 to `most` characters."""
    return isinstance(value, str) and 1 <= len(value.strip()) <= most and is_text(value)


def instant_of(value: Any) -> datetime | None:
    """An instant of ISO 8601 that names its offset, or None."""
    if not isinstance(value, str) or len(value) > INSTANT_MAX:
        return None
    try:
        found = datetime.fromisoformat(value.strip())
        return found if found.utcoffset() is not None and found.timestamp() > 0 else None
    except (ValueError, OverflowError):
        return None


@atomic
def take(code: str, said: News, *, at: datetime) -> bool:
    """Note the sign-off for every shipment that travels under the number; say whether that was news.

    One parcel can hold several lines, and a number can come back with a later delivery: what was not shipped yet when
    somebody signed is not meant. NotFound; OtherNews (409) if all is signed for already, but not like this.
    """
    rows = Shipment.objects.filter(carrier=code, number=said.number)
    # One after the other: of two that tell different things at once, the second one is told.
    list(Flow.objects.select_for_update().filter(pk__in=rows.values("delivery__flow")).order_by("pk").values("pk"))
    parcels = list(rows.select_related("delivery__flow__line").order_by("pk"))
    if not parcels:
        raise NotFound
    open_ones = [row for row in parcels if row.signed_at is None]
    meant = [row for row in open_ones if row.delivery.submitted_at <= said.signed_at]
    if not meant and any(agrees(row, said) for row in parcels):
        return False
    if not open_ones:
        raise OtherNews
    # Without one that is meant the verb refuses the time.
    for row in meant or open_ones[-1:]:
        note_sign_off(row, signed_at=said.signed_at, phone=said.phone, by=CLOCK, at=at)
    return True


def agrees(row: Shipment, said: News) -> bool:
    """Whether the news says of a shipment what is known of it."""
    if row.signed_at != said.signed_at:
        return False
    if said.phone is None or row.signed_source == "operator":
        return True
    address = DeliveryAddress.objects.filter(pk=row.delivery.flow.line.order_id).first()
    return row.phone_matches == (address is not None and same_phone(said.phone, address.phone))
