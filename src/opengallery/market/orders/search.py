"""What an order's line can be found by: one word list, with a letter before each word that names the field."""

from django.db.models import Q

from opengallery.kit.words import matches, words_of
from opengallery.market.orders.models import Order
from opengallery.market.orders.terms import Terms

# field of the filter bar → the letter before its words
FIELDS = {"order_no": "o", "product": "p", "customer": "c", "full_name": "f", "username": "u"}

# Each word stands there three times: for the operator, and behind the buyer's and the seller's own mark. So a search
# reads the words of its own organisation's lines and no others.
PARTIES = {"buyer": "b", "seller": "s"}


def tokens_of(order: Order, terms: Terms) -> list[str]:
    """The words of a line, each marked with its field; written once, since none of it changes."""
    texts = {
        "order_no": order.number,
        "product": f"{terms.product_name} {terms.specification_name}",
        "customer": order.customer_name,
        "full_name": order.customer_full_name,
        "username": order.customer_username,
    }
    words = [f"{FIELDS[field]}:{word}" for field, text in texts.items() for word in words_of(text)]
    marks = ("", mark_of("buyer", order.buyer_id), mark_of("seller", order.seller_id))
    return [f"{mark}{word}" for mark in marks for word in words]


def mark_of(side: str, organisation_id: int) -> str:
    """What stands before the words of an organisation's own lines; nothing on the operator's side."""
    return f"{PARTIES[side]}{organisation_id}" if side in PARTIES else ""


def found(field: str, text: str, *, side: str, organisation_id: int, path: str = "") -> Q:
    """The condition that each word of `text` begins a word of the field of a line that the organisation bought or sold.

    `path` leads to the line ("lines__").
    """
    return matches(f"{path}words", text, mark=f"{mark_of(side, organisation_id)}{FIELDS[field]}:")
