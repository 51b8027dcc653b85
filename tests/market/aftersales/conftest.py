"""An order that is paid or completed, with people around it who help, ask, rate and moderate."""

from types import SimpleNamespace
from typing import Any

import pytest
from people import Trade

from opengallery.market.aftersales.actions import open_ticket, rate_order
from opengallery.market.aftersales.models import Rating, Ticket
from opengallery.market.timetable.actions import press_due

SCORES = {"product_quality": 5, "delivery_speed": 4, "service_attitude": 3}


class Aftersales(SimpleNamespace):
    """What people do after the sale, in a word each."""

    def asks(self, when: str = "2020-01-06 10:00", **said: Any) -> Ticket:
        """The buyer opens a ticket; 6 January 2020 is a Monday."""
        words = {"title": "The key is refused", "text": "The software says that the key is for another host."} | said
        return open_ticket(self.trade.order, **words, by=self.buyer, at=self.at(when))

    def rates(self, when: str = "2020-03-02 10:00", comment: str = "Quick and friendly.", **scores: int) -> Rating:
        """The buyer rates the completed order."""
        return rate_order(self.trade.order, scores=SCORES | scores, comment=comment, by=self.buyer, at=self.at(when))

    def does(self, verb: Any, row: Any, when: str, *, by: Any, **said: Any) -> Any:
        """Somebody takes a step with what stands in the database now; return how it stands then."""
        verb(self.again(row), by=by, at=self.at(when), **said)
        return self.again(row)

    def again(self, row: Any) -> Any:
        """The row as it is now."""
        return type(row).objects.get(pk=row.pk)


@pytest.fixture
def sold(world: Any, at: Any, proof: Any) -> Aftersales:
    """An order that is paid."""
    trade = Trade(world, at, proof).placed().paid()
    people = {name: world.actor(name) for name in ("buyer", "seller", "other_buyer", "other_seller", "operator")}
    return Aftersales(world=world, at=at, proof=proof, trade=trade, **people)


@pytest.fixture
def completed(sold: Aftersales, at: Any) -> Aftersales:
    """An order that is delivered, accepted and completed."""
    sold.trade.delivered().accepted("2020-03-01 10:00")
    press_due(until=at("2020-03-01 14:00"))
    return sold
