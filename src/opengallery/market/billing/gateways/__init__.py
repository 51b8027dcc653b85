"""Ways to pay, behind one small protocol."""

from opengallery.market.billing.gateways.balance import Balance
from opengallery.market.billing.gateways.base import Gateway, Payment, Refund
from opengallery.market.billing.gateways.credit import Credit
from opengallery.market.billing.problems import UnknownMethod

GATEWAYS: dict[str, Gateway] = {"balance": Balance(), "credit": Credit()}


def gateway(method: str) -> Gateway:
    """Return the gateway of a method's name; UnknownMethod (422) if there is none."""
    if method not in GATEWAYS:
        raise UnknownMethod(f"“{method[:40]}” is not one of: {', '.join(GATEWAYS)}.", methods=list(GATEWAYS))
    return GATEWAYS[method]


__all__ = ["GATEWAYS", "Gateway", "Payment", "Refund", "gateway"]
