"""The verbs of purchasing."""

from opengallery.market.purchasing.actions.appoint_stand_in import appoint_stand_in, dismiss_stand_in
from opengallery.market.purchasing.actions.change_purchasing_rules import change_purchasing_rules
from opengallery.market.purchasing.actions.open_cost_centre import (
    change_cost_centre,
    close_cost_centre,
    open_cost_centre,
    reopen_cost_centre,
)
from opengallery.market.purchasing.actions.reserve_budget import release_budget, reserve_budget

__all__ = [
    "appoint_stand_in", "change_cost_centre", "change_purchasing_rules", "close_cost_centre", "dismiss_stand_in",
    "open_cost_centre", "release_budget", "reopen_cost_centre", "reserve_budget",
]  # fmt: skip
