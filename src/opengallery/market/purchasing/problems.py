"""Refusals of purchasing."""

from opengallery.kit.problems import Problem


class BudgetExceeded(Problem):
    """The budget of this cost centre does not cover the order."""


class BudgetReserved(Problem):
    """A budget cannot be lower than what orders have reserved of it."""


class FourEyes(Problem):
    """This needs a second person."""

    status = 403
