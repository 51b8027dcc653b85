"""Tickets: ask the seller of an order, answer, escalate to the platform, decide, close."""

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field
from typing_extensions import TypedDict

from opengallery.doors.api.v1.answers import Created, names
from opengallery.doors.api.v1.bodies import Paged
from opengallery.doors.api.v1.calls import call
from opengallery.doors.api.v1.forms import attachment
from opengallery.doors.api.v1.lists import given, items
from opengallery.doors.api.v1.orders import find_order, order_to_change
from opengallery.doors.api.v1.refreshed import fresh_refusals
from opengallery.doors.api.v1.said import body_of, files_kept, read_said
from opengallery.doors.api.v1.shapes.tickets import TicketRowShape, TicketShape, next_actions, ticket_row, ticket_shape
from opengallery.doors.api.v1.sides import seen_by, sides_of
from opengallery.doors.lists import on_side
from opengallery.doors.pages import actor_of, find, now_of
from opengallery.doors.tickets import BY_OPENING, FILTERS, file_of, filtered
from opengallery.kit.paging import page_of
from opengallery.kit.problems import InvalidInput, Problem
from opengallery.kit.uploads import serve
from opengallery.market.aftersales import actions, rules
from opengallery.market.aftersales.models import Ticket
from opengallery.market.orders.models import Order, Resource

router = Router(tags=["Tickets"])
SEE = ("orders:view", "sales:view", "operations:view")
OPENING = body_of({"title": rules.TITLE_MAX, "text": rules.TEXT_MAX, "resource": 40}, required=["title", "text"])
MESSAGE = body_of({"text": rules.TEXT_MAX}, required=["text"])
LAST_WORD = body_of({"text": rules.TEXT_MAX}, required=[])


class TicketFilters(Paged):
    """Which tickets."""

    order_no: str = Field("", description="What the order's number begins with")
    title: str = Field("", description="A part of the title")
    status: str = Field("", description="A state's code or label, such as escalated")
    side: str = Field("", description="buyer: what was asked; seller: what is to be answered; both unless told")


class TicketPage(TypedDict):
    """A page of tickets, newest first."""

    items: list[TicketRowShape]
    next: str | None


@router.get("/tickets", response=TicketPage)
@call(*SEE)
def list_tickets(request: HttpRequest, filters: Query[TicketFilters]) -> Any:
    """The organisation's tickets, as buyer and as seller; the operator sees all."""
    actor = actor_of(request)
    if filters.side and filters.side not in sides_of(actor):
        raise InvalidInput({"side": [f"You can look from: {', '.join(sides_of(actor))}."]})
    rows = seen(request)
    rows = on_side(rows, actor, filters.side) if filters.side else rows
    rows = filtered(rows, given(filters.model_dump(include=set(FILTERS))), filters.side)
    page = page_of(rows, order=BY_OPENING, limit=filters.limit, cursor=filters.cursor)
    return items(page, lambda ticket: ticket_row(ticket, actor=actor))


@router.get("/tickets/{ticket}", response=TicketShape)
@call(*SEE)
def get_ticket(request: HttpRequest, ticket: str) -> Any:
    """One ticket: state, turn, deadline, what you may do, every message, the operation log."""
    return shown(request, find_ticket(request, ticket))


@router.get("/tickets/{ticket}/files/{key}", openapi_extra=attachment("*/*"))
@call(*SEE)
def get_ticket_file(request: HttpRequest, ticket: str, key: str) -> HttpResponse | FileResponse:
    """Download a file of a message."""
    stored = file_of(find_ticket(request, ticket), key)
    if names(request.headers.get("If-None-Match", ""), f'"{stored.sha256}"'):
        return HttpResponse(status=304, headers={"ETag": f'"{stored.sha256}"'})
    return serve(stored)


@router.post("/orders/{number}/tickets", response={201: TicketShape}, openapi_extra=OPENING)
@call("orders:buy")
def post_ticket(request: HttpRequest, number: str) -> Any:
    """Open a ticket about a paid order, or about one resource that it brought: it goes to the seller.

    It goes to the platform if the seller takes no tickets. Send JSON, or multipart with files.
    """
    order = order_to_change(request, number)
    said = read_said(request, "title", "text", "resource")
    resource = resource_of(request, order, said.texts.pop("resource"))
    with fresh_refusals(request, order, find_order), files_kept(request, said) as stored:
        ticket = actions.open_ticket(
            order, **said.texts, files=stored, resource=resource, by=actor_of(request), at=now_of(request)
        )
    body = shown(request, find_ticket(request, ticket.public_id))
    return Created(body, body["href"])


@router.post("/tickets/{ticket}/acceptance", response=TicketShape)
@call("sales:deliver")
def post_ticket_acceptance(request: HttpRequest, ticket: str) -> Any:
    """Accept the ticket: the seller works on it."""
    row = find_ticket(request, ticket)
    return taken(request, row, lambda: actions.accept_ticket(row, by=actor_of(request), at=now_of(request)))


@router.post("/tickets/{ticket}/answer", response=TicketShape, openapi_extra=MESSAGE)
@call("sales:deliver", "operations:support")
def post_ticket_answer(request: HttpRequest, ticket: str) -> Any:
    """Answer the ticket: then it is the customer's turn."""
    return said_in(request, ticket, actions.answer_ticket)


@router.post("/tickets/{ticket}/reply", response=TicketShape, openapi_extra=MESSAGE)
@call("orders:buy")
def post_ticket_reply(request: HttpRequest, ticket: str) -> Any:
    """Say more, as the customer."""
    return said_in(request, ticket, actions.reply_ticket)


@router.post("/tickets/{ticket}/escalation", response=TicketShape, openapi_extra=MESSAGE)
@call("orders:buy", "operations:support")
def post_ticket_escalation(request: HttpRequest, ticket: str) -> Any:
    """Take the ticket to the platform."""
    return said_in(request, ticket, actions.escalate_ticket)


@router.post("/tickets/{ticket}/return", response=TicketShape, openapi_extra=MESSAGE)
@call("operations:support")
def post_ticket_return(request: HttpRequest, ticket: str) -> Any:
    """Give the ticket back to the seller."""
    return said_in(request, ticket, actions.return_ticket)


@router.post("/tickets/{ticket}/decision", response=TicketShape, openapi_extra=MESSAGE)
@call("operations:support")
def post_ticket_decision(request: HttpRequest, ticket: str) -> Any:
    """Decide the ticket; both sides read it."""
    return said_in(request, ticket, actions.decide_ticket)


@router.post("/tickets/{ticket}/resolution", response=TicketShape, openapi_extra=LAST_WORD)
@call("orders:buy")
def post_ticket_resolution(request: HttpRequest, ticket: str) -> Any:
    """Mark the ticket as resolved, with a last word if wished."""
    return said_in(request, ticket, actions.resolve_ticket)


@router.post("/tickets/{ticket}/reopening", response=TicketShape, openapi_extra=MESSAGE)
@call("orders:buy")
def post_ticket_reopening(request: HttpRequest, ticket: str) -> Any:
    """Open a resolved ticket again."""
    return said_in(request, ticket, actions.reopen_ticket)


@router.post("/tickets/{ticket}/closing", response=TicketShape, openapi_extra=MESSAGE)
@call("operations:support")
def post_ticket_closing(request: HttpRequest, ticket: str) -> Any:
    """Close the ticket for good."""
    return said_in(request, ticket, actions.close_ticket)


def said_in(request: HttpRequest, ticket: str, verb: Any) -> TicketShape:
    """Take a step with what is said in it."""
    row = find_ticket(request, ticket)
    said = read_said(request, "text")

    def step() -> None:
        with files_kept(request, said) as stored:
            verb(row, text=said.texts["text"], files=stored, by=actor_of(request), at=now_of(request))

    return taken(request, row, step)


def taken(request: HttpRequest, row: Ticket, step: Any) -> TicketShape:
    """Take the step; a refusal tells how the ticket stands now."""
    try:
        step()
    except InvalidInput:
        raise
    except Problem as problem:
        now = find_ticket(request, row.public_id)
        problem.extra |= {"state": now.state, "label": now.label,
                          "next_actions": next_actions(now, actor=actor_of(request))}  # fmt: skip
        raise
    return shown(request, find_ticket(request, row.public_id))


def seen(request: HttpRequest) -> "QuerySet[Ticket]":
    """The tickets that the actor may see."""
    rows: QuerySet[Ticket] = seen_by(actor_of(request), Ticket.objects.all())
    return rows.select_related("order", "resource")


def find_ticket(request: HttpRequest, ticket: str) -> Ticket:
    """The ticket, if the actor may see it."""
    return find(seen(request), public_id=ticket)


def resource_of(request: HttpRequest, order: Order, key: str) -> Resource | None:
    """The resource that was named, if the order brought it; InvalidInput at resource."""
    if not key:
        return None
    resource = Resource.objects.visible_to(actor_of(request)).filter(public_id=key, order=order).first()
    if resource is None:
        raise InvalidInput({"resource": ["The order did not bring this resource."]})
    return resource


def shown(request: HttpRequest, ticket: Ticket) -> TicketShape:
    """The ticket as this caller sees it now."""
    return ticket_shape(ticket, actor=actor_of(request))
