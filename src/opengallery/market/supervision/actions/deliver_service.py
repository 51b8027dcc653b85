"""The seller has delivered: the service result, the deliverables, the actual enabling time (F6)."""

from collections.abc import Sequence
from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.models import StoredFile
from opengallery.kit.problems import InvalidInput
from opengallery.kit.verbs import atomic
from opengallery.market.journal.chain import utc_text
from opengallery.market.orders.rules import enabling_time_error
from opengallery.market.supervision import rules, states
from opengallery.market.supervision.models import Deliverable, Delivery, Flow


@atomic
def deliver_service(flow: Flow, *, service_result: str, files: Sequence[StoredFile], kinds: Sequence[str] = (),
                    enabling_time: str = "", by: Actor, at: datetime) -> Delivery:  # fmt: skip
    """Hand in a delivery; it becomes the flow's next version.

    `kinds` name the files in order, "other" for those beyond. `enabling_time` is ISO 8601, the platform's clock unless
    it has an offset; "" is not given; not looked at where the order's terms have no such field (Q1).
    InvalidInput at service_result, deliverables, kinds, enabling_time; MoveRefused, NotYourTurn.
    """
    flow.life.find(flow.state, "deliver_service", flow.parties_of(by))
    enabled = checked(flow, service_result, files, kinds, enabling_time, at)
    all_kinds = [*kinds, *["other"] * (len(files) - len(kinds))]
    flow.move(
        "deliver_service", by=by, at=at, count="deliveries_count",
        data={
            "service_result": service_result.strip(),
            "enabling_time": utc_text(enabled) if enabled else None,
            "files": [
                {"file": file.key, "name": file.name, "size": file.size, "sha256": file.sha256, "kind": kind}
                for file, kind in zip(files, all_kinds, strict=True)
            ],
        },
    )  # fmt: skip
    delivery = Delivery.objects.create(
        flow=flow, version=flow.deliveries_count, service_result=service_result.strip(), enabling_time=enabled,
        submitted_at=at, submitted_by=by.name,
    )  # fmt: skip
    Deliverable.objects.bulk_create(
        Deliverable(delivery=delivery, file=file, kind=kind) for file, kind in zip(files, all_kinds, strict=True)
    )
    return delivery


def checked(flow: Flow, service_result: str, files: Sequence[StoredFile], kinds: Sequence[str], enabling_time: str,
            at: datetime) -> datetime | None:  # fmt: skip
    """Check the form of S-2, all fields at once; return the enabling time."""
    terms = flow.line.terms
    errors = {
        "service_result": rules.text_error(service_result, most=rules.RESULT_MAX, what="The service result"),
        "deliverables": "" if files else "At least one deliverable is needed.",
        "kinds": rules.kinds_error(kinds, known=list(states.FILE_KINDS),
                                   need_sow_and_acceptance=terms.require_sow_and_acceptance),
    }  # fmt: skip
    if len(kinds) > len(files):
        errors["kinds"] = "There are more kinds than files."
    enabled = None
    if terms.enabling_time_field:
        try:
            enabled = rules.read_instant(enabling_time)
        except ValueError:
            errors["enabling_time"] = "Write a date and time such as 2025-04-10 09:30, or leave it empty."
        paid_at = flow.line.order.paid_at
        if enabled and paid_at:
            errors["enabling_time"] = enabling_time_error(enabled, paid_at=paid_at, at=at)
    found = {field: [message] for field, message in errors.items() if message}
    if found:
        raise InvalidInput(found)
    return enabled
