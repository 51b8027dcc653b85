"""People at their browsers, and what they do in the tests of pages: buy, pay, deliver, accept."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.test import Client

from opengallery.kit.models import SandboxClock, StoredFile
from opengallery.market.identity.actions import add_person
from opengallery.market.orders.actions import pay_order, place_order
from opengallery.market.orders.models import Order
from opengallery.market.supervision.actions import accept_delivery, deliver_service
from opengallery.market.supervision.models import Flow

SCRIPT = "<script>alert('x')</script>"


def stands(at: datetime) -> None:
    """The sandbox clock stands at an instant."""
    SandboxClock.objects.update_or_create(pk=1, defaults={"at": at})


def uploaded() -> "QuerySet[StoredFile]":
    """The files that people uploaded; the world's products have templates of their own, from the year before."""
    return StoredFile.objects.filter(uploaded_at__year__gte=2020)


def browser(world: Any, name: str) -> Client:
    """A browser in which one of the world's people is logged in."""
    client = Client()
    client.force_login(world.members[name].user)
    return client


def colleague(world: Any, name: str, role: str) -> Client:
    """A browser of somebody else of the same organisation, with another role."""
    member = add_person(
        world.members[name].organisation, email=f"{role}@{name}.example", username=f"{role}-{name}", full_name=role,
        password=None, role=role,
    )  # fmt: skip
    client = Client()
    client.force_login(member.user)
    return client


class Trade:
    """One purchase, step by step; each returns the trade, so that sentences can be said."""

    def __init__(self, world: Any, at: Callable[[str], datetime], proof: Callable[..., Any]) -> None:
        self.world, self.at, self.proof = world, at, proof
        self.buyer, self.seller = world.actor("buyer"), world.actor("seller")

    def placed(self, what: str = "license_yearly", on: str = "2020-01-01 09:50", **choice: Any) -> "Trade":
        """The buyer orders."""
        stands(self.at(on))
        self.number = place_order([self.world.choice(what, **choice)], by=self.buyer, at=self.at(on)).number
        self.line = f"{self.number}-000001"
        return self

    def paid(self, on: str = "2020-01-01 10:00") -> "Trade":
        """The buyer pays from the balance."""
        stands(self.at(on))
        pay_order(self.order, method="balance", by=self.buyer, at=self.at(on))
        return self

    def delivered(self, on: str = "2020-02-20 12:00", result: str = "Key file sent", enabling: str = "") -> "Trade":
        """The seller delivers one file."""
        stands(self.at(on))
        deliver_service(
            self.flow,
            service_result=result,
            files=[self.proof()],
            enabling_time=enabling,
            by=self.seller,
            at=self.at(on),
        )
        return self

    def accepted(self, on: str = "2020-03-01 10:00") -> "Trade":
        """The buyer accepts."""
        stands(self.at(on))
        accept_delivery(self.flow, by=self.buyer, at=self.at(on))
        return self

    @property
    def order(self) -> Order:
        """The order as it is now."""
        return Order.objects.get(number=self.number)

    @property
    def flow(self) -> Flow:
        """The flow as it is now."""
        return Flow.objects.with_order().get(number=self.line)
