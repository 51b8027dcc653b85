"""The values in force from an instant on, and the operator's holidays."""

import json
from datetime import date, datetime
from typing import Any

from django.db import models

from opengallery.kit.bulk import run_sql
from opengallery.market.policy.settings import SETTINGS


class Value(models.Model):
    """What a setting is from an instant on. A row is never changed: the next one supersedes it."""

    key = models.CharField(max_length=60)
    value = models.JSONField()
    valid_from = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True)
    set_by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "valid_from"], name="one_value_at_an_instant")]

    def __str__(self) -> str:
        return f"{self.key} = {self.value}"


class Holiday(models.Model):
    """A day that is no working day although it is Monday to Friday (spec Q21)."""

    day = models.DateField(primary_key=True)
    name = models.CharField(max_length=100)

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


IN_FORCE = """
    SELECT DISTINCT ON (key) key, value FROM policy_value WHERE valid_from <= %s ORDER BY key, valid_from DESC
"""


class Policy:
    """All settings as they stood at one instant: `policy["bill_day"]`."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def __getitem__(self, key: str) -> Any:
        return self._values.get(key, SETTINGS[key].default)

    @classmethod
    def at(cls, at: datetime) -> "Policy":
        """Read the policy in force at an instant, in one statement."""
        return cls({key: json.loads(value) for key, value in run_sql(IN_FORCE, [at])})


def holidays() -> set[date]:
    """The operator's holiday table."""
    return set(Holiday.objects.values_list("day", flat=True))
