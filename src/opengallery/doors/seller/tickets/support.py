"""After-sales support: service hours, languages and contacts, as the product and resource pages show them (S35)."""

from datetime import time
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.forms import TypedForm, typed
from opengallery.doors.pages import actor_of, find, page, show_refusal
from opengallery.doors.trail import trail
from opengallery.kit.problems import InvalidInput, Problem
from opengallery.market.sellers import rules
from opengallery.market.sellers.actions import state_support
from opengallery.market.sellers.models import Seller
from opengallery.market.sellers.rules import Hours, Support

OFFSETS = [
    (str(minutes), f"GMT{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}")
    for minutes in sorted({*range(rules.WEST, rules.EAST + 1, 30), 345, 525, 765})
]


class SupportForm(TypedForm):
    """When, how and in which languages customers are helped."""

    days = forms.MultipleChoiceField(
        label=gettext_lazy("Service days"), choices=[(str(n), day) for n, day in enumerate(rules.DAYS, start=1)],
        widget=forms.CheckboxSelectMultiple, help_text=gettext_lazy("At least five days a week."),
    )  # fmt: skip
    start = forms.CharField(label=gettext_lazy("From"), widget=forms.TimeInput(attrs={"type": "time"}))
    end = forms.CharField(
        label=gettext_lazy("Until"), widget=forms.TimeInput(attrs={"type": "time"}),
        help_text=gettext_lazy("At least eight hours; 00:00 is midnight."),
    )  # fmt: skip
    offset = forms.CharField(label=gettext_lazy("Time zone"), widget=forms.Select(choices=OFFSETS))
    languages = forms.CharField(
        label=gettext_lazy("Languages"), max_length=rules.LANGUAGES_MAX,
        help_text=gettext_lazy("English or the languages of the region, such as “English, German”."),
    )  # fmt: skip
    content = forms.CharField(
        label=gettext_lazy("Services"), widget=forms.Textarea(attrs={"rows": 3, "maxlength": rules.CONTENT_MAX}),
        help_text=gettext_lazy("What you help with. At most 500 characters."),
    )  # fmt: skip
    phone = forms.CharField(label=gettext_lazy("Hotline"), widget=forms.TextInput(attrs={"type": "tel"}))
    email = forms.CharField(label=gettext_lazy("E-mail"), widget=forms.EmailInput())
    takes_tickets = forms.BooleanField(
        label=gettext_lazy("Customers' tickets go to us"), required=False,
        help_text=gettext_lazy("Otherwise they go to the platform."),
    )  # fmt: skip


@page(right="sales:support")
def support(request: HttpRequest) -> HttpResponse:
    """The form; on "Save" state it."""
    seller = find(Seller.objects.all(), pk=actor_of(request).organisation_id)
    form = SupportForm(request.POST) if request.method == "POST" else SupportForm(initial=stated(seller))
    status = 200
    if request.method == "POST":
        try:
            state_support(seller, read(request), takes_tickets="takes_tickets" in request.POST)
        except Problem as problem:
            show_refusal(form, problem)
            status = problem.status
        else:
            messages.success(request, _("Saved. Customers see it at once."))
            return redirect("seller:support")
    crumbs = trail((_("Customer Tickets"), "seller:tickets"), here=_("Service hours and contacts"))
    return render(request, "seller/tickets/support.html", {"form": form, "breadcrumbs": crumbs}, status=status)


def stated(seller: Seller) -> dict[str, Any]:
    """What is stated now, as the form shows it."""
    return {
        "days": [str(day) for day in seller.support_days],
        "start": f"{seller.support_start:%H:%M}" if seller.support_start else "",
        "end": f"{seller.support_end:%H:%M}" if seller.support_end else "",
        "offset": str(seller.support_offset),
        "languages": seller.support_languages,
        "content": seller.support_content,
        "phone": seller.support_phone,
        "email": seller.support_email,
        "takes_tickets": seller.takes_tickets,
    }


def read(request: HttpRequest) -> Support:
    """What was typed. InvalidInput for what is no time or time zone, together with whatever else is wrong."""
    errors: dict[str, list[str]] = {}
    start, end = clock(typed(request, "start")), clock(typed(request, "end"))
    days = [int(day) if day in "1234567" and day else 0 for day in request.POST.getlist("days")]
    offset = typed(request, "offset")
    for field, fits in (("start", start is not None), ("end", end is not None), ("offset", offset in dict(OFFSETS))):
        if not fits:
            errors[field] = [_("Choose a time zone.") if field == "offset" else _("Write a time such as 09:00.")]
    support = Support(
        Hours(tuple(sorted(set(days))), start or time(0), end or time(0), 0 if "offset" in errors else int(offset)),
        typed(request, "languages"), typed(request, "content"), typed(request, "phone"), typed(request, "email"),
    )  # fmt: skip
    if errors:
        raise InvalidInput(rules.support_errors(support) | errors)
    return support


def clock(text: str) -> time | None:
    """A time of day, or None."""
    try:
        return time.fromisoformat(text.strip()).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        return None
