"""Messages: what the person for whom the key acts is told, and wants to be told."""

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field, StrictBool
from typing_extensions import TypedDict

from opengallery.doors.api.v1.bodies import Paged
from opengallery.doors.api.v1.calls import call
from opengallery.doors.api.v1.lists import items
from opengallery.doors.api.v1.shapes.messages import (
    ChoicesShape,
    MessageShape,
    ReadShape,
    choices_shape,
    message_shape,
)
from opengallery.doors.pages import MEMBER, actor_of, now_of
from opengallery.kit.paging import page_of
from opengallery.kit.problems import InvalidInput
from opengallery.market.notices.actions import choose_channels, mark_read
from opengallery.market.notices.choices import phone_of, switches_of
from opengallery.market.notices.models import Notice

router = Router(tags=["Messages"])

EXAMPLE: Any = {"phone": "+4930123456", "items": [{"group": "money", "mail": True, "sms": True}]}


class MessagePage(TypedDict):
    """A page of messages, newest first."""

    items: list[MessageShape]
    next: str | None


class Switch(BaseModel):
    """Where a group of messages is sent besides the site; what is left out stays as it is."""

    group: str = Field(max_length=20)
    mail: StrictBool | None = None
    sms: StrictBool | None = None


class Choices(BaseModel):
    """What to hear; what is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    phone: str | None = Field(None, max_length=40, description="For text messages, with the country; empty: none.")
    items: list[Switch] = Field(default=[], max_length=50)


@router.get("/messages", response=MessagePage)
@call(MEMBER)
def list_messages(request: HttpRequest, paging: Query[Paged]) -> Any:
    """What the person was told as a member of this organisation."""
    actor = actor_of(request)
    rows = Notice.objects.of(actor.user_id, actor.organisation_id)
    return items(page_of(rows, order=("-id",), limit=paging.limit, cursor=paging.cursor), message_shape)


@router.post("/messages/reading", response=ReadShape)
@call(MEMBER)
def post_reading(request: HttpRequest) -> Any:
    """Mark all of the person's messages as read."""
    return {"read": mark_read(by=actor_of(request), at=now_of(request))}


@router.get("/messages/choices", response=ChoicesShape)
@call(MEMBER)
def get_choices(request: HttpRequest) -> Any:
    """What the person wants to hear."""
    return shown(request)


@router.put("/messages/choices", response=ChoicesShape)
@call(MEMBER)
def put_choices(request: HttpRequest, choices: Choices) -> Any:
    """Choose what to hear."""
    wanted: dict[str, dict[str, bool]] = {}
    for row in choices.items:
        switches = {name: on for name, on in (("mail", row.mail), ("sms", row.sms)) if on is not None}
        wanted.setdefault(row.group, {}).update(switches)
    try:
        choose_channels(wanted, phone=choices.phone, by=actor_of(request), at=now_of(request))
    except InvalidInput as refused:
        raise InvalidInput(placed(refused.errors, choices)) from refused
    return shown(request)


def placed(errors: dict[str, list[str]], choices: Choices) -> dict[str, list[str]]:
    """The faults, at their places in the body."""
    places = {row.group: f"items.{index}.group" for index, row in enumerate(choices.items)}
    return {places.get(field, field): said for field, said in errors.items()}


def shown(request: HttpRequest) -> ChoicesShape:
    """The choices as they stand."""
    actor = actor_of(request)
    return choices_shape(switches_of(actor), phone_of(actor))
