"""Certify to whom a seller's money goes."""

from datetime import datetime

from opengallery.kit.problems import InvalidInput
from opengallery.kit.verbs import atomic
from opengallery.market.billing.models import Payee
from opengallery.market.identity.models import Organisation


@atomic
def certify_payee(organisation: Organisation, *, beneficiary: str, at: datetime) -> Payee:
    """Certify a seller's business information: from now on its lines may be billed (money spec 4).

    InvalidInput unless the beneficiary, the name on the bank account, has 1 to 120 characters.
    """
    beneficiary = beneficiary.strip()
    if not 1 <= len(beneficiary) <= 120:
        raise InvalidInput({"beneficiary": ["The beneficiary has 1 to 120 characters."]})
    payee, _ = Payee.objects.update_or_create(
        organisation=organisation, defaults={"beneficiary": beneficiary, "certified_at": at}
    )
    return payee
