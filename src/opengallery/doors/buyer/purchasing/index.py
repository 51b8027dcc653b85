"""Purchasing: the rules, the cost centres with their budgets, who stands in for whom, and what waits for approval."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from opengallery.doors.buyer.purchasing.forms import CostCentreForm, RulesForm, StandInForm
from opengallery.doors.flows import events_of
from opengallery.doors.forms import typed
from opengallery.doors.pages import actor_of, now_of, page, show_refusal
from opengallery.kit.problems import NotAllowed, Problem
from opengallery.market.identity.models import Membership, StandIn
from opengallery.market.identity.rights import ROLES
from opengallery.market.journal.models import Fact
from opengallery.market.orders import states
from opengallery.market.orders.models import Order
from opengallery.market.policy.models import Policy
from opengallery.market.purchasing.actions import change_purchasing_rules
from opengallery.market.purchasing.models import CostCentre
from opengallery.market.purchasing.queries import rules_of

MOST = 100


@page(right="orders:view")
def index(request: HttpRequest) -> HttpResponse:
    """The page; POST changes the rules."""
    if request.method != "POST":
        return show_purchasing(request)
    actor = actor_of(request)
    if not actor.may("purchasing:manage"):
        raise NotAllowed(_("Ask an owner of your organisation for it."), right="purchasing:manage")
    form = RulesForm(request.POST)
    try:
        change_purchasing_rules(
            approval_above=typed(request, "approval_above"), acceptance_above=typed(request, "acceptance_above"),
            purchase_order_required="purchase_order_required" in request.POST,
            cost_centre_required="cost_centre_required" in request.POST, by=actor, at=now_of(request),
        )  # fmt: skip
    except Problem as problem:
        show_refusal(form, problem)
        return show_purchasing(request, rules=form, status=problem.status)
    messages.success(request, _("The rules hold from now on; orders placed before are not touched."))
    return redirect("buyer:purchasing")


def show_purchasing(request: HttpRequest, *, rules: RulesForm | None = None, centre: CostCentreForm | None = None,
                    stand_in: StandInForm | None = None, status: int = 200) -> HttpResponse:  # fmt: skip
    """Render the page; a form that was refused is shown as it was typed."""
    actor, now = actor_of(request), now_of(request)
    organisation_id = actor.organisation_id or 0
    rule = rules_of(organisation_id)
    people = members_of(request)
    stand_ins = list(StandIn.objects.visible_to(actor).select_related("member__user", "stand_in__user")
                     .order_by("-starts_at", "-id")[:MOST])  # fmt: skip
    approvers = [row for row in people if "orders:approve" in ROLES[row.role][1]]
    context: dict[str, Any] = {
        "rule": rule,
        "manage": actor.may("purchasing:manage"),
        "alone": rule.approval_above is not None and (not approvers or len(people) < 2),
        "currency": rule.currency or Policy.at(now)["settlement_currency"],
        "centres": [with_share(row) for row in CostCentre.objects.visible_to(actor).order_by("code")[:MOST]],
        "stand_ins": [{"row": row, "phase": row.phase(now)} for row in stand_ins],
        "waiting": Order.objects.filter(buyer=organisation_id, state=states.PENDING_APPROVAL).order_by("due_at")[:MOST],
        "approve": actor.may("orders:approve"),
        "me": actor.user_id,
        "rules_form": rules or RulesForm.of(rule),
        "centre_form": centre or CostCentreForm(),
        "stand_in_form": stand_in or StandInForm(people),
        "events": history(request),
    }
    return render(request, "buyer/purchasing/index.html", context, status=status)


def members_of(request: HttpRequest) -> list[Membership]:
    """The people of the organisation."""
    ours = Membership.objects.filter(organisation=actor_of(request).organisation_id, user__is_active=True)
    return list(ours.select_related("user").order_by("user__full_name", "pk"))


def with_share(centre: CostCentre) -> dict[str, Any]:
    """A cost centre and how much of its budget is taken, in percent."""
    taken = centre.reserved_units * 100 // centre.budget_units if centre.budget_units else 0
    return {"row": centre, "share": taken}


def history(request: HttpRequest) -> list[dict[str, Any]]:
    """Who changed what of purchasing, newest last."""
    kinds = ("purchasing_rules", "cost_centre", "stand_in")
    mine = Fact.objects.visible_to(actor_of(request)).filter(buyer_id=actor_of(request).organisation_id, kind__in=kinds)
    events = events_of(reversed(mine.order_by("-id")[:20]))
    # What a reason does not say, the code does: which cost centre it was.
    return [event | {"note": event["note"] or code_in(event["subject"])} for event in events]


def code_in(subject: str) -> str:
    """A cost centre's code; "" for what has an id of its own, which tells a person nothing."""
    return "" if subject.startswith(("org_", "stand_")) else subject
