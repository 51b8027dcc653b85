"""Resources: what was bought, how long it runs, and its renewal."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from opengallery.doors.api.v1.answers import Created
from opengallery.doors.api.v1.bodies import Paged
from opengallery.doors.api.v1.calls import call, find_for_change
from opengallery.doors.api.v1.lists import items
from opengallery.doors.api.v1.orders import PeriodChoice
from opengallery.doors.api.v1.orders import shown as shown_order
from opengallery.doors.api.v1.shapes.orders import OrderShape, freshen
from opengallery.doors.api.v1.shapes.resources import (
    ResourceShape,
    WholeResourceShape,
    resource_shape,
    whole_resource_shape,
)
from opengallery.doors.lists import one_of
from opengallery.doors.pages import actor_of, find, now_of
from opengallery.kit.paging import page_of
from opengallery.market.orders import states
from opengallery.market.orders.actions import renew_resource
from opengallery.market.orders.models import Resource

router = Router(tags=["Resources"])
SEE = ("orders:view", "operations:view")


class Renewal(BaseModel):
    """By how much."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"period": {"unit": "year", "count": 1}}]})

    period: PeriodChoice
    purchase_order: str | None = Field(None, description="Unless told, that of the order that brought the resource")
    cost_centre: str | None = Field(None, description="Unless told, that of the order that brought the resource")


class ResourceFilters(Paged):
    """Which resources."""

    order_no: str = Field("", description="The whole number of the order that bought it")
    status: str = Field("", description="A state's code or label, such as active")


class ResourcePage(TypedDict):
    """A page of resources, newest first."""

    items: list[ResourceShape]
    next: str | None


@router.get("/resources", response=ResourcePage)
@call(*SEE)
def list_resources(request: HttpRequest, filters: Query[ResourceFilters]) -> Any:
    """What the organisation has bought."""
    rows = seen(request)
    if filters.order_no:
        rows = rows.filter(order__number=filters.order_no.strip())
    if filters.status:
        rows = rows.filter(state=one_of(filters.status, states.RESOURCE.labels, "status"))
    page = page_of(rows, order=("-id",), limit=filters.limit, cursor=filters.cursor)
    actor, at = actor_of(request), now_of(request)
    return items(page, lambda resource: resource_shape(resource, actor=actor, at=at))


@router.get("/resources/{resource}", response=WholeResourceShape)
@call(*SEE)
def get_resource(request: HttpRequest, resource: str) -> Any:
    """One resource, with what its use needs."""
    return shown(request, find_resource(request, resource))


@router.post("/resources/{resource}/renewal", response={201: OrderShape})
@call("orders:buy")
def post_renewal(request: HttpRequest, resource: str, renewal: Renewal) -> Any:
    """Order a renewal; once paid it appends to the end, and needs no delivery."""
    row = find_for_change(request, find_resource, lambda found: shown(request, found), resource, lock=lock_resource)
    period = renewal.period
    order = renew_resource(
        row, unit=period.unit, count=period.count, purchase_order=renewal.purchase_order,
        cost_centre=renewal.cost_centre, by=actor_of(request), at=now_of(request),
    )  # fmt: skip
    body = shown_order(request, freshen(order))
    return Created(body, body["href"])


def seen(request: HttpRequest) -> "QuerySet[Resource]":
    """The resources that the actor may see."""
    return Resource.objects.visible_to(actor_of(request)).select_related("order", "product").defer("product__words")


def find_resource(request: HttpRequest, resource: str) -> Resource:
    """The resource, if the actor may see it."""
    return find(seen(request), public_id=resource)


def lock_resource(resource: Resource) -> None:
    """Take the lock that the resource's verbs take first."""
    Resource.objects.select_for_update(no_key=True).get(pk=resource.pk)


def shown(request: HttpRequest, resource: Resource) -> WholeResourceShape:
    """The resource as this caller sees it now."""
    return whole_resource_shape(resource, actor=actor_of(request), at=now_of(request))
