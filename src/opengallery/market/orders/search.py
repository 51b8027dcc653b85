"""What an order's line can be found by: one word list, with a letter before each word that names the field."""

from django.db.models import Q

from opengallery.kit.words import matches, words_of
from opengallery.market.orders.models import Order
from opengallery.market.orders.terms import Terms

# field of the filter bar → the letter before its words
FIELDS = {"order_no": "o", "product": "p", "customer": "c", "full_name": "f", "username": "u"}

# The parties stand among the words as well: a rare word of one seller is found without reading other sellers' lines.
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
    return [*words, f"{PARTIES['buyer']}:{order.buyer_id}", f"{PARTIES['seller']}:{order.seller_id}"]


def found(field: str, text: str, *, path: str = "") -> Q:
    """The condition that each word of `text` begins a word of the field; `path` leads to the line ("lines__")."""
    return matches(f"{path}words", text, mark=f"{FIELDS[field]}:")


def belongs(side: str, organisation_id: int, *, path: str = "") -> Q:
    """The condition that the line was bought or sold by an organisation, as one of the line's words."""
    return Q(**{f"{path}words__has_words": f"'{PARTIES[side]}:{organisation_id}'"})
