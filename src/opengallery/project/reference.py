"""Print the reference pages from the code: `make docs`. A test keeps docs/reference as this prints it."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from opengallery.kit.states import Life

FOLDER = Path("docs/reference")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines) + "\n"


def every_life() -> dict[str, "Life"]:
    """Every life, by the name that people know it by."""
    from opengallery.market.aftersales.states import RATING, ROUTES, TICKETS
    from opengallery.market.billing.states import BILL
    from opengallery.market.catalog.states import PRODUCT
    from opengallery.market.identity.states import STAND_IN
    from opengallery.market.orders.states import ORDER, RESOURCE
    from opengallery.market.provisioning.states import EXCHANGE
    from opengallery.market.purchasing.states import COST_CENTRE, RULE
    from opengallery.market.supervision.states import APPEAL_LIFE, LIVES
    from opengallery.market.unsubscription.states import UNSUBSCRIPTION

    return {
        "Order": ORDER,
        **{f"Service flow “{name}”": life for name, life in LIVES.items()},
        "Appeal": APPEAL_LIFE,
        "Unsubscription": UNSUBSCRIPTION,
        "Resource": RESOURCE,
        **{f"Ticket with {ROUTES[route].lower()}": life for route, life in TICKETS.items()},
        "Rating": RATING,
        "Product": PRODUCT,
        "Exchange with a seller's system": EXCHANGE,
        "Bill": BILL,
        "Purchasing rules": RULE,
        "Cost centre": COST_CENTRE,
        "Stand-in": STAND_IN,
    }


def lives() -> str:
    """Every life, move by move."""
    parts = ["# Lives\n"]
    for name, life in every_life().items():
        rows = [(life.labels[m.source], f"`{m.verb}`", m.who, life.labels[m.target]) for m in life.moves]
        parts.append(f"## {name}\n\nBorn: {life.labels[life.born]}\n\n" + table(("In", "may", "who", "leads to"), rows))
    return "\n".join(parts)


def postings() -> str:
    """What each event moves in the books, and the chart of accounts."""
    from opengallery.market.billing.postings import POSTINGS
    from opengallery.market.ledger.chart import CHART

    moves = [(event, *row) for event, rows in POSTINGS.items() for row in rows]
    chart = [(code, row.name, row.side, "one an organisation" if row.owned else "one") for code, row in CHART.items()]
    return ("# Postings\n\n" + table(("Event", "debit", "credit", "share"), moves)
            + "\n## Chart of accounts\n\n" + table(("Account", "Name", "Normal side", "How many"), chart))  # fmt: skip


def policy() -> str:
    """Every setting."""
    from opengallery.market.policy.settings import SETTINGS

    rows = [
        (f"`{row.key}`", row.type.__name__, row.default, row.range, row.meaning, row.source)
        for row in SETTINGS.values()
    ]
    return "# Policy\n\n" + table(("Setting", "Type", "Default", "Values", "Meaning", "Rule"), rows)


def rights() -> str:
    """Which role holds which right."""
    from opengallery.market.identity.rights import RIGHTS, ROLES

    held = [
        (f"`{right}`", meaning, ", ".join(label for label, has in ROLES.values() if right in has))
        for right, meaning in RIGHTS.items()
    ]
    return "# Rights\n\n" + table(("Right", "Allows to", "Roles"), held)


def problems() -> str:
    """Every foreseen refusal."""
    import opengallery.project.urls  # noqa: F401 imports every door, and with them every refusal
    from opengallery.kit.problems import Problem

    def below(kind: type[Problem]) -> list[type[Problem]]:
        return [kind, *(deeper for child in kind.__subclasses__() for deeper in below(child))]

    known = {kind for kind in below(Problem) if kind.__module__.startswith("opengallery.")} - {Problem}
    blank = [kind.__new__(kind) for kind in known]  # the name and the sentence belong to the class
    rows = sorted((f"`/problems/{one.slug}`", one.status, one.title) for one in blank)
    return "# Problems\n\n" + table(("Type", "Status", "What the person reads"), rows)


PAGES = {"lives": lives, "postings": postings, "policy": policy, "rights": rights, "problems": problems}


def main() -> None:
    """Write every page."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opengallery.project.settings")
    django.setup()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (FOLDER / f"{name}.md").write_text(page())


if __name__ == "__main__":
    main()
