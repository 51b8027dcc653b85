"""Tickets as every console shows them: the list, whose turn it is, the conversation, the steps that are open."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.flows import event
from opengallery.doors.forms import FilesInput, TypedForm, confirmed, typed
from opengallery.doors.listing import choice_field, text_field
from opengallery.doors.lists import known, on_side, one_of
from opengallery.doors.pages import actor_of, now_of
from opengallery.doors.uploads import rules_of
from opengallery.kit.actor import Actor
from opengallery.kit.calendar import instant, local_date
from opengallery.kit.models import StoredFile
from opengallery.kit.problems import InvalidInput, NotFound
from opengallery.kit.uploads import IncomingFile, UploadRules, check_daily, check_files, kept
from opengallery.kit.uploads.rules import size_in_words
from opengallery.market.aftersales import actions, rules, states
from opengallery.market.aftersales.models import Ticket
from opengallery.market.journal.models import Fact
from opengallery.market.policy.models import Policy

FILTERS = ("order_no", "title", "status")
BY_OPENING = ("-opened_at", "-id")


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a ticket as a button: its address, its verb, its words."""

    noun: str
    verb: str
    label: Any
    style: str = ""
    silent: bool = False  # nothing is said with it
    final: bool = False  # it cannot be undone: the person is asked once more


STEPS = {
    "buyer": (
        Step("reply", "reply_ticket", gettext_lazy("Send"), "primary"),
        Step("reopening", "reopen_ticket", gettext_lazy("Open again"), "primary"),
        Step("resolution", "resolve_ticket", gettext_lazy("Mark as resolved")),
        Step("escalation", "escalate_ticket", gettext_lazy("Escalate to the platform")),
    ),
    "seller": (
        Step("acceptance", "accept_ticket", gettext_lazy("Accept ticket"), "primary", silent=True),
        Step("answer", "answer_ticket", gettext_lazy("Answer"), "primary"),
    ),
    "operator": (
        Step("answer", "answer_ticket", gettext_lazy("Answer"), "primary"),
        Step("decision", "decide_ticket", gettext_lazy("Decide")),
        Step("return", "return_ticket", gettext_lazy("Return to the seller")),
        Step("escalation", "escalate_ticket", gettext_lazy("Take over")),
        Step("closing", "close_ticket", gettext_lazy("Close for good"), "danger", final=True),
    ),
}

# Whose turn it is, as each side reads it; what happens if nobody acts.
WHO = {
    (states.OPEN, "seller"): gettext_lazy("Your turn: accept the ticket"),
    (states.OPEN, ""): gettext_lazy("The seller is to accept the ticket"),
    (states.ANSWERING, "seller"): gettext_lazy("Your turn: answer"),
    (states.ANSWERING, ""): gettext_lazy("The seller is to answer"),
    (states.WAIT_BUYER, "buyer"): gettext_lazy("Your turn: answer, or mark it as resolved"),
    (states.WAIT_BUYER, ""): gettext_lazy("The customer is to answer"),
    (states.ESCALATED, "operator"): gettext_lazy("Your turn: answer, decide or return it"),
    (states.ESCALATED, ""): gettext_lazy("The platform is to decide"),
    (states.RESOLVED, ""): gettext_lazy("Resolved; the ticket closes by itself"),
}
THEN = {
    states.OPEN: gettext_lazy("If the seller is silent until then, the ticket goes to the platform."),
    states.ANSWERING: gettext_lazy("If the seller is silent until then, the ticket goes to the platform."),
    states.WAIT_BUYER: gettext_lazy("If nobody comes back to it until then, the ticket is closed."),
    states.ESCALATED: gettext_lazy("The platform promises an answer by then. Nothing is decided by silence."),
    states.RESOLVED: gettext_lazy("Until then the customer can open it again."),
}


class TicketFilters(TypedForm):
    """The search criteria of a ticket list."""

    order_no = text_field(gettext_lazy("Order No."))
    title = text_field(gettext_lazy("Title"))
    status = choice_field(gettext_lazy("Status"), states.LABELS)


class SellerTicketFilters(TicketFilters):
    """The same under the names that sellers know (L33)."""

    status = choice_field(gettext_lazy("Status"), states.SELLER_LABELS)


class StepForm(TypedForm):
    """What is said with a step."""

    text = forms.CharField(
        label=gettext_lazy("Message"), help_text=gettext_lazy("1 to 2,000 characters."),
        widget=forms.Textarea(attrs={"rows": 5, "maxlength": rules.TEXT_MAX}),
    )  # fmt: skip
    attachments = forms.FileField(label=gettext_lazy("Files"), required=False, widget=FilesInput())


def with_limits(form: TypedForm, limits: UploadRules) -> TypedForm:
    """Say beside the files what may be sent."""
    field = form.fields["attachments"]
    field.help_text = _("At most %(most)d files of up to %(size)s each: %(kinds)s.") % {
        "most": limits.max_files, "size": size_in_words(limits.max_bytes), "kinds": ", ".join(limits.extensions),
    }  # fmt: skip
    field.widget.attrs |= {
        "accept": ",".join(limits.extensions), "data-max-bytes": limits.max_bytes, "data-max-files": limits.max_files,
    }  # fmt: skip
    return form


def ticket_rows(actor: Actor, side: str, filters: Mapping[str, str]) -> "QuerySet[Ticket]":
    """Tickets that the actor sees from a side, filtered. InvalidInput for unknown filters and statuses."""
    return filtered(on_side(Ticket.objects.select_related("order"), actor, side), filters, side)


def filtered(rows: "QuerySet[Ticket]", filters: Mapping[str, str], side: str = "") -> "QuerySet[Ticket]":
    """Apply the criteria; sellers have names of their own for the states."""
    known(filters, FILTERS)
    if filters.get("order_no", "").strip():
        rows = rows.filter(order__number__istartswith=said(filters["order_no"]))
    if filters.get("title", "").strip():
        rows = rows.filter(title__icontains=said(filters["title"]))
    if filters.get("status"):
        labels = states.SELLER_LABELS if side == "seller" else states.LABELS
        rows = rows.filter(state=one_of(filters["status"], labels, "status"))
    return rows


def said(text: str) -> str:
    """What is searched for; no text holds the character NUL."""
    return text.strip().replace("\0", "")


def turn_of(ticket: Ticket, *, side: str, now: datetime) -> dict[str, Any] | None:
    """Whose turn it is as one side reads it (components/turn.html); None when the ticket is closed."""
    if ticket.state == states.CLOSED:
        return None
    deadline = ticket.due_at or ticket.decide_by
    late = ticket.decide_by is not None and ticket.decide_by < now
    return {
        "who": WHO.get((ticket.state, side)) or WHO[ticket.state, ""],
        "since": ticket.state_since,
        "deadline": deadline,
        "text": _("The platform's time to decide is over.") if late else THEN[ticket.state],
        "mine": ticket.turn == side,
    }


def thread_of(ticket: Ticket, actor: Actor, address: Callable[[str], str]) -> list[dict[str, Any]]:
    """Everything that was said and done (components/timeline.html), oldest first, each message with its files."""
    facts = Fact.objects.visible_to(actor).of(ticket.stream).filter(subject=ticket.subject)
    return [event(fact) | {"files": files_in(fact, address)} for fact in facts]


def files_in(fact: Fact, address: Callable[[str], str]) -> list[dict[str, Any]]:
    """The files that a fact names."""
    return [
        {"name": file["name"], "size": file["size"], "sha256": file["sha256"], "kind": "", "url": address(file["file"])}
        for file in json.loads(fact.body)["data"].get("files", ())
    ]


def file_of(ticket: Ticket, key: str) -> StoredFile:
    """A file of one of the ticket's messages; NotFound for any other, whoever asks."""
    file = StoredFile.objects.filter(key=key, messagefile__message__ticket=ticket).first()
    if file is None:
        raise NotFound
    return file


def open_steps(ticket: Ticket, side: str, actor: Actor) -> list[Step]:
    """The steps that the life's table opens to the actor now, in the order of the buttons."""
    verbs = {move.verb for move in ticket.moves_for(actor)}
    return [step for step in STEPS[side] if step.verb in verbs]


def step_of(side: str, noun: str) -> Step:
    """The step behind an address; NotFound if a side has none of that name."""
    for step in STEPS[side]:
        if step.noun == noun:
            return step
    raise NotFound


def take(request: HttpRequest, ticket: Ticket, step: Step) -> None:
    """Read the form, keep the files, call the verb; nothing is kept of what is refused."""
    actor, now = actor_of(request), now_of(request)
    verb = getattr(actions, step.verb)
    if step.silent:
        verb(ticket, by=actor, at=now)
        return
    if step.final and not confirmed(request):
        raise InvalidInput({"": [_("Tick the box above the buttons: it says what will happen.")]})
    with kept_files(request) as stored:
        verb(ticket, text=typed(request, "text"), files=stored, by=actor, at=now)


def kept_files(request: HttpRequest, field: str = "attachments") -> Any:
    """Check the files of a request and keep them for as long as the verb succeeds. InvalidInput at the field."""
    actor, now = actor_of(request), now_of(request)
    limits = rules_of(Policy.at(now))
    files = cast("list[IncomingFile]", request.FILES.getlist(field))
    organisation = actor.organisation_id or 0
    check_files(files, limits, field=field)
    check_daily(organisation, files, limits, instant(local_date(now)), field=field)
    return kept(files, organisation_id=organisation, uploaded_by_id=actor.user_id, at=now)


def context_of(request: HttpRequest, ticket: Ticket, *, side: str, form: TypedForm, may_act: bool,
               address: Callable[[str], str]) -> dict[str, Any]:  # fmt: skip
    """The context of components/ticket.html."""
    actor, now = actor_of(request), now_of(request)
    steps = open_steps(ticket, side, actor) if may_act else []
    return {
        "ticket": ticket,
        "order": ticket.order,
        "label": ticket.seller_label if side == "seller" else ticket.label,
        "turn": turn_of(ticket, side=side, now=now),
        "events": thread_of(ticket, actor, address),
        "spoken": [step for step in steps if not step.silent],
        "silent": [step for step in steps if step.silent],
        "asks": any(step.final for step in steps),
        "form": with_limits(form, rules_of(Policy.at(now))),
    }
