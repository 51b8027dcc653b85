"""What messages are about, and the ways on which copies of them travel: what a person chooses among (spec 2.9)."""

from typing import NamedTuple

# The marketplace's own numbers of message types (spec 2.9, L10).
TYPES = {
    101: "Product provisioning",
    103: "Released",
    203: "Account change",
    501: "O&M reminder",
    901: "Other",
}

GROUPS = {
    "orders": ("Orders", "Paid, approved, canceled, completed; the end of a validity"),
    "deliveries": ("Deliveries", "Requests, deliveries, acceptances, reminders, what is overdue, the daily digest"),
    "appeals": ("Appeals and unsubscriptions", "Appeals, decisions and overrides of the operator, requests to undo"),
    "money": ("Money", "Refunds and bills"),
    "account": ("Account", "Your organisation's own rules and stand-ins"),
    "support": ("Support", "Tickets and ratings"),
}

# Besides the site, where everything is told: its label, and whether it is on until somebody chooses.
CHANNELS = {
    "mail": ("E-mail", True),
    "sms": ("SMS", False),
}


class Kind(NamedTuple):
    """The type and the group of a letter."""

    type: int
    group: str


ORDERS = Kind(101, "orders")
RELEASED = Kind(103, "orders")
DELIVERIES = Kind(101, "deliveries")
REMINDERS = Kind(501, "deliveries")
DIGEST = Kind(901, "deliveries")
APPEALS = Kind(501, "appeals")
UNSUBSCRIPTIONS = Kind(103, "appeals")
MONEY = Kind(203, "money")
BILLS = Kind(901, "money")
SUPPORT = Kind(901, "support")
ACCOUNT = Kind(203, "account")
