"""A person says what to hear, and on which channel."""

from collections.abc import Mapping
from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.problems import InvalidInput, NotAllowed
from opengallery.kit.verbs import atomic
from opengallery.market.notices.choices import phone_of, switches_of
from opengallery.market.notices.kinds import CHANNELS
from opengallery.market.notices.models import Choice, Notice, Phone
from opengallery.market.notices.rules import phone_number


@atomic
def choose_channels(choices: Mapping[str, Mapping[str, bool]], *, phone: str | None = None, by: Actor,
                    at: datetime) -> None:  # fmt: skip
    """Set switches, {"money": {"mail": False}}, and the telephone number; what is left out stays as it is.

    They hold for what happens from now on, and for copies that wait. InvalidInput at phone, or at the group or
    "group.channel" that there is not for this person; NotAllowed for a visitor.
    """
    now = switches_of(by)
    errors = {
        group: ["There is no such group of messages for you."] for group in choices if group not in now
    } | {
        f"{group}.{channel}": ["There is no such channel."]
        for group in choices
        if group in now
        for channel in choices[group]
        if channel not in CHANNELS
    }  # fmt: skip
    wanted = {group: now[group] | dict(choices.get(group, {})) for group in now}
    number, fault = read_phone(phone, phone_of(by), needed=any(switches.get("sms") for switches in wanted.values()))
    errors |= {"phone": [fault]} if fault else {}
    if errors:
        raise InvalidInput(errors)
    if by.user_id is None:
        raise NotAllowed
    keep_phone(by.user_id, number)
    Choice.objects.bulk_create(
        (
            Choice(user_id=by.user_id, organisation_id=by.organisation_id or 0, group=group, channel=channel, on=on)
            for group, switches in choices.items()
            for channel, on in switches.items()
        ),
        update_conflicts=True, unique_fields=["user", "organisation", "group", "channel"], update_fields=["on"],
    )  # fmt: skip
    drop_waiting(by, wanted)


def read_phone(given: str | None, known: str, *, needed: bool) -> tuple[str, str]:
    """The number, and what is wrong with it."""
    number = known if given is None else given.strip()
    if not number:
        return "", "Text messages need a telephone number." if needed else ""
    try:
        return phone_number(number), ""
    except ValueError:
        return number, "Write the number with its country, such as +49 30 123456."


def keep_phone(user_id: int, number: str) -> None:
    """Keep the number, or forget it."""
    if number:
        Phone.objects.update_or_create(user_id=user_id, defaults={"number": number})
    else:
        Phone.objects.filter(user=user_id).delete()


def drop_waiting(by: Actor, wanted: Mapping[str, Mapping[str, bool]]) -> None:
    """Copies that wait for their next try are not sent on a channel that was switched off meanwhile."""
    for channel in CHANNELS:
        off = [group for group, switches in wanted.items() if not switches[channel]]
        waiting = Notice.objects.of(by.user_id, by.organisation_id).filter(
            group__in=off, **{f"{channel}_due_at__isnull": False}
        )
        waiting.update(**{f"{channel}_due_at": None})
