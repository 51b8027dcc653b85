"""Every setting that the operator may change: its type, default, meaning and source, as one table."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the policy; `source` names the rule of the specification that gives the default."""

    key: str
    type: type
    default: Any
    meaning: str
    source: str
    least: int | None = None
    most: int | None = None

    def check(self, value: Any) -> Any:
        """Return the value if it fits the row; ValueError with a sentence if not."""
        if self.type is int and (isinstance(value, bool) or not isinstance(value, int)):
            raise ValueError(f"{self.key} is a whole number")
        if not isinstance(value, self.type):
            raise ValueError(f"{self.key} is of type {self.type.__name__}")
        if isinstance(value, int) and self.least is not None and value < self.least:
            raise ValueError(f"{self.key} is at least {self.least}")
        if isinstance(value, int) and self.most is not None and value > self.most:
            raise ValueError(f"{self.key} is at most {self.most}")
        return value


_ROWS = (
    Setting("order_completion_delay_minutes", int, 180, "From acceptance to the order's completion", "D1", 0, 43_200),
    Setting("unpaid_order_minutes", int, 10_080, "An unpaid order is canceled after this time", "D6", 1, 525_600),
    Setting("reminder_cooldown_hours", int, 24, "A buyer may remind the seller again after this time", "D11", 0, 8_760),
    Setting("grace_days", int, 15, "After the end a resource stays usable for so long", "D14", 0, 365),
    Setting("retention_days", int, 15, "After the grace a resource is kept, unusable, for so long", "D14", 0, 365),
    Setting("bill_day", int, 7, "Day of the month on which last month's bills are drawn", "D15", 1, 28),
    Setting("bill_hour", int, 2, "Hour of that day, on the platform's clock", "D15", 0, 23),
    Setting("platform_fee_bp", int, 1500, "The platform's share of a sale, in basis points", "money 0.5", 0, 9_999),
    Setting("enabling_time_field", bool, True, "The seller may enter the actual enabling time", "0.2 Q1"),
    Setting("require_sow_and_acceptance", bool, False, "A delivery needs a SOW and an acceptance document", "S-2 Q9"),
    Setting("upload_max_mb", int, 20, "Largest deliverable, in MiB", "S-2 Q9", 1, 10_240),
    Setting("upload_max_files", int, 10, "Most files in one submission", "S-2 Q9", 1, 100),
    Setting("upload_daily_files", int, 100, "Most files that a seller uploads a day", "S-2 L28", 1, 100_000),
    Setting("upload_daily_gb", int, 10, "Most GiB that a seller uploads a day", "S-2 L28", 1, 10_000),
    Setting("export_keep_days", int, 3, "An export is kept for so long", "L04", 1, 365),
    Setting("settlement_currency", str, "USD", "The currency in which sellers price and are paid", "money 0.5"),
)
SETTINGS = {row.key: row for row in _ROWS}
