"""An appeal as both sides file it: the form with the side's grounds, and the proofs that they need (spec 2.4, B-4)."""

from datetime import datetime
from typing import cast

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.forms import FilesInput, TypedForm, confirmed, typed
from opengallery.doors.pages import actor_of, now_of
from opengallery.doors.uploads import kept_files, kinds_of, rules_of, say_limits
from opengallery.kit.actor import Party
from opengallery.kit.problems import InvalidInput, Problem
from opengallery.market.policy.models import Policy
from opengallery.market.supervision import rules, states
from opengallery.market.supervision.actions import file_appeal
from opengallery.market.supervision.models import Appeal, Flow


class AppealForm(TypedForm):
    """The form of an appeal, with the grounds of one side."""

    ground = forms.ChoiceField(label=gettext_lazy("What the appeal is about"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("Reason"), widget=forms.Textarea({"rows": 6, "maxlength": rules.APPEAL_MAX}),
        help_text=gettext_lazy("What happened, and when. The other side reads it too. 1 to 2,000 characters."),
    )  # fmt: skip
    demand = forms.CharField(
        label=gettext_lazy("Demand"), required=False,
        widget=forms.Textarea({"rows": 3, "maxlength": rules.APPEAL_MAX}),
        help_text=gettext_lazy("What you ask the operator to decide."),
    )  # fmt: skip
    files = forms.FileField(  # type: ignore[assignment]  # Django takes the field away; the name is the verb's
        label=gettext_lazy("Proofs"), required=False, widget=FilesInput()
    )
    files_kind = forms.ChoiceField(label=gettext_lazy("Kind of the files"), initial="other")


def appeal_form(request: HttpRequest, side: Party) -> AppealForm:
    """The form with what was typed, the side's grounds, and beside each the file that it needs."""
    form = AppealForm(request.POST if request.method == "POST" else None)
    choices = [
        (code, f"{label} ({_('attach')}: {states.APPEAL_FILE_KINDS[needed]})" if needed else label)
        for code, (who, label, needed) in states.APPEAL_GROUNDS.items()
        if who == side
    ]
    asks_for = {needed for who, _label, needed in states.APPEAL_GROUNDS.values() if who == side}
    kinds = [(code, label) for code, label in states.APPEAL_FILE_KINDS.items() if code in asks_for or code == "other"]
    cast(forms.ChoiceField, form.fields["ground"]).choices = choices
    cast(forms.ChoiceField, form.fields["files_kind"]).choices = kinds
    say_limits(form.fields["files"], rules_of(Policy.at(now_of(request))), needed=False)
    return form


def file_it(request: HttpRequest, flow: Flow) -> Appeal:
    """Read the form, keep the proofs, file the appeal; nothing is kept of what is refused."""
    if not confirmed(request):
        raise InvalidInput({"": [_("Tick the box above the button: it says what will happen.")]})
    with kept_files(request, "files") as stored:
        return file_appeal(
            flow, ground=typed(request, "ground"), reason=typed(request, "reason"), demand=typed(request, "demand"),
            files=stored, kinds=kinds_of(request, "files"), by=actor_of(request), at=now_of(request),
        )  # fmt: skip


def named_as_in_the_form(problem: Problem) -> Problem:
    """The refusal under the form's own names of its fields."""
    if not isinstance(problem, InvalidInput):
        return problem
    return InvalidInput({"files_kind" if name == "kinds" else name: texts for name, texts in problem.errors.items()})


def what_happens(flow: Flow, side: Party, now: datetime) -> str:
    """What filing does, in the dialog's words."""
    order = flow.line.order
    other = order.seller_name if side == Party.BUYER else order.customer_name
    return _(
        "The delivery stands still at once: neither you nor %(other)s can act until the operator has decided, within "
        "%(days)s working days. %(other)s reads your reason and your proofs. An appeal cannot be taken back."
    ) % {"other": other, "days": Policy.at(now)["appeal_handling_days"]}
