"""The Operation column: what the seller is to do with a flow now, by product and state (spec 1.3, S-1)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.kit.actor import Actor
from opengallery.market.catalog.models import LICENSE
from opengallery.market.supervision import states
from opengallery.market.supervision.models import Flow


@dataclass(frozen=True, slots=True)
class Operation:
    """A step as a link: the name of its page, the words of the list, and those of the flow's own page."""

    page: str
    label: Any
    action: Any


# The seller's step that a verb of the flow's table stands for.
OPERATIONS = {
    "accept_request": Operation(
        "seller:request", gettext_lazy("Confirm the request"), gettext_lazy("Confirm the request")
    ),
    "deliver_service": Operation("seller:delivery", gettext_lazy("Deliver Service"), gettext_lazy("Deliver service")),
    "ship_goods": Operation("seller:shipment", gettext_lazy("Deliver Service"), gettext_lazy("Deliver service")),
    "prove_activation": Operation(
        "seller:activation", gettext_lazy("Upload proof of activation"), gettext_lazy("Upload proof of activation")
    ),
}
LICENCE = Operation("seller:delivery", gettext_lazy("License delivered offline"), gettext_lazy("Deliver service"))


def operation_of(flow: Flow, actor: Actor) -> Operation | None:
    """The one step that the flow's table opens to this person now; None while it is held or another's turn."""
    if not actor.may("sales:deliver"):
        return None
    verbs = {move.verb for move in flow.moves_for(actor)}
    found = next((operation for verb, operation in OPERATIONS.items() if verb in verbs), None)
    licence = found is OPERATIONS["deliver_service"] and flow.line.terms.delivery_method == LICENSE
    return LICENCE if licence else found


def may(flow: Flow, actor: Actor, verb: str) -> bool:
    """Whether the flow's table has the move for this person now."""
    return any(move.verb == verb for move in flow.moves_for(actor))


def is_overdue(flow: Flow, now: datetime) -> bool:
    """Whether the promised time of the delivery is over; it stands still while the flow is held."""
    promised = flow.promised_at if flow.state == states.WAIT_DELIVERY else None
    return promised is not None and promised < (flow.held_at or now)


def nothing_to_do(request: HttpRequest, flow: Flow) -> HttpResponse:
    """Back to the flow, with what holds it or where it stands."""
    why = flow.hold_label if flow.held_by else _("It stands at “%(state)s”.") % {"state": flow.label}
    messages.info(request, _("There is nothing to do here now. %(why)s") % {"why": why})
    return redirect("seller:flow", flow.number)
