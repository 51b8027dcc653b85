"""Run a cycle by hand: draw every bill of it that is not drawn yet."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.forms import TypedForm, ask, confirmed
from opengallery.doors.operations.bills.index import cycle_in
from opengallery.doors.pages import actor_of, now_of, page, show_refusal
from opengallery.doors.trail import trail
from opengallery.kit.problems import Problem
from opengallery.market.billing.actions import run_bills
from opengallery.market.billing.models import Run


class RunForm(TypedForm):
    """Which cycle."""

    cycle = forms.CharField(
        label=gettext_lazy("Billing cycle"), widget=forms.TextInput({"placeholder": "YYYYMM", "inputmode": "numeric"}),
        help_text=gettext_lazy("A month that is over, such as 202003. A finished cycle stays as it is."),
    )  # fmt: skip


@page(right="operations:policy")
def run(request: HttpRequest) -> HttpResponse:
    """Ask for the cycle; on "OK" run it."""
    planned = Run.objects.filter(finished_at=None).order_by("cycle").first()
    form = RunForm(request.POST if request.method == "POST" else None, initial={"cycle": planned and planned.cycle})
    status = 200
    if request.method == "POST":
        try:
            cycle = cycle_in(request.POST.get("cycle", ""))
            if not confirmed(request):
                return ask(request, title=_("Run the bills?"), text=_("The bills of cycle %(cycle)s are drawn now.")
                           % {"cycle": cycle}, cancel_url=reverse("operations:bills"))  # fmt: skip
            done = run_bills(cycle, at=now_of(request), by=actor_of(request))
        except Problem as problem:
            show_refusal(form, problem)
            status = problem.status
        else:
            said = _("Cycle %(cycle)s is finished: bills %(bills)d, lines %(lines)d.")
            messages.success(request, said % {"cycle": done.cycle, "bills": done.bills, "lines": done.lines})
            return redirect("operations:bills")
    context = {"form": form, "breadcrumbs": trail((_("Bills"), "operations:bills"), here=_("Run a cycle"))}
    return render(request, "operations/bills/run.html", context, status=status)
