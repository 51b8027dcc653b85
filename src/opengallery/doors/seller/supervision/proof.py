"""What is handed in, as every form of the seller takes it: files with kinds, the criteria they prove, the answers."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.forms import FilesInput, TypedForm, confirmed, typed
from opengallery.doors.pages import now_of
from opengallery.doors.seller.supervision.operations import is_overdue
from opengallery.doors.trail import trail
from opengallery.doors.uploads import files_in, rules_of, say_limits
from opengallery.kit.problems import InvalidInput, Problem
from opengallery.market.journal.models import Fact
from opengallery.market.policy.models import Policy
from opengallery.market.supervision import rules, states
from opengallery.market.supervision.models import Flow

FIELDS = {"kinds": "deliverables_kind", "proves": "deliverables_proves"}  # the verbs' names that are not the forms'
LONGEST_NUMBER = 6  # of a criterion, in digits; longer ones are no number of ours


class ProofForm(TypedForm):
    """The files of a delivery, and what they are."""

    deliverables = forms.FileField(label=gettext_lazy("Deliverables"), widget=FilesInput())
    deliverables_kind = forms.ChoiceField(
        label=gettext_lazy("Kind of the files"), choices=list(states.FILE_KINDS.items()), initial="other"
    )


def prepared(form: ProofForm, request: HttpRequest, flow: Flow, *, files_needed: bool = True) -> None:
    """Say the limits beside the files, and add what the flow's acceptance criteria ask for."""
    files = form.fields["deliverables"]
    files.required = files_needed
    say_limits(files, rules_of(Policy.at(now_of(request))), needed=files_needed)
    criteria, cited = flow.line.terms.criteria, cited_in_last(flow)
    if not criteria:
        return
    form.fields["deliverables_proves"] = forms.MultipleChoiceField(
        label=_("Criteria that the files prove"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(str(item["number"]), f"{item['number']}. {item['text']}") for item in criteria],
    )  # fmt: skip
    form.fields["answers"] = forms.Field(label=_("Answers to the acceptance criteria"), required=False)
    for item in criteria:
        form.fields[f"answer_{item['number']}"] = answer_field(item, cited.get(str(item["number"]), ""))


def answer_field(item: Mapping[str, Any], cited: str) -> forms.CharField:
    """Where a criterion is answered; what the last rejection said of it stands below."""
    if cited:
        help_text = _("Cited in the last rejection; it would be met by: %(text)s") % {"text": cited}
    elif item["mandatory"]:
        help_text = _("Answer it, or name a file that proves it.")
    else:
        help_text = ""
    return forms.CharField(
        label=f"{item['number']}. {item['text']}", required=bool(cited or item["mandatory"]), help_text=help_text,
        widget=forms.Textarea({"rows": 2, "maxlength": rules.ANSWER_MAX}),
    )  # fmt: skip


def answers_in(form: ProofForm) -> list[forms.BoundField]:
    """The fields in which the criteria are answered, in their order."""
    return [form[name] for name in form.fields if name.startswith("answer_")]


def cited_in_last(flow: Flow) -> dict[str, str]:
    """The criteria that the customer's last rejection names, and what would satisfy them: each is to be answered."""
    said = last_said(flow, "reject_delivery") if flow.delivery_rejections else None
    return dict(said["data"].get("cited", {})) if said else {}


def last_said(flow: Flow, *verbs: str) -> dict[str, Any] | None:
    """What the flow's last fact of these verbs says; None if there is none."""
    facts = Fact.objects.of(flow.stream).filter(subject=flow.number, verb__in=verbs)
    body = facts.values_list("body", flat=True).last()
    return cast("dict[str, Any]", json.loads(body)) if body else None


SENT_BACK = ("reject_delivery", "return_to_seller", "send_back_delivery")


def rejected(flow: Flow) -> dict[str, Any] | None:
    """Why the flow came back to the seller, as the form's page shows it above: the reason, and the criteria named."""
    said = last_said(flow, *SENT_BACK)
    if said is None:
        return None
    texts = cited_in_last(flow)
    cited = [
        {**item, "cited": texts[str(item["number"])]}
        for item in flow.line.terms.criteria
        if str(item["number"]) in texts
    ]
    return {"reason": said["note"], "by": said["by"]["organisation"], "version": flow.deliveries_count, "cited": cited}


def answers_of(request: HttpRequest, flow: Flow) -> dict[int, str]:
    """What was typed to each criterion."""
    return {item["number"]: typed(request, f"answer_{item['number']}") for item in flow.line.terms.criteria}


def proves_of(request: HttpRequest) -> list[list[int]]:
    """The criteria that each file proves: ticked for each, or, in a form without script, once for all of them."""
    places = range(len(files_in(request, "deliverables")))
    of_all = numbers(request.POST.getlist("deliverables_proves"))
    of_each = [numbers(request.POST.getlist(f"deliverables_proves_{place}")) for place in places]
    return of_each if any(of_each) else [of_all for _place in places]


def numbers(said: list[str]) -> list[int]:
    """Numbers of criteria; 0, which no criterion has, for what is no number."""
    return [int(text) if text.isdecimal() and len(text) <= LONGEST_NUMBER else 0 for text in said]


def named_as_in_the_form(problem: Problem) -> Problem:
    """A refusal under the form's own names of its fields."""
    if not isinstance(problem, InvalidInput):
        return problem
    return InvalidInput({FIELDS.get(field, field): messages for field, messages in problem.errors.items()})


def page_of(flow: Flow, form: ProofForm, now: datetime, here: str) -> dict[str, Any]:
    """The context that the pages of a delivery, a shipment and an activation share."""
    return {
        "flow": flow,
        "order": flow.line.order,
        "terms": flow.line.terms,
        "form": form,
        "answers": answers_in(form),
        "overdue": is_overdue(flow, now),
        "rejected": rejected(flow),
        "breadcrumbs": trail(
            (_("Service Supervision"), "seller:supervision"),
            (flow.number, reverse("seller:flow", args=[flow.number])),
            here=here,
        ),
    }


def refuse_unconfirmed(request: HttpRequest) -> None:
    """A form with files, sent by a browser without script, is confirmed by a tick."""
    if not confirmed(request):
        raise InvalidInput({"": [_("Tick the box above the button: it says what will happen.")]})
