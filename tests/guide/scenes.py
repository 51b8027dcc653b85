"""One thing of each kind in a sandbox that runs, so that every page has something to show: `python scenes.py DATA`.

Played with the verbs themselves, beside the running web server; prints where the things are, as JSON.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n"


def play(demo: dict[str, Any]) -> dict[str, str]:
    """Buy, ask, deliver, ship, appeal, undo, ask for help and rate; the names of the addresses in test_every_page."""
    from datetime import timedelta

    from opengallery.kit.actor import Actor
    from opengallery.kit.clock import now
    from opengallery.kit.uploads import kept, receive
    from opengallery.market.aftersales.actions import open_ticket, publish_rating, rate_order
    from opengallery.market.billing.actions import decide
    from opengallery.market.billing.models import Transaction
    from opengallery.market.identity.actions import add_person
    from opengallery.market.identity.models import Membership
    from opengallery.market.journal.models import Fact
    from opengallery.market.ledger.models import Account
    from opengallery.market.orders.actions import LineChoice, pay_order, place_order
    from opengallery.market.orders.actions.place_order import Address
    from opengallery.market.orders.models import Resource
    from opengallery.market.purchasing.actions import appoint_stand_in, change_purchasing_rules, open_cost_centre
    from opengallery.market.supervision import actions
    from opengallery.market.supervision.models import Flow
    from opengallery.market.timetable.actions import move_clock
    from opengallery.market.unsubscription.actions import agree_unsubscription, request_unsubscription

    def actor(name: str) -> Actor:
        member = Membership.objects.select_related("user", "organisation")
        return member.get(user__email=demo["people"][name]["email"]).actor()

    buyer, seller, operator = actor("buyer"), actor("seller"), actor("operator")

    def file(name: str, by: Actor) -> Any:
        with kept([receive(name, [PDF])], organisation_id=by.organisation_id or 0, uploaded_by_id=by.user_id,
                  at=now()) as stored:  # fmt: skip
            return stored[0]

    def flow(number: str) -> Flow:
        return Flow.objects.with_order().get(number=number)

    def place(key: str) -> Any:
        """An unpaid order."""
        product = demo["products"][key]
        unit = "one_time" if key in ("hardware", "professional_service", "license_idcode") else "year"
        address = Address("Lin Wei", "+65 6123 4567", "8 Marina View, Singapore") if key == "hardware" else None
        choice = LineChoice(product["specification"], product["sku"], 1, unit, 1)
        return place_order([choice], address=address, by=buyer, at=now())

    def buy(key: str) -> str:
        """A paid one; its first line."""
        order = place(key)
        pay_order(order, method="balance", by=buyer, at=now())
        return f"{order.number}-000001"

    def deliver(line: str, **more: Any) -> None:
        row = flow(line)
        answers = {item["number"]: "Done; the protocol shows it." for item in row.line.terms.criteria}
        actions.deliver_service(row, service_result="Installed on two servers.", files=[file("protocol.pdf", seller)],
                                proves=[list(answers)], answers=answers, by=seller, at=now(), **more)  # fmt: skip

    def ask(key: str) -> str:
        line = buy(key)
        actions.submit_request(flow(line), text="Ten users.", files=[file("users.pdf", buyer)], by=buyer, at=now())
        return line

    def agree(line: str) -> str:
        actions.accept_request(flow(line), by=seller, at=now())
        return line

    def undo(line: str) -> Any:
        return request_unsubscription(flow(line), amount="10.00", reason="not_delivered", words="It took too long.",
                                      share_contact=True, by=buyer, at=now())  # fmt: skip

    things: dict[str, str] = {}
    rated = buy("license_yearly")
    deliver(rated)
    actions.accept_delivery(flow(rated), by=buyer, at=now())
    move_clock(now() + timedelta(hours=3, minutes=1))
    order = flow(rated).line.order
    things["resource"] = Resource.objects.get(order=order).public_id
    rating = rate_order(order, comment="Quick and friendly.", by=buyer, at=now(),
                        scores={"product_quality": 5, "delivery_speed": 4, "service_attitude": 5})  # fmt: skip
    publish_rating(rating, version=1, by=operator, at=now())
    ticket = open_ticket(order, title="It does not start", text="What now?", files=[file("screen.pdf", buyer)],
                         by=buyer, at=now())  # fmt: skip
    things |= {"rating": rating.public_id, "ticket": ticket.public_id}
    things["transaction"] = Transaction.objects.filter(order_number=order.number).get().public_id

    things["line"] = line = buy("license_yearly")
    things["order"] = line.rpartition("-")[0]
    deliver(line)
    things["unasked"] = buy("professional_service")
    things["asked"] = ask("professional_service")
    things["promised"] = agree(ask("saas_supervised"))
    things["judged"] = agree(ask("saas_supervised"))
    deliver(things["judged"])
    things["mended"] = agree(ask("saas_supervised"))
    deliver(things["mended"])
    actions.reject_delivery(flow(things["mended"]), reason="One user is missing.", by=buyer, at=now(),
                            cited={1: "Let the tenth user in."})  # fmt: skip
    things["goods"] = buy("hardware")
    things["goods_order"] = things["goods"].rpartition("-")[0]
    for name in ("shipped", "sent"):
        things[name] = buy("hardware")
        row = flow(things[name])
        answers = {item["number"]: "Tested and sealed." for item in row.line.terms.criteria}
        actions.ship_goods(row, carrier="swiftline", number=f"SW-{name}", answers=answers, by=seller, at=now())
    returned = undo(things["sent"])
    agree_unsubscription(returned, comments="Send it back, please.", files=[file("agreed.pdf", seller)], by=seller,
                         at=now())  # fmt: skip
    things["return"] = returned.public_id
    for name in ("code", "collected"):
        things[name] = buy("license_code")
        deliver(things[name], code=f"OPEN-{name.upper()}-4711")
    actions.collect_code(flow(things["collected"]), by=buyer, at=now())
    things["machine"] = buy("license_idcode")
    things["package"] = buy("license_package")
    things["appealed"] = ask("professional_service")
    appeal = actions.file_appeal(flow(things["appealed"]), ground="other_buyer", reason="Nobody answers my calls.",
                                 demand="A date.", files=[file("calls.pdf", buyer)], kinds=["other"], by=buyer,
                                 at=now())  # fmt: skip
    things["appeal"] = appeal.public_id
    things["undone"] = buy("license_yearly")
    things["unsubscription"] = undo(things["undone"]).public_id
    decide("platform_review", True, reason="For these pages", by=operator, at=now())
    things["reviewed"] = buy("license_yearly")
    decide("platform_review", False, reason="For these pages", by=operator, at=now())
    deliver(things["reviewed"])

    add_person(Membership.objects.get(user=buyer.user_id).organisation, email="finance@meridian.example",
               username="finance", full_name="Tan Mei", password=None, role="finance")  # fmt: skip
    open_cost_centre(code="OPS-1", name="Operations", budget="50000.00", by=buyer, at=now())
    appoint_stand_in(member="linwei", stand_in="finance", starts="2020-01-02T00:00", ends="2020-02-01T00:00",
                     reason="Holidays", by=buyer, at=now())  # fmt: skip
    change_purchasing_rules(approval_above="5000.00", acceptance_above="", purchase_order_required=False,
                            cost_centre_required=False, by=buyer, at=now())  # fmt: skip
    things["pending"] = place("professional_service").number
    things["fact"] = str(Fact.objects.latest("pk").pk)
    things["account"] = str(Account.objects.filter(code="customer_balance").latest("pk").pk)
    return things


def main() -> None:
    """Play it on the database of the data folder that is named."""
    from opengallery.project.embedded import embedded_database

    data = Path(sys.argv[1])
    with embedded_database(data) as url:
        os.environ |= {"DATABASE_URL": url, "OPENGALLERY_DATA": str(data), "OPENGALLERY_SANDBOX": "1"}
        from opengallery.project.parts import prepare

        prepare()
        from django.db import transaction

        with transaction.atomic():
            things = play(json.loads((data / "demo.json").read_text()))
        print(json.dumps(things))


if __name__ == "__main__":
    main()
