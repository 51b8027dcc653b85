"""The seller has delivered: the service result, the deliverables, what they prove, the actual enabling time (F6)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from opengallery.kit.actor import Actor
from opengallery.kit.models import StoredFile
from opengallery.kit.problems import InvalidInput
from opengallery.kit.verbs import atomic
from opengallery.market.journal.chain import utc_text
from opengallery.market.journal.models import Fact
from opengallery.market.orders.rules import enabling_time_error
from opengallery.market.supervision import rules, states
from opengallery.market.supervision.actions.timers import timers_of
from opengallery.market.supervision.models import AuthorizationCode, Deliverable, Delivery, Flow


@dataclass(frozen=True, slots=True)
class Proof:
    """What is handed in. `kinds` and `proves` go with the files in order: "other" and no criterion for those beyond.

    `answers`: what the delivery says to each criterion, by number.
    """

    files: Sequence[StoredFile] = ()
    kinds: Sequence[str] = ()
    proves: Sequence[Sequence[int]] = ()
    answers: Mapping[int, str] = field(default_factory=dict)

    @property
    def all_kinds(self) -> list[str]:
        """The kind of each file."""
        return [*self.kinds, *["other"] * (len(self.files) - len(self.kinds))]

    @property
    def all_proves(self) -> list[list[int]]:
        """The criteria that each file proves."""
        return [sorted(set(some)) for some in self.proves] + [[]] * (len(self.files) - len(self.proves))

    @property
    def said(self) -> dict[str, str]:
        """The answers as they are stored."""
        return {str(number): text.strip() for number, text in sorted(self.answers.items()) if text.strip()}


@atomic
def deliver_service(flow: Flow, *, service_result: str, files: Sequence[StoredFile] = (), kinds: Sequence[str] = (),
                    proves: Sequence[Sequence[int]] = (), answers: Mapping[int, str] | None = None, code: str = "",
                    enabling_time: str = "", by: Actor, at: datetime) -> Delivery:  # fmt: skip
    """Hand in a delivery; it becomes the flow's next version.

    `enabling_time` is ISO 8601, the platform's clock unless it has an offset; "" is not given; not looked at where the
    order's terms have no such field (Q1). `code` is the authorization code of T4. InvalidInput at service_result,
    deliverables, kinds, proves, answers, code, enabling_time; MoveRefused, OnHold, NotYourTurn.
    """
    step = flow.life.find(flow.state, "deliver_service", flow.parties_of(by))
    proof = Proof(files, kinds, proves, answers or {})
    enabled = checked(flow, service_result, proof, enabling_time, at, files_needed=step.target != PICKUP)
    if step.target == PICKUP:
        issue_code(flow, code, at=at)
    return hand_in(flow, "deliver_service", service_result, proof, enabled=enabled, by=by, at=at)


PICKUP = states.WAIT_CODE_PICKUP


def hand_in(flow: Flow, verb: str, service_result: str, proof: Proof, *, enabled: datetime | None, by: Actor,
            at: datetime) -> Delivery:  # fmt: skip
    """Make the move and write the next version with its files."""
    step = flow.life.find(flow.state, verb, flow.parties_of(by))
    said = written(service_result, proof, enabled)
    flow.move(verb, by=by, at=at, count="deliveries_count", data=said, also=timers_of(flow, step.target, at))
    delivery = Delivery.objects.create(
        flow=flow, version=flow.deliveries_count, service_result=service_result.strip(), enabling_time=enabled,
        submitted_at=at, submitted_by=by.name, answers=proof.said,
    )  # fmt: skip
    Deliverable.objects.bulk_create(
        Deliverable(delivery=delivery, file=file, kind=kind, proves=numbers)
        for file, kind, numbers in zip(proof.files, proof.all_kinds, proof.all_proves, strict=True)
    )
    return delivery


def written(service_result: str, proof: Proof, enabled: datetime | None) -> dict[str, Any]:
    """What the fact of a delivery records: enough to tell later whether a file is the one that was handed in."""
    files = [
        file.evidence | {"kind": kind} | ({"proves": numbers} if numbers else {})
        for file, kind, numbers in zip(proof.files, proof.all_kinds, proof.all_proves, strict=True)
    ]
    said = {
        "service_result": service_result.strip(),
        "enabling_time": utc_text(enabled) if enabled else None,
        "files": files,
    }
    return said | ({"answers": proof.said} if proof.said else {})


def issue_code(flow: Flow, code: str, *, at: datetime) -> None:
    """Keep the code for the buyer to collect; a redelivery replaces one that is not activated. InvalidInput at code."""
    error = rules.text_error(code, most=200, what="An authorization code")
    taken = AuthorizationCode.objects.filter(seller=flow.seller_id, code=code.strip()).exclude(flow=flow)
    if error or taken.exists():
        raise InvalidInput({"code": [error or "This code has been issued for another order."]})
    AuthorizationCode.objects.update_or_create(
        flow=flow,
        defaults={"seller_id": flow.seller_id, "code": code.strip(), "issued_at": at, "collected_at": None,
                  "activated_at": None},
    )  # fmt: skip


def checked(flow: Flow, service_result: str, proof: Proof, enabling_time: str, at: datetime, *,
            files_needed: bool = True, criteria: bool = True) -> datetime | None:  # fmt: skip
    """Check the form of S-2, all fields at once, the `criteria` among them; return the enabling time."""
    terms = flow.line.terms
    errors = {
        "service_result": rules.text_error(service_result, most=rules.RESULT_MAX, what="The service result"),
        "deliverables": "" if proof.files or not files_needed else "At least one deliverable is needed.",
        "kinds": rules.kinds_error(proof.kinds, known=list(states.FILE_KINDS),
                                   need_sow_and_acceptance=terms.require_sow_and_acceptance and files_needed),
        **(proof_errors(flow, proof) if criteria else {}),
    }  # fmt: skip
    if len(proof.kinds) > len(proof.files):
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
    refuse(errors)
    return enabled


def proof_errors(flow: Flow, proof: Proof) -> dict[str, str]:
    """Why the criteria are not served: each mandatory one is proven or answered, each one cited last is answered."""
    criteria = flow.line.terms.criteria
    return {
        "proves": "There are more lists than files." if len(proof.proves) > len(proof.files)
        else rules.unknown_error([n for some in proof.proves for n in some], criteria=criteria),
        "answers": rules.answers_error(
            proof.answers, proven={n for some in proof.proves for n in some}, criteria=criteria,
            cited=cited_last(flow) if criteria else set(),
        ),
    }  # fmt: skip


def cited_last(flow: Flow) -> set[int]:
    """The criteria that the customer's last rejection named, even of a package, of which there was no delivery (T6)."""
    said = Fact.objects.of(flow.stream).filter(subject=flow.number, verb="reject_delivery")
    body = said.values_list("body", flat=True).last() if flow.delivery_rejections else None
    return {int(number) for number in json.loads(body)["data"].get("cited", {})} if body else set()


def refuse(errors: Mapping[str, str]) -> None:
    """InvalidInput with all that is wrong, if anything is."""
    found = {name: [message] for name, message in errors.items() if message}
    if found:
        raise InvalidInput(found)
