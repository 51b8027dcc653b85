"""Refusals of after-sales."""

from opengallery.kit.problems import Problem


class TicketNeedsPurchase(Problem):
    """A ticket needs an order that has been paid."""


class NotRatable(Problem):
    """Only a completed purchase can be rated."""


class AlreadyRated(Problem):
    """This order has been rated already."""


class RatingChanged(Problem):
    """The rating has changed since you read it."""
