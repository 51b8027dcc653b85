"""Refusals of supervision."""

from opengallery.kit.problems import Problem


class TooSoonToRemind(Problem):
    """The seller has been reminded already."""

    status = 409


class SamePerson(Problem):
    """Somebody else has to accept as well."""


class TooEarlyToAppeal(Problem):
    """An appeal is not possible yet."""


class AppealOpen(Problem):
    """There is an open appeal already."""


class NotCollected(Problem):
    """The code has not been collected yet, or it has been used."""
