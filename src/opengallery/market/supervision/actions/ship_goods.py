"""Goods travel: shipped by the seller, signed for by the recipient (F7, F10, S-4)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from opengallery.kit.actor import Actor
from opengallery.kit.models import StoredFile
from opengallery.kit.problems import InvalidInput, NotYourTurn
from opengallery.kit.verbs import atomic
from opengallery.market.journal.chain import utc_text
from opengallery.market.journal.models import record
from opengallery.market.orders.models import DeliveryAddress
from opengallery.market.orders.rules import same_phone
from opengallery.market.supervision import rules, states
from opengallery.market.supervision.actions.deliver_service import Proof, hand_in, proof_errors, refuse
from opengallery.market.supervision.models import Carrier, Flow, Shipment


@atomic
def ship_goods(flow: Flow, *, carrier: str, number: str, remarks: str = "", files: Sequence[StoredFile] = (),
               kinds: Sequence[str] = (), proves: Sequence[Sequence[int]] = (),
               answers: Mapping[int, str] | None = None, by: Actor, at: datetime) -> Shipment:  # fmt: skip
    """Hand in the shipment: a delivery of its own version. The address can no longer be changed.

    `carrier` is a code of the operator's list. InvalidInput at carrier, number, remarks, and the fields of a delivery.
    """
    flow.life.find(flow.state, "ship_goods", flow.parties_of(by))
    proof = Proof(files, kinds, proves, answers or {})
    row = Carrier.objects.filter(code=carrier.strip(), offered=True).first()
    refuse(
        {
            "carrier": "" if row else "Choose a carrier of the list.",
            "number": rules.text_error(number, most=60, what="The tracking number"),
            "remarks": rules.text_error(remarks, most=rules.RESULT_MAX, what="The remarks") if remarks.strip() else "",
            "kinds": rules.kinds_error(kinds, known=list(states.FILE_KINDS), need_sow_and_acceptance=False),
            **proof_errors(flow, proof),
        }
    )
    if row is None:
        raise InvalidInput({"carrier": ["Choose a carrier of the list."]})
    # Whoever corrects the address takes the same row first.
    DeliveryAddress.objects.filter(pk=flow.line.order_id, locked_at=None).update(locked_at=at)
    said = remarks.strip() or f"Shipped with {row.name}, {number.strip()}."
    delivery = hand_in(flow, "ship_goods", said, proof, enabled=None, by=by, at=at)
    return Shipment.objects.create(delivery=delivery, carrier=row, number=number.strip())


@atomic
def note_sign_off(shipment: Shipment, *, signed_at: datetime, phone: str | None = None, by: Actor,
                  at: datetime) -> bool:  # fmt: skip
    """The recipient has signed for the parcel; ten days later it counts as accepted (D4). Say whether that was news.

    The carrier (by the clock's hand, through its signed callback) tells the phone that it knows: only if that is the
    order's can the parcel be followed, and only then is it accepted by the system; not if the carrier knows none. The
    operator, by hand, vouches for it. InvalidInput at signed_at before the shipment or in the future; NotYourTurn for
    the parties.
    """
    if not (by.is_clock or by.is_operator):
        raise NotYourTurn
    delivery = shipment.delivery
    flow = Flow.objects.with_order().select_for_update(of=("self",)).get(pk=delivery.flow_id)
    if signed_at > at or signed_at < delivery.submitted_at:
        raise InvalidInput({"signed_at": ["The time is between the shipment and now."]})
    address = DeliveryAddress.objects.filter(pk=flow.line.order_id).first()
    known = phone is not None and address is not None and same_phone(phone, address.phone)
    matches = by.is_operator or known
    news = Shipment.objects.filter(pk=shipment.pk, signed_at=None).update(
        signed_at=signed_at, phone_matches=matches, signed_source="operator" if by.is_operator else "carrier"
    )
    if not news:
        return False
    if matches and flow.state == states.WAIT_ACCEPTANCE and delivery.version == flow.deliveries_count:
        # While the flow is held its clocks stand still; what is set now is moved on with the others.
        counted = min(signed_at, flow.held_at) if flow.held_at else signed_at
        due = max(counted + timedelta(days=flow.line.terms.hardware_auto_accept_days), flow.held_at or at)
        Flow.objects.filter(pk=flow.pk).update(accept_due_at=due)
    record(flow, "note_sign_off", by=by, at=at, was=flow.state, to=flow.state,
           data={"signed_at": utc_text(signed_at), "phone_matches": matches})  # fmt: skip
    return True
