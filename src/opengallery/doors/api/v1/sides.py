"""From which side an organisation looks: what it bought, what it sold, or everything for the operator."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from opengallery.kit.actor import Actor
from opengallery.kit.bulk import run_sql
from opengallery.kit.paging import Page, cursor_after, page_of, size_of
from opengallery.kit.problems import InvalidInput

M = TypeVar("M", bound=Model)
# side → the right to look from there
RIGHTS = {"buyer": "orders:view", "seller": "sales:view", "operator": "operations:view"}

# In the order of the buyer's own index: else a plan made for any buyer reads the whole table in search of the first.
HAS_BOUGHT = "SELECT 1 FROM orders_order WHERE buyer_id = %s ORDER BY placed_at DESC, id DESC LIMIT 1"


def sides_of(actor: Actor) -> list[str]:
    """The sides from which the actor's role lets it look."""
    return [side for side, right in RIGHTS.items() if actor.may(right) and actor.is_operator == (side == "operator")]


def seen_by(actor: Actor, rows: Any) -> Any:
    """Narrow rows that are visible to the organisation to those that the role may see: bought, sold, or both."""
    sides = sides_of(actor)
    if not sides:
        return rows.none()
    visible = rows.visible_to(actor)
    return visible.filter(**{sides[0]: actor.organisation_id}) if sides in (["buyer"], ["seller"]) else visible


def flows_seen_by(actor: Actor, rows: Any, side: str = "") -> Any:
    """Narrow what belongs to flows (appeals, unsubscriptions) to what the role may see, from one side if it is told."""
    sides = [side] if side else sides_of(actor)
    if not sides:
        return rows.none()
    visible = rows.visible_to(actor)
    one = sides in (["buyer"], ["seller"])
    return visible.filter(**{f"flow__{sides[0]}": actor.organisation_id}) if one else visible


def page_of_sides(actor: Actor, asked: str, rows: Callable[[str], "QuerySet[M]"], *, limit: int | None,
                  cursor: str) -> "Page[M]":  # fmt: skip
    """One page, newest placement first, of what is seen from the asked side, or from all sides together.

    Each side is read on its own, down its own index, and the two are merged: one statement for both would have to
    sort everything that the organisation ever traded.
    """
    sides = sides_of(actor)
    if asked and asked not in sides:
        raise InvalidInput({"side": [f"You can look from: {', '.join(sides)}."]})
    open_to = [asked] if asked else [side for side in sides if may_hold_rows(actor, side)] or sides[:1]
    pages = [page_of(rows(side), limit=limit, cursor=cursor) for side in open_to]
    if len(pages) == 1:
        return pages[0]
    size = size_of(limit)
    items = sorted((row for page in pages for row in page.items), key=newest, reverse=True)
    more = len(items) > size or any(page.next for page in pages)
    return Page(items[:size], cursor_after(items[size - 1]) if more else None)


def may_hold_rows(actor: Actor, side: str) -> bool:
    """Whether anything can be on this side: most organisations only sell or only buy; empty lists cost to ask for."""
    if side == "seller":
        return actor.is_seller
    return side == "operator" or bool(run_sql(HAS_BOUGHT, [actor.organisation_id]))


def newest(row: Any) -> tuple[Any, int]:
    """The order of every merged list."""
    return row.placed_at, row.pk
