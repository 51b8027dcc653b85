"""What happens after a purchase, in plain steps, by the way in which a product is delivered."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from opengallery.market.catalog.models import CONSULTING, Product
from opengallery.market.policy.models import Policy

CHECK = gettext_lazy(
    "You check the delivery and accept it, or reject it with a reason: then the seller delivers again."
)
END = gettext_lazy("After your acceptance the order completes, and only then is the seller paid.")
# By service flow; "{days}" is the delivery period, "{silence}" the days until goods count as accepted.
STEPS = {
    "license": (
        gettext_lazy("You pay. There is nothing to send: the seller is asked to deliver at once."),
        gettext_lazy("The seller delivers {days} and shows the proof here."),
        CHECK,
        END,
    ),
    "standard": (
        gettext_lazy("You pay and send a request that says what you need."),
        gettext_lazy("The seller accepts the request, or asks you to correct it, and delivers {days}."),
        CHECK,
        END,
    ),
    "hardware": (
        gettext_lazy("You pay. Until the seller ships, you can correct the address."),
        gettext_lazy("The seller ships {days} and tells you the carrier and the tracking number."),
        gettext_lazy(
            "You check the goods and accept them, or reject them with a reason. {silence} days after the carrier's "
            "sign-off they count as accepted."
        ),
        END,
    ),
    "license_code": (
        gettext_lazy("You pay. The seller makes an authorization code for you {days}."),
        gettext_lazy("You collect the code. From then on the purchase cannot be undone by agreement."),
        gettext_lazy("You enter the code in the software, which activates it with the seller."),
        gettext_lazy("The seller shows the proof of the activation; the order completes, and the seller is paid."),
    ),
    "license_idcode": (
        gettext_lazy("You pay and enter the identification code of your machine or system."),
        gettext_lazy("The seller delivers a licence for it {days}."),
        CHECK,
        END,
    ),
    "license_package": (
        gettext_lazy("You pay. The package lies ready at once."),
        gettext_lazy("You deploy it with your own tools."),
        gettext_lazy("You confirm that it runs, or reject it with a reason: then the seller mends it {days}."),
        END,
    ),
}
AT_ONCE = (
    gettext_lazy("You pay."),
    gettext_lazy("It is yours at once, without supervision: you find it under Purchased Apps."),
    gettext_lazy("The order completes with it, and the seller is paid."),
)
BY_SYSTEM = (
    gettext_lazy("You pay. The seller's system is asked to set it up at once."),
    gettext_lazy("As soon as it has answered, Purchased Apps shows the address and how to log in."),
    gettext_lazy("The order completes with it, and the seller is paid."),
)


def steps_after_payment(product: Product, at: datetime) -> list[str]:
    """The steps of a product's purchase; none for what is not traded."""
    if product.delivery_method == CONSULTING:
        return []
    flow = product.flow
    if flow is None:
        return [str(step) for step in (BY_SYSTEM if product.endpoint else AT_ONCE)]
    silence = Policy.at(at)["hardware_auto_accept_days"] if flow == "hardware" else 0
    days = ngettext("within %(days)d day", "within %(days)d days", product.delivery_days)
    return [str(step).format(days=days % {"days": product.delivery_days}, silence=silence) for step in STEPS[flow]]


def promise_of(product: Product) -> str:
    """The sentence below the button: by when it is there, and when the money moves."""
    flow = product.flow
    if flow is None:
        return (
            _("Yours as soon as it is paid.") if not product.endpoint else _("Set up by the seller's system at once.")
        )
    if flow == "license_package":
        when = _("Ready to download as soon as it is paid.")
    else:
        when = ngettext(
            "Delivered by the seller within %(days)d day after payment.",
            "Delivered by the seller within %(days)d days after payment.",
            product.delivery_days,
        ) % {"days": product.delivery_days}
    if flow == "license_code":
        return f"{when} {_('Your payment reaches the seller only after the activation has been proven.')}"
    return f"{when} {_('Your payment reaches the seller only after you have accepted the delivery.')}"
