"""What the pages of the Operations Console share."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from opengallery.doors.pages import find, now_of
from opengallery.kit.money import Money
from opengallery.kit.problems import InvalidInput
from opengallery.market.identity.models import Organisation
from opengallery.market.policy.models import Policy


def customer(public_id: str) -> Organisation:
    """An organisation that buys or sells; NotFound for the operator's own and for none."""
    return find(Organisation.objects.filter(is_operator=False), public_id=public_id)


def amount_of(request: HttpRequest) -> Money:
    """The amount that was typed, in the settlement currency. InvalidInput at "amount" if it is none."""
    text = request.POST.get("amount", "").strip().replace(",", "")
    try:
        return Money.of(text, Policy.at(now_of(request))["settlement_currency"])
    except ValueError as error:
        raise InvalidInput({"amount": [_("Write an amount such as 1000.00.")]}) from error
