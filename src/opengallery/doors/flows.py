"""A service flow as every console shows it: the step bar, whose turn it is, what was delivered, what happened."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.http import FileResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.kit.actor import Actor
from opengallery.kit.models import StoredFile
from opengallery.kit.problems import NotFound
from opengallery.market.billing import states as bill_states
from opengallery.market.catalog import states as product_states
from opengallery.market.journal.models import Fact
from opengallery.market.orders import states as order_states
from opengallery.market.orders.models import Order
from opengallery.market.supervision import states
from opengallery.market.supervision.dossier import build_dossier
from opengallery.market.supervision.explanations import deadline_of
from opengallery.market.supervision.models import Flow

# What each fact is called in an operation log; both sides read the same words.
WORDS = {
    "place_order": gettext_lazy("Order placed"),
    "pay_order": gettext_lazy("Order paid"),
    "cancel_order": gettext_lazy("Order canceled"),
    "complete_order": gettext_lazy("Order completed"),
    "start_flow": gettext_lazy("Service supervision started"),
    "deliver_service": gettext_lazy("Service delivered"),
    "accept_delivery": gettext_lazy("Delivery accepted"),
    "reject_delivery": gettext_lazy("Delivery rejected"),
    "retract_acceptance": gettext_lazy("Acceptance taken back"),
    "remind_seller": gettext_lazy("Seller reminded"),
    "start_resource": gettext_lazy("Validity period started"),
    "withdraw_start": gettext_lazy("Start of the validity period withdrawn"),
    "expire_resource": gettext_lazy("Validity period ended"),
    "freeze_resource": gettext_lazy("Resource frozen"),
    "release_resource": gettext_lazy("Resource released"),
    "renew_resource": gettext_lazy("Resource renewed"),
    "draw_bill": gettext_lazy("Bill drawn"),
    "settle_zero": gettext_lazy("Settled without payment"),
    "draft_product": gettext_lazy("Product drafted"),
    "list_product": gettext_lazy("Product put on sale"),
    "hide_product": gettext_lazy("Product hidden"),
    "remove_product": gettext_lazy("Product discontinued"),
}
LABELS: dict[str, Mapping[str, str]] = {
    "order": order_states.ORDER.labels,
    "flow": states.LABELS,
    "resource": order_states.RESOURCE.labels,
    "bill": bill_states.BILL.labels,
    "product": product_states.PRODUCT.labels,
}


def steps_of(flow: Flow) -> list[dict[str, Any]]:
    """The step bar of a licence (components/steps.html): paid, delivered, accepted, order completed."""
    order = flow.line.order
    delivered_at = flow.deliveries.order_by("-version").values_list("submitted_at", flat=True).first()
    done = (
        [states.WAIT_DELIVERY, states.WAIT_ACCEPTANCE, states.COMPLETED].index(flow.state) + 1
        if order.state != order_states.COMPLETED
        else 4
    )
    rows = [
        (_("Order paid"), order.paid_at),
        (_("Service delivered"), delivered_at),
        (_("Delivery accepted"), flow.accepted_at),
        (_("Order completed"), order.completed_at),
    ]
    return [
        {"label": label, "state": "done" if place < done else "current" if place == done else "todo",
         "at": at if place < done else None}
        for place, (label, at) in enumerate(rows)
    ]  # fmt: skip


def turn_of(flow: Flow, *, side: str, now: datetime) -> dict[str, Any] | None:
    """Whose turn it is as one side reads it (components/turn.html); None when nothing is expected any more."""
    deadline = deadline_of(flow)
    if deadline is None:
        return None
    who = {
        (states.WAIT_DELIVERY, "seller"): _("Your turn: deliver the service"),
        (states.WAIT_DELIVERY, "buyer"): _("The seller is to deliver the service"),
        (states.WAIT_DELIVERY, "operator"): _("The seller is to deliver the service"),
        (states.WAIT_ACCEPTANCE, "buyer"): _("Your turn: accept or reject the delivery"),
        (states.WAIT_ACCEPTANCE, "seller"): _("The customer is to accept or reject the delivery"),
        (states.WAIT_ACCEPTANCE, "operator"): _("The customer is to accept or reject the delivery"),
    }.get((flow.state, side), _("Accepted; the order completes by itself"))
    overdue = deadline.outcome == "overdue" and deadline.at is not None and deadline.at < now
    text = _("The delivery is overdue; the customer may remind the seller.") if overdue else deadline.sentence
    return {"who": who, "since": flow.state_since, "deadline": deadline.at, "text": text, "overdue": overdue,
            "mine": deadline.turn == side and flow.state != states.COMPLETED}  # fmt: skip


def deliveries_of(flow: Flow, address: Callable[[str], str]) -> list[dict[str, Any]]:
    """Every version that was delivered, newest first, with its files; `address` gives a file's URL by its key."""
    rows = flow.deliveries.prefetch_related("deliverables__file").order_by("-version")
    return [
        {
            "delivery": row,
            "files": [
                {"name": part.file.name, "size": part.file.size, "sha256": part.file.sha256,
                 "kind": part.get_kind_display(), "url": address(part.file_id)}
                for part in row.deliverables.all()
            ],
        }
        for row in rows
    ]  # fmt: skip


def file_of(flow: Flow, key: str) -> StoredFile:
    """A file of one of the flow's deliveries; NotFound for any other, whoever asks."""
    file = StoredFile.objects.filter(key=key, deliverable__delivery__flow=flow).first()
    if file is None:
        raise NotFound
    return file


def events_of(facts: Iterable[Fact]) -> list[dict[str, Any]]:
    """The operation log (components/timeline.html): what, who, from, to, note; oldest first as the facts come."""
    return [event(fact) for fact in facts]


def event(fact: Fact) -> dict[str, Any]:
    """One fact in words."""
    said = json.loads(fact.body)
    labels = LABELS.get(fact.kind, {})
    who = said["by"]
    names = [name for name in dict.fromkeys((who["name"], who["organisation"])) if name]
    return {
        "at": fact.at,
        "label": WORDS.get(fact.verb, fact.verb),
        "subject": fact.subject,
        "actor": " · ".join(names),
        "from": labels.get(said["from"], said["from"]),
        "to": labels.get(said["to"], said["to"]),
        "note": said["note"] or said["data"].get("service_result", ""),
        "files": [],
    }


def log_of(order: Order, facts: Iterable[Fact], *, line: str = "") -> list[dict[str, Any]]:
    """The log of an order; of one of its lines when `line` names it: the order's own facts and that line's."""
    events = events_of(facts)
    if not line:
        return events
    others = [other.number for other in order.lines.all() if other.number != line]
    return [row for row in events if not any(other in row["subject"] for other in others)]


def dossier_of(flow: Flow, *, by: Actor, at: datetime) -> FileResponse:
    """The evidence as a download: every fact of the order and every file of this line, to be checked without us."""
    found = build_dossier(flow, by=by, at=at)
    response = FileResponse(found.file, as_attachment=True, filename=found.name, content_type="application/zip")
    response["Cache-Control"] = "private, no-store"
    return response
