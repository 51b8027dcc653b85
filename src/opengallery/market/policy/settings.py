"""Every setting that the operator may change: its type, default, meaning and source, as one table."""

import re
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the policy; `source` names the rule of the specification that gives the default.

    `off_at_zero`: 0 switches it off, whatever the least other value is. `among`: the only values there are, and what
    each means. `letters`: a text of so many capital letters.
    """

    key: str
    type: type
    default: Any
    meaning: str
    source: str
    least: int | None = None
    most: int | None = None
    off_at_zero: bool = False
    among: dict[str, str] = field(default_factory=dict)
    letters: int = 0

    @property
    def range(self) -> str:
        """Which values there are, in words."""
        if self.type is bool:
            return "yes or no"
        if self.type is int:
            return f"{self.least:,} to {self.most:,}" + (", or 0: off" if self.off_at_zero else "")
        return ", ".join(self.among) or f"{self.letters} capital letters"

    def check(self, value: Any) -> Any:
        """Return the value if it fits the row; ValueError with a sentence if not."""
        if self.type is int and (isinstance(value, bool) or not isinstance(value, int)):
            raise ValueError(f"{self.key} is a whole number")
        if not isinstance(value, self.type):
            raise ValueError(f"{self.key} is of type {self.type.__name__}")
        if self.among and value not in self.among:
            raise ValueError(f"{self.key} is one of: {', '.join(self.among)}")
        if self.letters and not re.fullmatch(f"[A-Z]{{{self.letters}}}", str(value)):
            raise ValueError(f"{self.key} is {self.letters} capital letters")
        if self.off_at_zero and value == 0:
            return value
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
    Setting(
        "appeal_gate",
        str,
        "any_time",
        "When an appeal may be filed",
        "0.2 P2",
        among={
            "any_time": "At any time while the flow runs",
            "classic": "Classic: only after the other side's idleness, or repeated rejections",
        },
    ),
    Setting("appeal_stall_days", int, 5, "Classic gate: the other side is idle for longer", "D2", 1, 365),
    Setting("appeal_rejection_count", int, 3, "Classic gate: so many rejections open it", "P3 Q7", 1, 100),
    Setting("appeal_handling_days", int, 3, "Working days in which the operator decides an appeal", "D3", 1, 60),
    Setting("platform_review", bool, False, "The operator reviews a delivery before the customer does", "F11"),
    Setting("hardware_auto_accept_days", int, 10, "Signed-for goods count as accepted after this", "D4", 1, 365),
    *(
        Setting(
            f"auto_accept_days_{flow}", int, 0, f"Automatic acceptance, {name}; 0: none", "Q2", 8, 365, off_at_zero=True
        )
        for flow, name in (
            ("license", "licences"),
            ("standard", "SaaS and professional services"),
            ("license_idcode", "licences by identification code"),
            ("license_package", "software packages"),
        )
    ),
    Setting(
        "auto_close_days",
        int,
        0,
        "Unfinished supervision ends so long after payment; 0: never",
        "D5",
        1,
        3_650,
        off_at_zero=True,
    ),
    Setting(
        "unpaid_hardware_order_minutes",
        int,
        60,
        "An unpaid hardware order is canceled after this time",
        "D6",
        1,
        525_600,
    ),
    Setting("negotiated_unsubscription", bool, True, "Supervised purchases can be undone by agreement", "0.2 S13"),
    Setting("unsubscription_in_grace", bool, True, "Also between acceptance and completion", "Q12"),
    Setting(
        "unsubscription_review_days",
        int,
        15,
        "A silent seller's review passes to the operator after this",
        "money 12.3",
        1,
        365,
    ),
    Setting("return_shipping_days", int, 10, "The customer enters the return shipment within this time", "D8", 1, 365),
    Setting("return_check_days", int, 15, "Returned goods count as accepted after this time", "D9", 1, 365),
    Setting(
        "digest_hour", int, 9, "Hour at which sellers hear of their unfinished supervised orders", "2.9 L10", 0, 23
    ),
    Setting("upload_max_mb", int, 20, "Largest deliverable, in MiB", "S-2 Q9", 1, 10_240),
    Setting("upload_max_files", int, 10, "Most files in one submission", "S-2 Q9", 1, 100),
    Setting("upload_daily_files", int, 100, "Most files that a seller uploads a day", "S-2 L28", 1, 100_000),
    Setting("upload_daily_gb", int, 10, "Most GiB that a seller uploads a day", "S-2 L28", 1, 10_000),
    Setting("export_keep_days", int, 3, "An export is kept for so long", "L04", 1, 365),
    Setting(
        "ticket_answer_hours",
        int,
        24,
        "A seller accepts and answers a ticket within this time of its service days; then it passes to the operator",
        "money 15.1",
        1,
        720,
    ),
    Setting(
        "ticket_close_days",
        int,
        7,
        "A ticket that its customer leaves alone is closed after this",
        "money 15.1",
        1,
        365,
    ),
    Setting(
        "ticket_decision_days", int, 3, "Working days in which the operator decides an escalated ticket", "5.4", 1, 60
    ),
    Setting(
        "settlement_currency", str, "USD", "The currency in which sellers price and are paid", "money 0.5", letters=3
    ),
)
SETTINGS = {row.key: row for row in _ROWS}
