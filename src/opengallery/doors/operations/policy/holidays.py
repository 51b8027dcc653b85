"""Holidays: the days on which no bills are drawn although they are Monday to Friday."""

from datetime import date

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.forms import TypedForm, ask, confirmed
from opengallery.doors.pages import actor_of, now_of, page, show_refusal
from opengallery.doors.trail import trail
from opengallery.kit.problems import InvalidInput, NotAllowed, Problem
from opengallery.market.billing.actions import keep_holiday
from opengallery.market.billing.models import Run
from opengallery.market.policy.models import Holiday


class HolidayForm(TypedForm):
    """Which day, and what it is called."""

    day = forms.CharField(label=gettext_lazy("Day"), widget=forms.DateInput({"type": "date"}))
    name = forms.CharField(label=gettext_lazy("Name"))


def day_of(text: str) -> date:
    """The typed day; InvalidInput if it is none."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise InvalidInput({"day": [_("Write a day as 2025-06-30.")]}) from error


@page(right="operations:view")
def holidays(request: HttpRequest) -> HttpResponse:
    """The table, and the form that adds a day to it."""
    actor = actor_of(request)
    form = HolidayForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        if not actor.may("operations:policy"):
            raise NotAllowed(right="operations:policy")
        try:
            day, name = day_of(request.POST.get("day", "")), request.POST.get("name", "")
            if not confirmed(request):
                text = _("%(day)s is no working day any more. Bill runs that fall on it move to the next working day.")
                return ask(request, title=_("Add the holiday?"), text=text % {"day": day},
                           cancel_url=reverse("operations:holidays"))  # fmt: skip
            keep_holiday(day, name, at=now_of(request))
        except Problem as problem:
            show_refusal(form, problem)
            status = problem.status
        else:
            messages.success(request, _("%(day)s is a holiday.") % {"day": day})
            return redirect("operations:holidays")
    context = {
        "form": form,
        "days": Holiday.objects.order_by("-day")[:200],
        "next_run": Run.objects.filter(due_at__isnull=False).order_by("due_at").first(),
        "may_change": actor.may("operations:policy"),
        "breadcrumbs": trail((_("Policy"), "operations:policy"), here=_("Holidays")),
    }
    return render(request, "operations/policy/holidays.html", context, status=status)
