"""Foreseen refusals: a class each, whose docstring is what the person reads, and their RFC 9457 form."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class Problem(Exception):  # noqa: N818 a refusal is an answer, not an error
    """That is not possible."""

    status: ClassVar[int] = 409

    def __init__(self, detail: str = "", **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra

    @property
    def title(self) -> str:
        """The class's docstring: one sentence, the same for every occurrence."""
        return (type(self).__doc__ or "").strip().splitlines()[0]

    @property
    def slug(self) -> str:
        """The stable name in /problems/…: MoveRefused → move-refused."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", type(self).__name__).lower()

    @property
    def message(self) -> str:
        """What a page shows: the title, then what is particular to this occurrence."""
        return f"{self.title} {self.detail}".strip()

    def document(self) -> dict[str, Any]:
        """The problem as an RFC 9457 document."""
        body: dict[str, Any] = {"type": f"/problems/{self.slug}", "title": self.title, "status": self.status}
        if self.detail:
            body["detail"] = self.detail
        return body | self.extra


class InvalidInput(Problem):
    """Something in what you sent needs correcting."""

    status = 422

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        self.errors = {field: list(messages) for field, messages in errors.items()}
        super().__init__(
            " ".join(message for messages in self.errors.values() for message in messages),
            errors=[
                {"pointer": "/" + field.replace(".", "/") if field else "", "detail": message}
                for field, messages in self.errors.items()
                for message in messages
            ],
        )


class NotFound(Problem):
    """There is nothing here that you can see."""

    status = 404


class NotAllowed(Problem):
    """Your role does not include this."""

    status = 403


class NotSignedIn(Problem):
    """Valid credentials are needed."""

    status = 401


class OnHold(Problem):
    """This is on hold."""

    status = 409


class MoveRefused(Problem):
    """That step is not open now."""


class NotYourTurn(Problem):
    """This step belongs to the other party."""

    status = 403
