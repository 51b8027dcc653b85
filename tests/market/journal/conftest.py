"""A line that was delivered, rejected, delivered again and accepted, and its dossier."""

from typing import Any

import pytest

from opengallery.market.orders.actions import pay_order, place_order
from opengallery.market.supervision.actions import accept_delivery, deliver_service, reject_delivery
from opengallery.market.supervision.dossier import build_dossier
from opengallery.market.supervision.models import Flow


@pytest.fixture
def flow(world: Any, at: Any, proof: Any) -> Flow:
    """An accepted line of an order of two, with three files in two versions."""
    buyer, seller = world.actor("buyer"), world.actor("seller")
    choices = [world.choice("license_yearly"), world.choice("license_one_time")]
    order = place_order(choices, by=buyer, at=at("2020-01-01 09:50"))
    pay_order(order, method="balance", by=buyer, at=at("2020-01-01 10:00"))
    flow, other = Flow.objects.with_order().filter(line__order=order).order_by("number")
    deliver_service(flow, service_result="Schlüssel verschickt 🔑", files=[proof("key.pdf")], by=seller,
                    at=at("2020-02-20 12:00"))  # fmt: skip
    deliver_service(other, service_result="Installed", files=[proof("other.pdf", b"%PDF-1.4\nother\n%%EOF\n")],
                    by=seller, at=at("2020-02-20 12:30"))  # fmt: skip
    reject_delivery(flow, reason="The acceptance document is missing.", by=buyer, at=at("2020-02-21 09:00"))
    deliver_service(
        flow, service_result="Now with the document", by=seller, at=at("2020-02-22 09:00"),
        files=[proof("key.pdf"), proof("übergabe.pdf", b"%PDF-1.4\nhanded over\n%%EOF\n")],
    )  # fmt: skip
    accept_delivery(flow, by=buyer, at=at("2020-03-01 10:00"))
    return flow


@pytest.fixture
def dossier(flow: Flow, world: Any, at: Any) -> bytes:
    """The flow's dossier, whole."""
    with build_dossier(flow, by=world.actor("buyer"), at=at("2020-03-02 08:30")).file as file:
        return file.read()
