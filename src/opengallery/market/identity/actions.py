"""Found an organisation, let people in, issue and revoke the keys of programs."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from opengallery.kit.actor import Actor
from opengallery.kit.bulk import run_sql
from opengallery.kit.ids import new_id
from opengallery.kit.problems import InvalidInput
from opengallery.kit.verbs import atomic
from opengallery.market.identity.models import ApiKey, Membership, Organisation, User
from opengallery.market.identity.rights import OPERATOR_ROLES, ROLES

NAME_MAX = 120


@atomic
def found_organisation(name: str, *, at: datetime, country: str = "", is_operator: bool = False) -> Organisation:
    """Create a company. InvalidInput if the name is empty or longer than 120 characters."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= NAME_MAX:
        raise InvalidInput({"organisation": ["The company's name has 1 to 120 characters."]})
    return Organisation.objects.create(
        public_id=new_id("org", at), name=name, country=country, is_operator=is_operator, founded_at=at
    )


@atomic
def open_selling(organisation: Organisation) -> None:
    """Give an organisation its seller console; sellers.admit_seller decides who gets one."""
    organisation.is_seller = True
    organisation.save(update_fields=["is_seller"])


@atomic
def add_person(organisation: Organisation, *, email: str, username: str, full_name: str, password: str | None,
               role: str) -> Membership:  # fmt: skip
    """Create a person and give them a role. InvalidInput if the address or username is taken."""
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, password, username=username, full_name=full_name)
    except IntegrityError as error:
        raise InvalidInput({"email": ["There is a person with this address or username already."]}) from error
    return add_member(organisation, user, role=role)


@atomic
def add_member(organisation: Organisation, user: User, *, role: str) -> Membership:
    """Give a person a role in an organisation; an operator's role only in the operator's."""
    if role not in ROLES or (role in OPERATOR_ROLES) != organisation.is_operator:
        raise InvalidInput({"role": ["This organisation has no such role."]})
    membership, _ = Membership.objects.update_or_create(organisation=organisation, user=user, defaults={"role": role})
    return membership


@atomic
def issue_key(membership: Membership, *, name: str, at: datetime) -> tuple[ApiKey, str]:
    """Return a new key and its token, which is never shown again. InvalidInput if the name is empty or too long."""
    name = name.strip()
    if not 1 <= len(name) <= 80:
        raise InvalidInput({"name": ["A name of 1 to 80 characters says later what the key is for."]})
    token = ApiKey.new_token()
    key = ApiKey.objects.create(
        public_id=new_id("key", at), membership=membership, name=name, hint=token[:9], sha256=ApiKey.digest(token),
        issued_at=at,
    )  # fmt: skip
    return key, token


@atomic
def revoke_key(key: ApiKey, *, at: datetime) -> None:
    """End a key at once; doing it again changes nothing."""
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=at)


# Asked by every call of the API, so past the ORM: a tenth of the processor's time.
WHOSE_KEY = """
    SELECT k.id, k.public_id, k.last_used_at, m.id, m.role, m.stands_in, u.id, u.full_name, u.username, u.email,
           o.id, o.name, o.is_operator, o.is_seller
    FROM identity_apikey k JOIN identity_membership m ON m.id = k.membership_id
         JOIN identity_user u ON u.id = m.user_id JOIN identity_organisation o ON o.id = m.organisation_id
    WHERE k.sha256 = %s AND k.revoked_at IS NULL AND u.is_active
"""


def actor_of_token(token: str, *, at: datetime) -> tuple[Actor, str] | None:
    """Return who a token acts as, and the key's id; None unless the key is known and not revoked.

    Whoever stands in for somebody does so through the own keys too. The time of use is kept to the minute, so that a
    busy program does not write at every call.
    """
    rows = run_sql(WHOSE_KEY, [ApiKey.digest(token)])
    if not rows:
        return None
    [(key, public_id, last_used_at, membership_id, role, stands_in, *person)] = rows
    user_id, full_name, username, email, *place = person
    if last_used_at is None or at - last_used_at >= timedelta(minutes=1):
        ApiKey.objects.filter(pk=key).update(last_used_at=at)
    organisation_id, name, is_operator, is_seller = place
    member = Membership(
        id=membership_id, role=role, stands_in=stands_in,
        user=User(id=user_id, full_name=full_name, username=username, email=email),
        organisation=Organisation(id=organisation_id, name=name, is_operator=is_operator, is_seller=is_seller),
    )  # fmt: skip
    return member.actor(at=at), public_id


@atomic
def renew_feed(member: Membership) -> str:
    """Return the secret of a new calendar feed; the old one ends. It is stored as a hash, so it is shown only now."""
    token = ApiKey.new_token()
    Membership.objects.filter(pk=member.pk).update(feed_sha256=ApiKey.digest(token))
    return token


def member_of_feed(token: str, *, at: datetime) -> Actor | None:
    """Who reads a calendar feed; None unless the secret is somebody's who is still active."""
    rows = Membership.objects.filter(feed_sha256=ApiKey.digest(token), user__is_active=True)
    member = rows.select_related("user", "organisation").first()
    return member.actor(at=at) if member else None
