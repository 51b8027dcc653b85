"""A buyer asks the seller of an order for help; the platform, when the seller takes no tickets (N10)."""

from collections.abc import Sequence
from datetime import datetime

from opengallery.kit.actor import Actor, Party
from opengallery.kit.ids import new_id
from opengallery.kit.models import StoredFile
from opengallery.kit.problems import InvalidInput, NotYourTurn
from opengallery.kit.verbs import atomic
from opengallery.market.aftersales import rules, states
from opengallery.market.aftersales.actions.messages import keep_message, timers, written
from opengallery.market.aftersales.models import Ticket
from opengallery.market.aftersales.problems import TicketNeedsPurchase
from opengallery.market.journal.models import record
from opengallery.market.orders.models import Order, Resource
from opengallery.market.sellers.models import Seller


@atomic
def open_ticket(order: Order, *, title: str, text: str, files: Sequence[StoredFile] = (),
                resource: Resource | None = None, by: Actor, at: datetime) -> Ticket:  # fmt: skip
    """Open a ticket about an order, or about one resource that it brought.

    InvalidInput at title, text; TicketNeedsPurchase while nothing is paid; NotYourTurn for anybody but the buyer.
    """
    if Party.BUYER not in order.parties_of(by):
        raise NotYourTurn("The customer opens a ticket.")
    if order.paid_at is None:
        raise TicketNeedsPurchase("Pay the order first.")
    errors = {
        "title": rules.text_error(title, most=rules.TITLE_MAX, what="A title"),
        "text": rules.text_error(text, most=rules.TEXT_MAX, what="A message"),
        "resource": "" if resource is None or resource.order_id == order.pk else "The order did not bring it.",
    }
    if found := {field: [message] for field, message in errors.items() if message}:
        raise InvalidInput(found)
    seller = Seller.objects.filter(pk=order.seller_id).first()
    route = states.SELLER if seller and seller.answers_tickets else states.PLATFORM
    born = states.TICKETS[route].born
    ticket = Ticket.objects.create(
        public_id=new_id("ticket", at), order=order, resource=resource, buyer_id=order.buyer_id,
        seller_id=order.seller_id, route=route, title=title.strip(), opened_at=at, opened_by=by.name, state=born,
        state_since=at, messages_count=1, escalated_at=at if born == states.ESCALATED else None,
        **timers(order.seller_id, born, at),
    )  # fmt: skip
    record(ticket, "open_ticket", by=by, at=at, to=born, note=text.strip(),
           data={"title": ticket.title, "with": route, "files": written(files)})  # fmt: skip
    keep_message(ticket, side=Party.BUYER.value, verb="open_ticket", text=text, files=files, by=by, at=at)
    return ticket
