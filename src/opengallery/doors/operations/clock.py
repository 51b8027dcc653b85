"""The sandbox clock: where it stands, what falls due next, and the buttons that move it."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.flows import event
from opengallery.doors.forms import TypedForm
from opengallery.doors.pages import actor_of, now_of, page, show_refusal
from opengallery.kit.calendar import local
from opengallery.kit.env import env
from opengallery.kit.problems import InvalidInput, NotFound, Problem
from opengallery.market.journal.models import Fact
from opengallery.market.supervision.rules import read_instant
from opengallery.market.timetable.actions import move_clock
from opengallery.market.timetable.sources import SOURCES

STEPS = {
    "hour": (gettext_lazy("+1 hour"), timedelta(hours=1)),
    "three_hours": (gettext_lazy("+3 hours"), timedelta(hours=3)),
    "day": (gettext_lazy("+1 day"), timedelta(days=1)),
}
TOLD = 200


class ClockForm(TypedForm):
    """An instant on the platform's clock."""

    to = forms.CharField(label=gettext_lazy("Move to"), widget=forms.DateTimeInput({"type": "datetime-local"}))


@page(right="operations:clock")
def clock(request: HttpRequest) -> HttpResponse:
    """Show the clock; a POST moves it, runs what falls due, and says what that was."""
    if not env.sandbox:
        raise NotFound
    now = now_of(request)
    form = ClockForm(request.POST if request.method == "POST" else None, initial={"to": f"{local(now):%Y-%m-%dT%H:%M}"})
    status = 200
    if request.method == "POST":
        newest = Fact.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        try:
            move_clock(target(request, now))
        except Problem as problem:
            show_refusal(form, problem)
            status = problem.status
        else:
            return HttpResponseRedirect(f"{reverse('operations:clock')}?after={newest}")
    context = {
        "form": form,
        "steps": [{"value": value, "label": label} for value, (label, _length) in STEPS.items()],
        "due": due_times(),
        "ran": what_ran(request),
    }
    return render(request, "operations/clock.html", context, status=status)


def target(request: HttpRequest, now: datetime) -> datetime:
    """The instant that was asked for, by a button or in the field. InvalidInput at "to" if it is none."""
    step = request.POST.get("step", "")
    if step in STEPS:
        return now + STEPS[step][1]
    if step == "due":
        upcoming = due_times()
        if not upcoming:
            raise InvalidInput({"to": [_("Nothing falls due by itself at the moment.")]})
        due: datetime = max(upcoming[0]["at"], now)
        return due
    try:
        to = read_instant(request.POST.get("to", ""))
    except ValueError:
        to = None
    if to is None:
        raise InvalidInput({"to": [_("Write a day and a time such as 2020-04-07 02:00.")]})
    return to


def due_times() -> list[dict[str, Any]]:
    """What falls due by itself, earliest first."""
    rows = [{"name": source.name, "at": at} for source in SOURCES if (at := source.next_due()) is not None]
    return sorted(rows, key=lambda row: str(row["at"]))


def what_ran(request: HttpRequest) -> list[dict[str, Any]] | None:
    """The facts written by the last move, oldest first; None before any move."""
    after = request.GET.get("after", "")
    if not (after.isascii() and after.isdigit() and len(after) < 18):
        return None
    facts = Fact.objects.visible_to(actor_of(request)).filter(pk__gt=int(after)).order_by("pk")[:TOLD]
    return [event(fact) | {"fact": fact} for fact in facts]
