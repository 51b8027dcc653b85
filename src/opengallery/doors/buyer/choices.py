"""What I want to hear: which messages are also sent to a person, on which channel, and to which telephone number."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.forms import TypedForm, typed
from opengallery.doors.pages import MEMBER, actor_of, now_of, page, show_refusal
from opengallery.doors.trail import trail
from opengallery.kit.env import env
from opengallery.kit.problems import Problem
from opengallery.market.notices.actions import choose_channels
from opengallery.market.notices.choices import phone_of, switches_of
from opengallery.market.notices.kinds import CHANNELS, GROUPS

Switches = dict[str, dict[str, bool]]


class PhoneForm(TypedForm):
    """Where text messages go."""

    phone = forms.CharField(
        label=gettext_lazy("Telephone number"), required=False, max_length=40,
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
        help_text=gettext_lazy("For text messages, with the country: +49 30 123456. It is shown to nobody else."),
    )  # fmt: skip


@page(right=MEMBER)
def choices(request: HttpRequest) -> HttpResponse:
    """Show the switches; POST keeps them as they were set."""
    actor = actor_of(request)
    switches = switches_of(actor)
    form = PhoneForm(request.POST or None, initial={"phone": phone_of(actor)})
    status = 200
    if request.method == "POST":
        switches = read(request, switches)
        try:
            choose_channels(switches, phone=typed(request, "phone"), by=actor, at=now_of(request))
        except Problem as problem:
            show_refusal(form, problem)
            status = problem.status
        else:
            messages.success(request, _("From now on you hear what you have chosen."))
            return redirect("buyer:choices")
    context = {
        "rows": rows_of(switches),
        "channels": [label for label, _default in CHANNELS.values()],
        "form": form,
        "address": getattr(request.user, "email", ""),
        "only_log": not env.sms_url,
        "breadcrumbs": trail((_("Messages"), "buyer:messages"), here=_("What I want to hear")),
    }
    return render(request, "buyer/choices.html", context, status=status)


def read(request: HttpRequest, there_are: Switches) -> Switches:
    """The switches as they were sent: a browser sends only those that are on."""
    return {
        group: {channel: f"{group}-{channel}" in request.POST for channel in switches}
        for group, switches in there_are.items()
    }


def rows_of(switches: Switches) -> list[dict[str, Any]]:
    """The grid: a row for each group, a switch for each channel."""
    return [
        {
            "label": GROUPS[group][0],
            "meaning": GROUPS[group][1],
            "switches": [
                {"name": f"{group}-{channel}", "label": CHANNELS[channel][0], "on": on} for channel, on in row.items()
            ],
        }
        for group, row in switches.items()
    ]
