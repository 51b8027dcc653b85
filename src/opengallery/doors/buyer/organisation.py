"""Organisation: who belongs to it, what each role may do, the keys of its programs, and for whom one acts."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from opengallery.doors.forms import TypedForm
from opengallery.doors.pages import MEMBER, actor_of, find, page
from opengallery.kit.problems import Problem
from opengallery.market.identity.models import ApiKey, Membership
from opengallery.market.identity.rights import RIGHTS, ROLES


class KeyForm(TypedForm):
    """What a key is for."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("Says later which program uses the key, for example “Procurement”.")
    )


@page(right=MEMBER)
def organisation(request: HttpRequest) -> HttpResponse:
    """The page."""
    return show_organisation(request, KeyForm())


def show_organisation(request: HttpRequest, form: KeyForm, *, token: str = "",
                      problem: Problem | None = None) -> HttpResponse:  # fmt: skip
    """Render the page; `token` is a key just issued, shown this once."""
    actor = actor_of(request)
    members = Membership.objects.select_related("user", "organisation").order_by("user__full_name", "pk")
    of_this = list(members.filter(organisation=actor.organisation_id))
    context: dict[str, Any] = {
        "organisation": of_this[0].organisation if of_this else None,
        "members": of_this,
        "mine": members.filter(user=actor.user_id).order_by("organisation__name"),
        "acting_for": actor.organisation_id,
        "roles": [
            {"label": ROLES[role][0], "rights": [RIGHTS[right] for right in RIGHTS if right in ROLES[role][1]]}
            for role in ROLES
            if role in {member.role for member in of_this}
        ],
        "manage": actor.may("keys:manage"),
        "keys": keys_of(request) if actor.may("keys:manage") else [],
        "form": form,
        "token": token,
        "problem": problem,
    }
    status = problem.status if problem else 422 if form.errors else 200
    response = render(request, "buyer/organisation.html", context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def keys_of(request: HttpRequest) -> Any:
    """The organisation's keys, newest first; the revoked ones stay listed."""
    actor = actor_of(request)
    rows = ApiKey.objects.filter(membership__organisation=actor.organisation_id, membership__organisation__isnull=False)
    return rows.select_related("membership__user").order_by("-issued_at", "-id")


@page(right=MEMBER)
def acting(request: HttpRequest) -> HttpResponse:
    """Act for another of one's organisations from now on; NotFound for one that one does not belong to."""
    if request.method == "POST":
        chosen = find(
            Membership.objects.filter(user=actor_of(request).user_id),
            organisation__public_id=request.POST.get("organisation", "").replace("\0", ""),
        )
        request.session["organisation_id"] = chosen.organisation_id
    return redirect("buyer:organisation")
