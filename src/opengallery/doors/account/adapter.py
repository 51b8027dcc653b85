"""What allauth asks of us: usernames, and that the sign-up founds an organisation."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from opengallery.kit.ids import new_id
from opengallery.market.identity.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """People are known by e-mail address; the username is for search and display."""

    def populate_username(self, request: HttpRequest, user: User) -> None:
        """Give a new person a username from the address; a taken one gets a tail of chance."""
        wanted = user.email.partition("@")[0][:60] or "user"
        taken = User.objects.filter(username=wanted).exists()
        user.username = f"{wanted}-{new_id('u', request.now)[-6:]}" if taken else wanted  # type: ignore[attr-defined]

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Anybody may found an organisation and buy."""
        return True

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Save the person with the full name that the form asks for."""
        user.full_name = form.cleaned_data.get("full_name", "")
        return super().save_user(request, user, form, commit)  # type: ignore[no-any-return]
