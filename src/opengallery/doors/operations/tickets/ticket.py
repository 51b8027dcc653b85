"""One ticket with both sides of it; the platform answers, decides, returns or closes it."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from opengallery.doors.lists import on_side
from opengallery.doors.pages import actor_of, find, page, show_refusal
from opengallery.doors.tickets import StepForm, context_of, file_of, step_of, take
from opengallery.doors.trail import trail
from opengallery.kit.problems import Problem
from opengallery.kit.uploads import serve
from opengallery.market.aftersales.models import Ticket


@page(right="operations:view")
def ticket(request: HttpRequest, public_id: str) -> HttpResponse:
    """The ticket at a glance, with the steps that are open."""
    return shown(request, own_ticket(request, public_id), StepForm())


@page(right="operations:support")
def step(request: HttpRequest, public_id: str, noun: str) -> HttpResponse:
    """Take a step, with what is said in it; NotFound for a step that this side has not."""
    chosen = step_of("operator", noun)
    row = own_ticket(request, public_id)
    if request.method != "POST":
        return redirect("operations:ticket", public_id)
    try:
        take(request, row, chosen)
    except Problem as problem:
        form = StepForm(request.POST)
        show_refusal(form, problem)
        return shown(request, own_ticket(request, public_id), form, status=problem.status)
    return redirect("operations:ticket", public_id)


@page(right="operations:view")
def file(request: HttpRequest, public_id: str, key: str) -> HttpResponseBase:
    """Download a file of the conversation; only those who may read it ever find it."""
    return serve(file_of(own_ticket(request, public_id), key))


def own_ticket(request: HttpRequest, public_id: str) -> Ticket:
    """Any ticket; NotFound for what is none."""
    actor = actor_of(request)
    rows = on_side(Ticket.objects.select_related("order", "resource"), actor, "operator")
    row: Ticket = find(rows, public_id=public_id)
    return row


def shown(request: HttpRequest, row: Ticket, form: StepForm, *, status: int = 200) -> HttpResponse:
    """The page; a refused step is said above the form, and what was typed stays."""
    context = context_of(
        request, row, side="operator", form=form, may_act=actor_of(request).may("operations:support"),
        address=lambda key: reverse("operations:ticket_file", args=[row.public_id, key]),
    )  # fmt: skip
    context |= {
        "here": reverse("operations:ticket", args=[row.public_id]),
        "breadcrumbs": trail((_("Tickets"), "operations:tickets"), here=row.title),
    }
    return render(request, "operations/tickets/ticket.html", context, status=status)
