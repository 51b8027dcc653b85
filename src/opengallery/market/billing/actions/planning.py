"""The operator's decisions that move the bill runs: settings and holidays, and the runs planned anew."""

from datetime import date, datetime
from typing import Any

from opengallery.kit.actor import Actor
from opengallery.kit.problems import InvalidInput
from opengallery.kit.verbs import atomic
from opengallery.market.billing.actions.bills import plan_run
from opengallery.market.billing.models import Run
from opengallery.market.policy.actions import add_holiday, change_setting


@atomic
def decide(key: str, value: Any, *, reason: str, by: Actor, at: datetime) -> None:
    """Change a setting from now on, and plan the open runs by it. InvalidInput at key, value or reason."""
    change_setting(key, value, reason=reason, by=by, at=at)
    plan_open_runs(at=at)


@atomic
def keep_holiday(day: date, name: str, *, at: datetime) -> None:
    """Put a day into the holiday table, and plan the open runs by it. InvalidInput without a name."""
    if not name.strip():
        raise InvalidInput({"name": ["Say which holiday it is."]})
    add_holiday(day, name)
    plan_open_runs(at=at)


def plan_open_runs(*, at: datetime) -> None:
    """Plan every run anew that is not finished."""
    for cycle in Run.objects.filter(finished_at=None).order_by("cycle").values_list("cycle", flat=True):
        plan_run(cycle, at=at)
