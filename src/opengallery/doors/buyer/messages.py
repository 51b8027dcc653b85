"""Messages: what one was told, newest first."""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from opengallery.doors.listing import pager
from opengallery.doors.pages import MEMBER, actor_of, now_of, page
from opengallery.kit.paging import page_of
from opengallery.market.notices.actions import mark_read
from opengallery.market.notices.models import Notice

# (side, kind of the subject) → the page that shows it.
PAGES = {
    ("buyer", "order"): "buyer:order",
    ("buyer", "flow"): "buyer:flow",
    ("buyer", "resource"): "buyer:resource",
    ("buyer", "ticket"): "buyer:ticket",
    ("buyer", "unsubscription"): "buyer:unsubscription",
    ("seller", "order"): "seller:order",
    ("seller", "flow"): "seller:flow",
    ("seller", "bill"): "seller:bill",
    ("seller", "ticket"): "seller:ticket",
    ("seller", "rating"): "seller:rating",
    ("seller", "unsubscription"): "seller:unsubscription",
    ("operator", "order"): "operations:order",
    ("operator", "flow"): "operations:flow",
    ("operator", "appeal"): "operations:appeal",
    ("operator", "ticket"): "operations:ticket",
    ("operator", "rating"): "operations:rating",
    ("operator", "unsubscription"): "operations:unsubscription",
}
# The organisation's own rules are shown together.
TOGETHER = {"purchasing_rules": "buyer:purchasing", "stand_in": "buyer:stand_ins", "cost_centre": "buyer:cost_centres"}


@page(right=MEMBER)
def messages(request: HttpRequest) -> HttpResponse:
    """The list; POST marks all as read."""
    actor = actor_of(request)
    if request.method == "POST":
        mark_read(by=actor, at=now_of(request))
        return redirect("buyer:messages")
    cursor = request.GET.get("cursor")
    rows = Notice.objects.of(actor.user_id, actor.organisation_id).select_related("fact")
    found = page_of(rows, order=("-id",), cursor=cursor)
    context = {
        "rows": [{"notice": row, "url": address(row)} for row in found.items],
        "new": any(row.read_at is None for row in found.items),
        "pager": pager(request, cursor=cursor, following=found.next, shown=len(found.items)),
    }
    return render(request, "buyer/messages.html", context)


def address(row: Notice) -> str:
    """Where its subject is shown to this reader; what has no page of its own is shown with its flow or order."""
    if row.fact is None:
        return reverse("seller:supervision")  # a digest
    sides = {row.fact.buyer_id: "buyer", row.fact.seller_id: "seller"}
    side = sides.get(row.organisation_id, "operator")
    if row.kind in TOGETHER:
        return reverse(TOGETHER[row.kind])
    if name := PAGES.get((side, row.kind)):
        return reverse(name, args=[row.about])
    if line := json.loads(row.fact.body)["data"].get("line"):
        return reverse(PAGES[side, "flow"], args=[line])  # a party's appeal is shown with its flow
    return reverse(PAGES[side, "order"], args=[row.fact.stream])
