"""The guide's own example, played from purchase to the bill of the renewal, with each documented figure checked."""

import io
import time
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Sum
from rich.console import Console
from rich.markup import escape

from opengallery.kit.calendar import ZONE, local
from opengallery.kit.money import Money
from opengallery.kit.problems import Problem
from opengallery.kit.signing import public_key
from opengallery.kit.uploads import receive
from opengallery.kit.uploads.keeping import kept
from opengallery.market.billing.models import Bill, Transaction
from opengallery.market.journal.relay import relay_facts
from opengallery.market.journal.verifier import examine, verify
from opengallery.market.ledger.queries import balance, spendable, trial_balance
from opengallery.market.orders.actions import pay_order, place_order, renew_resource
from opengallery.market.orders.models import Order, Resource
from opengallery.market.supervision.actions import accept_delivery, deliver_service
from opengallery.market.supervision.dossier import build_dossier
from opengallery.market.supervision.models import Flow
from opengallery.market.timetable.actions import move_clock
from opengallery.project.reactions import AFTER
from opengallery.project.shelf import USD
from opengallery.project.world import World, build_world

SCREENSHOT = b"%PDF-1.4\n% the authorization is valid from 2020-03-01\n%%EOF\n"


class NotAsDocumented(Exception):  # noqa: N818
    """The story cannot go on: a thing that should be there is not."""


def play_story() -> int:
    """Play it on the empty database of a sandbox; return 0 when everything is as documented, else 1."""
    began = time.perf_counter()
    story = Story(Console(highlight=False, soft_wrap=True))
    try:
        story.play()
    except (Problem, NotAsDocumented, LookupError, Order.DoesNotExist, Flow.DoesNotExist) as failure:
        story.compare("the story goes on", f"{type(failure).__name__}: {failure}", "no refusal")
    return story.end(time.perf_counter() - began)


def on(text: str) -> datetime:
    """An instant on the platform's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def in_words(value: Any) -> str:
    """A figure as the timeline shows it; instants on the platform's clock."""
    if isinstance(value, tuple):
        return ", ".join(in_words(part) for part in value)
    if isinstance(value, datetime):
        return f"{local(value):%Y-%m-%d %H:%M:%S}"
    return escape(str(value))


@dataclass
class Story:
    """The timeline on the console, what it has compared so far, and the world it plays in."""

    console: Console
    good: int = 0
    bad: int = 0
    at: datetime = field(default_factory=lambda: on("2020-01-01 09:00:00"))
    world: World = field(init=False)

    def play(self) -> None:
        """The chapters, in order."""
        self.console.print("\n[bold]A yearly licence, from purchase to the bill of its renewal[/]")
        self.found()
        order = self.buy()
        self.deliver(order)
        self.accept(order)
        self.bill_the_sale(order)
        renewal = self.renew(order)
        self.bill_the_renewal(renewal)
        self.check_dossier(order)
        self.check_books()

    # ---- chapters ----

    def found(self) -> None:
        """The world of the demonstration."""
        self.move("2020-01-01 09:00:00", "The gallery opens: one seller, one customer, their strangers, the operator")
        self.world = build_world(at=self.at)

    def buy(self) -> Order:
        """Placed and paid on 1 January 2020."""
        self.move("2020-01-01 10:00:00", "The customer buys a yearly licence for 1000.00 USD and pays")
        order = place_order([self.world.choice("license_yearly")], by=self.world.actor("buyer"), at=self.at)
        self.compare("the order is placed", order.label, "Pending payment")
        pay_order(order, method="balance", by=self.world.actor("buyer"), at=self.at)
        self.settle()
        order = Order.objects.get(pk=order.pk)
        self.compare("the order is paid", (order.label, order.paid_at), ("Processing", self.at))
        label = self.flow(order).label
        self.compare("the seller is to deliver", label, "Waiting for the seller to provide the service")
        return order

    def deliver(self, order: Order) -> None:
        """Delivered offline on 20 February."""
        self.move("2020-02-20 15:00:00", "The seller delivers the licence offline, with a screenshot as proof")
        seller = self.world.members["seller"]
        files = [receive("authorization-validity.pdf", [SCREENSHOT])]
        with kept(files, organisation_id=seller.organisation_id, uploaded_by_id=seller.user_id, at=self.at) as stored:
            deliver_service(
                self.flow(order), service_result="The licence key was sent by e-mail.", files=stored,
                kinds=["validity_screenshot"], by=seller.actor(), at=self.at,
            )  # fmt: skip
        self.settle()
        self.compare("the customer is to accept", self.flow(order).label, "Waiting for the user to confirm acceptance")
        self.compare("nothing has been billed", Bill.objects.count(), 0)

    def accept(self, order: Order) -> None:
        """Accepted on 1 March at 10:00, completed three hours later, to the second."""
        self.move("2020-03-01 10:00:00", "The customer accepts the delivery")
        accept_delivery(self.flow(order), by=self.world.actor("buyer"), at=self.at)
        self.settle()
        self.compare("the service is accepted", self.flow(order).label, "Completed")
        self.move("2020-03-01 12:59:59", "One second before the three hours are over")
        self.compare("the order waits", Order.objects.get(pk=order.pk).label, "Processing")
        self.move("2020-03-01 13:00:00", "Three hours after the acceptance")
        order = Order.objects.get(pk=order.pk)
        self.compare("the order completes", (order.label, order.completed_at), ("Completed", self.at))
        resource = self.resource(order)
        self.compare("the licence began with the acceptance", resource.start_at, on("2020-03-01 10:00:00"))
        self.compare("the licence lasts a year", resource.end, date(2021, 3, 1))

    def bill_the_sale(self, order: Order) -> None:
        """Billed on 7 April, with the month of the acceptance."""
        self.move("2020-04-06 23:59:59", "The last second before the bills of March")
        self.compare("nothing has been billed", Bill.objects.count(), 0)
        self.move("2020-04-07 23:59:59", "The bills of March are drawn on the 7th of April")
        bill = self.bill_of(order)
        self.compare("the bill is that of the acceptance's month", bill.cycle, "202003")
        self.compare("the bill is drawn on the 7th", local(bill.drawn_at).date(), date(2020, 4, 7))
        self.compare("the seller gets the price without the fee of 15 %", bill.total, Money.of("850.00", USD))

    def renew(self, order: Order) -> Order:
        """Renewed for a year on 1 February 2021: completed at once, without a service flow."""
        self.move("2021-02-01 09:00:00", "The customer renews the licence for one year and pays")
        buyer = self.world.actor("buyer")
        renewal = renew_resource(self.resource(order), unit="year", count=1, by=buyer, at=self.at)
        pay_order(renewal, method="balance", by=buyer, at=self.at)
        self.settle()
        renewal = Order.objects.get(pk=renewal.pk)
        self.compare("the renewal completes at once", (renewal.label, renewal.completed_at), ("Completed", self.at))
        self.compare("the renewal has no service flow", Flow.objects.filter(line__order=renewal).count(), 0)
        self.compare("the licence lasts a year longer", self.resource(order).end, date(2022, 3, 1))
        return renewal

    def bill_the_renewal(self, renewal: Order) -> None:
        """In the bill of March 2021, in which the renewed year begins: not in that of February."""
        self.move("2021-03-31 23:59:59", "The bills of February have been drawn")
        self.compare("the renewal is not among them", Transaction.objects.get(order_number=renewal.number).bill, None)
        self.move("2021-04-07 23:59:59", "The bills of March are drawn")
        bill = self.bill_of(renewal)
        self.compare("the bill is that of the renewed year's first month", bill.cycle, "202103")
        self.compare("the bill is drawn on the 7th", local(bill.drawn_at).date(), date(2021, 4, 7))
        self.compare("the seller gets the price without the fee of 15 %", bill.total, Money.of("850.00", USD))

    def check_dossier(self, order: Order) -> None:
        """What the parties can show to an outsider."""
        self.tell("The customer downloads the dossier and has it checked")
        with build_dossier(self.flow(order), by=self.world.actor("buyer"), at=self.at).file as file:
            for finding in examine(file, key=public_key().hex()):
                self.compare(f"{finding.check}: {finding.said}", finding.faults, [])
            file.seek(0)
            altered = file.read().replace(b"sent by e-mail", b"sent by letter")
        self.compare("with one word changed it is refused", verify(io.BytesIO(altered)) != [], True)

    def check_books(self) -> None:
        """Every amount is in its place, and debits equal credits."""
        self.tell("The books are closed")
        sums = trial_balance().aggregate(debits=Sum("debited"), credits=Sum("credited"))
        self.compare("debits equal credits", Money(sums["debits"], USD), Money(sums["credits"], USD))
        buyer, seller = (self.world.members[name].organisation_id for name in ("buyer", "seller"))
        self.compare("the customer has paid twice 1000.00 USD", spendable(buyer, USD), Money.of("98000.00", USD))
        self.compare("the seller is owed twice 850.00 USD", balance("seller_payable", seller, USD),
                     Money.of("1700.00", USD))  # fmt: skip
        fees, undelivered = (balance(code, 0, USD) for code in ("fee_revenue", "contract_liability"))
        self.compare("the platform has earned twice 150.00 USD", fees, Money.of("300.00", USD))
        self.compare("nothing is left that was paid and not delivered", undelivered, Money.zero(USD))

    # ---- what there is ----

    def flow(self, order: Order) -> Flow:
        """The order's service flow as it is now."""
        return Flow.objects.with_order().get(line__order=order)

    def resource(self, order: Order) -> Resource:
        """What the order brought."""
        return Resource.objects.get(order=order)

    def bill_of(self, order: Order) -> Bill:
        """The bill on which the order's sale stands."""
        bill = Transaction.objects.select_related("bill").get(order_number=order.number).bill
        if bill is None:
            raise NotAsDocumented(f"order {order.number} is on no bill")
        return bill

    # ---- how it is told ----

    def move(self, to: str, what: str) -> None:
        """Move the sandbox's clock, with everything that falls due by then, and head the next lines."""
        self.at = move_clock(on(to))
        self.settle()
        self.tell(what)

    def settle(self) -> None:
        """Let the news of what happened reach everybody, as the worker would."""
        while relay_facts(AFTER):
            continue

    def tell(self, what: str) -> None:
        """Head the next lines."""
        self.console.print(f"\n[cyan]{local(self.at):%Y-%m-%d %H:%M:%S}[/]  [bold]{what}[/]")

    def compare(self, what: str, found: Any, documented: Any) -> None:
        """Print one comparison and count it."""
        same = found == documented
        self.good, self.bad = self.good + same, self.bad + (not same)
        sign = "[green]✓[/]" if same else "[red]✗[/]"
        self.console.print(f"  {sign} {escape(what)}[dim]{f': {in_words(found)}' if found else ''}[/]")
        if not same:
            self.console.print(f"    [red]documented: {in_words(documented)}[/]")

    def end(self, seconds: float) -> int:
        """Print the sum; return the exit code."""
        verdict = f"[green]All {self.good} checks are as documented" if not self.bad else (
            f"[red]{self.bad} of {self.good + self.bad} checks are not as documented"
        )  # fmt: skip
        self.console.print(f"\n{verdict}.[/] Fifteen months took {seconds:.1f} seconds.\n")
        return 1 if self.bad else 0
