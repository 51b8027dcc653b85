"""Organisations: one's own, and for operations all of them; and the policy in force."""

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router
from typing_extensions import TypedDict

from opengallery.doors.api.v1.bodies import Paged
from opengallery.doors.api.v1.calls import call
from opengallery.doors.api.v1.lists import items
from opengallery.doors.api.v1.shapes.common import Instant, utc
from opengallery.doors.pages import MEMBER, actor_of, find, now_of
from opengallery.kit.paging import page_of
from opengallery.market.identity.models import Organisation
from opengallery.market.policy.models import Policy
from opengallery.market.policy.settings import SETTINGS

router = Router(tags=["Organisation"])


class CompanyShape(TypedDict):
    """A company."""

    id: str
    name: str
    country: str
    is_operator: bool
    founded_at: Instant


class CallerShape(CompanyShape):
    """One's own company, the person for whom the key acts, and that person's rights."""

    person: str
    rights: list[str]


class CompanyPage(TypedDict):
    """A page of companies, newest first."""

    items: list[CompanyShape]
    next: str | None


class SettingShape(TypedDict):
    """A setting, as it stands now."""

    key: str
    value: bool | int | str
    default: bool | int | str
    meaning: str
    source: str


class PolicyShape(TypedDict):
    """Every setting; orders that were placed before keep theirs."""

    items: list[SettingShape]
    next: str | None


@router.get("/organisation", response=CallerShape)
@call(MEMBER)
def get_organisation(request: HttpRequest) -> Any:
    """For whom this key acts, and what it may do."""
    actor = actor_of(request)
    company = company_shape(find(Organisation.objects.all(), pk=actor.organisation_id))
    return {**company, "person": actor.name, "rights": sorted(actor.rights)}


@router.get("/organisations", response=CompanyPage)
@call("operations:view")
def list_organisations(request: HttpRequest, paging: Query[Paged]) -> Any:
    """All organisations."""
    return items(page_of(Organisation.objects.all(), order=("-id",), limit=paging.limit, cursor=paging.cursor),
                 company_shape)  # fmt: skip


@router.get("/policy", response=PolicyShape)
@call("operations:view")
def get_policy(request: HttpRequest) -> Any:
    """The policy in force."""
    policy = Policy.at(now_of(request))
    rows: list[SettingShape] = [
        {"key": row.key, "value": policy[row.key], "default": row.default, "meaning": row.meaning,
         "source": row.source}
        for row in SETTINGS.values()
    ]  # fmt: skip
    return {"items": rows, "next": None}


def company_shape(company: Organisation) -> CompanyShape:
    """A company."""
    return {
        "id": company.public_id,
        "name": company.name,
        "country": company.country,
        "is_operator": company.is_operator,
        "founded_at": utc(company.founded_at) or "",
    }
