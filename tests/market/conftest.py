"""The sentences that the market's tests speak: who buys, delivers, accepts, and when."""

from collections.abc import Callable
from typing import Any

import pytest

from opengallery.kit.actor import CLOCK, Actor
from opengallery.kit.calendar import cycle_of
from opengallery.kit.money import Money
from opengallery.market.billing.actions import plan_run
from opengallery.market.billing.models import Bill, Run, Transaction
from opengallery.market.journal.models import Fact
from opengallery.market.journal.relay import relay_facts
from opengallery.market.orders.actions import cancel_order, pay_order, place_order, renew_resource
from opengallery.market.orders.actions.place_order import Address
from opengallery.market.orders.models import Order, Resource
from opengallery.market.policy.actions import change_setting
from opengallery.market.supervision.actions import (
    accept_delivery,
    accept_request,
    activate_code,
    approve_delivery,
    collect_code,
    decide_appeal,
    deliver_service,
    file_appeal,
    note_sign_off,
    override_flow,
    prove_activation,
    reject_delivery,
    reject_request,
    remind_seller,
    retract_acceptance,
    send_back_delivery,
    ship_goods,
    submit_request,
    withdraw_request,
)
from opengallery.market.supervision.models import Appeal, Delivery, Flow, Request, Shipment
from opengallery.market.timetable.actions import press_due
from opengallery.market.unsubscription.actions import (
    accept_return,
    agree_unsubscription,
    refuse_return,
    reject_unsubscription,
    request_unsubscription,
    send_return,
    withdraw_unsubscription,
)
from opengallery.market.unsubscription.models import Unsubscription
from opengallery.project.reactions import AFTER

HOME = Address("Lin Wei", "+65 6123 4567", "8 Marina View, Singapore")


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
        address = HOME if "hardware" in what else None
        return place_order(lines, by=self.world.actor(by), at=self.at(when), address=address)

    def pays(self, order: Order, when: str, *, method: str = "balance", by: str = "buyer") -> Order:
        pay_order(Order.objects.get(pk=order.pk), method=method, by=self.world.actor(by), at=self.at(when))
        return self.order(order)

    def buys(self, *what: str, when: str, method: str = "balance", by: str = "buyer", **choice: int) -> Order:
        return self.pays(self.orders(*what, when=when, by=by, **choice), when, method=method, by=by)

    def cancels(self, order: Order, when: str, *, by: str = "buyer") -> Order:
        cancel_order(Order.objects.get(pk=order.pk), by=self.world.actor(by), at=self.at(when))
        return self.order(order)

    def delivers(self, order: Order, when: str, *, enabled: str = "", result: str = "The key file is sent.",
                 by: str = "seller", line: int = 1, files: int = 1, **more: Any) -> Delivery:  # fmt: skip
        """Every acceptance criterion is answered, unless told."""
        flow = self.flow(order, line)
        said = {"answers": self.all_answered(flow)} | more
        return deliver_service(flow, service_result=result, files=self.proofs(files), enabling_time=enabled, **said,
                               by=self.world.actor(by), at=self.at(when))  # fmt: skip

    def accepts(self, order: Order, when: str, *, by: str = "buyer", line: int = 1) -> Resource:
        accept_delivery(self.flow(order, line), by=self.world.actor(by), at=self.at(when))
        return self.resource(order, line)

    def rejects(self, order: Order, when: str, reason: str = "key invalid", *, by: str = "buyer", line: int = 1,
                cited: dict[int, str] | None = None) -> Flow:  # fmt: skip
        """Where criteria exist the first one is cited, unless told."""
        flow = self.flow(order, line)
        named = {1: "It works."} if cited is None and flow.line.terms.criteria else cited
        reject_delivery(flow, reason=reason, cited=named, by=self.world.actor(by), at=self.at(when))
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

    def all_answered(self, flow: Flow) -> dict[int, str]:
        return {item["number"]: "It does; see the proof." for item in flow.line.terms.criteria}

    def proofs(self, count: int) -> list[Any]:
        return [self.proof(f"proof{n}.pdf") for n in range(1, count + 1)]

    def who(self, name: str) -> Actor:
        return CLOCK if name == "clock" else self.world.actor(name)

    def sets(self, key: str, value: Any, when: str = "2019-12-15 09:00") -> None:
        """The operator changes a setting."""
        change_setting(key, value, reason="as the test wants it", by=self.who("operator"), at=self.at(when))

    def submits(self, order: Order, when: str, text: str = "Ten users, as in the file.", *, code: str = "",
                files: int = 0, by: str = "buyer", line: int = 1) -> Request:  # fmt: skip
        return submit_request(self.flow(order, line), text=text, code=code, files=self.proofs(files), by=self.who(by),
                              at=self.at(when))  # fmt: skip

    def withdraws(self, order: Order, when: str, *, by: str = "buyer", line: int = 1) -> Flow:
        withdraw_request(self.flow(order, line), by=self.who(by), at=self.at(when))
        return self.flow(order, line)

    def confirms(self, order: Order, when: str, *, by: str = "seller", line: int = 1) -> Flow:
        accept_request(self.flow(order, line), by=self.who(by), at=self.at(when))
        return self.flow(order, line)

    def refuses(
        self, order: Order, when: str, reason: str = "which users?", *, by: str = "seller", line: int = 1
    ) -> Flow:
        reject_request(self.flow(order, line), reason=reason, by=self.who(by), at=self.at(when))
        return self.flow(order, line)

    def ships(self, order: Order, when: str, *, carrier: str = "swiftline", number: str = "SW 1001",
              by: str = "seller", line: int = 1, **more: Any) -> Shipment:  # fmt: skip
        flow = self.flow(order, line)
        said = {"answers": self.all_answered(flow)} | more
        return ship_goods(flow, carrier=carrier, number=number, by=self.who(by), at=self.at(when), **said)

    def signs(self, order: Order, when: str, *, phone: str | None = HOME.phone, heard: str = "", by: str = "clock",
              line: int = 1) -> bool:  # fmt: skip
        """The recipient signs for the parcel; the carrier says so at once, unless told."""
        parcel = Shipment.objects.select_related("delivery").filter(delivery__flow=self.flow(order, line)).last()
        assert parcel is not None
        return note_sign_off(parcel, signed_at=self.at(when), phone=phone, by=self.who(by), at=self.at(heard or when))

    def collects(self, order: Order, when: str, *, by: str = "buyer", line: int = 1) -> str:
        return collect_code(self.flow(order, line), by=self.who(by), at=self.at(when))

    def activates(self, code: str, when: str, *, by: str = "seller") -> Flow:
        return activate_code(code, by=self.who(by), at=self.at(when))

    def proves(self, order: Order, when: str, *, by: str = "seller", line: int = 1) -> Delivery:
        return prove_activation(self.flow(order, line), service_result="Activated", files=self.proofs(1),
                                by=self.who(by), at=self.at(when))  # fmt: skip

    def approves(self, order: Order, when: str, *, by: str = "operator", line: int = 1) -> Flow:
        approve_delivery(self.flow(order, line), by=self.who(by), at=self.at(when))
        return self.flow(order, line)

    def sends_back(
        self, order: Order, when: str, reason: str = "wrong file", *, by: str = "operator", line: int = 1
    ) -> Flow:
        send_back_delivery(self.flow(order, line), reason=reason, by=self.who(by), at=self.at(when))
        return self.flow(order, line)

    def appeals(self, order: Order, when: str, *, by: str = "seller", ground: str = "", reason: str = "Please decide.",
                kinds: tuple[str, ...] = (), line: int = 1, **more: Any) -> Appeal:  # fmt: skip
        """A file of each kind comes along; the ground is "another reason", unless told."""
        return file_appeal(self.flow(order, line), ground=ground or f"other_{by}", reason=reason, kinds=kinds,
                           files=self.proofs(len(kinds)), by=self.who(by), at=self.at(when), **more)  # fmt: skip

    def decides(self, appeal: Appeal, decision: str, when: str, *, amount: str = "", note: str = "Heard both sides.",
                by: str = "operator") -> Appeal:  # fmt: skip
        decide_appeal(Appeal.objects.get(pk=appeal.pk), decision=decision, note=note, by=self.who(by),
                      amount=Money.of(amount, "USD") if amount else None, at=self.at(when))  # fmt: skip
        return Appeal.objects.get(pk=appeal.pk)

    def overrides(self, order: Order, decision: str, when: str, *, amount: str = "", reason: str = "Both agreed.",
                  by: str = "operator", line: int = 1) -> Flow:  # fmt: skip
        override_flow(self.flow(order, line), decision=decision, reason=reason, by=self.who(by),
                      amount=Money.of(amount, "USD") if amount else None, at=self.at(when))  # fmt: skip
        return self.flow(order, line)

    def asks_back(self, order: Order, when: str, amount: str = "", *, by: str = "buyer", line: int = 1,
                  **more: Any) -> Unsubscription:  # fmt: skip
        """The buyer asks for money back: all of it, unless told."""
        flow = self.flow(order, line)
        said = {"reason": "no_longer_needed"} | more
        return request_unsubscription(flow, amount=amount or flow.line.net.amount(), by=self.who(by),
                                      at=self.at(when), **said)  # fmt: skip

    def unsubscription(self, row: Unsubscription) -> Unsubscription:
        return Unsubscription.objects.select_related("flow__line__order", "refund_order").get(pk=row.pk)

    def takes_back(self, row: Unsubscription, when: str, *, by: str = "buyer") -> Unsubscription:
        withdraw_unsubscription(self.unsubscription(row), by=self.who(by), at=self.at(when))
        return self.unsubscription(row)

    def agrees(self, row: Unsubscription, when: str, *, by: str = "seller", files: int = 1) -> Unsubscription:
        agree_unsubscription(self.unsubscription(row), comments="As we said on the phone.", files=self.proofs(files),
                             by=self.who(by), at=self.at(when))  # fmt: skip
        return self.unsubscription(row)

    def disagrees(self, row: Unsubscription, when: str, *, by: str = "seller") -> Unsubscription:
        reject_unsubscription(self.unsubscription(row), comments="It works.", by=self.who(by), at=self.at(when))
        return self.unsubscription(row)

    def returns(self, row: Unsubscription, when: str, *, by: str = "buyer", carrier: str = "oceanic") -> Unsubscription:
        send_return(self.unsubscription(row), carrier=carrier, number="OC 77", by=self.who(by), at=self.at(when))
        return self.unsubscription(row)

    def takes_goods(self, row: Unsubscription, when: str, *, by: str = "seller") -> Unsubscription:
        accept_return(self.unsubscription(row), by=self.who(by), at=self.at(when))
        return self.unsubscription(row)

    def refuses_goods(self, row: Unsubscription, when: str, *, by: str = "seller") -> Unsubscription:
        refuse_return(self.unsubscription(row), reason="The seal is broken.", by=self.who(by), at=self.at(when))
        return self.unsubscription(row)

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
