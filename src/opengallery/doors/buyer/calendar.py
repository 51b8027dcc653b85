"""The calendar feed: a secret address that a person's calendar program fetches again and again (iCalendar)."""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from opengallery.doors.deadlines import deadlines_of, sides_of
from opengallery.doors.forms import ask, confirmed
from opengallery.doors.pages import ANYONE, MEMBER, actor_of, find, now_of, page
from opengallery.kit.env import env
from opengallery.market.identity.actions import member_of_feed, renew_feed
from opengallery.market.identity.models import Membership

LONG = timedelta(minutes=15)


@page(right=MEMBER)
def calendar(request: HttpRequest) -> HttpResponse:
    """Say how to subscribe; renew the address, which ends the old one. It is shown once."""
    actor = actor_of(request)
    member = find(Membership.objects.filter(user=actor.user_id), organisation=actor.organisation_id)
    context = {"has_one": bool(member.feed_sha256), "address": ""}
    if request.method == "POST":
        if member.feed_sha256 and not confirmed(request):
            text = _("Calendars that use the old one get nothing any more.")
            return ask(request, title=_("Make a new address?"), text=text, cancel_url=reverse("buyer:calendar"))
        context = {"has_one": True, "address": env.base_url + reverse("buyer:feed", args=[renew_feed(member)])}
    response = render(request, "buyer/calendar.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


@page(right=ANYONE)
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The feed of the member whose secret address it is; 404 for any other."""
    at = now_of(request)
    actor = member_of_feed(token, at=at)
    if actor is None:
        raise Http404
    book = Calendar()
    book.add("prodid", "-//OpenGallery//My deadlines//EN")
    book.add("version", "2.0")
    book.add("x-wr-calname", f"{env.brand}: {actor.organisation_name}")
    for side in sides_of(actor):
        for due in deadlines_of(actor, side, at):
            if due.at is None:
                continue
            event = Event()
            event.add("uid", f"{due.key}@opengallery")
            event.add("dtstamp", at)
            event.add("dtstart", due.at - LONG)
            event.add("dtend", due.at)
            event.add("summary", f"{due.title}: {due.subject}")
            event.add("description", due.outcome)
            event.add("url", env.base_url + due.url)
            book.add_component(event)
    response = HttpResponse(book.to_ical(), content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, no-store"
    return response
