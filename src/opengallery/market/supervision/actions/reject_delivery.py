"""The buyer is not content: back to the seller, with the reason and the criteria that are not met (F9, beyond 2)."""

from collections.abc import Mapping
from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.problems import InvalidInput
from opengallery.kit.verbs import atomic
from opengallery.market.supervision import rules, states
from opengallery.market.supervision.actions.timers import timers_of
from opengallery.market.supervision.models import Delivery, Flow


@atomic
def reject_delivery(flow: Flow, *, reason: str, cited: Mapping[int, str] | None = None, by: Actor,
                    at: datetime) -> None:  # fmt: skip
    """Reject the newest delivery; the seller delivers again.

    Where criteria exist at least one is cited: number → what would satisfy it. InvalidInput at reason, cited.
    """
    flow.life.find(flow.state, "reject_delivery", flow.parties_of(by))
    named = {number: text.strip() for number, text in (cited or {}).items()}
    errors = {
        "reason": rules.text_error(reason, most=rules.REASON_MAX, what="A reason"),
        "cited": rules.cited_error(named, criteria=flow.line.terms.criteria),
    }
    found = {field: [error] for field, error in errors.items() if error}
    if found:
        raise InvalidInput(found)
    flow.move("reject_delivery", by=by, at=at, note=reason.strip(), count="delivery_rejections",
              data={"cited": {str(number): text for number, text in sorted(named.items())}} if named else None,
              also={**timers_of(flow, states.WAIT_DELIVERY, at), "accepted_first_by": None})  # fmt: skip
    newest = Delivery.objects.filter(flow=flow).order_by("-version").values("pk")[:1]
    Delivery.objects.filter(pk__in=newest).update(
        outcome="rejected", outcome_at=at, reason=reason.strip(),
        cited={str(number): text for number, text in sorted(named.items())},
    )  # fmt: skip


def check_reason(reason: str, field: str = "reason", most: int = rules.REASON_MAX) -> None:
    """The other side must know what to fix (Q10)."""
    error = rules.text_error(reason, most=most, what="A reason")
    if error:
        raise InvalidInput({field: [error]})
