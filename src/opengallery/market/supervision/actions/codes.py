"""A licence by authorization code: collected by the buyer, activated by the seller's software, proven (F12 to F14)."""

from collections.abc import Sequence
from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.models import StoredFile
from opengallery.kit.problems import NotFound
from opengallery.kit.verbs import atomic
from opengallery.market.orders.actions import lock_order
from opengallery.market.supervision.actions.accept_delivery import complete_flow
from opengallery.market.supervision.actions.deliver_service import Proof, checked, written
from opengallery.market.supervision.actions.timers import timers_of
from opengallery.market.supervision.models import AuthorizationCode, Deliverable, Delivery, Flow
from opengallery.market.supervision.problems import NotCollected


@atomic
def collect_code(flow: Flow, *, by: Actor, at: datetime) -> str:
    """Hand the code to the buyer; from now on the purchase can no longer be undone by agreement."""
    step = flow.life.find(flow.state, "collect_code", flow.parties_of(by))
    flow.move("collect_code", by=by, at=at, also=timers_of(flow, step.target, at))
    AuthorizationCode.objects.filter(flow=flow).update(collected_at=at)
    return AuthorizationCode.objects.get(flow=flow).code


@atomic
def activate_code(code: str, *, by: Actor, at: datetime) -> Flow:
    """The seller's software activates a code: the actual enabling time (F13). NotFound for another seller's or none,
    NotCollected for one that has not been collected or is used.
    """
    row = AuthorizationCode.objects.filter(code=code.strip(), seller=by.organisation_id).first()
    if row is None:
        raise NotFound
    flow = Flow.objects.with_order().get(pk=row.flow_id)
    fresh = AuthorizationCode.objects.filter(pk=row.pk, collected_at__isnull=False, activated_at=None)
    if flow.state != "wait_code_activation" or not fresh.update(activated_at=at):
        raise NotCollected
    flow.move("activate_code", by=by, at=at)
    return flow


@atomic
def prove_activation(flow: Flow, *, service_result: str, files: Sequence[StoredFile], kinds: Sequence[str] = (),
                     by: Actor, at: datetime) -> Delivery:  # fmt: skip
    """The seller uploads the proof of the activation: accepted by the system, valid from the activation (F14, V14).

    The criteria were answered with the code. NotCollected unless it has been activated.
    """
    lock_order(flow.line)
    # Its delivery is written before the move: of two at once the second one reads that it is completed.
    flow.refresh_from_db(from_queryset=Flow.objects.with_order().select_for_update(of=("self",)))
    flow.life.find(flow.state, "prove_activation", flow.parties_of(by))
    proof = Proof(files, kinds)
    checked(flow, service_result, proof, "", at, criteria=False)
    row = AuthorizationCode.objects.filter(flow=flow, activated_at__isnull=False).first()
    if row is None:
        raise NotCollected("The code has not been activated.")
    delivery = Delivery.objects.create(
        flow=flow, version=flow.deliveries_count + 1, service_result=service_result.strip(), submitted_at=at,
        submitted_by=by.name, enabling_time=row.activated_at,
    )  # fmt: skip
    Flow.objects.filter(pk=flow.pk).update(deliveries_count=delivery.version)
    flow.deliveries_count = delivery.version
    Deliverable.objects.bulk_create(
        Deliverable(delivery=delivery, file=file, kind=kind)
        for file, kind in zip(proof.files, proof.all_kinds, strict=True)
    )
    said = written(service_result, proof, row.activated_at)
    complete_flow(flow, "prove_activation", by=by, at=at, start=row.activated_at, data=said)
    return delivery
