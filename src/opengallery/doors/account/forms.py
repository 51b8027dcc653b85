"""Signing up: a person and the organisation that the person founds."""

from allauth.account.forms import SignupForm as BaseSignupForm
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from opengallery.market.identity.actions import add_member, found_organisation
from opengallery.market.identity.models import User


class SignupForm(BaseSignupForm):  # type: ignore[misc]
    """allauth's form, with the person's name and the company's."""

    full_name = forms.CharField(label=_("Full name"), max_length=120)
    organisation = forms.CharField(label=_("Company"), max_length=120)

    def save(self, request: HttpRequest) -> User:
        """Create the person and the organisation, of which the person is the owner."""
        user: User = super().save(request)
        organisation = found_organisation(self.cleaned_data["organisation"], at=request.now)  # type: ignore[attr-defined]
        add_member(organisation, user, role="owner")
        return user
