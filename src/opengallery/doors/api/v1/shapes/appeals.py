"""Appeals: what one side asks the operator to decide, and the decision."""

from datetime import datetime

from typing_extensions import TypedDict

from opengallery.doors.api.v1.shapes.common import BASE, ActionShape, Instant, actions, utc
from opengallery.doors.api.v1.shapes.facts import EntryShape, log_of
from opengallery.doors.api.v1.shapes.flows import KindFileShape, file_shape
from opengallery.kit.actor import Actor
from opengallery.market.supervision import states
from opengallery.market.supervision.models import Appeal

CALLS = {"decide_appeal": ("POST", "decision", "operations:decide")}


class AppealRowShape(TypedDict):
    """An appeal as lists show it. `filed_by`: buyer or seller; `due_at`: when the operator is to have decided."""

    id: str
    flow: str
    order: str
    filed_by: str
    filer: str
    ground: str
    ground_label: str
    reason: str
    demand: str | None
    state: str
    label: str
    filed_at: Instant
    due_at: Instant
    overdue: bool
    decision: str | None
    note: str | None
    decided_at: Instant | None
    decided_by: str | None
    files: list[KindFileShape]
    next_actions: list[ActionShape]
    href: str


class AppealShape(AppealRowShape):
    """An appeal with its operation log."""

    log: list[EntryShape]


def appeal_row(appeal: Appeal, *, actor: Actor, at: datetime) -> AppealRowShape:
    """An appeal from a query with its flow and files."""
    flow = appeal.flow
    return {
        "id": appeal.public_id,
        "flow": flow.number,
        "order": flow.stream,
        "filed_by": appeal.filed_by,
        "filer": appeal.filer,
        "ground": appeal.ground,
        "ground_label": appeal.ground_label,
        "reason": appeal.reason,
        "demand": appeal.demand or None,
        "state": appeal.state,
        "label": appeal.label,
        "filed_at": utc(appeal.filed_at) or "",
        "due_at": utc(appeal.due_at) or "",
        "overdue": appeal.state == states.OPEN and appeal.due_at < at,
        "decision": appeal.decision or None,
        "note": appeal.note or None,
        "decided_at": utc(appeal.decided_at),
        "decided_by": appeal.decided_by or None,
        "files": [
            {
                **file_shape(flow, part.file_id, part.file.name, part.file.size, part.file.sha256,
                             part.file.content_type),
                "kind": part.kind,
                "kind_label": states.APPEAL_FILE_KINDS[part.kind],
            }
            for part in appeal.files.all()
        ],
        "next_actions": next_actions(appeal, actor=actor, at=at),
        "href": f"{BASE}/appeals/{appeal.public_id}",
    }  # fmt: skip


def appeal_shape(appeal: Appeal, *, actor: Actor, at: datetime) -> AppealShape:
    """The whole appeal."""
    return {**appeal_row(appeal, actor=actor, at=at), "log": log_of(appeal.stream, appeal.subject)}


def next_actions(appeal: Appeal, *, actor: Actor, at: datetime) -> list[ActionShape]:
    """What the actor may do to the appeal now."""
    verbs = [move.verb for move in appeal.moves_for(actor)]
    return actions(verbs, CALLS, f"/appeals/{appeal.public_id}", actor.rights)
