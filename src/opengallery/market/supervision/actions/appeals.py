"""Appeals: either side asks, everything stands still, the operator decides (spec 2.4)."""

from collections.abc import Sequence
from datetime import datetime

from opengallery.kit.actor import Actor, Party
from opengallery.kit.calendar import add_working_days, end_of_day, local_date
from opengallery.kit.ids import new_id
from opengallery.kit.models import StoredFile
from opengallery.kit.money import Money
from opengallery.kit.problems import MoveRefused, NotYourTurn
from opengallery.kit.verbs import atomic
from opengallery.market.journal.models import record
from opengallery.market.orders.actions import lock_order
from opengallery.market.policy.models import Policy, holidays
from opengallery.market.supervision import rules, states
from opengallery.market.supervision.actions.decisions import carry_out, check_decision
from opengallery.market.supervision.actions.deliver_service import refuse
from opengallery.market.supervision.actions.holding import hold_flow, release_flow
from opengallery.market.supervision.models import Appeal, AppealFile, Flow
from opengallery.market.supervision.problems import AppealOpen, TooEarlyToAppeal


@atomic
def file_appeal(flow: Flow, *, ground: str, reason: str, demand: str = "", files: Sequence[StoredFile] = (),
                kinds: Sequence[str] = (), by: Actor, at: datetime) -> Appeal:  # fmt: skip
    """File an appeal; the flow is held at once. `kinds` go with the files in order.

    InvalidInput at ground, reason (1 to 2000 characters), demand, kinds, files (the proof that the ground needs: P9,
    P10); NotYourTurn for anybody but the parties, MoveRefused for a flow that is over, AppealOpen, TooEarlyToAppeal.
    """
    side = next((party for party in flow.parties_of(by) if party in (Party.BUYER, Party.SELLER)), None)
    if side is None:
        raise NotYourTurn
    lock_order(flow.line)
    flow.refresh_from_db(from_queryset=Flow.objects.with_order())
    refuse_over(flow)
    if flow.held_by == states.APPEAL:
        raise AppealOpen
    check_appeal(side, ground, reason, demand, files, kinds)
    since = flow.appeal_possible_from(side)
    if since is None:
        raise TooEarlyToAppeal("It is your own step now: only the other side's idleness opens an appeal.")
    if at <= since:
        raise TooEarlyToAppeal(f"It is possible after {since:%Y-%m-%d %H:%M:%S} UTC.")
    held_before = flow.held_by
    hold_flow(flow, because=states.APPEAL, at=at)
    due = add_working_days(local_date(at), Policy.at(at)["appeal_handling_days"], holidays())
    appeal = Appeal.objects.create(
        public_id=new_id("apl", at), flow=flow, filed_by=side.value, filer=by.name, ground=ground,
        reason=reason.strip(), demand=demand.strip(), filed_at=at, due_at=end_of_day(due), held_before=held_before,
        state=states.OPEN, state_since=at,
    )  # fmt: skip
    AppealFile.objects.bulk_create(
        AppealFile(appeal=appeal, file=file, kind=kind)
        for file, kind in zip(files, [*kinds, *["other"] * (len(files) - len(kinds))], strict=True)
    )
    record(appeal, "file_appeal", by=by, at=at, to=states.OPEN, note=reason.strip(),
           data={"line": flow.number, "ground": ground, "demand": demand.strip(),
                 "files": [file.evidence for file in files]})  # fmt: skip
    return appeal


def refuse_over(flow: Flow) -> None:
    """A flow that is over cannot be appealed against (AT-64)."""
    if flow.state in (states.COMPLETED, states.TERMINATED):
        raise MoveRefused(f"It stands at “{flow.label}”.", state=flow.state, label=flow.label, verb="file_appeal")


def check_appeal(side: Party, ground: str, reason: str, demand: str, files: Sequence[StoredFile],
                 kinds: Sequence[str]) -> None:  # fmt: skip
    """Check the dialog of B-4, all fields at once."""
    known = states.APPEAL_GROUNDS.get(ground)
    needed = known[2] if known else ""
    asks_for = states.APPEAL_FILE_KINDS.get(needed, "")
    refuse(
        {
            "ground": "" if known and known[0] == side else "Choose what the appeal is about.",
            "reason": rules.text_error(reason, most=rules.APPEAL_MAX, what="A reason"),
            "demand": rules.text_error(demand, most=rules.APPEAL_MAX, what="The demand") if demand.strip() else "",
            "kinds": "There are more kinds than files."
            if len(kinds) > len(files)
            else rules.kinds_error(kinds, known=list(states.APPEAL_FILE_KINDS), need_sow_and_acceptance=False),
            "files": f"This needs a file: {asks_for}." if needed and needed not in kinds else "",
        }
    )


@atomic
def decide_appeal(appeal: Appeal, *, decision: str, note: str, amount: Money | None = None, by: Actor,
                  at: datetime) -> None:  # fmt: skip
    """Decide: "resume", "return_to_seller", "accept_for_buyer" or "terminate_and_refund" of `amount` (0 < x ≤ paid).

    The flow goes on; its clocks go on where they were. Of two who decide at once one is told. InvalidInput at decision,
    note, amount.
    """
    appeal.life.find(appeal.state, "decide_appeal", appeal.parties_of(by))
    flow = Flow.objects.with_order().get(pk=appeal.flow_id)
    lock_order(flow.line)
    check_decision(flow, decision, note, amount)
    release_flow(flow, at=at, still=appeal.held_before if decision == "resume" else "")
    appeal.flow = flow
    appeal.decision = decision
    appeal.move("decide_appeal", by=by, at=at, note=note.strip(), data={"line": flow.number, "decision": decision},
                also={"decision": decision, "note": note.strip(), "decided_at": at, "decided_by": by.name})  # fmt: skip
    if decision != "resume":
        carry_out(flow, decision, note=note.strip(), amount=amount, by=by, at=at)
