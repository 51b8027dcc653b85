"""Refusals of unsubscription."""

from opengallery.kit.problems import Problem


class NotUndoable(Problem):
    """This purchase cannot be undone by agreement."""
