"""The sentences that the market's tests speak: who buys, delivers, accepts, and when."""

from collections.abc import Callable
from typing import Any

import pytest

from opengallery.kit.calendar import cycle_of
from opengallery.market.billing.actions import plan_run
from opengallery.market.billing.models import Bill, Run, Transaction
from opengallery.market.journal.models import Fact
from opengallery.market.journal.relay import relay_facts
from opengallery.market.orders.actions import cancel_order, pay_order, place_order, renew_resource
from opengallery.market.orders.models import Order, Resource
from opengallery.market.supervision.actions import (
    accept_delivery,
    deliver_service,
    reject_delivery,
    remind_seller,
    retract_acceptance,
)
from opengallery.market.supervision.models import Delivery, Flow
from opengallery.market.timetable.actions import press_due
from opengallery.project.reactions import AFTER


class Tale:
    """Each sentence takes the time on the platform's wall clock, acts, and gives back things as they then stand."""

    def __init__(self, world: Any, at: Callable[[str], Any], proof: Callable[..., Any]) -> None:
        self.world, self.at, self.proof = world, at, proof
        self.begun = False

    def begins(self, when: str) -> None:
        """The tale begins: the months before it are billed, and had nothing to bill."""
        if not self.begun:
            self.begun = True
            Run.objects.filter(finished_at=None).delete()
            plan_run(cycle_of(self.at(when)), at=self.at(when))

    def orders(self, *what: str, when: str, by: str = "buyer", **choice: int) -> Order:
        self.begins(when)
        lines = [self.world.choice(name, **choice) for name in what or ("license_yearly",)]
        return place_order(lines, by=self.world.actor(by), at=self.at(when))

    def pays(self, order: Order, when: str, *, method: str = "balance", by: str = "buyer") -> Order:
        pay_order(Order.objects.get(pk=order.pk), method=method, by=self.world.actor(by), at=self.at(when))
        return self.order(order)

    def buys(self, *what: str, when: str, method: str = "balance", by: str = "buyer", **choice: int) -> Order:
        return self.pays(self.orders(*what, when=when, by=by, **choice), when, method=method, by=by)

    def cancels(self, order: Order, when: str, *, by: str = "buyer") -> Order:
        cancel_order(Order.objects.get(pk=order.pk), by=self.world.actor(by), at=self.at(when))
        return self.order(order)

    def delivers(self, order: Order, when: str, *, enabled: str = "", result: str = "The key file is sent.",
                 by: str = "seller", line: int = 1, files: int = 1) -> Delivery:  # fmt: skip
        proofs = [self.proof(f"proof{n}.pdf") for n in range(1, files + 1)]
        return deliver_service(self.flow(order, line), service_result=result, files=proofs, enabling_time=enabled,
                               by=self.world.actor(by), at=self.at(when))  # fmt: skip

    def accepts(self, order: Order, when: str, *, by: str = "buyer", line: int = 1) -> Resource:
        accept_delivery(self.flow(order, line), by=self.world.actor(by), at=self.at(when))
        return self.resource(order, line)

    def rejects(
        self, order: Order, when: str, reason: str = "key invalid", *, by: str = "buyer", line: int = 1
    ) -> Flow:
        reject_delivery(self.flow(order, line), reason=reason, by=self.world.actor(by), at=self.at(when))
        return self.flow(order, line)

    def retracts(
        self, order: Order, when: str, reason: str = "wrong button", *, by: str = "buyer", line: int = 1
    ) -> Flow:
        retract_acceptance(self.flow(order, line), reason=reason, by=self.world.actor(by), at=self.at(when))
        return self.flow(order, line)

    def reminds(self, order: Order, when: str, *, by: str = "buyer") -> Flow:
        remind_seller(self.flow(order), by=self.world.actor(by), at=self.at(when))
        return self.flow(order)

    def renews(self, order: Order, when: str, *, unit: str = "year", count: int = 1, method: str = "balance",
               by: str = "buyer") -> Order:  # fmt: skip
        renewal = renew_resource(
            self.resource(order), unit=unit, count=count, by=self.world.actor(by), at=self.at(when)
        )
        return self.pays(renewal, when, method=method, by=by)

    def passes(self, until: str) -> int:
        """Time passes: everything that falls due until then happens."""
        return press_due(until=self.at(until))

    def relays(self) -> None:
        """The worker hands all new facts on: notices are written, heads signed."""
        while relay_facts(AFTER):
            pass

    def order(self, order: Order) -> Order:
        return Order.objects.get(pk=order.pk)

    def flow(self, order: Order, line: int = 1) -> Flow:
        return Flow.objects.with_order().get(number=f"{order.number}-{line:06d}")

    def resource(self, order: Order, line: int = 1) -> Resource:
        return Resource.objects.select_related("order").get(lines__number=f"{order.number}-{line:06d}")

    def sale(self, order: Order, line: int = 1) -> Transaction:
        return Transaction.objects.get(key=f"{order.number}-{line:06d}")

    def bill(self, cycle: str, seller: str = "seller") -> Bill | None:
        return Bill.objects.filter(cycle=cycle, seller=self.world.members[seller].organisation_id).first()

    def facts(self, order: Order) -> list[Fact]:
        return list(Fact.objects.of(order.number))

    def verbs(self, order: Order) -> list[str]:
        return [fact.verb for fact in self.facts(order)]


@pytest.fixture
def tale(world: Any, at: Callable[[str], Any], proof: Callable[..., Any]) -> Tale:
    """Tell a story in the world."""
    return Tale(world, at, proof)
