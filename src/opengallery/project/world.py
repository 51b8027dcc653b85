"""One buyer, one seller, one operator, and two strangers: the demonstration's data and the tests' fixture.

Built through the same verbs that everybody uses.
"""

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from opengallery.kit.actor import Actor
from opengallery.kit.env import env
from opengallery.kit.money import Money
from opengallery.kit.verbs import atomic
from opengallery.market.billing.actions import certify_payee, top_up_balance
from opengallery.market.billing.actions.bills import plan_first_run
from opengallery.market.catalog.actions import add_specification, draft_product, list_product
from opengallery.market.catalog.models import Product, Specification
from opengallery.market.identity.actions import add_person, found_organisation, issue_key
from opengallery.market.identity.models import Membership, User
from opengallery.market.orders.actions import LineChoice
from opengallery.market.sellers.actions import admit_seller

USD = "USD"
PASSWORD = "Open-Gallery-2020"  # of the demonstration's people only

# name: (company, country, person, e-mail, username, role)
PEOPLE = {
    "buyer": ("Meridian Logistics", "SG", "Lin Wei", "buyer@meridian.example", "linwei", "owner"),
    "seller": ("Northwind Software", "DE", "Clara Brandt", "seller@northwind.example", "cbrandt", "owner"),
    "other_buyer": ("Kestrel Retail", "FR", "Noé Garnier", "buyer@kestrel.example", "ngarnier", "owner"),
    "other_seller": ("Halcyon Systems", "US", "Amara Okafor", "seller@halcyon.example", "aokafor", "owner"),
    "operator": ("OpenGallery Operations", "SG", "Ines Moreau", "operator@gallery.example", "imoreau", "operations"),
}

EULA = """1. The seller grants the customer a non-exclusive right to use the software for the period and number of \
users stated in the order.
2. The right begins with the acceptance of the delivery, or with the actual enabling time that the delivery states.
3. The customer may make backup copies. Renting, reselling or publishing licence keys is not allowed.
4. The seller warrants that the software works as its documentation says. Faults are repaired or replaced.
5. Nothing in this agreement limits liability for intent or gross negligence."""

REFUND_POLICY = """Until the order is completed the customer and the seller can agree to undo the purchase, in whole \
or in part. After completion a licence is not refunded. A renewal that has not begun is refunded in full."""

# key: (seller, product, category, overview, introduction, delivery days)
PRODUCTS = {
    "ledgerline": (
        "seller", "Ledgerline Accounting", "Business software",
        "Double-entry accounting for groups of companies, with month-end close in a day.",
        "Ledgerline keeps the books of up to fifty companies in one place: consolidated statements, intercompany "
        "matching, approval by four eyes and an audit trail that nobody can edit. It runs on your own servers.\n\n"
        "The licence file and the installation package are delivered within two working days. Our team helps with the "
        "first start and hands over an acceptance document.", 2),
    "harbor": (
        "seller", "Harbor Backup", "Storage and backup",
        "Backups that are tested every night, for servers, databases and mailboxes.",
        "Harbor Backup restores a sample of each backup every night and reports what it found. Deduplication keeps the "
        "store small; the licence covers any number of agents on one site.", 3),
    "sketch": (
        "seller", "Plan & Print CAD Viewer", "Engineering",
        "Open, measure and print drawings of all common formats. Bought once, used for ever.",
        "A light viewer for workshops and building sites: opens large drawings in seconds, measures, marks up and "
        "prints to scale. The licence is paid once and never expires.", 2),
    "sentry": (
        "other_seller", "Halcyon Log Sentry", "Security",
        "Reads your logs and tells you the three things that matter today.",
        "Log Sentry learns what is normal in your systems and reports what is not, in plain words, once a day.", 5),
}  # fmt: skip

# key in demo.json: (product, specification, unit, price)
SPECIFICATIONS = {
    "license_yearly": ("ledgerline", "Standard, up to 25 users", "year", "1000.00"),
    "license_monthly": ("harbor", "One site", "month", "100.00"),
    "license_one_time": ("sketch", "Single seat", "one_time", "250.00"),
    "other_license_yearly": ("sentry", "100 GB a day", "year", "2400.00"),
}
MORE_SPECIFICATIONS = (
    ("ledgerline", "Enterprise, unlimited users", {"year": "4800.00", "month": "450.00"}),
    ("harbor", "Unlimited sites", {"month": "380.00", "year": "3900.00"}),
    ("sketch", "Workshop, 20 seats", {"one_time": "3200.00"}),
)


@dataclass
class World:
    """Who and what there is, by the names of demo.json."""

    members: dict[str, Membership]
    tokens: dict[str, str]
    products: dict[str, Product]
    specifications: dict[str, Specification]

    def actor(self, name: str) -> Actor:
        """One of the people, acting for the organisation."""
        return self.members[name].actor()

    def choice(self, name: str, *, quantity: int = 1, count: int = 1) -> LineChoice:
        """A line that buys one of the specifications of demo.json."""
        specification = self.specifications[name]
        sku = specification.skus.get()
        return LineChoice(specification.public_id, sku.code, quantity, SPECIFICATIONS[name][2], count)


@atomic
def build_world(*, at: datetime) -> World:
    """Found the organisations, let the people in, list the products, certify the sellers, fill the balances."""
    members, tokens = found_people(at)
    for name, store, support in (
        ("seller", "northwind", "Mon to Fri, 09:00 to 18:00 CET"),
        ("other_seller", "halcyon", "Mon to Fri, 08:00 to 17:00 EST"),
    ):
        organisation = members[name].organisation
        admit_seller(
            organisation, store=store, at=at, support_email=f"support@{store}.example", support_phone="+49 30 555 0100",
            support_hours=support, about=f"{organisation.name} has built software for companies since 2009.",
        )  # fmt: skip
        certify_payee(organisation, beneficiary=organisation.name, at=at)
    products, specifications = fill_shelf(members, at)
    for name, amount in (("buyer", "100000.00"), ("other_buyer", "25000.00")):
        top_up_balance(members[name].organisation, amount=Money.of(amount, USD), at=at, key=f"demo-{name}")
    plan_first_run(at)
    return World(members, tokens, products, specifications)


def found_people(at: datetime) -> tuple[dict[str, Membership], dict[str, str]]:
    """The organisations, a person in each, and a key for each person."""
    members, tokens = {}, {}
    for name, (company, country, person, email, username, role) in PEOPLE.items():
        organisation = found_organisation(company, at=at, country=country, is_operator=name == "operator")
        members[name] = add_person(
            organisation, email=email, username=username, full_name=person, password=PASSWORD, role=role
        )
        _, tokens[name] = issue_key(members[name], name="Demonstration", at=at)
    return members, tokens


def fill_shelf(members: dict[str, Membership], at: datetime) -> tuple[dict[str, Product], dict[str, Specification]]:
    """The products with their specifications and prices."""
    products, specifications = {}, {}
    for key, (who, name, category, overview, introduction, days) in PRODUCTS.items():
        products[key] = draft_product(
            members[who].organisation, name=name, category=category, overview=overview, introduction=introduction,
            eula=EULA, refund_policy=REFUND_POLICY, delivery_days=days, by=members[who].actor(), at=at,
        )  # fmt: skip
    for key, (product, name, unit, price) in SPECIFICATIONS.items():
        specifications[key] = add_specification(
            products[product], name=name, prices={unit: Money.of(price, USD)}, at=at
        )
    for product, name, prices in MORE_SPECIFICATIONS:
        amounts = {unit: Money.of(price, USD) for unit, price in prices.items()}
        add_specification(products[product], name=name, prices=amounts, at=at)
    for key, (who, *_) in PRODUCTS.items():
        list_product(products[key], by=members[who].actor(), at=at)
    return products, specifications


@atomic
def seed(*, at: datetime) -> None:
    """Build the demonstration once and write DATA/demo.json; what is there already is left as it is.

    The file is written before the commit: it holds the tokens, which nobody could ever read again.
    """
    if not User.objects.filter(email=PEOPLE["buyer"][3]).exists():
        write_json(env.data / "demo.json", described(build_world(at=at)))


def described(world: World) -> dict[str, Any]:
    """What a person or a program needs to use the demonstration."""
    return {
        "url": env.base_url,
        "people": {
            name: {"email": member.user.email, "password": PASSWORD, "token": world.tokens[name]}
            for name, member in world.members.items()
        },
        "products": {
            key: {
                "product": specification.product.public_id,
                "specification": specification.public_id,
                "sku": specification.skus.get().code,
                "price": SPECIFICATIONS[key][3],
            }
            for key, specification in world.specifications.items()
        },
    }


def write_json(path: Path, said: dict[str, Any]) -> None:
    """Write the file whole, readable by its owner only: it holds tokens."""
    draft = path.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(said, indent=2) + "\n")
    os.replace(draft, path)
