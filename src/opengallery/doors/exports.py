"""Exports: which list, which columns, made in the background, fetched on Export History, kept for three days."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.storage import storages
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from opengallery.doors.lists import order_rows
from opengallery.doors.models import Export
from opengallery.kit import clock
from opengallery.kit.actor import Actor
from opengallery.kit.calendar import local
from opengallery.kit.ids import new_id
from opengallery.kit.problems import NotFound
from opengallery.kit.sheets import Column, write_sheet
from opengallery.kit.uploads.serving import Download, disposition
from opengallery.kit.verbs import atomic
from opengallery.market.orders.models import Order
from opengallery.market.policy.models import Policy

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of export: its title, its columns, and the rows behind the page's own filters."""

    title: str
    columns: Sequence[Column]
    rows: Callable[[Actor, str, dict[str, str]], Iterator[Sequence[Any]]]


def orders(actor: Actor, side: str, filters: dict[str, str]) -> Iterator[Sequence[Any]]:
    """The order list as the page shows it, line by line."""
    found: Iterator[Order] = order_rows(actor, side, filters).prefetch_related("lines").iterator(chunk_size=500)
    for order in found:
        for line in order.lines.all():
            terms = line.terms
            yield (order.number, line.number, order.get_type_display(), terms.product_name, terms.specification_name,
                   terms.period, terms.quantity, order.customer_name, order.customer_full_name,
                   order.customer_username, line.net, order.label, order.placed_at, order.paid_at,
                   order.completed_at)  # fmt: skip


KINDS = {
    "orders": Kind(
        "Orders",
        (
            Column("Order No."), Column("Line"), Column("Type"), Column("Product", width=36), Column("Specification"),
            Column("Period"), Column("Quantity", "number"), Column("Customer", width=28), Column("Full name"),
            Column("Username"), Column("Amount", "amount"), Column("Status"), Column("Placed", "instant"),
            Column("Paid", "instant"), Column("Completed", "instant"),
        ),
        orders,
    ),
}  # fmt: skip


@atomic
def request_export(kind: str, *, side: str, filters: dict[str, str], by: Actor, at: datetime) -> Export:
    """Ask for an Excel file of a list as it is filtered; it is made by the worker. `side` is "buyer" or "seller"."""
    export = Export.objects.create(
        public_id=new_id("exp", at), kind=kind, side=side, filters=filters, organisation_id=by.organisation_id or 0,
        requested_by_id=by.user_id or 0, is_operator=by.is_operator, requested_at=at,
        expires_at=at + timedelta(days=Policy.at(at)["export_keep_days"]),
    )  # fmt: skip
    make_export.defer(public_id=export.public_id)
    return export


@app.task(name="make_export", retry=3)
def make_export(public_id: str) -> None:
    """Write the file. Run again it writes the same export again; one that is gone meanwhile is nothing to do."""
    export = Export.objects.filter(public_id=public_id).first()
    if export is None or export.made_at is not None:
        return
    kind = KINDS[export.kind]
    actor = Actor(organisation_id=export.organisation_id, is_operator=export.is_operator)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.xlsx"
        count = write_sheet(path, kind.columns, kind.rows(actor, export.side, export.filters), title=kind.title)
        with path.open("rb") as file:
            key = storages["files"].save(f"exports/{public_id}.xlsx", File(file))
    Export.objects.filter(pk=export.pk).update(made_at=clock.now(), storage_key=key, rows=count)


def download(export: Export) -> Download:
    """Stream an export's file as an attachment; NotFound when it is not made yet, or gone."""
    if not export.storage_key:
        raise NotFound
    response = Download(storages["files"].open(export.storage_key), content_type=XLSX)
    response["Content-Disposition"] = disposition(f"{export.kind}-{local(export.requested_at):%Y%m%d-%H%M%S}.xlsx")
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def drop_old_exports(*, at: datetime) -> int:
    """Delete the files of exports that are older than they are kept; the rows stay and say so."""
    old = Export.objects.filter(expires_at__lte=at).exclude(storage_key="")
    for export in old:
        storages["files"].delete(export.storage_key)
        Export.objects.filter(pk=export.pk).update(storage_key="")
    return len(old)


def history(rows: Iterable[Export], address: Callable[[str], str]) -> list[dict[str, Any]]:
    """Exports as Export History shows them (components/exports.html); `address` gives a file's URL by its export."""
    return [
        {
            "filters": row.filters, "requested_at": row.requested_at, "made_at": row.made_at, "rows": row.rows,
            "expires_at": row.expires_at, "url": address(row.public_id) if row.storage_key else "",
            "label": _("Ready") if row.storage_key else _("Expired") if row.made_at else _("Being made"),
            "tone": "good" if row.storage_key else "off" if row.made_at else "busy",
        }
        for row in rows
    ]  # fmt: skip
