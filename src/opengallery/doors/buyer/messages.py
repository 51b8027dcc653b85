"""Messages: what one was told, newest first."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from opengallery.doors.listing import pager
from opengallery.doors.pages import MEMBER, actor_of, now_of, page
from opengallery.kit.paging import page_of
from opengallery.market.notices.actions import mark_read
from opengallery.market.notices.models import Notice

# (side, kind of the subject) → the page that shows it. What else belongs to an order is shown with the order.
PAGES = {
    ("buyer", "order"): "buyer:order",
    ("buyer", "flow"): "buyer:flow",
    ("buyer", "resource"): "buyer:resource",
    ("seller", "order"): "seller:order",
    ("seller", "flow"): "seller:flow",
    ("seller", "bill"): "seller:bill",
    ("operator", "order"): "operations:order",
    ("operator", "flow"): "operations:flow",
    ("buyer", "ticket"): "buyer:ticket",
    ("seller", "ticket"): "seller:ticket",
    ("operator", "ticket"): "operations:ticket",
}
OF_AN_ORDER = ("appeal", "unsubscription", "rating", "exchange")


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
    """Where its subject is shown to this reader; "" for a subject without a page."""
    if row.fact is None:
        return reverse("seller:supervision")  # a digest
    sides = {row.fact.buyer_id: "buyer", row.fact.seller_id: "seller"}
    side = sides.get(row.organisation_id, "operator")
    if row.kind in OF_AN_ORDER:
        return reverse(PAGES[side, "order"], args=[row.fact.stream])
    name = PAGES.get((side, row.kind))
    return reverse(name, args=[row.about]) if name else ""
