"""The operator decides: change a setting, keep the holiday table."""

from datetime import date, datetime
from typing import Any

from opengallery.kit.actor import Actor
from opengallery.kit.problems import InvalidInput
from opengallery.kit.verbs import atomic
from opengallery.market.policy.models import Holiday, Value
from opengallery.market.policy.settings import SETTINGS


@atomic
def change_setting(key: str, value: Any, *, reason: str, by: Actor, at: datetime) -> Value:
    """Set a policy value from now on; running orders keep theirs. InvalidInput if key, value or reason do not fit."""
    if key not in SETTINGS:
        raise InvalidInput({"key": [f"There is no setting “{key[:60]}”."]})
    try:
        SETTINGS[key].check(value)
    except ValueError as error:
        raise InvalidInput({"value": [f"{error}."]}) from error
    if not reason.strip():
        raise InvalidInput({"reason": ["Say why, for those who ask later."]})
    row, _ = Value.objects.update_or_create(
        key=key, valid_from=at, defaults={"value": value, "reason": reason.strip()[:500], "set_by_id": by.user_id}
    )
    return row


@atomic
def add_holiday(day: date, name: str) -> Holiday:
    """Put a day into the holiday table; the same day again only changes its name."""
    holiday, _ = Holiday.objects.update_or_create(day=day, defaults={"name": name.strip()[:100]})
    return holiday
