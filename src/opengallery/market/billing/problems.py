"""Refusals of billing."""

from opengallery.kit.problems import Problem


class CycleNotOver(Problem):
    """Bills are drawn when the month is over."""


class CreditNotGranted(Problem):
    """This organisation has no credit agreement with the platform."""


class UnknownMethod(Problem):
    """There is no such way to pay."""

    status = 422


class KeyTaken(Problem):
    """Another amount was credited under this key."""


class NothingToRepay(Problem):
    """There is no credit to repay of that amount."""


class AlreadyFinal(Problem):
    """The money of this sale is final already."""

    status = 409
