"""One buyer, one seller, one operator, and two strangers: the demonstration's data and the tests' fixture.

Built through the same verbs that everybody uses.
"""

import json
import os
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any

from opengallery.kit.actor import Actor
from opengallery.kit.env import env
from opengallery.kit.money import Money
from opengallery.kit.verbs import atomic
from opengallery.market.billing.actions import certify_payee, top_up_balance
from opengallery.market.billing.actions.bills import plan_first_run
from opengallery.market.catalog.models import Product, Specification
from opengallery.market.identity.actions import add_person, found_organisation, issue_key
from opengallery.market.identity.models import Membership, User
from opengallery.market.orders.actions import LineChoice
from opengallery.market.sellers.actions import admit_seller
from opengallery.market.sellers.rules import Hours, Support
from opengallery.market.supervision.actions.carriers import add_carrier
from opengallery.project.shelf import CONSULTING_KEY, SPECIFICATIONS, USD, fill_shelf

PASSWORD = "Open-Gallery-2020"  # of the demonstration's people only

# name: (company, country, person, e-mail, username, role)
PEOPLE = {
    "buyer": ("Meridian Logistics", "SG", "Lin Wei", "buyer@meridian.example", "linwei", "owner"),
    "seller": ("Northwind Software", "DE", "Clara Brandt", "seller@northwind.example", "cbrandt", "owner"),
    "other_buyer": ("Kestrel Retail", "FR", "Noé Garnier", "buyer@kestrel.example", "ngarnier", "owner"),
    "other_seller": ("Halcyon Systems", "US", "Amara Okafor", "seller@halcyon.example", "aokafor", "owner"),
    "operator": ("OpenGallery Operations", "SG", "Ines Moreau", "operator@gallery.example", "imoreau", "operations"),
}

SUPPORT = "Questions of use, installation and faults, answered by the people who build the software."

# code: (carrier, where a parcel is followed, what it signs its news with), of the demonstration only
CARRIERS = {
    "swiftline": ("Swiftline Express", "https://track.swiftline.example/{number}", "swiftline-signs-its-news-2020"),
    "oceanic": ("Oceanic Freight", "https://oceanic.example/parcels?no={number}", "oceanic-signs-its-news-2020"),
}


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
    for name, store, hours, languages, phone in (
        ("seller", "northwind", Hours((1, 2, 3, 4, 5), time(9), time(18), 60), "English, German", "+49 30 555 0100"),
        ("other_seller", "halcyon", Hours((1, 2, 3, 4, 5), time(8), time(17), -300), "English", "+1 212 555 0142"),
    ):
        organisation = members[name].organisation
        admit_seller(
            organisation, store=store, at=at, about=f"{organisation.name} has built software for companies since 2009.",
            support=Support(hours, languages, SUPPORT, phone, f"support@{store}.example"),
        )  # fmt: skip
        certify_payee(organisation, beneficiary=organisation.name, at=at)
    products, specifications = fill_shelf(members, at)
    for code, (name, address, secret) in CARRIERS.items():
        add_carrier(code, name=name, tracking_url=address, secret=secret)
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
        }
        | {
            "consulting": {
                "product": (advice := world.products[CONSULTING_KEY]).public_id,
                "external_url": advice.external_url,
            }
        },
    }


def write_json(path: Path, said: dict[str, Any]) -> None:
    """Write the file whole, readable by its owner only: it holds tokens."""
    draft = path.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(said, indent=2) + "\n")
    os.replace(draft, path)
