"""Reject a delivery, with the reason, the criteria that are not met, and what would satisfy each of them."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from opengallery.doors.buyer.own import own_flow
from opengallery.doors.buyer.supervision.flow import ReasonForm, above, delivered
from opengallery.doors.buyer.supervision.index import may
from opengallery.doors.forms import ask, confirmed, typed
from opengallery.doors.pages import actor_of, now_of, page, show_refusal
from opengallery.kit.problems import Problem
from opengallery.market.supervision import rules
from opengallery.market.supervision.actions import reject_delivery
from opengallery.market.supervision.models import Flow


class RejectionForm(ReasonForm):
    """The reason, and for each criterion of the order whether it is cited."""

    def __init__(self, flow: Flow, data: Any = None) -> None:
        super().__init__(data)
        self.criteria = flow.line.terms.criteria
        for item in self.criteria:
            self.fields[f"cite_{item['number']}"] = forms.BooleanField(
                label=f"{item['number']}. {item['text']}", required=False
            )
            self.fields[f"met_by_{item['number']}"] = forms.CharField(
                label=_("What would satisfy criterion %(number)s") % {"number": item["number"]}, required=False,
                widget=forms.Textarea({"rows": 2, "maxlength": rules.ANSWER_MAX}),
            )  # fmt: skip

    @property
    def pairs(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The two fields of each criterion."""
        return [(self[f"cite_{item['number']}"], self[f"met_by_{item['number']}"]) for item in self.criteria]


def cited_in(request: HttpRequest, flow: Flow) -> dict[int, str]:
    """The criteria that are cited, and what would satisfy them: who writes something means it, ticked or not."""
    cited = {}
    for item in flow.line.terms.criteria:
        text = typed(request, f"met_by_{item['number']}")
        if f"cite_{item['number']}" in request.POST or text.strip():
            cited[item["number"]] = text
    return cited


@page(right="orders:accept")
def rejection(request: HttpRequest, line: str) -> HttpResponse:
    """Ask for the reason, and reject."""
    row = own_flow(request, line)
    if request.method != "POST":
        return shown(request, row, RejectionForm(row))
    if not confirmed(request):
        back = reverse("buyer:rejection", args=[line])
        return ask(request, title=_("Reject the delivery?"), text=what_happens(row), cancel_url=back, danger=True)
    form = RejectionForm(row, request.POST)
    try:
        reject_delivery(
            row, reason=typed(request, "reason"), cited=cited_in(request, row), by=actor_of(request),
            at=now_of(request),
        )  # fmt: skip
    except Problem as problem:
        show_refusal(form, problem)
        return shown(request, own_flow(request, line), form, status=problem.status)
    return redirect("buyer:flow", line)


def shown(request: HttpRequest, row: Flow, form: RejectionForm, *, status: int = 200) -> HttpResponse:
    """The page; when there is nothing to reject (any more) it says so and offers no button."""
    context = {
        "flow": row,
        "order": row.line.order,
        "terms": row.line.terms,
        "deliveries": delivered(row)[:1],
        "reject": may(row, "reject_delivery", actor_of(request)),
        "form": form,
        "what_happens": what_happens(row),
        "breadcrumbs": above(row, here=_("Rejection")),
    }
    return render(request, "buyer/supervision/rejection.html", context, status=status)


def what_happens(row: Flow) -> str:
    """What rejecting does, in the dialog's words."""
    return _("%(seller)s reads your reason and is asked to deliver again. The validity does not start.") % {
        "seller": row.line.order.seller_name
    }
