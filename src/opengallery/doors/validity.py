"""The validity that an acceptance would give, shown before somebody decides (spec 3.3, consequence of E6)."""

from datetime import datetime

from opengallery.market.orders import rules, states
from opengallery.market.orders.models import OrderLine
from opengallery.market.orders.rules import Validity

# What a resource passes through when its validity is over; each lasts until its own due time.
AGES = (states.ACTIVE, states.GRACE, states.FROZEN)


def term_if_accepted(line: OrderLine, enabling_time: datetime | None, *, at: datetime) -> tuple[Validity, str]:
    """The term that an acceptance at `at` would begin, and the resource's state then: it may be over already (V8)."""
    terms = line.terms
    term = rules.first_term(rules.start_of(at, enabling_time), terms.unit, terms.count)
    for state in AGES:
        due = rules.due_of(state, term.end, grace_days=terms.grace_days, retention_days=terms.retention_days)
        if due is None or due > at:
            return term, state
    return term, states.RELEASED
