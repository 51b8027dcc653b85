"""What pages of several doors hand to the frame's components: crumbs, pagers, steps, turns, timelines, deliveries."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from opengallery.kit.paging import Page
from opengallery.market.journal.models import Fact
from opengallery.market.orders import rules as order_rules
from opengallery.market.orders import states as order_states
from opengallery.market.orders.models import Order, OrderLine
from opengallery.market.orders.rules import Validity
from opengallery.market.supervision import states as flow_states
from opengallery.market.supervision.models import Delivery, Flow

# What a verb is called in a timeline.
HAPPENED = {
    "place_order": _("Order placed"),
    "pay_order": _("Order paid"),
    "cancel_order": _("Order canceled"),
    "complete_order": _("Order completed"),
    "start_flow": _("Service flow started"),
    "deliver_service": _("Service delivered"),
    "accept_delivery": _("Delivery accepted"),
    "reject_delivery": _("Delivery rejected"),
    "retract_acceptance": _("Acceptance retracted"),
    "remind_seller": _("Seller reminded"),
    "start_resource": _("Validity started"),
    "withdraw_start": _("Start of the validity withdrawn"),
    "renew_resource": _("Validity extended"),
    "expire_resource": _("Validity over, grace period begins"),
    "freeze_resource": _("Frozen"),
    "release_resource": _("Released"),
}
LABELS: dict[str, Mapping[str, str]] = {
    "order": order_states.ORDER.labels,
    "flow": flow_states.LABELS,
    "resource": order_states.RESOURCE.labels,
}
# The states that a validity passes through when it is over.
AFTERLIFE = (order_states.ACTIVE, order_states.GRACE, order_states.FROZEN, order_states.RELEASED)


def crumbs(*steps: tuple[Any, str]) -> list[dict[str, Any]]:
    """The breadcrumb: (label, address) of each page above this one; the page itself last, with an empty address."""
    return [{"label": label, "url": url or None} for label, url in steps]


def pager(request: HttpRequest, page: Page[Any]) -> dict[str, Any]:
    """For components/pager.html: the filters stay in the address, only the cursor changes."""
    query = request.GET.copy()
    paged = query.pop("cursor", None)
    first = f"?{query.urlencode()}" if paged else ""
    if page.next:
        query["cursor"] = page.next
    return {"first_url": first, "next_url": f"?{query.urlencode()}" if page.next else "", "shown": len(page.items)}


def filters_of(request: HttpRequest) -> dict[str, str]:
    """The filters in the address: what is filled in, without the cursor."""
    return {name: text for name, text in request.GET.items() if name != "cursor" and text.strip()}


def steps(*points: tuple[Any, datetime | None]) -> list[dict[str, Any]]:
    """For components/steps.html: (label, instant at which it was reached) in order; the first open one is current."""
    first_open = next((index for index, (_label, at) in enumerate(points) if at is None), len(points))
    return [
        {"label": label, "at": at if index < first_open else None,
         "state": "done" if index < first_open else "current" if index == first_open else "todo"}
        for index, (label, at) in enumerate(points)
    ]  # fmt: skip


def order_steps(order: Order) -> list[dict[str, Any]]:
    """Where an order is."""
    if order.state == order_states.CANCELED:
        return steps((_("Placed"), order.placed_at), (_("Canceled"), order.canceled_at))
    return steps((_("Placed"), order.placed_at), (_("Paid"), order.paid_at), (_("Completed"), order.completed_at))


def flow_steps(flow: Flow, newest: Delivery | None) -> list[dict[str, Any]]:
    """Where a supervised delivery is: from payment to the order's completion. `newest` is the last delivery, if any."""
    order = flow.line.order
    delivered = newest is not None and flow.state != flow_states.WAIT_DELIVERY
    return steps(
        (_("Order paid"), order.paid_at),
        (_("Service provided"), newest.submitted_at if newest and delivered else None),
        (_("Acceptance confirmed"), flow.accepted_at),
        (_("Order completed"), order.completed_at),
    )


def events(facts: Iterable[Fact], *, file_url: Callable[[str, str], str] | None = None) -> list[dict[str, Any]]:
    """For components/timeline.html: each fact in words. `file_url(subject, key)` is where this door serves a file."""
    return [event(fact, file_url) for fact in facts]


def event(fact: Fact, file_url: Callable[[str, str], str] | None) -> dict[str, Any]:
    """One fact in words."""
    said = json.loads(fact.body)
    labels = LABELS.get(fact.kind, {})
    by, data = said["by"], said["data"]
    files = [
        {**file, "kind": flow_states.FILE_KINDS.get(file["kind"], ""), "url": file_url(fact.subject, file["file"])}
        for file in data.get("files", ())
        if file_url
    ]
    return {
        "at": fact.at,
        "actor": by["name"] if by["clock"] else f"{by['name']} · {by['organisation']}",
        "label": HAPPENED.get(fact.verb, fact.verb.replace("_", " ").capitalize()),
        "note": said["note"] or data.get("service_result", ""),
        "from": labels.get(said["from"], "") if said["from"] != said["to"] else "",
        "to": labels.get(said["to"], "") if said["from"] != said["to"] else "",
        "files": files,
    }


def deliveries(flow: Flow, *, file_url: Callable[[str, str], str]) -> list[dict[str, Any]]:
    """The flow's deliveries, newest first, each with its files for components/files.html."""
    rows: list[Delivery] = list(flow.deliveries.prefetch_related("deliverables__file").order_by("-version"))
    return [
        {
            "row": row,
            "files": [
                {"name": item.file.name, "size": item.file.size, "sha256": item.file.sha256,
                 "kind": item.get_kind_display(), "url": file_url(flow.number, item.file_id)}
                for item in row.deliverables.all()
            ],
        }
        for row in rows
    ]  # fmt: skip


def term_if_accepted(line: OrderLine, enabling_time: datetime | None, *, at: datetime) -> tuple[Validity, str]:
    """The validity that an acceptance at `at` would give, and the resource's state then: it may be over (V8)."""
    terms = line.terms
    term = order_rules.first_term(order_rules.start_of(at, enabling_time), terms.unit, terms.count)
    for state in AFTERLIFE:
        due = order_rules.due_of(state, term.end, grace_days=terms.grace_days, retention_days=terms.retention_days)
        if due is None or due > at:
            return term, state
    return term, order_states.RELEASED


def link(name: str) -> Callable[[str, str], str]:
    """A file_url for a route that takes the flow's number and the file's key."""
    return lambda subject, key: reverse(name, args=[subject, key])


def in_words(length: timedelta) -> str:
    """A delay as people say it: "3 hours", "90 minutes"."""
    minutes = int(length.total_seconds() // 60)
    if minutes % 60 == 0:
        return ngettext("%(count)d hour", "%(count)d hours", minutes // 60) % {"count": minutes // 60}
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
