"""What the frame of every page shows: consoles, navigation, the person, unread messages, the sandbox's clock."""

from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from opengallery.kit.actor import Actor
from opengallery.kit.env import env
from opengallery.market.notices.models import Notice

Group = dict[str, Any]


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context for base.html; pages add `breadcrumbs`."""
    knocking = cast(Any, request)
    actor: Actor = getattr(knocking, "actor", Actor())
    now = getattr(knocking, "now", None)
    shown: dict[str, Any] = {"brand": env.brand, "now": now, "sandbox_now": now if env.sandbox else None}
    door = request.path.split("/")[1]
    if actor.user_id is None:
        return shown
    unread = Notice.objects.filter(user=actor.user_id, organisation=actor.organisation_id, read_at=None).count()
    return shown | {
        "account": {"name": actor.name, "organisation": actor.organisation_name},
        "unread_notices": unread,
        "messages_url": reverse("buyer:messages"),
        "consoles": consoles(actor, door),
        "navigation": navigation(actor, door, request.path),
    }


def consoles(actor: Actor, door: str) -> list[Group]:
    """The consoles that the actor may open."""
    rows = [
        (_("Storefront"), "/", "", True),
        (_("My Gallery"), "/my/", "my", actor.may("orders:view") and not actor.is_operator),
        (_("Seller Console"), "/seller/", "seller", actor.is_seller and actor.may("sales:view")),
        (_("Operations Console"), "/operations/", "operations", actor.is_operator),
    ]
    here = door if door in ("my", "seller", "operations") else ""
    return [{"label": label, "url": url, "current": name == here} for label, url, name, shown in rows if shown]


def navigation(actor: Actor, door: str, path: str) -> list[Group]:
    """The navigation pane of a console; no pane outside of them."""
    panes: dict[str, list[tuple[str, list[tuple[str, str, str]]]]] = {
        "my": [
            ("", [(_("Overview"), "buyer:home", "orders:view"), (_("My deadlines"), "buyer:deadlines", "orders:view")]),
            ("", [
                (_("Purchased Apps"), "buyer:resources", "orders:view"),
                (_("My Orders"), "buyer:orders", "orders:view"),
                (_("Service Supervision"), "buyer:supervision", "orders:view"),
                (_("Unsubscriptions"), "buyer:unsubscriptions", "orders:view"),
                (_("Tickets"), "buyer:tickets", "orders:view"),
                (_("Export History"), "buyer:exports", "orders:view"),
            ]),
            (_("Account"), [
                (_("Balance"), "buyer:balance", "orders:view"),
                (_("Organisation"), "buyer:organisation", "member"),
                (_("Purchasing"), "buyer:purchasing", "orders:view"),
                (_("Messages"), "buyer:messages", "member"),
            ]),
        ],
        "seller": [
            ("", [(_("Overview"), "seller:home", "sales:view"), (_("My deadlines"), "seller:deadlines", "sales:view")]),
            (_("Product Management"), [(_("My Products"), "seller:products", "sales:view")]),
            (_("Transaction Management"), [
                (_("Orders"), "seller:orders", "sales:view"),
                (_("Unsubscriptions"), "seller:unsubscriptions", "sales:view"),
                (_("Service Supervision"), "seller:supervision", "sales:view"),
                (_("Service Interface Messages"), "seller:interface-messages", "sales:view"),
                (_("Customer Tickets"), "seller:tickets", "sales:view"),
                (_("Customer Ratings"), "seller:ratings", "sales:view"),
                (_("Customers"), "seller:customers", "sales:view"),
                (_("Export History"), "seller:exports", "sales:view"),
            ]),
            (_("Settlement Management"), [(_("Transaction Details"), "seller:transactions", "money:view")]),
            (_("Bill Management"), [(_("Bills"), "seller:bills", "money:view")]),
        ],
        "operations": [
            ("", [(_("Overview"), "operations:home", "operations:view")]),
            ("", [
                (_("My deadlines"), "operations:deadlines", "operations:view"),
                (_("Sellers"), "operations:sellers", "operations:view"),
                (_("Orders"), "operations:orders", "operations:view"),
                (_("Service Supervision"), "operations:supervision", "operations:view"),
                (_("Appeals"), "operations:appeals", "operations:view"),
                (_("Unsubscriptions"), "operations:unsubscriptions", "operations:view"),
                (_("Carriers"), "operations:carriers", "operations:view"),
                (_("Tickets"), "operations:tickets", "operations:view"),
                (_("Ratings"), "operations:ratings", "operations:view"),
                (_("Bills"), "operations:bills", "operations:view"),
                (_("Balances"), "operations:balances", "operations:view"),
                (_("Ledger"), "operations:ledger", "operations:view"),
                (_("Policy"), "operations:policy", "operations:view"),
                (_("Journal"), "operations:journal", "operations:view"),
                *([(_("Clock"), "operations:clock", "operations:clock")] if env.sandbox else []),
            ]),
        ],
    }  # fmt: skip
    return [
        {"label": label, "items": items}
        for label, entries in panes.get(door, [])
        if (items := [
            {"label": text, "url": (url := reverse(name)), "current": is_here(url, path, door)}
            for text, name, right in entries
            if right == "member" or actor.may(right)
        ])
    ]  # fmt: skip


def is_here(url: str, path: str, door: str) -> bool:
    """Whether a navigation entry is the page's own; a console's overview only on itself."""
    return path == url if url == f"/{door}/" else path.startswith(url)
