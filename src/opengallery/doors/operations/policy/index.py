"""Policy: every setting with its value, default, meaning and source."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from opengallery.doors.pages import actor_of, now_of, page
from opengallery.market.policy.models import Holiday, Policy, Value
from opengallery.market.policy.settings import SETTINGS, Setting


def shown(value: Any, row: Setting) -> str:
    """A setting's value as people read it."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if row.off_at_zero and value == 0:
        return _("Off")
    return f"{value:,}" if isinstance(value, int) else row.among.get(value, str(value))


@page(right="operations:view")
def index(request: HttpRequest) -> HttpResponse:
    """The table of all settings."""
    policy = Policy.at(now_of(request))
    changed = dict(Value.objects.order_by("key", "-valid_from").distinct("key").values_list("key", "valid_from"))
    rows = [
        {
            "setting": row,
            "shown": shown(policy[row.key], row),
            "default": shown(row.default, row),
            "changed": changed.get(row.key),
        }
        for row in SETTINGS.values()
    ]
    context = {
        "rows": rows,
        "may_change": actor_of(request).may("operations:policy"),
        "holidays": Holiday.objects.count(),
    }
    return render(request, "operations/policy/index.html", context)
