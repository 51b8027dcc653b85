"""The trial balance: every kind of account with its debits and credits, which are equal over all of a currency."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from opengallery.doors.pages import page
from opengallery.kit.money import Money
from opengallery.market.ledger.chart import CHART
from opengallery.market.ledger.queries import trial_balance


@dataclass(slots=True)
class Sums:
    """What the accounts of one kind have been debited and credited, in units."""

    debits: int = 0
    credits: int = 0
    accounts: int = 0


@page(right="operations:view")
def index(request: HttpRequest) -> HttpResponse:
    """One table for each currency."""
    return render(request, "operations/ledger/index.html", {"books": books()})


def books() -> list[dict[str, Any]]:
    """The sums by currency and kind of account, in the chart's order."""
    kinds: dict[tuple[str, str], Sums] = defaultdict(Sums)
    for account in cast(Any, trial_balance()).values("currency", "code", "debited", "credited"):
        sums = kinds[account["currency"], account["code"]]
        sums.debits += account["debited"]
        sums.credits += account["credited"]
        sums.accounts += 1
    return [
        book(currency, {code: kinds[currency, code] for code in CHART if (currency, code) in kinds})
        for currency in sorted({currency for currency, _ in kinds})
    ]


def book(currency: str, kinds: dict[str, Sums]) -> dict[str, Any]:
    """One currency's trial balance."""
    debits, credits = sum(row.debits for row in kinds.values()), sum(row.credits for row in kinds.values())
    return {
        "currency": currency,
        "rows": [
            {
                "code": code, "name": CHART[code].name, "accounts": row.accounts,
                "debits": Money(row.debits, currency), "credits": Money(row.credits, currency),
                "balance": Money(row.debits - row.credits if CHART[code].side == "debit"
                                 else row.credits - row.debits, currency),
            }
            for code, row in kinds.items()
        ],
        "debits": Money(debits, currency),
        "credits": Money(credits, currency),
        "balanced": debits == credits,
    }  # fmt: skip
