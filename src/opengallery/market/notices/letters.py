"""Which fact tells whom, in which words: one table (spec 2.9)."""

from dataclasses import dataclass

from opengallery.kit.actor import Party


@dataclass(frozen=True, slots=True)
class Letter:
    """Who hears of a fact. `subject` and `text` may use {subject}, {by}, {note} and {link}."""

    to: tuple[Party, ...]
    right: str
    subject: str
    text: str


LETTERS: dict[str, tuple[Letter, ...]] = {
    "start_flow": (
        Letter((Party.SELLER,), "sales:deliver", "New order to deliver: {subject}",
               "A customer has paid. Deliver the service, then enter the service result."),
        Letter((Party.BUYER,), "orders:view", "Order paid: {subject}", "The seller is asked to provide it."),
    ),
    "deliver_service": (
        Letter((Party.BUYER,), "orders:accept", "Delivered: {subject}",
               "The seller has delivered. Check the deliverables, then accept or reject them."),
    ),
    "accept_delivery": (
        Letter((Party.SELLER,), "sales:view", "Accepted: {subject}", "{by} has accepted your delivery."),
    ),
    "reject_delivery": (
        Letter((Party.SELLER,), "sales:deliver", "Rejected: {subject}", "{by} has rejected your delivery: {note}"),
    ),
    "retract_acceptance": (
        Letter((Party.SELLER,), "sales:view", "Acceptance retracted: {subject}",
               "{by} has taken the acceptance back: {note}"),
    ),
    "remind_seller": (
        Letter((Party.SELLER,), "sales:deliver", "Reminder: {subject}", "{by} asks you to provide the service."),
    ),
    "complete_order": (
        Letter((Party.SELLER,), "sales:view", "Completed: {subject}", "The order is completed and can be billed."),
        Letter((Party.BUYER,), "orders:view", "Completed: {subject}", "The order is completed."),
    ),
    "cancel_order": (
        Letter((Party.BUYER,), "orders:view", "Canceled: {subject}", "The order was canceled. {note}"),
    ),
    "draw_bill": (
        Letter((Party.SELLER,), "money:view", "New bill: {subject}", "A bill has been drawn for you."),
    ),
    "expire_resource": (
        Letter((Party.BUYER,), "orders:view", "Expired: {subject}",
               "The validity is over. It stays usable during the grace period: renew it to keep it."),
    ),
    "freeze_resource": (
        Letter((Party.BUYER,), "orders:view", "Frozen: {subject}", "The grace period is over. Renew it to use it."),
    ),
    "release_resource": (
        Letter((Party.BUYER,), "orders:view", "Released: {subject}", "It has been released and cannot be renewed."),
    ),
}  # fmt: skip
