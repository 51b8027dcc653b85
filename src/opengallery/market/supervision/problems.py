"""Refusals of supervision."""

from opengallery.kit.problems import Problem


class TooSoonToRemind(Problem):
    """The seller has been reminded already."""

    status = 409
