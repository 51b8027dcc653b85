"""Issue and revoke the keys with which programs use the API."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from opengallery.doors.buyer.organisation import KeyForm, keys_of, show_organisation
from opengallery.doors.forms import ask, confirmed, typed
from opengallery.doors.pages import actor_of, find, now_of, page, show_refusal
from opengallery.kit.problems import Problem
from opengallery.market.identity.actions import issue_key, revoke_key
from opengallery.market.identity.models import Membership


@page(right="keys:manage")
def keys(request: HttpRequest) -> HttpResponse:
    """Issue a key; the answer shows its token, which nobody can ever see again."""
    if request.method != "POST":
        return redirect("buyer:organisation")
    actor = actor_of(request)
    form = KeyForm(request.POST)
    membership = find(Membership.objects.filter(user=actor.user_id), organisation=actor.organisation_id)
    try:
        _key, token = issue_key(membership, name=typed(request, "name"), at=now_of(request))
    except Problem as problem:
        show_refusal(form, problem)
        return show_organisation(request, form)
    return show_organisation(request, KeyForm(), token=token)


@page(right="keys:manage")
def revocation(request: HttpRequest, public_id: str) -> HttpResponse:
    """End a key at once."""
    key = find(keys_of(request), public_id=public_id)
    if request.method == "POST":
        if not confirmed(request):
            text = _("Programs that use “%(name)s” are refused from now on. This cannot be undone.") % {
                "name": key.name
            }
            back = reverse("buyer:organisation")
            return ask(request, title=_("Revoke this key?"), text=text, cancel_url=back, danger=True)
        revoke_key(key, at=now_of(request))
    return redirect("buyer:organisation")
