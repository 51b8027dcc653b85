"""What the operator can decide for the parties: in an appeal, or by an override with its reason (beyond 13)."""

from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.money import Money
from opengallery.kit.problems import NotYourTurn, OnHold
from opengallery.kit.verbs import atomic
from opengallery.market.supervision import rules, states
from opengallery.market.supervision.actions.accept_delivery import complete_flow
from opengallery.market.supervision.actions.deliver_service import refuse
from opengallery.market.supervision.actions.end_flow import end_flow
from opengallery.market.supervision.actions.timers import timers_of
from opengallery.market.supervision.models import Delivery, Flow


@atomic
def override_flow(flow: Flow, *, decision: str, reason: str, amount: Money | None = None, by: Actor,
                  at: datetime) -> None:  # fmt: skip
    """The operator decides without an appeal: "return_to_seller", "accept_for_buyer" or "terminate_and_refund".

    The reason stands in both parties' timelines. InvalidInput at decision, reason, amount; OnHold while an appeal or an
    unsubscription is open: that is decided instead.
    """
    if not by.is_operator:
        raise NotYourTurn
    if flow.held_by:
        raise OnHold(flow.hold_label, state=flow.state, label=flow.label)
    check_decision(flow, decision, reason, amount, field="reason", without=("resume",))
    carry_out(flow, decision, note=reason.strip(), amount=amount, by=by, at=at)


def check_decision(flow: Flow, decision: str, note: str, amount: Money | None, *, field: str = "note",
                   without: tuple[str, ...] = ()) -> None:  # fmt: skip
    """Check the form of a decision, all fields at once."""
    known = decision in states.DECISIONS and decision not in without
    back = decision == "return_to_seller" and flow.state == states.WAIT_DELIVERY
    paid = flow.line.net
    fits = amount is not None and amount.currency == paid.currency and amount.is_payable() and amount.units > 0
    refuse(
        {
            "decision": "Choose a decision." if not known else ("It is with the seller already." if back else ""),
            field: rules.text_error(note, most=rules.APPEAL_MAX, what="A reason"),
            "amount": f"More than 0 and at most {paid}, with at most 2 decimals."
            if decision == "terminate_and_refund" and not (fits and amount is not None and amount.units <= paid.units)
            else "",
        }
    )


def carry_out(flow: Flow, decision: str, *, note: str, amount: Money | None, by: Actor, at: datetime) -> None:
    """Do what was decided; the flow is not held."""
    if decision == "accept_for_buyer":
        complete_flow(flow, "accept_for_buyer", by=by, at=at, note=note)
    elif decision == "terminate_and_refund" and amount is not None:
        end_flow(flow, amount=amount, by=by, at=at, note=note)
    elif decision == "return_to_seller" and flow.state != states.WAIT_DELIVERY:
        flow.move("return_to_seller", by=by, at=at, note=note,
                  also={**timers_of(flow, states.WAIT_DELIVERY, at), "accepted_first_by": None})  # fmt: skip
        Delivery.objects.filter(flow=flow, version=flow.deliveries_count, outcome="").update(
            outcome="rejected", outcome_at=at, reason=note
        )
