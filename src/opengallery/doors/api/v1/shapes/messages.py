"""Shapes of messages, and of what a person wants to hear."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from opengallery.doors.api.v1.shapes.common import Instant, utc
from opengallery.market.notices.kinds import GROUPS
from opengallery.market.notices.models import Notice


class MessageShape(TypedDict):
    """What the person was told."""

    id: str
    type: Annotated[int, Field(description="101 provisioning, 103 released, 203 account, 501 reminder, 901 other")]
    group: Annotated[str, Field(description=f"One of: {', '.join(GROUPS)}")]
    subject: str
    text: str
    kind: Annotated[str, Field(description="What it is about: order, flow, bill, …, or digest")]
    about: Annotated[str, Field(description="Its number or id; empty for a digest")]
    at: Instant
    read_at: Instant | None


class ReadShape(TypedDict):
    """How many messages were new."""

    read: int


class SwitchShape(TypedDict):
    """Where a group of messages is told; in the site it always is."""

    group: str
    label: str
    site: bool
    mail: bool
    sms: bool


class ChoicesShape(TypedDict):
    """What the person wants to hear, and where text messages go."""

    phone: str
    items: list[SwitchShape]
    next: str | None


def message_shape(row: Notice) -> MessageShape:
    """One message."""
    return {
        "id": f"msg_{row.pk}",
        "type": row.type,
        "group": row.group,
        "subject": row.subject,
        "text": row.text,
        "kind": row.kind,
        "about": row.about,
        "at": utc(row.at) or "",
        "read_at": utc(row.read_at),
    }


def choices_shape(switches: Mapping[str, Mapping[str, bool]], phone: str) -> ChoicesShape:
    """The switches as they stand."""
    items: list[SwitchShape] = [
        {"group": group, "label": GROUPS[group][0], "site": True, "mail": row["mail"], "sms": row["sms"]}
        for group, row in switches.items()
    ]
    return {"phone": phone, "items": items, "next": None}
