"""Credit a prepaid balance with money that was received."""

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.operations.balances.booking import AmountForm, Booking, booking_page
from opengallery.doors.pages import now_of
from opengallery.kit.money import Money
from opengallery.kit.problems import InvalidInput
from opengallery.kit.texts import is_text
from opengallery.market.billing.actions import top_up_balance
from opengallery.market.billing.problems import KeyTaken
from opengallery.market.identity.models import Organisation

LONGEST = 40


class TopUpForm(AmountForm):
    """How much, and which payment it was."""

    reference = forms.CharField(
        label=gettext_lazy("Note"),
        help_text=gettext_lazy(
            "Which payment this is, such as the bank's reference; 1 to 40 characters. The same one is credited once."
        ),
    )


def book(request: HttpRequest, organisation: Organisation, amount: Money) -> None:
    """Credit the amount under the payment's reference; pressed twice it is credited once."""
    reference = request.POST.get("reference", "").strip()
    if not 1 <= len(reference) <= LONGEST or not is_text(reference):
        raise InvalidInput({"reference": [_("The note has 1 to 40 characters.")]})
    try:
        top_up_balance(organisation, amount=amount, at=now_of(request), key=f"{organisation.public_id} {reference}")
    except KeyTaken as error:
        raise InvalidInput({"reference": [_("Another amount was credited with this note.")]}) from error


top_up = booking_page(
    Booking(
        title=gettext_lazy("Credit the balance"),
        button=gettext_lazy("Credit the balance"),
        effect=gettext_lazy("The amount is added to the prepaid balance of %(name)s, which can spend it at once."),
        done=gettext_lazy("%(amount)s credited to %(name)s."),
        book=book,
        form=TopUpForm,
    )
)
