"""What was agreed, frozen when hands were shaken: nothing after that looks at the catalogue or the settings."""

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from opengallery.kit.money import Money
from opengallery.market.catalog.rules import period_text


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one line. Amounts are decimal strings in `currency`; `fee_bp` basis points; times as named.

    What was frozen before a switch existed reads as the switch's default. `provisioned`: the seller's endpoint is
    called, and an unsupervised line is fulfilled when it has answered.
    """

    product: str
    product_name: str
    specification: str
    specification_name: str
    sku: str
    attributes: dict[str, str]
    delivery_method: str
    flow: str | None
    unit: str
    count: int
    quantity: int
    unit_price: str
    net: str
    currency: str
    fee_bp: int
    fee_rule: str
    delivery_days: int
    completion_delay_minutes: int
    reminder_cooldown_hours: int
    grace_days: int
    retention_days: int
    enabling_time_field: bool
    require_sow_and_acceptance: bool
    eula: str
    refund_policy: str
    appeal_gate: str = "any_time"
    appeal_stall_days: int = 5
    appeal_rejection_count: int = 3
    platform_review: bool = False
    hardware_auto_accept_days: int = 10
    auto_accept_days: int = 0
    auto_close_days: int = 0
    negotiated_unsubscription: bool = True
    unsubscription_in_grace: bool = True
    unsubscription_review_days: int = 15
    return_shipping_days: int = 10
    return_check_days: int = 15
    criteria: tuple[dict[str, Any], ...] = ()
    provisioned: bool = False

    @property
    def price(self) -> Money:
        """The line's price without tax."""
        return Money.of(self.net, self.currency)

    @property
    def completion_delay(self) -> timedelta:
        """From the last acceptance to the order's completion: three hours unless policy said otherwise that day."""
        return timedelta(minutes=self.completion_delay_minutes)

    @property
    def reminder_cooldown(self) -> timedelta:
        """The time between two reminders."""
        return timedelta(hours=self.reminder_cooldown_hours)

    @property
    def mandatory(self) -> set[int]:
        """The numbers of the criteria that every delivery must answer."""
        return {item["number"] for item in self.criteria if item["mandatory"]}

    @property
    def period(self) -> str:
        """The period as people say it: "1 year"."""
        return period_text(self.unit, self.count)

    def frozen(self) -> dict[str, Any]:
        """As it is stored."""
        return asdict(self)

    def shared(self) -> dict[str, Any]:
        """What both parties may read: without the fee, which is between the seller and the platform."""
        return {name: value for name, value in asdict(self).items() if name not in ("fee_bp", "fee_rule")}

    @classmethod
    def thaw(cls, stored: dict[str, Any]) -> "Terms":
        """Read what `frozen` stored."""
        return cls(**stored)
