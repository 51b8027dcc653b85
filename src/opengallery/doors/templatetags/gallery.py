"""What templates need to print money, instants, sizes, states and pictures in one voice."""

import zlib
from datetime import datetime, timedelta
from typing import Protocol

from django import template
from django.template.context import Context
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext, pgettext

register = template.Library()

NOTHING = "–"

# Beyond this distance "12 days ago" tells a reader less than the date does.
RELATIVE_WITHIN = timedelta(days=7)

TINTS = 6

# One colour per kind of news: good is well over, wait is somebody's turn, busy is under way, bad needs care,
# off is over for good.
TONES = {
    "pending_approval": "wait",
    "pending_payment": "wait",
    "processing": "busy",
    "completed": "good",
    "canceled": "off",
    "wait_request": "wait",
    "wait_request_confirm": "wait",
    "wait_delivery": "wait",
    "wait_code_pickup": "wait",
    "wait_code_activation": "busy",
    "wait_platform_review": "busy",
    "wait_acceptance": "wait",
    "terminated": "off",
    "decided": "good",
    "pending_review": "wait",
    "wait_operator": "wait",
    "wait_return": "wait",
    "wait_return_check": "wait",
    "refunding": "busy",
    "refunded": "good",
    "provisioning_waiting": "busy",
    "provisioning_retrying": "bad",
    "provisioning_stopped": "bad",
    "provisioned": "good",
    "provisioning_ended": "off",
    "answering": "busy",
    "wait_buyer": "wait",
    "escalated": "bad",
    "resolved": "good",
    "closed": "off",
    "under_review": "busy",
    "published": "good",
    "refused": "bad",
    "withdrawn": "off",
    "draft": "off",
    "on_sale": "good",
    "hidden": "wait",
    "discontinued": "off",
    "active": "good",
    "expired": "off",
    "billed": "good",
    "to_be_billed": "busy",
    "rejected": "bad",
    "failed": "bad",
    "open": "wait",
}


class Printable(Protocol):
    """An amount that knows how it is written, such as kit.money.Money."""

    def print(self) -> str:
        """Return the amount with its currency."""
        ...


@register.filter
def money(amount: Printable | None) -> str:
    """Print an amount with its currency, "1,000.00 USD"; a dash when there is none."""
    return NOTHING if amount is None else amount.print()


@register.filter
def rate(basis_points: int) -> str:
    """Print basis points as a percentage, "15 %"."""
    whole, rest = divmod(basis_points, 100)
    return f"{whole}{f'.{rest:02}'.rstrip('0') if rest else ''}\u00a0%"


@register.filter
def filesize(size: int | None) -> str:
    """Print a number of bytes in the largest decimal unit that fits, "1.2 MB"."""
    if size is None:
        return NOTHING
    if size < 1000:
        return ngettext("%(size)d byte", "%(size)d bytes", size) % {"size": size}
    amount = float(size)
    for unit in ("kB", "MB", "GB", "TB"):
        amount /= 1000
        if amount < 999.95 or unit == "TB":
            break
    return f"{number_format(round(amount, 1), decimal_pos=1)} {unit}"


@register.filter
def tint(name: str) -> str:
    """Return the class of the colour a name always has, so that a product is recognised by its cover."""
    return f"tint-{zlib.crc32(str(name).encode()) % TINTS + 1}"


@register.simple_tag
def state_badge(state: str, label: str) -> SafeString:
    """Print the label of a state in the colour of its kind."""
    return SafeString(f'<span class="badge badge--{TONES.get(state, "busy")}">{escape(label)}</span>')


@register.simple_tag
def icon(name: str) -> SafeString:
    """Print a decorative picture of the sprite; the words beside it carry the meaning."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', static("img/icons.svg"), name)


@register.simple_tag(takes_context=True)
def when(context: Context, instant: datetime | None, style: str = "relative") -> SafeString | str:
    """Print an instant "relative" to the context's `now`, as a "date" or "exact"; its title is always exact."""
    if instant is None:
        return NOTHING
    local = instant.astimezone(timezone.get_current_timezone())
    title = f"{local:%Y-%m-%d %H:%M:%S} {zone(local)}"
    now = context.get("now")
    if style == "relative" and now is not None and abs(instant - now) < RELATIVE_WITHIN:
        # Marked, because paper must print the exact instant instead.
        return time_tag(instant, title, distance(instant - now), " data-relative")
    pattern = pgettext("date and time", "j M Y, H:i") if style == "exact" else pgettext("date", "j M Y")
    return time_tag(instant, title, date_format(local, pattern))


def time_tag(instant: datetime, title: str, text: str, mark: str = "") -> SafeString:
    """A time element. Its parts are digits and words of our own, so they need no escaping; a list prints forty."""
    return SafeString(f'<time datetime="{instant.isoformat()}" title="{title}"{mark}>{text}</time>')


@register.simple_tag(takes_context=True)
def again(context: Context, block: str) -> SafeString:
    """Print a block of the page a second time, so that a page says its title once."""
    found = context.render_context[BLOCK_CONTEXT_KEY].get_block(block)
    return SafeString(found.nodelist.render(context).strip() if found else "")  # rendered, so already escaped


@register.simple_tag(takes_context=True)
def repost(context: Context) -> SafeString:
    """Print what this request posted as hidden inputs, for the page that asks and then posts the same again."""
    posted = context["request"].POST.lists()
    pairs = [(name, value) for name, values in posted if name != "csrfmiddlewaretoken" for value in values]
    return format_html_join("\n", '<input type="hidden" name="{}" value="{}">', pairs)


def distance(length: timedelta) -> str:
    """Return how far away an instant is, in the largest whole unit: "in 3 hours", "2 days ago"."""
    seconds = abs(length.total_seconds())
    if seconds < 60:
        return gettext("just now") if length <= timedelta(0) else gettext("in a moment")
    if seconds < 3600:
        count = int(seconds // 60)
        amount = ngettext("%(count)d minute", "%(count)d minutes", count)
    elif seconds < 86400:
        count = int(seconds // 3600)
        amount = ngettext("%(count)d hour", "%(count)d hours", count)
    else:
        count = int(seconds // 86400)
        amount = ngettext("%(count)d day", "%(count)d days", count)
    span = amount % {"count": count}
    return (
        gettext("%(span)s ago") % {"span": span} if length < timedelta(0) else gettext("in %(span)s") % {"span": span}
    )


def zone(local: datetime) -> str:
    """Return the distance of a local instant from Greenwich, "GMT+08:00", as every page and document prints it."""
    offset = f"{local:%z}"
    return f"GMT{offset[:3]}:{offset[3:]}"
