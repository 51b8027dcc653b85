"""Organisations, people, who works for whom, and the keys of programs."""

import hashlib
import secrets
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q

from opengallery.kit.actor import Actor
from opengallery.kit.bulk import run_sql
from opengallery.kit.states import Life
from opengallery.market.identity import states
from opengallery.market.identity.rights import NOT_LENT, OPERATOR_ROLES, ROLES, rights_of
from opengallery.market.journal.models import Living


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


# Asked by every call and page of somebody who stands in, so past the ORM.
LENT = """
    SELECT m.role FROM identity_standin s JOIN identity_membership m ON m.id = s.member_id
    WHERE s.stand_in_id = %s AND s.state = 'appointed' AND s.starts_at <= %s AND s.ends_at > %s
"""


class Membership(models.Model):
    """A person's role in an organisation. `stands_in`: whether to look for somebody whose rights were lent to them.

    `feed_sha256`: the hash of the secret in the address of their calendar feed; "" without one.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    role = models.CharField(max_length=20, choices=[(role, label) for role, (label, _) in ROLES.items()])
    stands_in = models.BooleanField(default=False)
    feed_sha256 = models.CharField(max_length=64, blank=True, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "user"], name="one_role_per_organisation"),
            models.CheckConstraint(condition=Q(role__in=list(ROLES)), name="roles_are_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.role} of {self.organisation}"

    def actor(self, *, at: datetime | None = None) -> Actor:
        """The person, acting for this organisation. An operator's role counts only in the operator's organisation.

        With `at` the rights include those of whom the person stands in for at that instant.
        """
        operator = self.organisation.is_operator and self.role in OPERATOR_ROLES
        return Actor(
            organisation_id=self.organisation_id,
            user_id=self.user_id,
            name=str(self.user),
            full_name=self.user.full_name,
            username=self.user.username,
            organisation_name=self.organisation.name,
            rights=rights_of(self.role) | self.lent(at) if operator or self.role not in OPERATOR_ROLES else frozenset(),
            is_operator=operator,
            is_seller=self.organisation.is_seller,
        )

    def lent(self, at: datetime | None) -> frozenset[str]:
        """The rights of those for whom this member stands in at an instant; who may appoint is never lent."""
        if at is None or not self.stands_in:
            return frozenset()
        rows = run_sql(LENT, [self.pk, at, at])
        return frozenset[str]().union(*(rights_of(role) for (role,) in rows)) - NOT_LENT


class StandInQuery(models.QuerySet["StandIn"]):
    """Which stand-ins."""

    def visible_to(self, actor: Actor) -> "StandInQuery":
        """Those of one's own organisation."""
        mine = actor.organisation_id
        return self.filter(organisation=mine) if mine else self.none()


class StandIn(Living):
    """A member who may for a time do what another one may: from `starts_at` to just before `ends_at`."""

    kind: ClassVar[str] = "stand_in"

    public_id = models.CharField(max_length=40, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    member = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="replaced_by")
    stand_in = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="stands_in_for")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    appointed_at = models.DateTimeField()

    objects = StandInQuery.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_stand_in_ends_after_it_begins"),
            models.CheckConstraint(condition=~Q(stand_in=F("member")), name="nobody_stands_in_for_oneself"),
        ]
        indexes = [models.Index(fields=["stand_in", "ends_at"], name="stand_ins_of_a_member")]

    def __str__(self) -> str:
        return f"{self.stand_in_id} for {self.member_id}"

    @property
    def life(self) -> Life:
        return states.STAND_IN

    @property
    def stream(self) -> str:
        return f"purchasing-{self.organisation.public_id}"

    @property
    def subject(self) -> str:
        return self.public_id

    @property
    def parties(self) -> tuple[int | None, int | None]:
        return self.organisation_id, None

    def phase(self, at: datetime) -> str:
        """How it stands at an instant: "dismissed", "coming", "in_force", "over"."""
        if self.state == states.DISMISSED:
            return states.DISMISSED
        if at < self.starts_at:
            return "coming"
        return "in_force" if at < self.ends_at else "over"


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
