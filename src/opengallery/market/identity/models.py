"""Organisations, people, who works for whom, and the keys of programs."""

import hashlib
import secrets
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q

from opengallery.kit.actor import Actor
from opengallery.market.identity.rights import OPERATOR_ROLES, ROLES, rights_of


class Organisation(models.Model):
    """A company that buys, sells, or operates the marketplace."""

    public_id = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    country = models.CharField(max_length=2, default="", blank=True)
    is_operator = models.BooleanField(default=False)
    is_seller = models.BooleanField(default=False)
    founded_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class UserQuery(BaseUserManager["User"]):
    """Users are found by e-mail address, whatever its case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Return a new person; the password is stored as an argon2 hash."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(force_insert=True)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person, known by the e-mail address."""

    email = models.EmailField(unique=True)
    username = models.CharField(max_length=80, unique=True)
    full_name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["username"]

    objects = UserQuery()

    def __str__(self) -> str:
        return self.full_name or self.email


class Membership(models.Model):
    """A person's role in an organisation."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    role = models.CharField(max_length=20, choices=[(role, label) for role, (label, _) in ROLES.items()])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "user"], name="one_role_per_organisation"),
            models.CheckConstraint(condition=Q(role__in=list(ROLES)), name="roles_are_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.role} of {self.organisation}"

    def actor(self) -> Actor:
        """The person, acting for this organisation. An operator's role counts only in the operator's organisation."""
        operator = self.organisation.is_operator and self.role in OPERATOR_ROLES
        return Actor(
            organisation_id=self.organisation_id,
            user_id=self.user_id,
            name=str(self.user),
            full_name=self.user.full_name,
            username=self.user.username,
            organisation_name=self.organisation.name,
            rights=rights_of(self.role) if operator or self.role not in OPERATOR_ROLES else frozenset(),
            is_operator=operator,
            is_seller=self.organisation.is_seller,
        )


class ApiKey(models.Model):
    """A program's key: shown once, stored as a hash; it acts as the person who issued it, within its role."""

    public_id = models.CharField(max_length=40, unique=True)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE)
    name = models.CharField(max_length=80)
    hint = models.CharField(max_length=12)
    sha256 = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    @staticmethod
    def new_token() -> str:
        """A new secret with 256 bits of chance; a plain hash of it is safe to store."""
        return "og_" + secrets.token_urlsafe(32)

    @staticmethod
    def digest(token: str) -> str:
        """What is stored instead of the token."""
        return hashlib.sha256(token.encode()).hexdigest()
