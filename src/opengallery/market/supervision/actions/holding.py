"""Hold a flow, and let it go on: nobody acts on it meanwhile, and its clocks stand still (F15, Q6, Q17, Q23)."""

from datetime import datetime

from opengallery.kit.problems import OnHold
from opengallery.kit.verbs import atomic
from opengallery.market.supervision import states
from opengallery.market.supervision.actions.timers import shifted
from opengallery.market.supervision.models import Flow


@atomic
def hold_flow(flow: Flow, *, because: str, at: datetime) -> None:
    """Hold the flow because of "appeal" or "unsubscription". OnHold if the same holds it already, or an appeal.

    An appeal holds a flow also while an unsubscription does: it comes first (Q23). The clocks stand still since the
    first of them. Also OnHold if it was held otherwise when it was read: the other hold may not be forgotten.
    """
    rows = Flow.objects.filter(pk=flow.pk, held_by=flow.held_by if because == states.APPEAL else "")
    rows = rows.exclude(held_by=states.APPEAL)
    if not rows.filter(state=flow.state).update(held_by=because, held_at=flow.held_at or at):
        refuse_held(flow)
    flow.held_by, flow.held_at = because, flow.held_at or at


@atomic
def release_flow(flow: Flow, *, at: datetime, still: str = "") -> None:
    """Let a held flow go on where it was, its timers later by the time it stood still; `still` holds it for another."""
    if still:
        Flow.objects.filter(pk=flow.pk).update(held_by=still)
    else:
        Flow.objects.filter(pk=flow.pk).update(held_by="", held_at=None, **shifted(flow, at))
    flow.refresh_from_db(from_queryset=Flow.objects.with_order())


def refuse_held(flow: Flow) -> None:
    """Say what holds the flow."""
    flow.refresh_from_db(fields=["state", "held_by"])
    raise OnHold(states.HOLDS.get(flow.held_by, f"It stands at “{flow.label}”."), state=flow.state, label=flow.label)
