"""One setting: its history, and the form that changes it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.forms import TypedForm, ask, confirmed, typed
from opengallery.doors.operations.policy.index import shown
from opengallery.doors.pages import actor_of, now_of, page, show_refusal
from opengallery.doors.trail import trail
from opengallery.kit.problems import InvalidInput, NotAllowed, NotFound, Problem
from opengallery.market.billing.actions import decide
from opengallery.market.identity.models import User
from opengallery.market.policy.models import Policy, Value
from opengallery.market.policy.settings import SETTINGS, Setting


class SettingForm(TypedForm):
    """The new value and why."""

    value = forms.CharField(label=gettext_lazy("New value"))
    reason = forms.CharField(
        label=gettext_lazy("Reason"), widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("For those who ask later why it is so."),
    )  # fmt: skip


def form_for(setting: Setting, data: Any, value: Any) -> SettingForm:
    """The form with a control that suits the setting's type."""
    form = SettingForm(data, initial={"value": value})
    if setting.type is bool:
        form.fields["value"].widget = forms.Select(choices=[("True", _("Yes")), ("False", _("No"))])
    elif setting.among:
        form.fields["value"].widget = forms.Select(choices=list(setting.among.items()))
    elif setting.type is int:
        form.fields["value"].widget = forms.TextInput({"inputmode": "numeric"})
        said = _("A whole number from %(least)s to %(most)s.")
        if setting.off_at_zero:
            said = _("A whole number from %(least)s to %(most)s, or 0: switched off.")
        form.fields["value"].help_text = said % {"least": f"{setting.least:,}", "most": f"{setting.most:,}"}
    elif setting.letters:
        form.fields["value"].widget = forms.TextInput({"maxlength": setting.letters, "autocapitalize": "characters"})
        form.fields["value"].help_text = _("%(count)s capital letters.") % {"count": setting.letters}
    return form


def read(setting: Setting, text: str) -> Any:
    """The typed value in the setting's type; InvalidInput at "value" if it cannot be."""
    if setting.type is bool:
        if text not in ("True", "False"):
            raise InvalidInput({"value": [_("Choose Yes or No.")]})
        return text == "True"
    if setting.type is str:
        return text.strip()
    try:
        return int(text)
    except ValueError as error:
        raise InvalidInput({"value": [_("Write a whole number.")]}) from error


@page(right="operations:view")
def setting(request: HttpRequest, key: str) -> HttpResponse:
    """Show a setting; on "OK" change it from now on."""
    if key not in SETTINGS:
        raise NotFound
    row, actor, now = SETTINGS[key], actor_of(request), now_of(request)
    policy = Policy.at(now)
    form = form_for(row, request.POST if request.method == "POST" else None, policy[key])
    status = 200
    if request.method == "POST":
        if not actor.may("operations:policy"):
            raise NotAllowed(right="operations:policy")
        try:
            value = read(row, request.POST.get("value", ""))
            if not confirmed(request):
                text = _("%(key)s is %(value)s from now on. Orders placed before keep their terms.")
                return ask(request, title=_("Change the setting?"),
                           text=text % {"key": key, "value": shown(value, row)},
                           cancel_url=reverse("operations:policy"))  # fmt: skip
            decide(key, value, reason=typed(request, "reason"), by=actor, at=now)
        except Problem as problem:
            show_refusal(form, problem)
            status = problem.status
        else:
            said = {"key": key, "value": shown(value, row)}
            messages.success(request, _("%(key)s is %(value)s from now on.") % said)
            return redirect("operations:setting", key)
    context = {
        "setting": row,
        "value": shown(policy[key], row),
        "default": shown(row.default, row),
        "form": form,
        "may_change": actor.may("operations:policy"),
        "history": history(key),
        "breadcrumbs": trail((_("Policy"), "operations:policy"), here=key),
    }
    return render(request, "operations/policy/setting.html", context, status=status)


def history(key: str) -> list[dict[str, Any]]:
    """The values a setting has had, newest first, with who set them."""
    values = list(Value.objects.filter(key=key).order_by("-valid_from")[:100])
    people = {user.pk: user for user in User.objects.filter(pk__in={value.set_by_id for value in values})}
    row = SETTINGS[key]
    return [
        {"value": value, "shown": shown(value.value, row), "by": people.get(value.set_by_id or 0)} for value in values
    ]
