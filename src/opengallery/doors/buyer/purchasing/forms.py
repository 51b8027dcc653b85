"""The forms of purchasing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from opengallery.doors.forms import TypedForm
from opengallery.market.identity.models import Membership
from opengallery.market.purchasing.models import CostCentre, Rule

AMOUNT = forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})
MOMENT = forms.DateTimeInput({"type": "datetime-local"})


class RulesForm(TypedForm):
    """From which amounts two people are needed, and what every order must name."""

    approval_above = forms.CharField(
        label=_("A second person approves orders above"), required=False, widget=AMOUNT,
        help_text=_("Empty: whoever may buy needs nobody else."),
    )  # fmt: skip
    acceptance_above = forms.CharField(
        label=_("A second person accepts deliveries above"), required=False, widget=AMOUNT,
        help_text=_("Empty: whoever may accept needs nobody else."),
    )  # fmt: skip
    purchase_order_required = forms.BooleanField(label=_("Every order has a purchase order number"), required=False)
    cost_centre_required = forms.BooleanField(label=_("Every order has a cost centre"), required=False)

    @classmethod
    def of(cls, rule: Rule) -> "RulesForm":
        """The form, filled with the rules in force."""
        approval, acceptance = rule.approval_above, rule.acceptance_above
        return cls(initial={
            "approval_above": approval.amount() if approval else "",
            "acceptance_above": acceptance.amount() if acceptance else "",
            "purchase_order_required": rule.purchase_order_required,
            "cost_centre_required": rule.cost_centre_required,
        })  # fmt: skip


class BudgetForm(TypedForm):
    """What of a cost centre can change."""

    name = forms.CharField(label=_("Name"), max_length=80)
    budget = forms.CharField(label=_("Budget"), widget=AMOUNT, help_text=_("What may be bought for it in all."))

    @classmethod
    def of(cls, centre: CostCentre) -> "BudgetForm":
        """The form, filled with what stands."""
        return cls(initial={"name": centre.name, "budget": centre.budget.amount()})


class CostCentreForm(BudgetForm):
    """A new cost centre."""

    field_order = ("code", "name", "budget")
    code = forms.CharField(
        label=_("Code"), max_length=40, help_text=_("Letters, digits, dots, dashes; it cannot be changed later.")
    )


class StandInForm(TypedForm):
    """Who stands in for whom, from when until when, and why."""

    member = forms.CharField(label=_("Who is away"), widget=forms.Select)
    stand_in = forms.CharField(
        label=_("Who stands in"), widget=forms.Select,
        help_text=_("May do for that time what both of them may, except changing purchasing."),
    )  # fmt: skip
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, people: list[Membership], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # "from" is a word of Python, so these two cannot be attributes.
        self.fields["from"] = forms.CharField(
            label=_("From"), required=False, widget=MOMENT, help_text=_("Empty: from now on.")
        )
        self.fields["until"] = forms.CharField(label=_("Until"), widget=MOMENT)
        names = [(row.user.username, f"{row.user} – {row.get_role_display()}") for row in people]
        for field in ("member", "stand_in"):
            self.fields[field].widget.choices = names
        self.order_fields(["member", "stand_in", "from", "until", "reason"])
