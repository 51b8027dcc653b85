"""Refusals that only a program can meet."""

from opengallery.kit.problems import Problem


class BodyNotRead(Problem):
    """The body could not be read."""

    status = 422


class WrongContentType(Problem):
    """This call takes another kind of body."""

    status = 415


class NoSuchMethod(Problem):
    """This address does not answer to that method."""

    status = 405


class ChangedMeanwhile(Problem):
    """It has changed since you last read it."""

    status = 412


class Fault(Problem):
    """Something failed here; it is not your fault, and nothing was changed."""

    status = 500
