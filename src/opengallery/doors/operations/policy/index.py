"""Policy: every setting with its value, default, meaning and source."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from opengallery.doors.pages import actor_of, now_of, page
from opengallery.market.policy.models import Holiday, Policy, Value
from opengallery.market.policy.settings import SETTINGS


@page(right="operations:view")
def index(request: HttpRequest) -> HttpResponse:
    """The table of all settings."""
    policy = Policy.at(now_of(request))
    changed = dict(Value.objects.order_by("key", "-valid_from").distinct("key").values_list("key", "valid_from"))
    rows = [{"setting": row, "value": policy[row.key], "changed": changed.get(row.key)} for row in SETTINGS.values()]
    context = {
        "rows": rows,
        "may_change": actor_of(request).may("operations:policy"),
        "holidays": Holiday.objects.count(),
    }
    return render(request, "operations/policy/index.html", context)
