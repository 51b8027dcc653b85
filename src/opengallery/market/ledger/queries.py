"""Read the books: balances, an owner's statement, the trial balance."""

from django.db.models import OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from opengallery.kit.money import Money
from opengallery.market.ledger.chart import CHART
from opengallery.market.ledger.models import Account, Transfer


def balance(code: str, owner: int, currency: str) -> Money:
    """What an account holds, counted on its normal side."""
    account = Account.objects.filter(code=code, owner_id=owner, currency=currency).first()
    if account is None:
        return Money.zero(currency)
    debits, credits = (
        Transfer.objects.filter(**{side: account}).aggregate(total=Sum("units"))["total"] or 0
        for side in ("debit", "credit")
    )
    return Money(debits - credits if CHART[code].side == "debit" else credits - debits, currency)


def spendable(owner: int, currency: str) -> Money:
    """An organisation's prepaid balance, read from its guarded row."""
    account = Account.objects.filter(code="customer_balance", owner_id=owner, currency=currency).first()
    return Money(account.balance_units if account else 0, currency)


def booked(event: str, key: str, share: str) -> Transfer | None:
    """The transfer of an event's share, if it is booked already."""
    return Transfer.objects.select_related("debit", "credit").filter(event=event, key=key, share=share).first()


def trial_balance() -> QuerySet[Account]:
    """Every account with the sums of its debits and credits; over all accounts of a currency the two are equal."""

    def side(name: str) -> Coalesce:
        sums = Transfer.objects.filter(**{name: OuterRef("pk")}).values(name).annotate(total=Sum("units"))
        return Coalesce(Subquery(sums.values("total")[:1]), Value(0))

    return Account.objects.annotate(debited=side("debit"), credited=side("credit")).order_by(
        "code", "owner_id", "currency"
    )
