"""The people of one organisation, and what it demands of its own purchases."""

from types import SimpleNamespace
from typing import Any

import pytest

from opengallery.kit.actor import Actor
from opengallery.market.identity.actions import add_person
from opengallery.market.identity.models import Membership
from opengallery.market.purchasing.actions import change_purchasing_rules, open_cost_centre
from opengallery.market.purchasing.models import CostCentre

BEFORE = "2020-01-01 08:00"


class House(SimpleNamespace):
    """The buyer's organisation: its owner, and a purchaser, an acceptor and somebody of finance."""

    def actor(self, name: str, when: str = "") -> Actor:
        """One of them; with a time, also what was lent to them then."""
        member = Membership.objects.select_related("organisation", "user").get(pk=self.members[name].pk)
        return member.actor(at=self.at(when) if when else None)

    def rules(self, *, approval: str = "", acceptance: str = "", **more: Any) -> Any:
        given = {"purchase_order_required": False, "cost_centre_required": False} | more
        return change_purchasing_rules(approval_above=approval, acceptance_above=acceptance, by=self.actor("owner"),
                                       at=self.at(BEFORE), **given)  # fmt: skip

    def centre(self, budget: str = "2500.00", code: str = "IT-1") -> CostCentre:
        return open_cost_centre(code=code, name="IT", budget=budget, by=self.actor("owner"), at=self.at(BEFORE))

    def reserved(self, code: str = "IT-1") -> str:
        return CostCentre.objects.get(organisation=self.organisation, code=code).reserved.amount()


@pytest.fixture
def house(world: Any, at: Any) -> House:
    """The buyer's organisation with four people."""
    owner = world.members["buyer"]
    members = {"owner": owner} | {
        role: add_person(owner.organisation, email=f"{role}@meridian.example", username=f"{role}-m",
                         full_name=role.title(), password=None, role=role)
        for role in ("purchaser", "acceptor", "finance")
    }  # fmt: skip
    return House(organisation=owner.organisation, members=members, at=at, world=world)
