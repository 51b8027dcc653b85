"""The evidence of one service flow: every fact of its order and every file handed in for its line."""

from dataclasses import dataclass
from datetime import datetime
from typing import IO

from opengallery.kit.actor import Actor
from opengallery.kit.problems import NotFound
from opengallery.market.journal.dossier import build_bundle
from opengallery.market.supervision.models import Flow


@dataclass(frozen=True, slots=True)
class Dossier:
    """A suggested file name, and the open temporary file, at its beginning; whoever sends it closes it."""

    name: str
    file: IO[bytes]


def build_dossier(flow: Flow, *, by: Actor, at: datetime) -> Dossier:
    """Return the flow's dossier, for either party or the operator; NotFound for everybody else.

    Asked at the same instant, all of them get the same bytes. `opengallery verify` checks it.
    """
    if not flow.parties_of(by):
        raise NotFound
    name = f"dossier-{flow.number}.zip"
    return Dossier(name, build_bundle(flow.stream, line=flow.number, name=name, at=at))
