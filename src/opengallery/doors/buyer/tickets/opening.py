"""Open a ticket about an order, or about one resource that it brought."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opengallery.doors.forms import FilesInput, TypedForm, typed
from opengallery.doors.lists import on_side
from opengallery.doors.pages import actor_of, now_of, page, show_refusal
from opengallery.doors.tickets import kept_files, with_limits
from opengallery.doors.trail import trail
from opengallery.doors.uploads import rules_of
from opengallery.kit.problems import InvalidInput, Problem
from opengallery.market.aftersales import rules
from opengallery.market.aftersales.actions import open_ticket
from opengallery.market.aftersales.models import Ticket
from opengallery.market.orders.models import Order, Resource
from opengallery.market.policy.models import Policy


class OpeningForm(TypedForm):
    """What it is about, and what is wrong."""

    order_no = forms.CharField(
        label=gettext_lazy("Order No."),
        help_text=gettext_lazy("The whole number of a paid order, as My Orders shows it."),
    )
    title = forms.CharField(label=gettext_lazy("Title"), max_length=rules.TITLE_MAX)
    text = forms.CharField(
        label=gettext_lazy("Message"), widget=forms.Textarea(attrs={"rows": 6, "maxlength": rules.TEXT_MAX}),
        help_text=gettext_lazy("What you did, what happened, and what you expected. 1 to 2,000 characters."),
    )  # fmt: skip
    attachments = forms.FileField(label=gettext_lazy("Files"), required=False, widget=FilesInput())
    resource = forms.CharField(required=False, widget=forms.HiddenInput())


@page(right="orders:buy")
def opening(request: HttpRequest) -> HttpResponse:
    """The form, filled in by the address that led here; on "Open a ticket" open it."""
    status = 200
    if request.method == "POST":
        form = OpeningForm(request.POST)
        try:
            ticket = opened(request)
        except Problem as problem:
            show_refusal(form, problem)
            status = problem.status
        else:
            messages.success(request, _("The ticket is open. You are told when there is an answer."))
            return redirect("buyer:ticket", ticket.public_id)
    else:
        form = OpeningForm(
            initial={"order_no": request.GET.get("order", ""), "resource": request.GET.get("resource", "")}
        )
    context = {
        "form": with_limits(form, rules_of(Policy.at(now_of(request)))),
        "breadcrumbs": trail((_("Tickets"), "buyer:tickets"), here=_("Open a ticket")),
    }
    return render(request, "buyer/tickets/opening.html", context, status=status)


def opened(request: HttpRequest) -> Ticket:
    """Find the order and the resource among one's own, keep the files, open the ticket."""
    actor = actor_of(request)
    number, key = typed(request, "order_no").strip(), typed(request, "resource").strip()
    order = on_side(Order.objects.all(), actor, "buyer").filter(number=number).first()
    if order is None:
        raise InvalidInput({"order_no": [_("Your organisation has no order of this number.")]})
    resource = (
        on_side(Resource.objects.all(), actor, "buyer").filter(public_id=key, order=order).first() if key else None
    )
    with kept_files(request) as stored:
        return open_ticket(
            order, title=typed(request, "title"), text=typed(request, "text"), files=stored, resource=resource,
            by=actor, at=now_of(request),
        )  # fmt: skip
