"""What happened: the name of each fact in the feed, and the operation log of one subject."""

import json
from collections.abc import Mapping
from typing import Any

from typing_extensions import TypedDict

from opengallery.doors.api.v1.shapes.common import Instant, WhoShape, who
from opengallery.kit.bulk import run_sql

# verb → event: the noun it happened to, and what became of it
EVENTS = {
    "draft_product": "product.drafted",
    "list_product": "product.listed",
    "hide_product": "product.hidden",
    "remove_product": "product.removed",
    "place_order": "order.placed",
    "approve_order": "order.approved",
    "decline_order": "order.declined",
    "pay_order": "order.paid",
    "cancel_order": "order.canceled",
    "complete_order": "order.completed",
    "start_flow": "flow.started",
    "deliver_service": "flow.delivered",
    "accept_delivery": "flow.accepted",
    "reject_delivery": "flow.rejected",
    "retract_acceptance": "flow.retracted",
    "remind_seller": "flow.reminded",
    "submit_request": "flow.requested",
    "withdraw_request": "flow.request_withdrawn",
    "accept_request": "flow.request_accepted",
    "reject_request": "flow.request_rejected",
    "ship_goods": "flow.shipped",
    "note_sign_off": "flow.signed_for",
    "collect_code": "flow.code_collected",
    "activate_code": "flow.code_activated",
    "prove_activation": "flow.activation_proven",
    "approve_delivery": "flow.approved",
    "send_back_delivery": "flow.sent_back",
    "accept_first": "flow.accepted_first",
    "note_overdue": "flow.overdue",
    "warn_buyer": "flow.acceptance_announced",
    "return_to_seller": "flow.returned",
    "accept_for_buyer": "flow.accepted_by_operator",
    "end_flow": "flow.terminated",
    "close_flow": "flow.closed",
    "file_appeal": "appeal.filed",
    "decide_appeal": "appeal.decided",
    "request_unsubscription": "unsubscription.requested",
    "withdraw_unsubscription": "unsubscription.withdrawn",
    "agree_unsubscription": "unsubscription.agreed",
    "agree_with_return": "unsubscription.return_agreed",
    "reject_unsubscription": "unsubscription.rejected",
    "remind_review": "unsubscription.reminded",
    "pass_to_operator": "unsubscription.passed_on",
    "send_return": "unsubscription.return_sent",
    "accept_return": "unsubscription.return_accepted",
    "refuse_return": "unsubscription.return_refused",
    "lapse_unsubscription": "unsubscription.lapsed",
    "refund_unsubscription": "unsubscription.refunded",
    "end_unsubscription": "unsubscription.ended",
    "change_address": "order.address_changed",
    "close_line": "order.line_completed",
    "refund_line": "order.line_refunded",
    "end_resource": "resource.ended",
    "start_resource": "resource.started",
    "withdraw_start": "resource.withdrawn",
    "renew_resource": "resource.renewed",
    "expire_resource": "resource.expired",
    "freeze_resource": "resource.frozen",
    "release_resource": "resource.released",
    "change_purchasing_rules": "purchasing.changed",
    "open_cost_centre": "cost_centre.opened",
    "change_cost_centre": "cost_centre.changed",
    "close_cost_centre": "cost_centre.closed",
    "reopen_cost_centre": "cost_centre.reopened",
    "appoint_stand_in": "stand_in.appointed",
    "dismiss_stand_in": "stand_in.dismissed",
    "start_provisioning": "provisioning.started",
    "fail_provisioning": "provisioning.failed",
    "repeat_failure": "provisioning.failed_again",
    "stop_provisioning": "provisioning.stopped",
    "restart_provisioning": "provisioning.restarted",
    "complete_provisioning": "provisioning.completed",
    "end_provisioning": "provisioning.ended",
    "connect_product": "product.connected",
    "open_ticket": "ticket.opened",
    "accept_ticket": "ticket.accepted",
    "answer_ticket": "ticket.answered",
    "reply_ticket": "ticket.replied",
    "escalate_ticket": "ticket.escalated",
    "return_ticket": "ticket.returned",
    "decide_ticket": "ticket.decided",
    "resolve_ticket": "ticket.resolved",
    "reopen_ticket": "ticket.reopened",
    "close_ticket": "ticket.closed",
    "rate_order": "rating.submitted",
    "change_rating": "rating.changed",
    "withdraw_rating": "rating.withdrawn",
    "publish_rating": "rating.published",
    "refuse_rating": "rating.refused",
    "reply_rating": "rating.replied",
    "draw_bill": "bill.drawn",
    "settle_zero": "bill.settled",
}


class EntryShape(TypedDict):
    """An entry of an operation log; it is never changed."""

    sequence: int
    at: Instant
    event: str
    action: str
    subject: str
    by: WhoShape
    from_state: str | None
    to_state: str | None
    note: str


# Every answer about an order or a flow carries its log, so this goes past the ORM: a sixth of the processor's time.
LOG = "SELECT sequence, body FROM journal_fact WHERE stream = %s AND subject = %s ORDER BY sequence"


def event_name(said: Mapping[str, Any]) -> str:
    """The name in the feed of what a fact says, such as "flow.accepted"."""
    return EVENTS.get(said["verb"], f"{said['kind']}.{said['verb']}")


def log_of(stream: str, subject: str) -> list[EntryShape]:
    """The log of one subject, oldest first; who may see the subject may see it."""
    return [entry(sequence, json.loads(body)) for sequence, body in run_sql(LOG, [stream, subject])]


def entry(sequence: int, said: Mapping[str, Any]) -> EntryShape:
    """One fact: time, actor, action, from, to, note (AT-104)."""
    return {
        "sequence": sequence,
        "at": said["at"],
        "event": event_name(said),
        "action": said["verb"],
        "subject": said["subject"],
        "by": who(said["by"]),
        "from_state": said["from"] or None,
        "to_state": said["to"] or None,
        "note": said["note"],
    }
