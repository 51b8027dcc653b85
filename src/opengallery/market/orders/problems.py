"""Refusals of orders and resources."""

from opengallery.kit.problems import Problem


class NotOnSale(Problem):
    """This is not on sale."""


class LimitReached(Problem):
    """You can buy this specification only once."""


class SoldOut(Problem):
    """There are not so many pieces left."""


class OrderExpired(Problem):
    """The time to pay this order is over."""


class NotRenewable(Problem):
    """This cannot be renewed."""
