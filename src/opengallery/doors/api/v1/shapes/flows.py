"""Service flows: where each stands, whose turn it is, what was asked and delivered, and what may be done next."""

import json
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from typing_extensions import TypedDict

from opengallery.doors.api.v1.shapes.common import (
    BASE,
    ActionShape,
    DeadlineShape,
    Instant,
    MoneyShape,
    PartyShape,
    PeriodShape,
    actions,
    money,
    utc,
)
from opengallery.doors.api.v1.shapes.facts import EntryShape, log_of
from opengallery.doors.api.v1.shapes.orders import customer_of, period
from opengallery.doors.api.v1.shapes.resources import ValidityShape, validity
from opengallery.doors.flows import tracking_url
from opengallery.kit.actor import Actor, Party
from opengallery.kit.bulk import run_sql
from opengallery.kit.calendar import local_date
from opengallery.market.billing.models import Transaction
from opengallery.market.orders import states as order_states
from opengallery.market.orders.rules import first_term, start_of
from opengallery.market.purchasing.queries import needs_second_acceptance
from opengallery.market.supervision import states
from opengallery.market.supervision.explanations import deadline_of
from opengallery.market.supervision.models import AuthorizationCode, Flow, Shipment
from opengallery.market.unsubscription.actions import possible

# verb → its call below the flow
CALLS = {
    "submit_request": ("POST", "request", "orders:accept"),
    "withdraw_request": ("DELETE", "request", "orders:accept"),
    "accept_request": ("POST", "request/acceptance", "sales:deliver"),
    "reject_request": ("POST", "request/rejection", "sales:deliver"),
    "deliver_service": ("POST", "delivery", "sales:deliver"),
    "ship_goods": ("POST", "shipment", "sales:deliver"),
    "note_sign_off": ("POST", "shipment/sign-off", "operations:decide"),
    "collect_code": ("POST", "code", "orders:accept"),
    "prove_activation": ("POST", "activation-proof", "sales:deliver"),
    "approve_delivery": ("POST", "review", "operations:decide"),
    "send_back_delivery": ("POST", "review/rejection", "operations:decide"),
    "accept_delivery": ("POST", "acceptance", "orders:accept"),
    "reject_delivery": ("POST", "rejection", "orders:accept"),
    "retract_acceptance": ("DELETE", "acceptance", "orders:accept"),
    "remind_seller": ("POST", "reminder", "orders:accept"),
    "override_flow": ("POST", "override", "operations:decide"),
}
# These name the flow, or its code, in their body.
ELSEWHERE = {
    "activate_code": ("POST", "activations", "sales:deliver"),
    "request_unsubscription": ("POST", "unsubscriptions", "orders:buy"),
}
# Who appeals, with which right.
APPEALS = {Party.BUYER: "orders:accept", Party.SELLER: "sales:deliver"}
# The operator's own moves are all made by one call, which names the decision.
OVERRIDES = {"return_to_seller", "accept_for_buyer", "end_flow"}

# These two are part of every answer about a flow: they go past the ORM, which takes six times as long to write them.
AROUND = """
    SELECT o.state, o.due_at, o.completed_at, r.start_at, r."end", l.grace_until
    FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id LEFT JOIN orders_resource r ON r.id = l.resource_id
    WHERE l.id = %s
"""
DELIVERIES = """
    SELECT d.version, d.service_result, d.enabling_time, d.submitted_at, d.submitted_by, d.outcome, d.outcome_at,
           d.reason, d.answers::text, d.cited::text, s.carrier_id, c.name, c.tracking_url, s.number, s.phone_matches,
           s.signed_at, s.signed_source,
           f.key, f.name, f.size, f.sha256, f.content_type, p.kind, p.proves::text
    FROM supervision_delivery d LEFT JOIN supervision_deliverable p ON p.delivery_id = d.id
         LEFT JOIN kit_storedfile f ON f.key = p.file_id
         LEFT JOIN supervision_shipment s ON s.delivery_id = d.id
         LEFT JOIN supervision_carrier c ON c.code = s.carrier_id
    WHERE d.flow_id = %s ORDER BY d.version, p.id
"""
LINKS = """
    SELECT 'appeals', public_id, state, filed_at AS at FROM supervision_appeal WHERE flow_id = %s
    UNION ALL
    SELECT 'unsubscriptions', public_id, state, requested_at FROM unsubscription_unsubscription WHERE flow_id = %s
    ORDER BY at, public_id
"""


class PlainFileShape(TypedDict):
    """A file; `href` downloads it."""

    key: str
    name: str
    size: int
    sha256: str
    content_type: str
    href: str


class KindFileShape(PlainFileShape):
    """A file, and what it is."""

    kind: str
    kind_label: str


class FileShape(KindFileShape):
    """A deliverable; `proves`: the numbers of the criteria that it proves."""

    proves: list[int]


class ShipmentShape(TypedDict):
    """How goods travel. `phone_matches`: whether the carrier knows the recipient by the order's phone, if it says."""

    carrier: str
    carrier_name: str
    number: str
    tracking_url: str | None
    phone_matches: bool | None
    signed_at: Instant | None
    signed_source: str | None


class CriterionShape(TypedDict):
    """An acceptance criterion that was agreed with the order."""

    number: int
    text: str
    mandatory: bool


class RequestShape(TypedDict):
    """One version of what the buyer asked for, and what became of it: accepted, rejected, withdrawn, or null."""

    version: int
    text: str
    code: str | None
    submitted_at: Instant
    submitted_by: str
    outcome: str | None
    outcome_at: Instant | None
    reason: str | None
    files: list[PlainFileShape]


class CodeShape(TypedDict):
    """The authorization code: for the seller, and for the buyer who has collected it."""

    code: str | None
    issued_at: Instant
    collected_at: Instant | None
    activated_at: Instant | None


class LinkShape(TypedDict):
    """Something about the flow that has a life of its own."""

    id: str
    state: str
    href: str


class HoldShape(TypedDict):
    """What holds the flow (appeal, unsubscription): nobody can act on it meanwhile."""

    by: str
    sentence: str


class DeliveryShape(TypedDict):
    """One version of what the seller delivered, and what the buyer said of it.

    `answers`: what the delivery says to criteria, by number; `cited`: the criteria that the rejection names, with what
    would satisfy.
    """

    version: int
    service_result: str
    enabling_time: Instant | None
    submitted_at: Instant
    submitted_by: str
    outcome: str | None
    outcome_at: Instant | None
    reason: str | None
    answers: dict[str, str]
    cited: dict[str, str]
    shipment: ShipmentShape | None
    files: list[FileShape]


class FlowRowShape(TypedDict):
    """A flow as lists show it; it is named by its order line."""

    line: str
    order: str
    product: str
    product_name: str
    specification_name: str
    quantity: int
    period: PeriodShape
    net: MoneyShape
    customer: PartyShape
    seller: PartyShape
    template: str
    state: str
    label: str
    state_since: Instant
    turn: str | None
    deadline: DeadlineShape | None
    overdue: bool
    hold: HoldShape | None
    next_actions: list[ActionShape]
    requests_count: int
    request_rejections: int
    deliveries_count: int
    rejections: int
    accepted_first: bool
    accepted_at: Instant | None
    accepted_by: str | None
    reminded_at: Instant | None
    validity: ValidityShape | None
    order_state: str
    order_status: str
    placed_at: Instant
    paid_at: Instant | None
    completes_at: Instant | None
    completed_at: Instant | None
    href: str


class FlowShape(FlowRowShape):
    """A flow with its deliveries and operation log; `validity_if_accepted` is what an acceptance now would begin."""

    criteria: list[CriterionShape]
    requests: list[RequestShape]
    deliveries: list[DeliveryShape]
    code: CodeShape | None
    appeals: list[LinkShape]
    unsubscriptions: list[LinkShape]
    log: list[EntryShape]
    validity_if_accepted: ValidityShape | None


def with_line(rows: "QuerySet[Flow]", actor: Actor) -> "QuerySet[Flow]":
    """With the line and its order, and of what is around what the actor is shown or offered, in the same statement."""
    around: dict[str, Any] = {
        "valid_from": F("line__resource__start_at"), "valid_to": F("line__resource__end"),
        "collected_at": F("code__collected_at"), "activated_at": F("code__activated_at"),
    }  # fmt: skip
    if actor.may("orders:buy"):
        around["invoiced"] = Exists(Transaction.objects.filter(key=OuterRef("number"), invoiced_at__isnull=False))
    if actor.is_operator:
        newest = Shipment.objects.filter(
            delivery__flow=OuterRef("pk"), delivery__version=OuterRef("deliveries_count"), signed_at=None
        )
        around["unsigned"] = Exists(newest)
    return rows.select_related("line__order").defer("line__words").annotate(**around)


def freshen(flow: Flow) -> Flow:
    """Read again what a verb may have changed around the flow: its order's state and timer, its resource's term."""
    order: Any = flow.line.order
    row: Any = flow
    [now] = run_sql(AROUND, [flow.line_id])
    order.state, order.due_at, order.completed_at, row.valid_from, row.valid_to, flow.line.grace_until = now
    return flow


def flow_row(flow: Flow, *, actor: Actor, at: datetime) -> FlowRowShape:
    """A flow of with_line()."""
    order, terms = flow.line.order, flow.line.terms
    shown: Any = flow
    due = deadline_of(flow)
    return {
        "line": flow.number,
        "order": order.number,
        "product": terms.product,
        "product_name": terms.product_name,
        "specification_name": terms.specification_name,
        "quantity": terms.quantity,
        "period": period(terms),
        "net": money(flow.line.net),
        "customer": customer_of(order),
        "seller": {"name": order.seller_name, "full_name": None, "username": None},
        "template": flow.template,
        "state": flow.state,
        "label": flow.label,
        "state_since": utc(flow.state_since) or "",
        "turn": flow.turn or None,
        "deadline": {"at": utc(due.at), "outcome": due.outcome, "turn": due.turn, "sentence": due.sentence}
        if due
        else None,
        "overdue": flow.state == states.WAIT_DELIVERY and flow.promised_at is not None and flow.promised_at < at,
        "hold": {"by": flow.held_by, "sentence": flow.hold_label} if flow.held_by else None,
        "next_actions": next_actions(flow, actor=actor, at=at),
        "requests_count": flow.requests_count,
        "request_rejections": flow.request_rejections,
        "deliveries_count": flow.deliveries_count,
        "rejections": flow.delivery_rejections,
        "accepted_first": flow.accepted_first_by is not None,
        "accepted_at": utc(flow.accepted_at),
        "accepted_by": flow.accepted_by or None,
        "reminded_at": utc(flow.reminded_at),
        "validity": validity(shown.valid_from, shown.valid_to),
        "order_state": order.state,
        "order_status": order.label,
        "placed_at": utc(order.placed_at) or "",
        "paid_at": utc(order.paid_at),
        "completes_at": utc(order.due_at) if order.state == order_states.PROCESSING else None,
        "completed_at": utc(order.completed_at),
        "href": f"{BASE}/flows/{flow.number}",
    }


def flow_shape(flow: Flow, *, actor: Actor, at: datetime) -> FlowShape:
    """The whole flow, in three more statements; in one more each if there are requests, or a code."""
    deliveries = deliveries_of(flow)
    links = run_sql(LINKS, [flow.pk, flow.pk])
    return {
        **flow_row(flow, actor=actor, at=at),
        "criteria": [
            {"number": item["number"], "text": item["text"], "mandatory": item["mandatory"]}
            for item in flow.line.terms.criteria
        ],
        "requests": requests_of(flow),
        "deliveries": deliveries,
        "code": code_of(flow, actor),
        "appeals": links_of(links, "appeals"),
        "unsubscriptions": links_of(links, "unsubscriptions"),
        "log": log_of(flow.stream, flow.number),
        "validity_if_accepted": validity_if_accepted(flow, deliveries, at=at),
    }


def next_actions(flow: Flow, *, actor: Actor, at: datetime) -> list[ActionShape]:
    """What the actor may do to the flow at this instant: all of it, and nothing that would be refused."""
    known: Any = flow
    sides = flow.parties_of(actor)
    moves = [step.verb for step in flow.steps_for(actor, at)]
    closed = shut(flow, actor, moves)
    verbs = [verb for verb in moves if verb not in closed]
    if Party.OPERATOR in sides and not OVERRIDES.isdisjoint(moves):
        verbs.append("override_flow")
    if Party.OPERATOR in sides and known.unsigned:
        verbs.append("note_sign_off")
    if Party.BUYER in sides and flow.may_remind(at):
        verbs.append("remind_seller")
    found = actions(verbs, CALLS, f"/flows/{flow.number}", actor.rights)
    if flow.may_appeal(actor, at):
        right = APPEALS[Party.BUYER if Party.BUYER in sides else Party.SELLER]
        found += actions(["file_appeal"], {"file_appeal": ("POST", "appeal", right)}, f"/flows/{flow.number}",
                         actor.rights)  # fmt: skip
    if Party.BUYER in sides and actor.may("orders:buy"):
        collected = known.collected_at is not None
        verbs += ["request_unsubscription"] if possible(flow, at, invoiced=known.invoiced, collected=collected) else []
    return found + actions(verbs, ELSEWHERE, "", actor.rights)


def shut(flow: Flow, actor: Actor, moves: list[str]) -> set[str]:
    """Which of the moves would be refused for another reason than the state."""
    known: Any = flow
    closed: set[str] = set()
    if "prove_activation" in moves:
        closed.add("prove_activation" if known.activated_at is None else "activate_code")
    if "accept_delivery" in moves and flow.accepted_first_by is not None and flow.accepted_first_by == actor.user_id:
        # Somebody else has to accept as well, unless the organisation has changed its mind.
        closed |= {"accept_delivery"} if needs_second_acceptance(flow.buyer_id, flow.line.net) else set()
    return closed


def file_shape(flow: Flow, key: str, name: str, size: int, sha256: str, content_type: str) -> PlainFileShape:
    """A file of the flow."""
    return {"key": key, "name": name, "size": size, "sha256": sha256, "content_type": content_type,
            "href": f"{BASE}/flows/{flow.number}/files/{key}"}  # fmt: skip


def requests_of(flow: Flow) -> list[RequestShape]:
    """The requests, oldest first, each with its files."""
    if not flow.requests_count:
        return []
    return [
        {
            "version": row.version,
            "text": row.text,
            "code": row.code or None,
            "submitted_at": utc(row.submitted_at) or "",
            "submitted_by": row.submitted_by,
            "outcome": row.outcome or None,
            "outcome_at": utc(row.outcome_at),
            "reason": row.reason or None,
            "files": [
                file_shape(flow, part.file_id, part.file.name, part.file.size, part.file.sha256, part.file.content_type)
                for part in row.files.all()
            ],
        }
        for row in flow.requests.prefetch_related("files__file")
    ]


def code_of(flow: Flow, actor: Actor) -> CodeShape | None:
    """The authorization code, once it is issued; what it is, only for who issued it or has collected it."""
    if flow.template != "license_code":
        return None
    row = AuthorizationCode.objects.filter(flow=flow).first()
    if row is None:
        return None
    sides = flow.parties_of(actor)
    shown = Party.SELLER in sides or (Party.BUYER in sides and row.collected_at is not None)
    return {"code": row.code if shown else None, "issued_at": utc(row.issued_at) or "",
            "collected_at": utc(row.collected_at), "activated_at": utc(row.activated_at)}  # fmt: skip


def links_of(rows: list[Any], noun: str) -> list[LinkShape]:
    """The appeals or unsubscriptions among the rows of LINKS, oldest first."""
    return [
        {"id": key, "state": state, "href": f"{BASE}/{noun}/{key}"} for found, key, state, _at in rows if found == noun
    ]


def deliveries_of(flow: Flow) -> list[DeliveryShape]:
    """The deliveries, oldest first, each with its files and shipment."""
    shapes: dict[int, DeliveryShape] = {}
    for version, *row in run_sql(DELIVERIES, [flow.pk]):
        delivery, shipment, file = row[:9], row[9:16], row[16:]
        shape = shapes.setdefault(version, delivery_shape(version, *delivery, shipment=shipment_shape(*shipment)))
        *stored, kind, proves = file
        if kind is not None:
            shape["files"].append(
                {**file_shape(flow, *stored), "kind": kind, "kind_label": states.FILE_KINDS[kind],
                 "proves": json.loads(proves)}
            )  # fmt: skip
    return list(shapes.values())


def shipment_shape(
    carrier: str | None,
    carrier_name: str,
    pattern: str,
    number: str,
    phone_matches: bool | None,
    signed_at: datetime | None,
    signed_source: str,
) -> ShipmentShape | None:
    """A shipment, if the delivery has one."""
    if carrier is None:
        return None
    return {
        "carrier": carrier,
        "carrier_name": carrier_name,
        "number": number,
        "tracking_url": tracking_url(pattern, number) or None,
        "phone_matches": phone_matches,
        "signed_at": utc(signed_at),
        "signed_source": signed_source or None,
    }


def delivery_shape(
    version: int,
    service_result: str,
    enabling_time: datetime | None,
    submitted_at: datetime,
    submitted_by: str,
    outcome: str,
    outcome_at: datetime | None,
    reason: str,
    answers: str,
    cited: str,
    *,
    shipment: ShipmentShape | None,
) -> DeliveryShape:
    """A delivery, its files still to come."""
    return {
        "version": version,
        "service_result": service_result,
        "enabling_time": utc(enabling_time),
        "submitted_at": utc(submitted_at) or "",
        "submitted_by": submitted_by,
        "outcome": outcome or None,
        "outcome_at": utc(outcome_at),
        "reason": reason or None,
        "answers": json.loads(answers),
        "cited": json.loads(cited),
        "shipment": shipment,
        "files": [],
    }


def validity_if_accepted(flow: Flow, deliveries: list[DeliveryShape], *, at: datetime) -> ValidityShape | None:
    """What the buyer is to know before accepting (V8): the validity that an acceptance at this instant begins."""
    if flow.state != states.WAIT_ACCEPTANCE or not deliveries:
        return None
    enabling_time = deliveries[-1]["enabling_time"]
    start = start_of(at, datetime.fromisoformat(enabling_time) if enabling_time else None)
    term = first_term(start, flow.line.terms.unit, flow.line.terms.count)
    return {
        "start": local_date(term.start).isoformat(),
        "end": term.end.isoformat() if term.end else None,
        "start_at": utc(term.start) or "",
        "expires_at": utc(term.expires_at),
    }
