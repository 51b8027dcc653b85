"""What the buyer asks for, and the seller's answer: versions, never overwritten (F3 to F5, Q30)."""

from collections.abc import Sequence
from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.ids import new_id
from opengallery.kit.models import StoredFile
from opengallery.kit.verbs import atomic
from opengallery.market.supervision import rules
from opengallery.market.supervision.actions.deliver_service import refuse
from opengallery.market.supervision.actions.reject_delivery import check_reason
from opengallery.market.supervision.actions.timers import timers_of
from opengallery.market.supervision.models import Flow, Request, RequestFile


@atomic
def submit_request(flow: Flow, *, text: str, files: Sequence[StoredFile] = (), code: str = "", by: Actor,
                   at: datetime) -> Request:  # fmt: skip
    """Hand in a request; it becomes the flow's next version. InvalidInput at text, code.

    A licence by identification code takes the code of the buyer's hardware instead, or gets one of its own (T5).
    """
    step = flow.life.find(flow.state, "submit_request", flow.parties_of(by))
    by_code = flow.template.startswith("license_idcode")
    refuse(
        {
            "text": ""
            if by_code and not text.strip()
            else rules.text_error(text, most=rules.REQUEST_MAX, what="A request"),
            "code": rules.text_error(code, most=200, what="The code") if code.strip() else "",
        }
    )
    given = (code.strip() or new_id("sys", at)) if by_code else ""
    flow.move("submit_request", by=by, at=at, count="requests_count", also=timers_of(flow, step.target, at),
              data={"text": text.strip(), **({"code": given} if given else {}),
                    "files": [{"file": file.key, "name": file.name, "size": file.size, "sha256": file.sha256}
                              for file in files]})  # fmt: skip
    request = Request.objects.create(
        flow=flow, version=flow.requests_count, text=text.strip(), code=given, submitted_at=at, submitted_by=by.name,
        outcome="accepted" if by_code else "", outcome_at=at if by_code else None,
    )  # fmt: skip
    RequestFile.objects.bulk_create(RequestFile(request=request, file=file) for file in files)
    return request


@atomic
def accept_request(flow: Flow, *, by: Actor, at: datetime) -> None:
    """The seller will deliver; the promised time begins."""
    step = flow.life.find(flow.state, "accept_request", flow.parties_of(by))
    flow.move("accept_request", by=by, at=at, also=timers_of(flow, step.target, at))
    answer(flow, "accepted", at)


@atomic
def reject_request(flow: Flow, *, reason: str, by: Actor, at: datetime) -> None:
    """Back to the buyer, who corrects it. InvalidInput without a reason of 1 to 1000 characters (Q10)."""
    step = flow.life.find(flow.state, "reject_request", flow.parties_of(by))
    check_reason(reason)
    flow.move("reject_request", by=by, at=at, note=reason.strip(), count="request_rejections",
              also=timers_of(flow, step.target, at))  # fmt: skip
    answer(flow, "rejected", at, reason.strip())


@atomic
def withdraw_request(flow: Flow, *, by: Actor, at: datetime) -> None:
    """The buyer takes the request back before the seller has answered; no rejection is counted (Q30)."""
    step = flow.life.find(flow.state, "withdraw_request", flow.parties_of(by))
    flow.move("withdraw_request", by=by, at=at, also=timers_of(flow, step.target, at))
    answer(flow, "withdrawn", at)


def answer(flow: Flow, outcome: str, at: datetime, reason: str = "") -> None:
    """Note what became of the newest request."""
    Request.objects.filter(flow=flow, version=flow.requests_count).update(outcome=outcome, outcome_at=at, reason=reason)
