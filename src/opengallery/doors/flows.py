"""A service flow as every console shows it: the step bar, whose turn it is, what was delivered, what happened."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.db.models import Q
from django.http import FileResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.kit.actor import Actor
from opengallery.kit.models import StoredFile
from opengallery.kit.problems import NotFound
from opengallery.market.aftersales import states as aftersales_states
from opengallery.market.billing import states as bill_states
from opengallery.market.catalog import states as product_states
from opengallery.market.catalog.models import Product
from opengallery.market.identity import states as identity_states
from opengallery.market.journal.models import Fact
from opengallery.market.orders import states as order_states
from opengallery.market.orders.models import Order
from opengallery.market.provisioning import states as provisioning_states
from opengallery.market.purchasing import states as purchasing_states
from opengallery.market.supervision import states
from opengallery.market.supervision.dossier import build_dossier
from opengallery.market.supervision.explanations import deadline_of
from opengallery.market.supervision.models import Appeal, AuthorizationCode, Delivery, Flow
from opengallery.market.unsubscription import states as unsubscription_states
from opengallery.market.unsubscription.models import Unsubscription

# What each fact is called in an operation log; both sides read the same words.
WORDS = {
    "place_order": gettext_lazy("Order placed"),
    "approve_order": gettext_lazy("Order approved"),
    "decline_order": gettext_lazy("Order declined"),
    "pay_order": gettext_lazy("Order paid"),
    "cancel_order": gettext_lazy("Order canceled"),
    "complete_order": gettext_lazy("Order completed"),
    "start_flow": gettext_lazy("Service supervision started"),
    "submit_request": gettext_lazy("Request submitted"),
    "withdraw_request": gettext_lazy("Request withdrawn"),
    "accept_request": gettext_lazy("Request accepted"),
    "reject_request": gettext_lazy("Request rejected"),
    "deliver_service": gettext_lazy("Service delivered"),
    "ship_goods": gettext_lazy("Goods shipped"),
    "note_sign_off": gettext_lazy("Parcel signed for"),
    "collect_code": gettext_lazy("Authorization code collected"),
    "activate_code": gettext_lazy("Authorization code activated"),
    "prove_activation": gettext_lazy("Activation proven"),
    "approve_delivery": gettext_lazy("Delivery passed the platform's review"),
    "send_back_delivery": gettext_lazy("Delivery sent back by the platform"),
    "accept_first": gettext_lazy("Accepted by the first of two people"),
    "note_overdue": gettext_lazy("Delivery overdue"),
    "warn_buyer": gettext_lazy("Customer warned of the automatic acceptance"),
    "file_appeal": gettext_lazy("Appeal filed"),
    "decide_appeal": gettext_lazy("Appeal decided"),
    "return_to_seller": gettext_lazy("Returned to the seller by the operator"),
    "accept_for_buyer": gettext_lazy("Accepted for the customer by the operator"),
    "end_flow": gettext_lazy("Flow terminated"),
    "close_flow": gettext_lazy("Flow closed by the system"),
    "change_address": gettext_lazy("Delivery address changed"),
    "close_line": gettext_lazy("Line completed"),
    "refund_line": gettext_lazy("Line unsubscribed and refunded"),
    "end_resource": gettext_lazy("Resource ended"),
    "request_unsubscription": gettext_lazy("Unsubscription requested"),
    "withdraw_unsubscription": gettext_lazy("Unsubscription withdrawn"),
    "agree_unsubscription": gettext_lazy("Unsubscription agreed"),
    "agree_with_return": gettext_lazy("Unsubscription agreed; the goods come back first"),
    "reject_unsubscription": gettext_lazy("Unsubscription rejected"),
    "remind_review": gettext_lazy("Seller reminded to review the unsubscription"),
    "pass_to_operator": gettext_lazy("Unsubscription passed to the operator"),
    "send_return": gettext_lazy("Goods sent back"),
    "accept_return": gettext_lazy("Returned goods accepted"),
    "refuse_return": gettext_lazy("Returned goods refused"),
    "lapse_unsubscription": gettext_lazy("Unsubscription lapsed: no return shipment in time"),
    "refund_unsubscription": gettext_lazy("Refunded"),
    "end_unsubscription": gettext_lazy("Unsubscription ended with the appeal"),
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
    "start_provisioning": gettext_lazy("The seller's system is asked to provision it"),
    "fail_provisioning": gettext_lazy("The seller's system gave no usable answer; it is asked again each hour"),
    "repeat_failure": gettext_lazy("The seller's system gave no usable answer again"),
    "stop_provisioning": gettext_lazy("The seller's system is not asked any more"),
    "restart_provisioning": gettext_lazy("The seller's system is asked anew"),
    "complete_provisioning": gettext_lazy("Provisioned by the seller's system"),
    "end_provisioning": gettext_lazy("Provisioning is no longer needed"),
    "connect_product": gettext_lazy("Address of the seller's system changed"),
    "open_ticket": gettext_lazy("Ticket opened"),
    "accept_ticket": gettext_lazy("Ticket accepted"),
    "answer_ticket": gettext_lazy("Ticket answered"),
    "reply_ticket": gettext_lazy("Customer's reply"),
    "escalate_ticket": gettext_lazy("Escalated to the platform"),
    "return_ticket": gettext_lazy("Returned to the seller"),
    "decide_ticket": gettext_lazy("Decided by the platform"),
    "resolve_ticket": gettext_lazy("Marked as resolved"),
    "reopen_ticket": gettext_lazy("Ticket opened again"),
    "close_ticket": gettext_lazy("Ticket closed"),
    "rate_order": gettext_lazy("Order rated"),
    "change_rating": gettext_lazy("Rating changed"),
    "withdraw_rating": gettext_lazy("Rating withdrawn"),
    "publish_rating": gettext_lazy("Rating published"),
    "refuse_rating": gettext_lazy("Rating refused"),
    "reply_rating": gettext_lazy("Seller's reply to the rating"),
    "draw_bill": gettext_lazy("Bill drawn"),
    "settle_zero": gettext_lazy("Settled without payment"),
    "change_purchasing_rules": gettext_lazy("Purchasing rules changed"),
    "open_cost_centre": gettext_lazy("Cost centre opened"),
    "change_cost_centre": gettext_lazy("Cost centre changed"),
    "close_cost_centre": gettext_lazy("Cost centre closed"),
    "reopen_cost_centre": gettext_lazy("Cost centre opened again"),
    "appoint_stand_in": gettext_lazy("Stand-in appointed"),
    "dismiss_stand_in": gettext_lazy("Stand-in ended"),
    "draft_product": gettext_lazy("Product drafted"),
    "list_product": gettext_lazy("Product put on sale"),
    "hide_product": gettext_lazy("Product hidden"),
    "remove_product": gettext_lazy("Product discontinued"),
}
LABELS: dict[str, Mapping[str, str]] = {
    "order": order_states.ORDER.labels,
    "flow": states.LABELS,
    "appeal": states.APPEAL_LIFE.labels,
    "unsubscription": unsubscription_states.LABELS,
    "resource": order_states.RESOURCE.labels,
    "bill": bill_states.BILL.labels,
    "product": product_states.PRODUCT.labels,
    "ticket": aftersales_states.LABELS,
    "rating": aftersales_states.RATING.labels,
    "exchange": provisioning_states.EXCHANGE.labels,
    "stand_in": identity_states.STAND_IN.labels,
    "cost_centre": purchasing_states.COST_CENTRE.labels,
    "purchasing_rules": purchasing_states.RULE.labels,
}


# The usual way through each template, without the platform's review; the bar ends with the order's completion.
PATHS = {
    "license": (states.WAIT_DELIVERY, states.WAIT_ACCEPTANCE),
    "standard": (states.WAIT_REQUEST, states.WAIT_REQUEST_CONFIRM, states.WAIT_DELIVERY, states.WAIT_ACCEPTANCE),
    "license_idcode": (states.WAIT_REQUEST, states.WAIT_DELIVERY, states.WAIT_ACCEPTANCE),
    "hardware": (states.WAIT_DELIVERY, states.WAIT_ACCEPTANCE),
    "license_code": (states.WAIT_DELIVERY, states.WAIT_CODE_PICKUP, states.WAIT_CODE_ACTIVATION),
    "license_package": (states.WAIT_ACCEPTANCE,),
}
# What is done when a flow leaves a state on its usual way.
DONE = {
    states.WAIT_REQUEST: gettext_lazy("Request submitted"),
    states.WAIT_REQUEST_CONFIRM: gettext_lazy("Request accepted"),
    states.WAIT_DELIVERY: gettext_lazy("Service delivered"),
    states.WAIT_PLATFORM_REVIEW: gettext_lazy("Reviewed by the platform"),
    states.WAIT_CODE_PICKUP: gettext_lazy("Code collected"),
    states.WAIT_CODE_ACTIVATION: gettext_lazy("Activation proven"),
    states.WAIT_ACCEPTANCE: gettext_lazy("Delivery accepted"),
}


def path_of(flow: Flow) -> list[str]:
    """The states that a flow passes on its way, those of its own history among them."""
    template = flow.template.removesuffix("_reviewed")
    path = list(PATHS[template])
    if template != flow.template:
        path.insert(path.index(states.WAIT_ACCEPTANCE), states.WAIT_PLATFORM_REVIEW)
    mended = template == "license_package" and (flow.state == states.WAIT_DELIVERY or flow.deliveries_count)
    return [states.WAIT_DELIVERY, *path] if mended else path


def steps_of(flow: Flow) -> list[dict[str, Any]]:
    """The step bar of a flow (components/steps.html): paid, the steps of its template, order completed."""
    order, path = flow.line.order, path_of(flow)
    times = times_of(flow)
    rows = [(_("Order paid"), order.paid_at)]
    for state in path:
        label = (
            _("Goods shipped") if flow.template == "hardware" and state == states.WAIT_DELIVERY else str(DONE[state])
        )
        rows.append((label, times.get(state)))
    if flow.state == states.TERMINATED:
        ended = (_("Terminated (unsubscribed)"), flow.state_since)
        return [{"label": label, "state": "done", "at": at} for label, at in (*rows, ended) if at]
    rows.append((_("Order completed"), order.completed_at))
    if order.state == order_states.COMPLETED or flow.line.closed_at:
        done = len(rows) if order.completed_at else len(rows) - 1
    elif flow.state == states.COMPLETED:
        done = len(rows) - 1
    else:
        done = 1 + path.index(flow.state)
    return [
        {"label": label, "state": "done" if place < done else "current" if place == done else "todo",
         "at": at if place < done else None}
        for place, (label, at) in enumerate(rows)
    ]  # fmt: skip


def times_of(flow: Flow) -> dict[str, datetime | None]:
    """When the flow last left each state of its way."""
    delivered_at = flow.deliveries.order_by("-version").values_list("submitted_at", flat=True).first()
    times: dict[str, datetime | None] = {states.WAIT_ACCEPTANCE: flow.accepted_at, states.WAIT_DELIVERY: delivered_at}
    if flow.requests_count:
        asked = flow.requests.order_by("-version").first()
        if asked:
            times[states.WAIT_REQUEST] = asked.submitted_at
            times[states.WAIT_REQUEST_CONFIRM] = asked.outcome_at if asked.outcome == "accepted" else None
    if flow.template == "license_code":
        code = AuthorizationCode.objects.filter(flow=flow).first()
        if code:
            times |= {states.WAIT_DELIVERY: code.issued_at, states.WAIT_CODE_PICKUP: code.collected_at}
        times[states.WAIT_CODE_ACTIVATION] = flow.accepted_at
    return times


# Whose turn it is, as each side reads it; "" is what the others read.
WHO = {
    (states.WAIT_REQUEST, "buyer"): gettext_lazy("Your turn: submit the request"),
    (states.WAIT_REQUEST, ""): gettext_lazy("The customer is to submit the request"),
    (states.WAIT_REQUEST_CONFIRM, "seller"): gettext_lazy("Your turn: confirm the request"),
    (states.WAIT_REQUEST_CONFIRM, ""): gettext_lazy("The seller is to confirm the request"),
    (states.WAIT_DELIVERY, "seller"): gettext_lazy("Your turn: deliver the service"),
    (states.WAIT_DELIVERY, ""): gettext_lazy("The seller is to deliver the service"),
    (states.WAIT_CODE_PICKUP, "buyer"): gettext_lazy("Your turn: collect the authorization code"),
    (states.WAIT_CODE_PICKUP, ""): gettext_lazy("The customer is to collect the authorization code"),
    (states.WAIT_CODE_ACTIVATION, "seller"): gettext_lazy("Your turn: prove the activation"),
    (states.WAIT_CODE_ACTIVATION, ""): gettext_lazy("The seller is to prove the activation"),
    (states.WAIT_PLATFORM_REVIEW, "operator"): gettext_lazy("Your turn: review the delivery"),
    (states.WAIT_PLATFORM_REVIEW, ""): gettext_lazy("The platform is to review the delivery"),
    (states.WAIT_ACCEPTANCE, "buyer"): gettext_lazy("Your turn: accept or reject the delivery"),
    (states.WAIT_ACCEPTANCE, ""): gettext_lazy("The customer is to accept or reject the delivery"),
    (states.COMPLETED, ""): gettext_lazy("Accepted; the order completes by itself"),
    (states.APPEAL, "operator"): gettext_lazy("Your turn: decide the appeal"),
    (states.APPEAL, ""): gettext_lazy("The operator is to decide the appeal"),
    (unsubscription_states.PENDING_REVIEW, "seller"): gettext_lazy("Your turn: review the unsubscription"),
    (unsubscription_states.PENDING_REVIEW, ""): gettext_lazy("The seller is to review the unsubscription"),
    (unsubscription_states.WAIT_OPERATOR, "operator"): gettext_lazy("Your turn: decide the unsubscription"),
    (unsubscription_states.WAIT_OPERATOR, ""): gettext_lazy("The operator is to decide the unsubscription"),
    (unsubscription_states.WAIT_RETURN, "buyer"): gettext_lazy("Your turn: send the goods back"),
    (unsubscription_states.WAIT_RETURN, ""): gettext_lazy("The customer is to send the goods back"),
    (unsubscription_states.WAIT_RETURN_CHECK, "seller"): gettext_lazy("Your turn: check the returned goods"),
    (unsubscription_states.WAIT_RETURN_CHECK, ""): gettext_lazy("The seller is to check the returned goods"),
    (unsubscription_states.REFUNDING, ""): gettext_lazy("The money is on its way back"),
}
# What happens to a request to undo a purchase if nobody acts.
IF_SILENT = {
    unsubscription_states.PENDING_REVIEW: gettext_lazy("If the seller does not answer by then, the operator decides."),
    unsubscription_states.WAIT_OPERATOR: gettext_lazy("It waits until the operator has decided."),
    unsubscription_states.WAIT_RETURN: gettext_lazy(
        "If no return shipment is entered by then, the request counts as withdrawn."
    ),
    unsubscription_states.WAIT_RETURN_CHECK: gettext_lazy(
        "If the seller does not answer by then, the goods count as accepted and the money is given back."
    ),
    unsubscription_states.REFUNDING: gettext_lazy("It goes back the way it came, within three hours."),
}


def who(state: str, side: str) -> str:
    """Whose turn it is in a state, as one side reads it."""
    return str(WHO.get((state, side)) or WHO[state, ""])


def turn_of(flow: Flow, *, side: str, now: datetime) -> dict[str, Any] | None:
    """Whose turn it is as one side reads it (components/turn.html); None when nothing is expected any more."""
    deadline = deadline_of(flow)
    if deadline is None:
        return None
    if flow.held_by:
        return held_turn(flow, side=side, now=now)
    overdue = deadline.outcome == "overdue" and deadline.at is not None and deadline.at < now
    text = _("The delivery is overdue; the customer may remind the seller.") if overdue else deadline.sentence
    first = flow.state == states.WAIT_ACCEPTANCE and flow.accepted_first_by is not None
    return {"who": _("One more person has to accept") if first else who(flow.state, side), "since": flow.state_since,
            "deadline": deadline.at, "text": text, "overdue": overdue, "outcome": deadline.outcome,
            "mine": deadline.turn == side and flow.state != states.COMPLETED}  # fmt: skip


def held_turn(flow: Flow, *, side: str, now: datetime) -> dict[str, Any]:
    """Whose turn it is while an appeal or an unsubscription holds the flow."""
    held = {"overdue": False, "outcome": "held"}
    if flow.held_by == states.APPEAL:
        appeal = flow.appeals.filter(state=states.OPEN).first()
        due = appeal.due_at if appeal else None
        late = _("The operator's time is over; the appeal is marked as overdue.") if due and due < now else ""
        return held | {"who": who(states.APPEAL, side), "since": flow.held_at, "deadline": due,
                       "text": late or flow.hold_label, "mine": side == "operator"}  # fmt: skip
    row = Unsubscription.objects.running().filter(flow=flow).first()
    if row is None:
        return held | {"who": flow.hold_label, "since": flow.held_at, "deadline": None, "text": "", "mine": False}
    return held | (unsubscription_turn(row, side=side) or {})


def unsubscription_turn(row: Unsubscription, *, side: str) -> dict[str, Any] | None:
    """Whose turn it is in a request to undo a purchase (components/turn.html); None when it is closed."""
    if row.held_by:
        return {"who": who(states.APPEAL, side), "since": row.held_at, "deadline": None, "mine": side == "operator",
                "text": _("The request stands still until the appeal is decided.")}  # fmt: skip
    if row.state not in IF_SILENT:
        return None
    return {"who": who(row.state, side), "since": row.state_since, "deadline": row.due_at,
            "text": str(IF_SILENT[row.state]), "mine": row.turn == side}  # fmt: skip


def file_row(file: StoredFile, kind: str, address: Callable[[str], str]) -> dict[str, Any]:
    """A file as components/files.html shows it; `address` gives its URL by its key."""
    return {"name": file.name, "size": file.size, "sha256": file.sha256, "kind": kind, "url": address(file.pk)}


def deliveries_of(flow: Flow, address: Callable[[str], str]) -> list[dict[str, Any]]:
    """Every version that was delivered, newest first: files, criteria, shipment (components/deliveries.html)."""
    rows = list(flow.deliveries.select_related("shipment__carrier").prefetch_related("deliverables__file"))
    found = []
    cited: dict[str, str] = {}
    for row in sorted(rows, key=lambda delivery: delivery.version):
        parts = [(part, file_row(part.file, part.get_kind_display(), address)) for part in row.deliverables.all()]
        found.append(
            {
                "delivery": row,
                "files": [file for _part, file in parts],
                "criteria": [
                    {
                        **item,
                        "answer": row.answers.get(str(item["number"]), ""),
                        "files": [file for part, file in parts if item["number"] in part.proves],
                        "before": cited.get(str(item["number"]), ""),
                        "cited": row.cited.get(str(item["number"]), ""),
                    }
                    for item in flow.line.terms.criteria
                ],
                "cited_before": bool(cited),
                "shipment": shipment_of(row),
            }
        )
        cited = row.cited
    return found[::-1]


def shipment_of(delivery: Delivery) -> dict[str, Any] | None:
    """How a delivery travels: the shipment, and where it can be followed; None when nothing was shipped."""
    shipment = getattr(delivery, "shipment", None)
    if shipment is None:
        return None
    return {"shipment": shipment, "carrier": shipment.carrier.name,
            "url": tracking_url(shipment.carrier.tracking_url, shipment.number)}  # fmt: skip


def tracking_url(pattern: str, number: str) -> str:
    """Where a parcel can be followed; "" if its carrier has no such page."""
    return pattern.replace("{number}", quote(number, safe="")) if pattern else ""


def requests_of(flow: Flow, address: Callable[[str], str]) -> list[dict[str, Any]]:
    """Every version of the request, newest first, with its files (components/requests.html)."""
    rows = flow.requests.prefetch_related("files__file").order_by("-version") if flow.requests_count else ()
    return [
        {"request": row, "files": [file_row(part.file, "", address) for part in row.files.all()]}
        for row in rows
    ]  # fmt: skip


def appeals_of(flow: Flow, address: Callable[[str], str]) -> list[dict[str, Any]]:
    """Every appeal of the flow, newest first, with its proofs (components/appeals.html)."""
    return [appeal_row(row, address) for row in flow.appeals.prefetch_related("files__file").order_by("-filed_at")]


def appeal_row(appeal: Appeal, address: Callable[[str], str]) -> dict[str, Any]:
    """An appeal with its files, and the decision in words."""
    return {
        "appeal": appeal,
        "files": [file_row(part.file, part.get_kind_display(), address) for part in appeal.files.all()],
        "decision": states.DECISIONS.get(appeal.decision, ""),
    }


def unsubscriptions_of(flow: Flow, address: Callable[[str], str]) -> list[dict[str, Any]]:
    """Every request to undo the purchase, newest first, with its files (components/unsubscriptions.html)."""
    rows = flow.unsubscriptions.select_related("return_carrier", "refund_order").prefetch_related("files__file")
    return [unsubscription_row(row, address) for row in rows.order_by("-requested_at", "-id")]


def unsubscription_row(row: Unsubscription, address: Callable[[str], str]) -> dict[str, Any]:
    """A request to undo a purchase, with its files and the return shipment."""
    carrier = row.return_carrier
    return {
        "row": row,
        "files": [file_row(part.file, "", address) for part in row.files.all()],
        "tracking": tracking_url(carrier.tracking_url, row.return_number) if carrier else "",
    }


def template_of(flow: Flow, kind: str, address: Callable[[str], str]) -> dict[str, Any] | None:
    """The seller's template of a "request" or a "delivery", as the product offers it; None if it has none."""
    product = Product.objects.select_related(f"{kind}_template").get(pk=flow.line.product_id)
    file = getattr(product, f"{kind}_template")
    return file_row(file, "", address) if file else None


# Where a file can belong to a flow; the templates belong to its product.
BELONGS = (
    "deliverable__delivery__flow", "requestfile__request__flow", "appealfile__appeal__flow",
    "unsubscriptionfile__unsubscription__flow",
)  # fmt: skip


def file_of(flow: Flow, key: str) -> StoredFile:
    """A file of the flow: delivered, requested with, appealed with, agreed with, or a template of its product.

    NotFound for any other, whoever asks.
    """
    mine = Q(*((place, flow.pk) for place in BELONGS), _connector=Q.OR)
    product = Product.objects.filter(pk=flow.line.product_id).values_list("request_template", "delivery_template")
    mine |= Q(key__in=[name for name in product.get() if name])
    file = StoredFile.objects.filter(mine, key=key).first()
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
        "to": labels.get(said["to"], said["to"]) if said["to"] != said["from"] else "",
        "note": said["note"] or said["data"].get("service_result") or said["data"].get("text", ""),
        "line": said["data"].get("line", ""),
        "files": [],
    }


def log_of(order: Order, facts: Iterable[Fact], *, line: str = "") -> list[dict[str, Any]]:
    """The log of an order; of one of its lines when `line` names it: the order's own facts and that line's."""
    events = events_of(facts)
    others = [other.number for other in order.lines.all() if other.number != line] if line else []
    if not others:
        return events
    strangers = {*others}
    for kind in (Appeal, Unsubscription):
        strangers |= set(kind.objects.filter(flow__number__in=others).values_list("public_id", flat=True))
    return [
        row for row in events
        if row["subject"] not in strangers and row["line"] not in strangers
        and not any(other in row["subject"] for other in others)
    ]  # fmt: skip


def dossier_of(flow: Flow, *, by: Actor, at: datetime) -> FileResponse:
    """The evidence as a download: every fact of the order and every file of this line, to be checked without us."""
    found = build_dossier(flow, by=by, at=at)
    response = FileResponse(found.file, as_attachment=True, filename=found.name, content_type="application/zip")
    response["Cache-Control"] = "private, no-store"
    return response
