"""The seller's answer, and the return journey of goods (U3, U4, U6, U8, U9)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from opengallery.kit.actor import CLOCK, Actor
from opengallery.kit.models import StoredFile
from opengallery.kit.problems import InvalidInput
from opengallery.kit.verbs import atomic
from opengallery.market.supervision.models import Carrier
from opengallery.market.supervision.rules import text_error
from opengallery.market.unsubscription import rules
from opengallery.market.unsubscription.actions.closing import let_flow_go, take_flow
from opengallery.market.unsubscription.models import Unsubscription, UnsubscriptionFile


@atomic
def agree_unsubscription(row: Unsubscription, *, comments: str, files: Sequence[StoredFile], by: Actor,
                         at: datetime) -> None:  # fmt: skip
    """Agree: the refund follows at once; goods that have been shipped come back first.

    InvalidInput at comments (1 to 1000 characters), files (the agreed communication; for a partial refund the
    acceptance document of what is kept): at least one. MoveRefused for the second of two, NotYourTurn.
    """
    shipped = row.goods_are_out
    verb = "agree_with_return" if shipped else "agree_unsubscription"
    row.life.find(row.state, verb, row.parties_of(by))
    partial = row.amount < row.flow.line.net
    check(comments, "comments",
          files="" if files else ("A partial refund needs the acceptance document of the part that is kept." if partial
                                  else "Upload the communication in which you agreed."))  # fmt: skip
    due = at + timedelta(days=row.flow.line.terms.return_shipping_days) if shipped else at
    row.move(verb, by=by, at=at, note=comments.strip(),
             data={"line": row.flow.number, "files": [file.evidence for file in files]},
             also={"comments": comments.strip(), "reviewed_at": at, "reviewed_by": by.name, "due_at": due,
                   "remind_due_at": None})  # fmt: skip
    UnsubscriptionFile.objects.bulk_create(UnsubscriptionFile(unsubscription=row, file=file) for file in files)


@atomic
def reject_unsubscription(row: Unsubscription, *, comments: str, by: Actor, at: datetime) -> None:
    """Reject: this request ends, the flow goes on, the buyer may ask again. InvalidInput without comments."""
    row.life.find(row.state, "reject_unsubscription", row.parties_of(by))
    check(comments, "comments")
    flow = take_flow(row)
    row.move("reject_unsubscription", by=by, at=at, note=comments.strip(),
             also={"comments": comments.strip(), "reviewed_at": at, "reviewed_by": by.name, "due_at": None,
                   "remind_due_at": None})  # fmt: skip
    let_flow_go(row, flow, at=at)


@atomic
def send_return(row: Unsubscription, *, carrier: str, number: str, by: Actor, at: datetime) -> None:
    """The buyer has sent the goods back. InvalidInput at carrier (a code of the list), number."""
    row.life.find(row.state, "send_return", row.parties_of(by))
    known = Carrier.objects.filter(code=carrier.strip(), offered=True).first()
    errors = {
        "carrier": "" if known else "Choose a carrier of the list.",
        "number": text_error(number, most=60, what="The tracking number"),
    }
    found = {field: [error] for field, error in errors.items() if error}
    if found or known is None:
        raise InvalidInput(found)
    row.move("send_return", by=by, at=at, data={"carrier": known.code, "number": number.strip()},
             also={"return_carrier_id": known.code, "return_number": number.strip(), "returned_at": at,
                   "due_at": at + timedelta(days=row.flow.line.terms.return_check_days)})  # fmt: skip


@atomic
def accept_return(row: Unsubscription, *, by: Actor, at: datetime) -> None:
    """The goods are back and in order, or nobody has said otherwise in time (D9); the refund follows at once."""
    row.move("accept_return", by=by, at=at, also={"due_at": at},
             only_if=("due_at = %s", row.due_at) if by is CLOCK else None)  # fmt: skip


@atomic
def refuse_return(row: Unsubscription, *, reason: str, by: Actor, at: datetime) -> None:
    """The goods are not what was sent: back to the buyer, who may send again, withdraw or appeal (U9)."""
    row.life.find(row.state, "refuse_return", row.parties_of(by))
    check(reason, "reason")
    row.move("refuse_return", by=by, at=at, note=reason.strip(),
             also={"refused": reason.strip(),
                   "due_at": at + timedelta(days=row.flow.line.terms.return_shipping_days)})  # fmt: skip


def check(text: str, field: str, **more: str) -> None:
    """Refuse a text that is not 1 to 1000 characters, together with what else is wrong."""
    errors = {field: text_error(text, most=rules.TEXT_MAX, what="A comment"), **more}
    found = {name: [error] for name, error in errors.items() if error}
    if found:
        raise InvalidInput(found)
