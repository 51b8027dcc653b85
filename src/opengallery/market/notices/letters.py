"""Which fact tells whom, in which words: one table; and which facts tell nobody, and why (spec 2.9)."""

from dataclasses import dataclass
from typing import Any

from opengallery.kit.actor import Party
from opengallery.market.notices.kinds import (
    ACCOUNT,
    APPEALS,
    BILLS,
    DELIVERIES,
    MONEY,
    ORDERS,
    RELEASED,
    REMINDERS,
    SUPPORT,
    UNSUBSCRIPTIONS,
    Kind,
)

BUYER, SELLER, OPERATOR = Party.BUYER, Party.SELLER, Party.OPERATOR


@dataclass(frozen=True, slots=True)
class Letter:
    """Who hears of a fact: the members of one side whose role has the right.

    `subject` and `text` may use {subject}, {order}, {by} (the organisation), {name} (the person), {note}, {deadline}
    (by when, and what happens then), {outcome} (of an appeal), and what the fact's data holds. `only_if`: a word and
    the value that it must have, or one of several, such as ("clock", True) or the state that the fact led `to`.
    """

    to: Party
    right: str
    kind: Kind
    subject: str
    text: str
    only_if: tuple[str, Any] | None = None


LETTERS: dict[str, tuple[Letter, ...]] = {
    # ---- Orders
    "place_order": (
        Letter(BUYER, "orders:approve", ORDERS, "To approve: {subject}",
               "{name} has placed an order that a second person approves or declines. {deadline}",
               only_if=("to", "pending_approval")),
    ),
    "approve_order": (
        Letter(BUYER, "orders:pay", ORDERS, "Approved: {subject}",
               "{name} has approved the order. Pay it now. {deadline}"),
    ),
    "decline_order": (
        Letter(BUYER, "orders:view", ORDERS, "Declined: {subject}", "{name} has declined the order: {note}"),
    ),
    "complete_order": (
        Letter(SELLER, "sales:view", ORDERS, "Completed: {subject}", "The order is completed and can be billed."),
        Letter(BUYER, "orders:view", ORDERS, "Completed: {subject}", "The order is completed."),
    ),
    "cancel_order": (
        Letter(BUYER, "orders:view", ORDERS, "Canceled: {subject}", "The order was canceled. {note}"),
    ),
    "change_address": (
        Letter(SELLER, "sales:deliver", DELIVERIES, "Address changed: {subject}",
               "{by} has changed the delivery address. Ship the goods to the new one."),
    ),
    "fail_provisioning": (
        Letter(SELLER, "sales:view", REMINDERS, "Your interface failed: {order}",
               "The platform could not provision a purchase and tries again each hour, three times more: {note}"),
    ),
    "stop_provisioning": (
        Letter(SELLER, "sales:view", REMINDERS, "Your interface still fails: {order}",
               "The platform calls it no more: {note}. Mend it, then press Restart under Service Interface Messages."),
        Letter(BUYER, "orders:view", ORDERS, "Not ready yet: {order}",
               "The seller's system does not answer. The seller is told; you can write to the seller as well."),
    ),
    "complete_provisioning": (
        Letter(BUYER, "orders:view", ORDERS, "Ready to use: {order}",
               "The application information is shown with your purchase."),
    ),
    # ---- Resources
    "expire_resource": (
        Letter(BUYER, "orders:view", ORDERS, "Expired: {subject}",
               "The validity is over. It stays usable during the grace period: renew it to keep it."),
    ),
    "freeze_resource": (
        Letter(BUYER, "orders:view", ORDERS, "Frozen: {subject}", "The grace period is over. Renew it to use it."),
    ),
    "release_resource": (
        Letter(BUYER, "orders:view", RELEASED, "Released: {subject}", "It has been released and cannot be renewed."),
    ),
    # ---- The service flow
    "start_flow": (
        Letter(SELLER, "sales:deliver", DELIVERIES, "New order to deliver: {subject}",
               "A customer has paid. Deliver the service, then enter the service result. {deadline}",
               only_if=("to", "wait_delivery")),
        Letter(BUYER, "orders:view", DELIVERIES, "Order paid: {subject}",
               "The seller is asked to provide it. {deadline}", only_if=("to", "wait_delivery")),
        Letter(SELLER, "sales:view", DELIVERIES, "New order: {subject}",
               "A customer has paid and is asked for a request. You are told when it is there.",
               only_if=("to", "wait_request")),
        Letter(BUYER, "orders:view", DELIVERIES, "Order paid: {subject}",
               "Submit your request now: the seller begins with it. {deadline}", only_if=("to", "wait_request")),
        Letter(SELLER, "sales:view", DELIVERIES, "New order: {subject}",
               "A customer has paid and can deploy the package.", only_if=("to", "wait_acceptance")),
        Letter(BUYER, "orders:view", DELIVERIES, "Order paid: {subject}",
               "Download the package and deploy it, then accept or reject it. {deadline}",
               only_if=("to", "wait_acceptance")),
    ),
    "submit_request": (
        Letter(SELLER, "sales:deliver", DELIVERIES, "Request submitted: {subject}",
               "{by} has submitted a request. Accept or reject it. {deadline}", only_if=("to", "wait_request_confirm")),
        Letter(SELLER, "sales:deliver", DELIVERIES, "Request submitted: {subject}",
               "{by} has submitted what you need. Deliver the service. {deadline}", only_if=("to", "wait_delivery")),
    ),
    "accept_request": (
        Letter(BUYER, "orders:view", DELIVERIES, "Request accepted: {subject}",
               "{by} has accepted your request and provides the service now. {deadline}"),
    ),
    "reject_request": (
        Letter(BUYER, "orders:view", DELIVERIES, "Request rejected: {subject}",
               "{by} has rejected your request: {note}. Correct it and submit it again. {deadline}"),
    ),
    "withdraw_request": (
        Letter(SELLER, "sales:deliver", DELIVERIES, "Request withdrawn: {subject}",
               "{by} has withdrawn the request and submits another one. There is nothing for you to do now."),
    ),
    "deliver_service": (
        Letter(BUYER, "orders:accept", DELIVERIES, "Delivered: {subject}",
               "The seller has delivered. Check the deliverables, then accept or reject them. {deadline}",
               only_if=("to", "wait_acceptance")),
        Letter(BUYER, "orders:accept", DELIVERIES, "Authorization code ready: {subject}",
               "The seller has delivered. Collect the authorization code; then it can be activated. {deadline}",
               only_if=("to", "wait_code_pickup")),
        Letter(BUYER, "orders:view", DELIVERIES, "Delivery under review: {subject}",
               "The seller has delivered. The platform reviews it before you accept it.",
               only_if=("to", "wait_platform_review")),
        Letter(OPERATOR, "operations:decide", REMINDERS, "Delivery to review: {subject}",
               "A seller has delivered. Approve the delivery or send it back. {deadline}",
               only_if=("to", "wait_platform_review")),
    ),
    "approve_delivery": (
        Letter(BUYER, "orders:accept", DELIVERIES, "Delivered: {subject}",
               "The platform has reviewed the delivery. Check it, then accept or reject it. {deadline}"),
        Letter(SELLER, "sales:view", DELIVERIES, "Review passed: {subject}",
               "The platform has approved your delivery. The customer accepts or rejects it now."),
    ),
    "send_back_delivery": (
        Letter(SELLER, "sales:deliver", DELIVERIES, "Sent back: {subject}",
               "The platform has sent your delivery back: {note}. Deliver again. {deadline}"),
    ),
    "ship_goods": (
        Letter(BUYER, "orders:accept", DELIVERIES, "Shipped: {subject}",
               "The seller has shipped the goods. When they are there, accept or reject them. {deadline}"),
    ),
    "note_sign_off": (
        Letter(BUYER, "orders:accept", DELIVERIES, "Signed for: {subject}",
               "The goods are signed for. Accept or reject them. {deadline}"),
        Letter(SELLER, "sales:view", DELIVERIES, "Signed for: {subject}",
               "The goods are signed for. The customer accepts or rejects them now."),
    ),
    "collect_code": (
        Letter(SELLER, "sales:deliver", DELIVERIES, "Code collected: {subject}",
               "{by} has collected the authorization code. Your software can activate it now. {deadline}"),
    ),
    "activate_code": (
        Letter(SELLER, "sales:deliver", DELIVERIES, "Code activated: {subject}",
               "The authorization code is activated. Upload the proof to complete it. {deadline}"),
        Letter(BUYER, "orders:view", DELIVERIES, "Code activated: {subject}",
               "Your authorization code is activated. The seller uploads the proof now."),
    ),
    "prove_activation": (
        Letter(BUYER, "orders:view", DELIVERIES, "Accepted by the system: {subject}",
               "The seller has proved the activation. You need not do anything. {deadline}"),
    ),
    "accept_delivery": (
        Letter(SELLER, "sales:view", DELIVERIES, "Accepted: {subject}", "{by} has accepted your delivery."),
        Letter(BUYER, "orders:accept", DELIVERIES, "Accepted automatically: {subject}",
               "The time to accept or reject is over, and the delivery counts as accepted. {deadline}",
               only_if=("clock", True)),
    ),
    "reject_delivery": (
        Letter(SELLER, "sales:deliver", DELIVERIES, "Rejected: {subject}",
               "{by} has rejected your delivery: {note}. Deliver again. {deadline}"),
    ),
    "retract_acceptance": (
        Letter(SELLER, "sales:view", DELIVERIES, "Acceptance retracted: {subject}",
               "{by} has taken the acceptance back: {note}"),
    ),
    "accept_first": (
        Letter(BUYER, "orders:accept", DELIVERIES, "A second person accepts: {subject}",
               "{name} has accepted the delivery. Above your organisation's amount a second person accepts it too. "
               "{deadline}"),
    ),
    "remind_seller": (
        Letter(SELLER, "sales:deliver", REMINDERS, "Reminder: {subject}", "{by} asks you to go on. {deadline}"),
    ),
    "note_overdue": (
        Letter(SELLER, "sales:deliver", REMINDERS, "Overdue: {subject}",
               "The time that you promised is over. Go on, or tell the customer when you will."),
        Letter(BUYER, "orders:view", REMINDERS, "Overdue: {subject}",
               "The time that the seller promised is over. You may remind the seller or file an appeal."),
    ),
    "warn_buyer": (
        Letter(BUYER, "orders:accept", REMINDERS, "Accept or reject: {subject}",
               "The delivery will be accepted automatically in {days_left} day(s). Accept or reject it before. "
               "{deadline}"),
    ),
    "close_flow": (
        Letter(SELLER, "sales:view", REMINDERS, "Closed by the platform: {subject}",
               "The supervision lasted longer than the platform allows and was closed. {note}"),
        Letter(BUYER, "orders:view", REMINDERS, "Closed by the platform: {subject}",
               "The supervision lasted longer than the platform allows and was closed. {note}"),
    ),
    "end_flow": (
        Letter(SELLER, "sales:view", UNSUBSCRIPTIONS, "Unsubscribed: {subject}",
               "The purchase was undone. There is nothing left to deliver. {note}"),
        Letter(BUYER, "orders:view", UNSUBSCRIPTIONS, "Unsubscribed: {subject}",
               "The purchase was undone and can no longer be used. {note}"),
    ),
    # ---- Appeals and the operator
    "file_appeal": (
        Letter(SELLER, "sales:view", APPEALS, "Appeal: {order}",
               "{by} has filed an appeal. Nobody can act until the operator has decided it. {deadline}",
               only_if=("filed_by", "buyer")),
        Letter(BUYER, "orders:view", APPEALS, "Appeal: {order}",
               "{by} has filed an appeal. Nobody can act until the operator has decided it. {deadline}",
               only_if=("filed_by", "seller")),
        Letter(OPERATOR, "operations:decide", APPEALS, "Appeal to decide: {order}",
               "{by} has filed an appeal. Ask both sides, then decide. {deadline}"),
    ),
    "decide_appeal": (
        Letter(SELLER, "sales:view", APPEALS, "Appeal decided: {order}", "{outcome}. {note}"),
        Letter(BUYER, "orders:view", APPEALS, "Appeal decided: {order}", "{outcome}. {note}"),
    ),
    "return_to_seller": (
        Letter(SELLER, "sales:deliver", APPEALS, "Deliver again: {subject}",
               "The operator has returned it to you: {note}. {deadline}"),
        Letter(BUYER, "orders:view", APPEALS, "Returned to the seller: {subject}",
               "The operator has asked the seller to deliver again: {note}"),
    ),
    "accept_for_buyer": (
        Letter(BUYER, "orders:view", APPEALS, "Accepted by the operator: {subject}",
               "The operator has accepted the delivery in your place: {note}"),
        Letter(SELLER, "sales:view", APPEALS, "Accepted by the operator: {subject}",
               "The operator has accepted your delivery in the customer's place: {note}"),
    ),
    # ---- Unsubscription
    "request_unsubscription": (
        Letter(SELLER, "sales:deliver", UNSUBSCRIPTIONS, "Unsubscription requested: {order}",
               "{by} asks for {amount} {currency} back. Agree or reject. {deadline}"),
    ),
    "remind_review": (
        Letter(SELLER, "sales:deliver", REMINDERS, "Review the unsubscription: {order}",
               "The customer still waits for your answer. Agree or reject. {deadline}"),
    ),
    "pass_to_operator": (
        Letter(OPERATOR, "operations:decide", UNSUBSCRIPTIONS, "Unsubscription to decide: {order}",
               "The seller has not answered in time. Agree or reject in the seller's place."),
        Letter(SELLER, "sales:view", UNSUBSCRIPTIONS, "Passed to the operator: {order}",
               "You have not reviewed the unsubscription in time. The operator decides it now."),
        Letter(BUYER, "orders:view", UNSUBSCRIPTIONS, "Passed to the operator: {order}",
               "The seller has not answered in time. The operator decides now."),
    ),
    "agree_unsubscription": (
        Letter(BUYER, "orders:view", UNSUBSCRIPTIONS, "Unsubscription agreed: {order}",
               "{by} has agreed. The money goes back to where it came from. {deadline}"),
    ),
    "agree_with_return": (
        Letter(BUYER, "orders:view", UNSUBSCRIPTIONS, "Return the goods: {order}",
               "{by} has agreed. Ship the goods back and enter the shipment. {deadline}"),
    ),
    "reject_unsubscription": (
        Letter(BUYER, "orders:view", UNSUBSCRIPTIONS, "Unsubscription rejected: {order}",
               "{by} has rejected it: {note}. You may request again or file an appeal."),
    ),
    "withdraw_unsubscription": (
        Letter(SELLER, "sales:view", UNSUBSCRIPTIONS, "Unsubscription withdrawn: {order}",
               "{by} has withdrawn the request. The delivery goes on where it was."),
    ),
    "end_unsubscription": (
        Letter(BUYER, "orders:view", UNSUBSCRIPTIONS, "Unsubscription closed: {order}",
               "The operator's decision has closed the request. {note}"),
        Letter(SELLER, "sales:view", UNSUBSCRIPTIONS, "Unsubscription closed: {order}",
               "The operator's decision has closed the request. {note}"),
    ),
    "send_return": (
        Letter(SELLER, "sales:deliver", UNSUBSCRIPTIONS, "Goods on their way back: {order}",
               "{by} has shipped the goods back. Check them, then accept or refuse them. {deadline}"),
    ),
    "lapse_unsubscription": (
        Letter(BUYER, "orders:view", UNSUBSCRIPTIONS, "Unsubscription lapsed: {order}",
               "The return shipment was not entered in time, so the request counts as withdrawn."),
        Letter(SELLER, "sales:view", UNSUBSCRIPTIONS, "Unsubscription lapsed: {order}",
               "The customer has not shipped the goods back in time. The delivery goes on where it was."),
    ),
    "accept_return": (
        Letter(BUYER, "orders:view", UNSUBSCRIPTIONS, "Return accepted: {order}",
               "The returned goods are accepted. The money goes back to where it came from. {deadline}"),
        Letter(SELLER, "sales:view", UNSUBSCRIPTIONS, "Return accepted automatically: {order}",
               "The time to check the returned goods is over, so they count as accepted.", only_if=("clock", True)),
    ),
    "refuse_return": (
        Letter(BUYER, "orders:view", UNSUBSCRIPTIONS, "Return refused: {order}",
               "{by} has refused the goods: {note}. Ship them again or file an appeal. {deadline}"),
    ),
    "refund_line": (
        Letter(BUYER, "orders:view", MONEY, "Refunded: {line}",
               "{refunded} {currency} went back to where the money came from."),
        Letter(SELLER, "money:view", MONEY, "Refunded: {line}",
               "{refunded} {currency} went back to the customer; {kept} {currency} of the price stay and can be "
               "billed."),
    ),
    # ---- Bills
    "draw_bill": (
        Letter(SELLER, "money:view", BILLS, "New bill: {subject}", "A bill has been drawn for you."),
    ),
    # ---- The organisation's own rules
    "appoint_stand_in": (
        Letter(BUYER, "orders:view", ACCOUNT, "Stand-in for {member}: {stand_in}",
               "{name} has appointed {stand_in} to act for {member} for a time: {note}"),
    ),
    "dismiss_stand_in": (
        Letter(BUYER, "orders:view", ACCOUNT, "A stand-in was dismissed",
               "{name} has ended the time of a stand-in. Who stands in for whom is shown under Purchasing."),
    ),
    "change_purchasing_rules": (
        Letter(BUYER, "orders:buy", ACCOUNT, "Purchasing rules changed",
               "{name} has changed what your organisation's orders need. Look at Purchasing before you order."),
    ),
    # ---- Tickets and ratings
    "open_ticket": (
        Letter(SELLER, "sales:deliver", SUPPORT, "New ticket: {title}",
               "{by} asks for help with {order}. Accept the ticket and answer it.", only_if=("to", "open")),
        Letter(OPERATOR, "operations:support", SUPPORT, "New ticket: {title}",
               "{by} asks the platform for help with {order}. Answer the ticket.", only_if=("to", "escalated")),
    ),
    "accept_ticket": (
        Letter(BUYER, "orders:view", SUPPORT, "Ticket accepted: {order}", "{by} works on your ticket now."),
    ),
    "answer_ticket": (
        Letter(BUYER, "orders:view", SUPPORT, "Ticket answered: {order}",
               "{by} has answered. Reply, or say that it is resolved.", only_if=("to", "wait_buyer")),
        Letter(OPERATOR, "operations:support", SUPPORT, "The seller's side: {order}",
               "{by} has given its side of a ticket. Decide, answer or return it.", only_if=("to", "escalated")),
    ),
    "reply_ticket": (
        Letter(SELLER, "sales:deliver", SUPPORT, "Ticket replied to: {order}",
               "{by} has replied. Answer the ticket.", only_if=("to", ("open", "answering"))),
        Letter(OPERATOR, "operations:support", SUPPORT, "Ticket replied to: {order}",
               "{by} has replied. Answer the ticket.", only_if=("to", "escalated")),
    ),
    "escalate_ticket": (
        Letter(OPERATOR, "operations:support", SUPPORT, "Ticket to step in: {order}",
               "A ticket came to you. Read what both sides wrote, then decide, answer or return it."),
        Letter(SELLER, "sales:deliver", SUPPORT, "Ticket passed to the platform: {order}",
               "The platform handles the ticket now. You may still give your side of it."),
        Letter(BUYER, "orders:view", SUPPORT, "Ticket passed to the platform: {order}",
               "The seller has not answered in time. The platform handles your ticket now.", only_if=("clock", True)),
    ),
    "return_ticket": (
        Letter(SELLER, "sales:deliver", SUPPORT, "Ticket returned to you: {order}",
               "The platform has returned the ticket. Answer it. {note}"),
        Letter(BUYER, "orders:view", SUPPORT, "Ticket returned to the seller: {order}",
               "The platform has returned your ticket to the seller, who answers it now. {note}"),
    ),
    "decide_ticket": (
        Letter(BUYER, "orders:view", SUPPORT, "Ticket decided: {order}", "The platform has decided: {note}"),
        Letter(SELLER, "sales:view", SUPPORT, "Ticket decided: {order}", "The platform has decided: {note}"),
    ),
    "resolve_ticket": (
        Letter(SELLER, "sales:view", SUPPORT, "Ticket resolved: {order}", "{by} says that it is resolved."),
    ),
    "reopen_ticket": (
        Letter(SELLER, "sales:deliver", SUPPORT, "Ticket open again: {order}",
               "{by} says that it is not resolved. Answer the ticket.", only_if=("to", "answering")),
        Letter(OPERATOR, "operations:support", SUPPORT, "Ticket open again: {order}",
               "{by} says that it is not resolved. Answer the ticket.", only_if=("to", "escalated")),
    ),
    "close_ticket": (
        Letter(BUYER, "orders:view", SUPPORT, "Ticket closed: {order}", "The ticket is closed. {note}"),
        Letter(SELLER, "sales:view", SUPPORT, "Ticket closed: {order}", "The ticket is closed. {note}"),
    ),
    "rate_order": (
        Letter(OPERATOR, "operations:support", SUPPORT, "Rating to review: {order}",
               "A customer has rated an order. Publish or refuse it."),
    ),
    "change_rating": (
        Letter(OPERATOR, "operations:support", SUPPORT, "Rating to review: {order}",
               "A customer has changed a rating. Publish or refuse it."),
    ),
    "publish_rating": (
        Letter(BUYER, "orders:view", SUPPORT, "Rating published: {order}", "Your rating is published."),
        Letter(SELLER, "sales:view", SUPPORT, "New rating: {order}", "A customer's rating is published. Reply to it."),
    ),
    "reply_rating": (
        Letter(BUYER, "orders:view", SUPPORT, "Reply to your rating: {order}", "{by} has replied: {note}"),
    ),
    "refuse_rating": (
        Letter(BUYER, "orders:view", SUPPORT, "Rating refused: {order}",
               "The operator does not publish your rating. Read why on the order's page, and change it if you like."),
    ),
}  # fmt: skip

# Facts that tell nobody, and why.
SILENT = {
    "pay_order": "What the payment starts tells both sides: start_flow, or complete_order.",
    "close_line": "The order's completion tells both sides.",
    "start_resource": "It follows at once from an acceptance or a payment, which is told.",
    "withdraw_start": "It follows at once from retract_acceptance, which is told.",
    "renew_resource": "The renewal order's completion tells the customer.",
    "end_resource": "It follows at once from a refund, which is told.",
    "refund_unsubscription": "refund_line of the same instant tells both sides, with the amounts.",
    "open_cost_centre": "Done by the organisation's own people; nobody waits for it.",
    "change_cost_centre": "Done by the organisation's own people; nobody waits for it.",
    "close_cost_centre": "Done by the organisation's own people; nobody waits for it.",
    "reopen_cost_centre": "Done by the organisation's own people; nobody waits for it.",
    "start_provisioning": "The platform calls by itself; a failure and the end of it are told.",
    "repeat_failure": "The first failure was told, and the last one is.",
    "restart_provisioning": "Done by the seller's own people; the end of it is told.",
    "end_provisioning": "It follows at once from a refund, which is told.",
    "withdraw_rating": "Done by the customer's own people; nobody waits for it.",
    "settle_zero": "draw_bill has told of the bill; nobody has to act.",
    "draft_product": "Done by the seller's own people; nobody waits for it.",
    "connect_product": "Done by the seller's own people; nobody waits for it.",
    "list_product": "Done by the seller's own people; nobody waits for it.",
    "hide_product": "Done by the seller's own people; nobody waits for it.",
    "remove_product": "Done by the seller's own people; nobody waits for it.",
}
