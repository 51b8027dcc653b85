"""What the operator can decide for the parties: the form that an appeal and an override share (spec 2.4, beyond 13)."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.forms import TypedForm
from opengallery.kit.actor import Actor
from opengallery.kit.money import Money
from opengallery.market.supervision import rules, states
from opengallery.market.supervision.models import Flow

# The move of the flow's own life that carries a decision out; to let it go on takes none.
VERBS = {
    "return_to_seller": "return_to_seller",
    "accept_for_buyer": "accept_for_buyer",
    "terminate_and_refund": "end_flow",
}


class DecisionForm(TypedForm):
    """The decision, the amount of a refund, and why."""

    decision = forms.ChoiceField(label=gettext_lazy("Decision"), widget=forms.RadioSelect)
    amount = forms.CharField(
        label=gettext_lazy("Amount to refund"), required=False,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip
    note = forms.CharField(
        label=gettext_lazy("Reason"), widget=forms.Textarea({"rows": 5, "maxlength": rules.APPEAL_MAX}),
        help_text=gettext_lazy("Both sides read it, and it stays in their operation logs. 1 to 2,000 characters."),
    )  # fmt: skip


def possible_decisions(flow: Flow, actor: Actor) -> list[str]:
    """What can be decided for a flow where it stands, whatever holds it."""
    verbs = {move.verb for move in flow.life.moves_from(flow.state, flow.parties_of(actor))}
    return [decision for decision, verb in VERBS.items() if verb in verbs]


def decision_form(request: HttpRequest, flow: Flow, decisions: Iterable[str]) -> DecisionForm:
    """The form with what was typed, and what was paid beside the amount."""
    form = DecisionForm(request.POST if request.method == "POST" else None)
    cast(forms.ChoiceField, form.fields["decision"]).choices = [(name, states.DECISIONS[name]) for name in decisions]
    form.fields["amount"].help_text = _("Only to terminate and refund: more than 0 and at most %(paid)s.") % {
        "paid": flow.line.net,
    }  # fmt: skip
    return form


def refund_in(request: HttpRequest, flow: Flow) -> Money | None:
    """The amount that was typed, in the line's currency; None for what is no amount, which the verb refuses."""
    try:
        return Money.of(request.POST.get("amount", "").strip().replace(",", ""), flow.line.net.currency)
    except ValueError:
        return None


def said_in(request: HttpRequest, flow: Flow) -> str:
    """The decision in words, for the page that asks once more."""
    decision = request.POST.get("decision", "")
    words = str(states.DECISIONS.get(decision, ""))
    amount: Any = refund_in(request, flow) if decision == "terminate_and_refund" else None
    return f"{words}: {amount}" if amount else words
